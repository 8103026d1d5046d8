#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

/// Whole content of a regular file.   @throws error: io, naming the file and the system's reason.
std::string read_file(const std::filesystem::path& path);

/// Writes to a temporary file beside `path` and renames it over `path`, so that a full disk or a crash leaves either
/// the old content or the new, never a part. A device or pipe is written to as it is; a symbolic link stays one.
/// @throws error: io, naming the file and the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Refuses early what would fail late: throws error: io unless a file can be created in the directory of `path`.
void require_writable(const std::filesystem::path& path);

/// Folder with the shipped data (the one that holds "gpus.csv"). Looked for in this order: `explicit_dir` when not
/// empty, $GPUBENCH_DATA, PREFIX/share/gpubench beside the running program, the source tree of this build.
/// @throws error: input when `explicit_dir` or $GPUBENCH_DATA is not such a folder; environment when none is found.
std::filesystem::path find_data_directory(const std::filesystem::path& explicit_dir = {});

}  // namespace gpubench
