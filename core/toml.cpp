#include "core/toml.hpp"

#include "core/file.hpp"

#include <fmt/format.h>

#include <string>

namespace gpubench {
namespace {

file_position position_of(const toml::source_region& region, const std::string& file) {
  return {file, region.begin.line, region.begin.column};
}

}  // namespace

toml::table load_toml(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  try {
    return toml::parse(text, path.string());
  } catch (const toml::parse_error& failure) {
    throw error(error_kind::input, position_of(failure.source(), path.string()), std::string(failure.description()));
  }
}

file_position position_of(const toml::node& node, const std::string& file) {
  return position_of(node.source(), file);
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace gpubench
