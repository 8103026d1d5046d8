#pragma once

#include <filesystem>
#include <functional>

namespace gpubench::fleet {

/// Lets `fetch` fill an empty folder beside what is in `into`, and then moves each file whole into its place there.
/// Nothing is moved where `fetch` throws, and files that it did not bring stay.
/// @throws error: io
void fetch_whole_files(const std::filesystem::path& into,
                       const std::function<void(const std::filesystem::path& empty_folder)>& fetch);

}  // namespace gpubench::fleet
