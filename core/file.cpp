#include "core/file.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>

namespace gpubench {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse_io(const fs::path& path, std::string_view action, int code, std::string hint = {}) {
  throw error(error_kind::io, {path.string(), 0, 0}, fmt::format("cannot {}: {}", action, std::strerror(code)),
              std::move(hint));
}

void write_all(int descriptor, const fs::path& target, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse_io(target, "write", errno, errno == ENOSPC ? "free some disk space and run again" : "");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string hint_to_create(int code) {
  if (code == ENOENT || code == ENOTDIR) return "make the folder first, or name a file in another one";
  if (code == ENOSPC || code == EDQUOT) return "free some disk space and run again";
  return "name a file in a folder that may be written";
}

// Closes and removes a temporary file unless it has been renamed into place.
class temporary_file {
 public:
  explicit temporary_file(const fs::path& beside, const std::string& hint = {}) : name_(beside.string() + ".XXXXXX") {
    descriptor_ = ::mkstemp(name_.data());
    if (descriptor_ < 0) {
      const int code = errno;
      refuse_io(beside, "create a file there", code, hint.empty() ? hint_to_create(code) : hint);
    }
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  void write(const fs::path& target, std::string_view content) {
    write_all(descriptor_, target, content);
    // mkstemp makes the file private; results are for sharing, within the user's umask.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(descriptor_, 0666 & ~mask);
    if (::fsync(descriptor_) != 0 && errno != EINVAL) refuse_io(target, "write", errno);
    const int code = ::close(descriptor_) == 0 ? 0 : errno;
    descriptor_ = -1;
    if (code != 0) refuse_io(target, "write", code);
  }

  void rename_to(const fs::path& target) {
    if (::rename(name_.c_str(), target.c_str()) != 0) refuse_io(target, "replace", errno);
    name_.clear();
  }

 private:
  std::string name_;
  int descriptor_ = -1;
};

// Devices and pipes cannot be replaced by a rename: it would put a plain file where /dev/null was.
bool is_special(const fs::path& path) {
  std::error_code ignored;
  return fs::is_other(fs::status(path, ignored));
}

// What the program was started with, by the names that shells give it: <(...) is /dev/fd/63.
bool is_own_descriptor(const fs::path& path) {
  const auto name = fs::absolute(path).lexically_normal().string();
  return name == "/dev/stdin" || name == "/dev/stdout" || name == "/dev/stderr" || name.rfind("/dev/fd/", 0) == 0 ||
         name.rfind("/proc/self/fd/", 0) == 0;
}

// The file behind symbolic links, which need not exist yet, so that the links stay.
fs::path behind_links(fs::path path) {
  constexpr int most_links = 40;  // as many as Linux follows
  std::error_code code;
  for (int links = 0; links < most_links && fs::is_symlink(path, code); ++links) {
    const auto target = fs::read_symlink(path, code);
    if (code) break;
    path = path.parent_path() / target;
  }
  return path;
}

void write_in_place(const fs::path& path, std::string_view content) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) refuse_io(path, "write", errno);
  const std::unique_ptr<const int, void (*)(const int*)> closer(&descriptor, [](const int* d) { ::close(*d); });
  write_all(descriptor, path, content);
}

constexpr const char* hint_of_size = "no file that gpubench reads is so large: see that it is the right one";

bool holds_data(const fs::path& directory) {
  std::error_code ignored;
  return fs::is_regular_file(directory / "gpus.csv", ignored);
}

}  // namespace

std::string read_file(const fs::path& path, std::uintmax_t most_bytes) {
  require_regular(path);
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) refuse_unread(path, errno == 0 ? EIO : errno);
  std::error_code code;
  // At once where the size is known; pipes and files of the kernel have none.
  const auto size = fs::file_size(path, code);
  if (!code && size > most_bytes)
    throw error(error_kind::io, {path.string(), 0, 0},
                fmt::format("has {} MiB, and at most {} are read", (size >> 20) + (size % (1 << 20) > 0 ? 1 : 0),
                            most_bytes >> 20),
                hint_of_size);
  std::string content(code ? 0 : size, '\0');
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  std::array<char, 1 << 14> piece{};
  while (stream && stream.read(piece.data(), piece.size()).gcount() > 0) {
    content.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    if (content.size() > most_bytes)
      throw error(error_kind::io, {path.string(), 0, 0},
                  fmt::format("gives more than {} MiB, the most that is read", most_bytes >> 20), hint_of_size);
  }
  if (stream.bad()) refuse_io(path, "read", EIO);
  return content;
}

void refuse_unread(const fs::path& path, int code) {
  const std::string hint = code == ENOENT || code == ENOTDIR
                               ? path.is_absolute() ? "see that the name is right"
                                                    : "see that the name is right, seen from the current folder"
                           : code == EACCES ? "ask for the right to read it, or run as a user who may"
                                            : "";
  refuse_io(path, "read", code, hint);
}

void require_regular(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  if (!fs::exists(status) || fs::is_regular_file(status)) return;
  const bool is_folder = fs::is_directory(status);
  if (!is_folder && is_own_descriptor(path)) return;
  throw error(error_kind::io, {path.string(), 0, 0}, "is not a regular file",
              is_folder ? "name a file, not a directory"
                        : "name a file; of pipes only one that a shell hands over open is taken, as /dev/stdin");
}

bool is_same_file(const fs::path& one, const fs::path& other) {
  std::error_code code;
  if (fs::equivalent(one, other, code)) return true;
  const auto place = [&code](const fs::path& path) {
    auto found = fs::weakly_canonical(fs::absolute(behind_links(path)), code);
    return code ? fs::absolute(path).lexically_normal() : found;
  };
  return place(one) == place(other);
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  if (is_special(path)) return write_in_place(path, content);
  const fs::path file = behind_links(path);
  temporary_file temporary(file);
  temporary.write(file, content);
  temporary.rename_to(file);
}

void require_writable(const fs::path& path, const std::string& hint) {
  if (is_special(path)) {
    if (::access(path.c_str(), W_OK) != 0) refuse_io(path, "write", errno);
    return;
  }
  const temporary_file probe(behind_links(path), hint);
  std::error_code code;
  if (fs::is_directory(path, code)) refuse_io(path, "write", EISDIR, "name a file, not a directory");
}

fs::path find_data_directory(const fs::path& explicit_dir) {
  if (!explicit_dir.empty()) {
    if (holds_data(explicit_dir)) return explicit_dir;
    throw error(error_kind::input, {explicit_dir.string(), 0, 0},
                "no catalogue in this directory (gpus.csv is missing)",
                "to add your own rows to the shipped data use --overlay DIR");
  }
  if (const char* from_environment = std::getenv("GPUBENCH_DATA"); from_environment && *from_environment) {
    if (holds_data(from_environment)) return from_environment;
    throw error(error_kind::input, {from_environment, 0, 0}, "GPUBENCH_DATA names a directory without a catalogue",
                "unset it, or point it at a folder that holds gpus.csv");
  }
  std::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  const fs::path installed = program.parent_path().parent_path() / GPUBENCH_INSTALL_DATADIR;
  if (!code && holds_data(installed)) return installed;
  const fs::path source = fs::path(GPUBENCH_SOURCE_DIR) / "profiles" / "data";
  if (holds_data(source)) return source;
  throw error(error_kind::environment, "the shipped catalogue was not found",
              "set GPUBENCH_DATA or pass --profiles with the folder that holds gpus.csv");
}

}  // namespace gpubench
