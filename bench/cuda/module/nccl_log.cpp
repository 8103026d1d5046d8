#include "bench/cuda/module/nccl_log.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace gpubench::cuda {

scoped_variables::scoped_variables(const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    const char* now = std::getenv(name.c_str());
    before_[name] = now != nullptr ? std::optional<std::string>(now) : std::nullopt;
    setenv(name.c_str(), value.c_str(), 1);
  }
}

scoped_variables::~scoped_variables() {
  for (const auto& [name, value] : before_) {
    if (value) {
      setenv(name.c_str(), value->c_str(), 1);
    } else {
      unsetenv(name.c_str());
    }
  }
}

nccl_log::nccl_log() {
  if (std::getenv("NCCL_DEBUG") == nullptr) descriptor_ = memfd_create("gpubench-nccl-log", MFD_CLOEXEC);
}

std::map<std::string, std::string> nccl_log::variables() const {
  if (descriptor_ < 0) return {};
  return {{"NCCL_DEBUG", "INFO"},
          {"NCCL_DEBUG_SUBSYS", "TUNING"},
          {"NCCL_DEBUG_FILE", "/proc/self/fd/" + std::to_string(descriptor_)}};
}

std::string nccl_log::take() {
  // One line a collective; of more than this only the end is of interest.
  constexpr long long most = 1 << 20;
  struct stat now {};
  if (descriptor_ < 0 || fstat(descriptor_, &now) != 0 || now.st_size <= read_) return {};
  const long long start = std::max<long long>(read_, now.st_size - most);
  std::string text(static_cast<std::size_t>(now.st_size - start), '\0');
  const ssize_t got = pread(descriptor_, text.data(), text.size(), start);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  read_ = now.st_size;
  // Gives the memory back; NCCL goes on writing at its own place, and what lies before that reads as zeros.
  if (ftruncate(descriptor_, 0) != 0) return text;
  return text;
}

}  // namespace gpubench::cuda
