#include "core/json.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench {
namespace {

// Place and token of the first mistake. The parser itself tells the place only in parse_error, not for a number that
// no double can hold.
class mistake_finder : public json::json_sax_t {
 public:
  std::size_t offset = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(json::number_integer_t) override { return true; }
  bool number_unsigned(json::number_unsigned_t) override { return true; }
  bool number_float(json::number_float_t, const json::string_t&) override { return true; }
  bool string(json::string_t&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(json::string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string& token, const json::exception&) override {
    offset = position - std::min(position, token.size());
    return false;
  }
};

file_position position_at(std::string_view text, const std::string& file, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const auto line_start = before.rfind('\n');
  return {file, line, line_start == std::string_view::npos ? offset + 1 : offset - line_start};
}

}  // namespace

json parse_json(std::string_view text, const std::string& file) {
  if (trim(text).empty())
    throw error(error_kind::input, {file, 0, 0}, "the file is empty", "it may be the rest of an interrupted copy");
  try {
    return json::parse(text);
  } catch (const json::parse_error& failure) {
    const auto offset = std::min<std::size_t>(failure.byte > 0 ? failure.byte - 1 : 0, text.size());
    const bool truncated = offset > text.find_last_not_of(" \t\r\n");
    throw error(error_kind::input, position_at(text, file, offset),
                truncated ? "the JSON text ends in the middle" : "not valid JSON here",
                truncated ? "the file is truncated; copy or measure it again"
                          : "compare the text around this place with a file that gpubench wrote");
  } catch (const json::out_of_range&) {
    mistake_finder finder;
    json::sax_parse(text, &finder);
    throw error(error_kind::input, position_at(text, file, finder.offset), "number is too large",
                "numbers lie between -1.8e308 and 1.8e308");
  }
}

json load_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

}  // namespace gpubench
