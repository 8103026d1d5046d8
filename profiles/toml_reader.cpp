#include "profiles/detail/toml_reader.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::profiles::detail {

std::string toml_reader::label(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

void toml_reader::allow_only(const std::vector<std::string>& known) const {
  for (auto&& [key, value] : *table_) {
    // toml++ 2 gives a string here and 3 a key with a position of its own; the value's position is in both.
    const std::string_view name = key;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = suggestion(name, known);
    throw error(error_kind::input, position_of(value, file_), fmt::format("key '{}' is not known here", label(name)),
                near.empty() ? "known keys: " + join(known, ", ") : near);
  }
}

const toml::node& toml_reader::at(std::string_view key) const {
  if (const auto* node = table_->get(key)) return *node;
  auto where = name_.empty() ? file_position{file_, 0, 0} : position_of(*table_, file_);
  throw error(error_kind::input, std::move(where), fmt::format("{} is missing", label(key)),
              "gpubench's own workload files show every key with a comment");
}

void toml_reader::refuse(std::string_view key, const std::string& what, const std::string& hint) const {
  const auto* node = table_->get(key);
  throw error(error_kind::input, position_of(node ? *node : *table_, file_), what, hint);
}

std::string toml_reader::text(std::string_view key) const {
  const auto value = at(key).value<std::string>();
  if (!value) refuse(key, fmt::format("{} is not a text", label(key)), "put it in double quotes");
  if (trim(*value).empty()) refuse(key, fmt::format("{} is empty", label(key)));
  return *value;
}

std::string toml_reader::text_or(std::string_view key, const std::string& otherwise) const {
  return has(key) ? text(key) : otherwise;
}

std::string toml_reader::choice(std::string_view key, const std::vector<std::string>& allowed) const {
  auto value = text(key);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
  const auto near = suggestion(value, allowed);
  refuse(key, fmt::format("{} '{}' is not known", label(key), value),
         near.empty() ? "one of " + join(allowed, ", ") : near);
}

std::int64_t toml_reader::integer(std::string_view key, std::int64_t low, std::int64_t high) const {
  const auto& node = at(key);
  if (!node.is_integer()) refuse(key, fmt::format("{} is not a whole number", label(key)), "write it as 14_336");
  const auto value = *node.value<std::int64_t>();
  if (value < low || value > high)
    refuse(key, fmt::format("{} {} is outside of {} to {}", label(key), value, low, high));
  return value;
}

std::int64_t toml_reader::integer_or(std::string_view key, std::int64_t low, std::int64_t high,
                                     std::int64_t otherwise) const {
  return has(key) ? integer(key, low, high) : otherwise;
}

double toml_reader::number(std::string_view key, double low, double high) const {
  const auto& node = at(key);
  if (!node.is_integer() && !node.is_floating_point()) refuse(key, fmt::format("{} is not a number", label(key)));
  const double value = *node.value<double>();
  // Written so that a NaN is refused too.
  if (!(value >= low && value <= high))
    refuse(key, fmt::format("{} {:g} is outside of {:g} to {:g}", label(key), value, low, high));
  return value;
}

std::optional<double> toml_reader::optional_number(std::string_view key, double low, double high) const {
  if (!has(key)) return std::nullopt;
  return number(key, low, high);
}

bool toml_reader::flag_or(std::string_view key, bool otherwise) const {
  if (!has(key)) return otherwise;
  const auto& node = at(key);
  if (!node.is_boolean())
    refuse(key, fmt::format("{} is neither true nor false", label(key)), "write it without quotes");
  return *node.value<bool>();
}

std::string toml_reader::date(std::string_view key) const {
  if (const auto* plain = at(key).as_date()) {
    const auto& day = plain->get();
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year), static_cast<int>(day.month),
                       static_cast<int>(day.day));
  }
  auto value = text(key);
  if (!parse_date(value))
    refuse(key, fmt::format("{} '{}' is not a date", label(key), value), "write YYYY-MM-DD, YYYY-MM or YYYY");
  return value;
}

toml_reader toml_reader::table(std::string_view key) const {
  const auto* inner = at(key).as_table();
  if (!inner)
    refuse(key, fmt::format("{} is not a table", label(key)), fmt::format("write [{}] on a line", label(key)));
  return toml_reader(*inner, file_, label(key));
}

std::vector<toml_reader> toml_reader::tables(std::string_view key) const {
  const auto* list = at(key).as_array();
  if (!list || list->empty() || !list->is_array_of_tables())
    refuse(key, fmt::format("{} is not a list of tables", label(key)),
           fmt::format("write [[{}]] on a line before each", label(key)));
  std::vector<toml_reader> all;
  for (const auto& element : *list) all.emplace_back(*element.as_table(), file_, label(key));
  return all;
}

}  // namespace gpubench::profiles::detail
