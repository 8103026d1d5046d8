#pragma once

#include "core/file_lock.hpp"

#include <filesystem>
#include <string>

namespace gpubench::fleet {

/// Taken in a campaign's folder by a command that changes something there.
/// @param name  of the lock's file
/// @param busy  what another process does that holds it, as a sentence
/// @throws error: environment where one does; io where nothing can be written there
file_lock lock_folder(const std::filesystem::path& folder, const std::string& name, const std::string& busy);

}  // namespace gpubench::fleet
