#include "core/file_lock.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace gpubench {

std::optional<file_lock> file_lock::try_take(const std::filesystem::path& file) {
  return take(file, LOCK_EX | LOCK_NB);
}

file_lock file_lock::take(const std::filesystem::path& file) {
  return take(file, LOCK_EX).value();
}

std::optional<file_lock> file_lock::take(const std::filesystem::path& file, int how) {
  // Not O_CLOEXEC: programs that are started hold it too. A link in a folder of everyone's could lead anywhere.
  int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0666);
  const int why = errno;
  // Who may only read what another user made can have it all the same: flock(2).
  if (descriptor < 0 && why == EACCES) descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW);
  if (descriptor < 0)
    throw error(error_kind::io, {file.string(), 0, 0}, std::string("cannot be made: ") + std::strerror(why));
  file_lock lock(descriptor);
  int code = 0;
  do {
    code = ::flock(descriptor, how) == 0 ? 0 : errno;
  } while (code == EINTR);
  if (code == EWOULDBLOCK) return std::nullopt;
  if (code != 0 && code != ENOLCK && code != ENOSYS && code != ENOTSUP)
    throw error(error_kind::io, {file.string(), 0, 0}, std::string("cannot be locked: ") + std::strerror(code));
  return lock;
}

file_lock::file_lock(file_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

file_lock& file_lock::operator=(file_lock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

file_lock::~file_lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace gpubench
