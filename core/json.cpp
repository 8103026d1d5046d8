#include "core/json.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace gpubench {

json parse_json(std::string_view text, const std::string& file) {
  if (trim(text).empty())
    throw error(error_kind::input, {file, 0, 0}, "the file is empty", "it may be the rest of an interrupted copy");
  try {
    return json::parse(text);
  } catch (const json::parse_error& failure) {
    const auto offset = std::min<std::size_t>(failure.byte > 0 ? failure.byte - 1 : 0, text.size());
    const auto before = text.substr(0, offset);
    const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    const auto line_start = before.rfind('\n');
    const auto column = line_start == std::string_view::npos ? offset + 1 : offset - line_start;
    const bool truncated = offset >= trim(text).size();
    throw error(error_kind::input, {file, line, column},
                truncated ? "the JSON text ends in the middle" : "not valid JSON here",
                truncated ? "the file is truncated; copy or measure it again" : "compare the text around this place with a file that gpubench wrote");
  }
}

json load_json(const std::filesystem::path& path) { return parse_json(read_file(path), path.string()); }

json nullable(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

}  // namespace gpubench
