#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::imports {

/// The 32-bit little-endian floats that nvbench's --jsonbin writes beside its JSON file. `name` is looked for in the
/// JSON file's folder, with its folders and then with the last of them alone; a name that is absolute or leads upwards
/// is not followed. Nothing, and `why_not` says why, unless the file holds exactly `count` finite values from 0 on.
std::optional<std::vector<double>> read_nvbench_samples(const std::filesystem::path& json_file, const std::string& name,
                                                        std::size_t count, std::string& why_not);

}  // namespace gpubench::imports
