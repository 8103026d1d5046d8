#include "profiles/detail/json_reader.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace gpubench::profiles::detail {

json_reader::json_reader(const json& object, std::string file, std::string name)
    : object_(&object), file_(std::move(file)), name_(std::move(name)) {
  if (!object.is_object())
    throw error(error_kind::input, file_position{file_},
                name_.empty() ? "not a JSON object" : fmt::format("{} is not an object", name_));
}

std::string json_reader::label(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

void json_reader::refuse(std::string_view key, const std::string& what, const std::string& hint) const {
  throw error(error_kind::input, file_position{file_}, fmt::format("{}: {}", label(key), what), hint);
}

const json* json_reader::find(std::string_view key) const {
  const auto place = object_->find(std::string(key));
  return place == object_->end() || place->is_null() ? nullptr : &*place;
}

const json& json_reader::at(std::string_view key) const {
  if (const auto* value = find(key)) return *value;
  std::vector<std::string> keys;
  for (const auto& item : object_->items()) keys.push_back(item.key());
  refuse(key, "missing", suggestion(key, keys));
}

std::int64_t json_reader::integer(std::string_view key, std::int64_t low, std::int64_t high) const {
  const json& value = at(key);
  if (!value.is_number_integer()) refuse(key, fmt::format("{} is not a whole number", value.dump()));
  // A number beyond 64 bits reads as unsigned and would wrap around.
  const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(high);
  if (huge || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high)
    refuse(key, fmt::format("{} is impossible", value.dump()), fmt::format("between {} and {}", low, high));
  return value.get<std::int64_t>();
}

std::int64_t json_reader::integer_or(std::string_view key, std::int64_t low, std::int64_t high,
                                     std::int64_t otherwise) const {
  return has(key) ? integer(key, low, high) : otherwise;
}

double json_reader::number_or(std::string_view key, double low, double high, double otherwise) const {
  const auto* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_number()) refuse(key, fmt::format("{} is not a number", value->dump()));
  const double number = value->get<double>();
  if (!(number >= low && number <= high))
    refuse(key, fmt::format("{} is impossible", value->dump()), fmt::format("between {} and {}", low, high));
  return number;
}

std::string json_reader::text(std::string_view key) const {
  const json& value = at(key);
  if (!value.is_string()) refuse(key, fmt::format("{} is not a text", value.dump()));
  return value.get<std::string>();
}

std::string json_reader::text_or(std::string_view key, const std::string& otherwise) const {
  return has(key) ? text(key) : otherwise;
}

bool json_reader::flag_or(std::string_view key, bool otherwise) const {
  const auto* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) refuse(key, fmt::format("{} is neither true nor false", value->dump()));
  return value->get<bool>();
}

std::vector<std::string> json_reader::texts(std::string_view key) const {
  std::vector<std::string> all;
  const auto* value = find(key);
  if (value == nullptr) return all;
  if (!value->is_array()) refuse(key, "not a list");
  for (const auto& item : *value) {
    if (!item.is_string()) refuse(key, fmt::format("{} is not a text", item.dump()));
    all.push_back(item.get<std::string>());
  }
  return all;
}

std::vector<std::int64_t> json_reader::integers(std::string_view key) const {
  std::vector<std::int64_t> all;
  const auto* value = find(key);
  if (value == nullptr) return all;
  if (!value->is_array()) refuse(key, "not a list");
  for (const auto& item : *value) {
    if (!item.is_number_integer()) refuse(key, fmt::format("{} is not a whole number", item.dump()));
    all.push_back(item.get<std::int64_t>());
  }
  return all;
}

json_reader json_reader::object(std::string_view key) const {
  return {at(key), file_, label(key)};
}

}  // namespace gpubench::profiles::detail
