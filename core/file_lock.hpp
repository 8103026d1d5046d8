#pragma once

#include <filesystem>
#include <optional>

namespace gpubench {

/// An advisory lock on a file, which it makes and leaves there: nobody else has it as long as this object lives, or a
/// program that was started meanwhile, which goes on with this process's work where this process is killed. It is free
/// when they have ended, however they ended. Some shared file systems have no locks; there everyone has it.
class file_lock {
 public:
  /// @return nothing while another process has it   @throws error: io where the file cannot be made
  static std::optional<file_lock> try_take(const std::filesystem::path& file);

  /// The same, after a wait for whoever has it.   @throws error: io
  static file_lock take(const std::filesystem::path& file);

  file_lock(file_lock&& other) noexcept;
  file_lock& operator=(file_lock&& other) noexcept;
  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;
  ~file_lock();

 private:
  static std::optional<file_lock> take(const std::filesystem::path& file, int how);
  explicit file_lock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace gpubench
