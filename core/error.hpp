#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gpubench {

/// What went wrong, as far as a caller acts on it. Each kind maps to one exit code.
enum class error_kind {
  usage,                 ///< the command line asks for something impossible
  input,                 ///< a file or value that was read is wrong
  environment,           ///< the machine lacks something that was asked for by name
  device,                ///< a device call failed
  out_of_device_memory,  ///< a device has too little memory for one case
  collective,            ///< a collective operation failed or hung
  wrong_result,          ///< a benchmark computed a wrong answer
  io,                    ///< a file cannot be read or written
  infeasible,            ///< nothing satisfies what was asked
  internal,              ///< a defect of gpubench
};

/// Place in an input file. Line and column count from 1; 0 means the whole file.
struct file_position {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;

  /// "file:line:column", without the parts that are 0.
  std::string to_string() const;
};

/// The one exception type: what failed, where, and what to do about it.
class error : public std::runtime_error {
 public:
  error(error_kind kind, std::string_view what_failed, std::string hint = {});
  error(error_kind kind, file_position where, const std::string& what_failed, std::string hint = {});

  error_kind kind() const noexcept { return kind_; }
  const file_position& where() const noexcept { return where_; }
  const std::string& hint() const noexcept { return hint_; }

  /// The message as a user reads it: "error: [where: ]what", then "  hint: ..." on a line of its own.
  std::string describe() const;

 private:
  error_kind kind_;
  file_position where_;
  std::string hint_;
};

/// Process exit codes; docs/cli.md lists them for users.
enum class exit_status : int {
  done = 0,
  answer_is_no = 1,
  usage = 2,
  measurement_failed = 3,
  environment = 4,
  not_comparable = 5,
  interrupted = 130,
};

exit_status exit_status_of(error_kind kind) noexcept;

}  // namespace gpubench
