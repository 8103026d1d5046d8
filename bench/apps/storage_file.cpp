#include "bench/apps/storage_file.hpp"

#include "core/error.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace gpubench::bench {
namespace {

constexpr double usual_bytes = 1 * gib, least_bytes = 64 * mib;

struct known_system {
  std::uint32_t magic;
  const char* name;
  bool over_network;
};

/// Magic numbers of statfs(2).
constexpr std::array known_systems{known_system{0xEF53, "ext4", false},
                                   known_system{0x58465342, "xfs", false},
                                   known_system{0x9123683E, "btrfs", false},
                                   known_system{0x2FC12FC1, "zfs", false},
                                   known_system{0x794C7630, "overlayfs", false},
                                   known_system{0x01021994, "tmpfs", false},
                                   known_system{0x6969, "nfs", true},
                                   known_system{0xFE534D42, "smb", true},
                                   known_system{0xFF534D42, "cifs", true},
                                   known_system{0x00C36400, "ceph", true},
                                   known_system{0x0BD00BD0, "lustre", true},
                                   known_system{0x47504653, "gpfs", true},
                                   known_system{0x01021997, "9p", true},
                                   known_system{0x65735546, "fuse", true}};

[[noreturn]] void refuse(const std::filesystem::path& folder, const std::string& why, const std::string& hint) {
  throw error(error_kind::usage, fmt::format("--storage-dir {}: {}", folder.string(), why), hint);
}

int open_nameless(const std::filesystem::path& folder) {
  const int at_once = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (at_once >= 0) return at_once;
  // File systems without O_TMPFILE: a name for a moment.
  std::string name = (folder / "gpubench-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named < 0) refuse(folder, std::strerror(errno), "a folder that you may write to");
  ::unlink(name.c_str());
  return named;
}

}  // namespace

storage_place place_of_type(std::uint32_t magic) {
  storage_place place;
  place.file_system = "unknown";
  for (const known_system& one : known_systems) {
    if (magic != one.magic) continue;
    place.file_system = one.name;
    place.over_network = one.over_network;
  }
  place.in_memory = place.file_system == "tmpfs";
  return place;
}

storage_place look_at(const std::filesystem::path& folder) {
  std::error_code problem;
  if (!std::filesystem::exists(folder, problem)) refuse(folder, "there is no such folder", "make it, or name another");
  if (!std::filesystem::is_directory(folder, problem)) refuse(folder, "is no folder", "name the folder it stands in");
  if (::access(folder.c_str(), W_OK) != 0) refuse(folder, std::strerror(errno), "a folder that you may write to");
  struct statfs type {};
  struct statvfs room {};
  if (::statfs(folder.c_str(), &type) != 0 || ::statvfs(folder.c_str(), &room) != 0)
    refuse(folder, std::strerror(errno), "name another folder");
  auto place = place_of_type(static_cast<std::uint32_t>(type.f_type));
  place.free_bytes = static_cast<double>(room.f_bavail) * static_cast<double>(room.f_frsize);
  return place;
}

double storage_file_bytes(const storage_place& place, const std::filesystem::path& folder,
                          std::optional<double> asked_bytes) {
  const double most = place.free_bytes / 2;
  if (most < least_bytes)
    refuse(folder, fmt::format("{} are free, and half of it is too little", format_bytes(place.free_bytes)),
           "128 MiB must be free");
  if (!asked_bytes) return std::min(usual_bytes, most);
  if (*asked_bytes < least_bytes) refuse(folder, "a file below 64 MiB tells nothing", "--storage-file 1GiB");
  if (*asked_bytes > most)
    refuse(folder,
           fmt::format("a file of {} would take more than half of the {} that are free", format_bytes(*asked_bytes),
                       format_bytes(place.free_bytes)),
           fmt::format("--storage-file {:.0f}MiB at most", most / mib));
  return *asked_bytes;
}

storage_file::storage_file(const std::filesystem::path& folder, double bytes) : descriptor_(open_nameless(folder)) {
  const int problem = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
  if (problem == 0) return;
  ::close(descriptor_);
  refuse(folder, fmt::format("takes no file of {}: {}", format_bytes(bytes), std::strerror(problem)),
         "a smaller --storage-file, or another folder");
}

storage_file::~storage_file() {
  ::close(descriptor_);
}

std::string storage_file::path() const {
  return fmt::format("/proc/{}/fd/{}", ::getpid(), descriptor_);
}

bool storage_file::can_be_direct() const {
  const int direct = ::open(path().c_str(), O_RDWR | O_DIRECT | O_CLOEXEC);
  if (direct < 0) return false;
  ::close(direct);
  return true;
}

}  // namespace gpubench::bench
