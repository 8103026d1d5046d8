#include "core/toml.hpp"

#include <string>

#include "core/file.hpp"

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

}  // namespace gpubench
