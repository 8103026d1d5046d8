#pragma once

#include <filesystem>
#include <string>

namespace gpubench::fleet {

/// A campaign's folder as a word of a shell, which no program takes for an option: "night", "./-night".
std::string folder_word(const std::filesystem::path& folder);

}  // namespace gpubench::fleet
