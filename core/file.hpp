#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

/// The most that a file may have that is read whole: parsed, it takes many times its size of memory.
inline constexpr std::uintmax_t most_read_bytes = std::uintmax_t{256} << 20;

/// Whole content of a regular file, or of what a shell handed over open: /dev/stdin and <(...).
/// @throws error: io, naming the file and the system's reason; for named pipes, devices, folders, and more than
///         most_bytes too.
std::string read_file(const std::filesystem::path& path, std::uintmax_t most_bytes = most_read_bytes);

/// Throws error: io "cannot read: ..." for the system's reason, an errno, with what to do about it.
[[noreturn]] void refuse_unread(const std::filesystem::path& path, int code);

/// Refuses what is there and is not a regular file, before a named pipe without another end holds the program up, or a
/// device without end fills its memory. What a shell handed over open, as /dev/stdout, is the user's own doing.
/// @throws error: io
void require_regular(const std::filesystem::path& path);

/// Whether two names are of one file, which need not be there yet.
bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other);

/// Writes to a temporary file beside `path` and renames it over `path`, so that a full disk or a crash leaves either
/// the old content or the new, never a part. A device or pipe is written to as it is; a symbolic link stays one.
/// @throws error: io, naming the file and the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Refuses early what would fail late: throws error: io unless a file can be created in the directory of `path`.
/// @param hint  what to do about it, where the caller knows better than that another place is to be named
void require_writable(const std::filesystem::path& path, const std::string& hint = {});

/// Folder with the shipped data (the one that holds "gpus.csv"). Looked for in this order: `explicit_dir` when not
/// empty, $GPUBENCH_DATA, PREFIX/share/gpubench beside the running program, the source tree of this build.
/// @throws error: input when `explicit_dir` or $GPUBENCH_DATA is not such a folder; environment when none is found.
std::filesystem::path find_data_directory(const std::filesystem::path& explicit_dir = {});

}  // namespace gpubench
