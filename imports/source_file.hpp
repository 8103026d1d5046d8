#pragma once

#include "core/error.hpp"
#include "core/json.hpp"
#include "results/json_field.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::imports {

/// Larger files are refused: they are read whole, and no known tool writes such.
inline constexpr std::size_t largest_file_bytes = std::size_t{64} << 20;

/// One line of a text file without its end.
struct source_line {
  std::size_t number = 0;  ///< from 1
  std::string_view text;
  bool has_end = true;  ///< false of a last line that stops without a line end
};

/// The text of a file of another tool: UTF-8 without byte order mark, without NUL or other control characters.
class source_file {
 public:
  /// @throws error: io if unreadable; input as the constructor, and for more than largest_file_bytes.
  static source_file load(const std::filesystem::path& path);

  /// @param path  name used in positions; files that the text names are looked for beside it
  /// @throws error: input at line and column for what is not such a text: empty, binary, UTF-16, not UTF-8.
  source_file(std::filesystem::path path, std::string bytes);

  const std::filesystem::path& path() const { return path_; }
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  std::size_t size_bytes() const { return size_bytes_; }
  const std::string& sha256() const { return sha256_; }  ///< of the file as it lies there, 64 hexadecimal digits
  std::vector<source_line> lines() const;

  /// Whether the first character is that of a JSON object or array.
  bool starts_as_json() const;
  /// The whole file as one JSON document; parsed once.   @throws error: input as parse_foreign_json().
  const json& document() const;
  results::json_field root() const { return {document(), name_, &text_}; }
  /// Whether the first line is a whole JSON object and more lines follow: JSON lines.
  bool starts_as_json_lines() const;
  /// Calls `use` with the JSON value of each line that is not blank, and the line's number; positions in errors count
  /// in the whole file.   @throws error: input
  void for_each_json_line(const std::function<void(const results::json_field&, std::size_t line)>& use) const;
  /// Where a path of the JSON value of one line stands; the line alone for a path that is not there.
  file_position in_json_line(std::size_t line, const std::string& path) const;

  file_position at(std::size_t line, std::size_t column = 0) const { return {name_, line, column}; }
  /// A row of figures that stops without a line end may stop within a number.   @throws error: input
  void require_end(const source_line& row) const;
  /// The same of a table in which every line is such a row.
  void require_line_end() const;
  [[noreturn]] void refuse(std::size_t line, const std::string& what, const std::string& hint = {}) const;

 private:
  std::filesystem::path path_;
  std::string name_, text_;
  std::size_t size_bytes_ = 0;
  std::string sha256_;
  mutable std::optional<json> document_;
};

}  // namespace gpubench::imports
