#pragma once

#include <map>
#include <optional>
#include <string>

namespace gpubench::cuda {

/// Environment variables that hold while it lives; then those of before again. NCCL asks for them when a communicator
/// is made.
class scoped_variables {
 public:
  explicit scoped_variables(const std::map<std::string, std::string>& values);
  scoped_variables(const scoped_variables&) = delete;
  scoped_variables& operator=(const scoped_variables&) = delete;
  ~scoped_variables();

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

/// A file in memory that NCCL writes its choices of algorithms into, since no function tells them.
class nccl_log {
 public:
  nccl_log();
  nccl_log(const nccl_log&) = delete;
  nccl_log& operator=(const nccl_log&) = delete;

  /// Variables that send the log here; none where the user has set NCCL_DEBUG, or without a file in memory.
  std::map<std::string, std::string> variables() const;

  /// What was written since the last call.
  std::string take();

 private:
  int descriptor_ = -1;  ///< never closed: NCCL writes into the file until the process ends
  long long read_ = 0;
};

}  // namespace gpubench::cuda
