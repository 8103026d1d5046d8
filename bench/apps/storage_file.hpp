#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace gpubench::bench {

/// A folder as a place to measure storage.
struct storage_place {
  std::string file_system;  ///< "ext2/ext3/ext4", "nfs", ...: as statfs tells; "unknown" otherwise
  bool over_network = false;
  bool in_memory = false;  ///< tmpfs: no storage at all
  double free_bytes = 0;   ///< for this user
};

/// What the kind of a file system says of it, whose number statfs(2) gives. Source: linux/magic.h; those of network
/// file systems that are no part of Linux from their own clients.
storage_place place_of_type(std::uint32_t magic);

/// @throws error: usage for a folder that is missing, none, or may not be written to, naming it.
storage_place look_at(const std::filesystem::path& folder);

/// How large a file may be: what is asked for, else 1 GiB; at most half of what is free.
/// @throws error: usage where less than 64 MiB would be left, or what is asked for does not fit.
double storage_file_bytes(const storage_place& place, const std::filesystem::path& folder,
                          std::optional<double> asked_bytes);

/// A file that has no name: it is gone with the last program that has it open, however that ends, Ctrl-C and kill -9
/// included.
class storage_file {
 public:
  /// Of that size from the start, as fio would make a smaller one anew under its name.
  /// @throws error: usage where the folder takes no such file.
  storage_file(const std::filesystem::path& folder, double bytes);
  ~storage_file();
  storage_file(const storage_file&) = delete;
  storage_file& operator=(const storage_file&) = delete;

  /// By which programs that this one starts open it.
  std::string path() const;
  /// Whether it can be read and written past the page cache.
  bool can_be_direct() const;

 private:
  int descriptor_ = -1;
};

}  // namespace gpubench::bench
