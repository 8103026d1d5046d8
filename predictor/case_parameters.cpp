#include "predictor/case_parameters.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

namespace gpubench::predictor {
namespace {

// Above any real size, and low enough that products of two fit 64 bits.
constexpr std::int64_t largest_size = std::int64_t{1} << 30;

}  // namespace

case_parameters case_parameters::parse(std::string_view text, file_position where) {
  std::map<std::string, std::string, std::less<>> values;
  for (const std::string& part : split(text, ';')) {
    if (part.empty()) continue;
    const std::size_t at = part.find('=');
    // A lone word is a switch: "causal" is "causal=1".
    const std::string key(trim(part.substr(0, at)));
    const std::string value(at == std::string::npos ? "1" : trim(part.substr(at + 1)));
    if (key.empty())
      throw error(error_kind::input, where, "'" + part + "' has no key", "write parameters as key=value;key=value");
    if (!values.emplace(key, value).second)
      throw error(error_kind::input, where, "parameter '" + key + "' stands twice");
  }
  return {std::move(values), std::move(where)};
}

bool case_parameters::has(std::string_view key) const {
  return find(key).has_value();
}

std::optional<std::string> case_parameters::find(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  used_[found->first] = true;
  if (found->second.empty()) return std::nullopt;
  return found->second;
}

std::string case_parameters::text(std::string_view key) const {
  if (auto value = find(key)) return *value;
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) names.push_back(name);
  std::string hint = suggestion(key, names);
  if (hint.empty() && !names.empty()) hint = "it has: " + join(names, ", ");
  throw error(error_kind::input, where_, fmt::format("parameter '{}' is missing", key), hint);
}

std::string case_parameters::text(std::string_view key, std::string_view otherwise) const {
  return find(key).value_or(std::string(otherwise));
}

std::int64_t case_parameters::size(std::string_view key) const {
  const std::string value = text(key);
  const auto number = parse_number(value);
  if (!number || *number < 1 || *number > static_cast<double>(largest_size) || *number != std::floor(*number))
    refuse(key, "is not a whole number from 1 to 2^30");
  return static_cast<std::int64_t>(*number);
}

std::int64_t case_parameters::size(std::string_view key, std::int64_t otherwise) const {
  return has(key) ? size(key) : otherwise;
}

double case_parameters::number(std::string_view key) const {
  const auto value = parse_number(text(key));
  if (!value || *value < 0) refuse(key, "is not a number of at least 0");
  return *value;
}

bool case_parameters::flag(std::string_view key, bool otherwise) const {
  const auto value = find(key);
  if (!value) return otherwise;
  const std::string lower = to_lower(*value);
  if (lower == "1" || lower == "true" || lower == "yes") return true;
  if (lower == "0" || lower == "false" || lower == "no") return false;
  refuse(key, "is neither true nor false");
}

void case_parameters::refuse(std::string_view key, const std::string& what, const std::string& hint) const {
  const auto found = values_.find(key);
  throw error(error_kind::input, where_,
              fmt::format("parameter {}={} {}", key, found == values_.end() ? "" : found->second, what), hint);
}

std::string case_parameters::unused() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) {
    if (!used_.count(name) && !value.empty()) names.push_back(name);
  }
  return join(names, ", ");
}

}  // namespace gpubench::predictor
