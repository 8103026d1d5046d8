#include "results/document_kind.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <simdjson.h>

#include <string_view>

namespace gpubench::results {
namespace {

namespace sj = simdjson;

std::string schema_in(std::string& text) {
  const auto size = text.size();
  text.resize(size + sj::SIMDJSON_PADDING);
  sj::ondemand::parser parser;
  try {
    sj::ondemand::document document = parser.iterate(sj::padded_string_view(text.data(), size, text.size()));
    for (auto field : document.get_object())
      if (std::string_view(field.unescaped_key()) == "schema")
        return std::string(std::string_view(field.value().get_string()));
  } catch (const sj::simdjson_error&) {
    // No JSON object: of no kind.
  }
  return {};
}

}  // namespace

std::string document_kind_of(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return {};
  try {
    auto text = read_file(file);
    const auto schema = schema_in(text);
    return schema.starts_with("gpubench.") ? schema.substr(0, schema.find('/')) : std::string();
  } catch (const error&) {
    return {};  // whoever writes there says what is wrong with it
  }
}

}  // namespace gpubench::results
