#include "results/json_field.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace gpubench::results {

void json_field::refuse(const std::string& what, const std::string& hint) const {
  throw error(error_kind::input, position(), fmt::format("{} {}", path_.empty() ? "the file" : path_, what), hint);
}

void json_field::refuse_type(std::string_view wanted) const {
  refuse(fmt::format("is {}, not {}", value_->is_null() ? "null" : fmt::format("of type {}", value_->type_name()),
                     wanted));
}

void json_field::require_object() const {
  if (!value_->is_object()) refuse_type("an object");
}

std::string json_field::child_path(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

json_field json_field::child(const json& value, std::string path) const {
  json_field field(value, *file_, text_);
  field.path_ = std::move(path);
  return field;
}

file_position json_field::position() const {
  return text_ ? position_in_json(*text_, *file_, path_) : file_position{*file_, 0, 0};
}

json_field json_field::at(std::string_view key) const {
  require_object();
  const auto found = value_->find(std::string(key));
  if (found == value_->end())
    throw error(
        error_kind::input, position(), fmt::format("{} is missing", child_path(key)),
        text_ ? "the file may be of another tool or version" : "the file was not written by gpubench, or was edited");
  return child(*found, child_path(key));
}

std::optional<json_field> json_field::find(std::string_view key) const {
  require_object();
  const auto found = value_->find(std::string(key));
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return child(*found, child_path(key));
}

std::string json_field::text() const {
  if (!value_->is_string()) refuse_type("a string");
  return value_->get<std::string>();
}

std::string json_field::nonempty_text() const {
  auto value = text();
  if (value.empty()) refuse("is an empty string");
  return value;
}

bool json_field::flag() const {
  if (!value_->is_boolean()) refuse_type("true or false");
  return value_->get<bool>();
}

double json_field::number() const {
  if (!value_->is_number()) refuse_type("a number");
  const auto value = value_->get<double>();
  if (!std::isfinite(value)) refuse("is not a finite number");
  return value;
}

double json_field::number_from(double lowest) const {
  const double value = number();
  if (value < lowest) refuse(fmt::format("is {}, below {}", value, lowest));
  return value;
}

double json_field::positive_number() const {
  const double value = number();
  if (value <= 0) refuse(fmt::format("is {}, but must be above 0", value), "an unknown value is null");
  return value;
}

std::int64_t json_field::integer(std::int64_t lowest, std::int64_t highest) const {
  if (!value_->is_number_integer()) refuse_type("a whole number");
  const bool fits =
      !value_->is_number_unsigned() ||
      value_->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto value = fits ? value_->get<std::int64_t>() : 0;
  if (!fits || value < lowest || value > highest)
    refuse(fmt::format("is {}, outside {} to {}", value_->dump(), lowest, highest));
  return value;
}

std::vector<json_field> json_field::elements() const {
  if (!value_->is_array()) refuse_type("an array");
  std::vector<json_field> fields;
  fields.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i)
    fields.push_back(child((*value_)[i], fmt::format("{}[{}]", path_, i)));
  return fields;
}

std::vector<std::string> json_field::texts() const {
  std::vector<std::string> values;
  for (const auto& element : elements()) values.push_back(element.text());
  return values;
}

std::vector<std::pair<std::string, json_field>> json_field::members() const {
  require_object();
  std::vector<std::pair<std::string, json_field>> fields;
  for (const auto& [key, value] : value_->items()) fields.emplace_back(key, child(value, child_path(key)));
  return fields;
}

std::map<std::string, std::string> json_field::text_map() const {
  std::map<std::string, std::string> values;
  for (const auto& [key, field] : members()) values[key] = field.text();
  return values;
}

}  // namespace gpubench::results
