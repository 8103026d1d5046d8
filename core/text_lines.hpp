#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

/// Lines of a text of any size, read in pieces of constant size. A byte order mark before the first line and carriage
/// returns at ends of lines are left out, and empty lines passed over.
class text_lines {
 public:
  /// @param name  in positions; `in` must outlive this
  text_lines(std::istream& in, std::string name);
  text_lines(const text_lines&) = delete;
  text_lines& operator=(const text_lines&) = delete;

  /// @param line  valid until the next call   @return whether there was one
  /// @throws error: input for a line above 1 MiB; io where reading fails.
  bool next(std::string_view& line);

  std::size_t number() const { return number_; }  ///< of the last line, from 1
  const std::string& name() const { return name_; }

 private:
  std::istream& in_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool at_end_ = false;
  std::size_t number_ = 0;
};

}  // namespace gpubench
