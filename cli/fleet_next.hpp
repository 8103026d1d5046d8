#pragma once

#include <filesystem>
#include <string>

#include "fleet/collection.hpp"

namespace gpubench::cli {

/// What brings a collected campaign nearer to its end, as a command: resume would do nothing about what still waits, or
/// cannot be done in its folder.
/// @param folder  of the campaign, as a word of a shell
std::string next_after(const fleet::collection& found, const std::string& folder);

/// The line that tells that collection.json was not replaced by what was found now.
std::string kept_collection(const std::filesystem::path& folder);

}  // namespace gpubench::cli
