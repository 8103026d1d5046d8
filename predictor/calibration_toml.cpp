#include "predictor/calibration_toml.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace gpubench::predictor {

double positive_of(const toml::table& row, std::string_view key, const std::string& file) {
  const toml::node* node = row.get(key);
  if (!node) throw error(error_kind::input, position_of(row, file), fmt::format("'{}' is missing", key));
  const std::optional<double> value = node->value<double>();
  if (!value || !(*value > 0) || !std::isfinite(*value))
    throw error(error_kind::input, position_of(*node, file), fmt::format("'{}' is not a positive number", key));
  return *value;
}

std::string text_of(const toml::table& row, std::string_view key, const std::string& file) {
  const auto value = row[key].value<std::string>();
  if (!value || value->empty())
    throw error(error_kind::input, position_of(row, file), fmt::format("'{}' is missing or not a text", key));
  return *value;
}

const toml::table& table_of(const toml::node& node, std::string_view header, const std::string& file) {
  if (const toml::table* table = node.as_table()) return *table;
  throw error(error_kind::input, position_of(node, file), "is not a table", fmt::format("{} starts one", header));
}

}  // namespace gpubench::predictor
