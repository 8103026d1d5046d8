#pragma once

#include "core/error.hpp"
#include "core/json.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpubench::results {

/// A value inside a JSON document that knows its path, so that a reader can name what it refuses:
/// "measurements[3].samples_ns is a string, not an array". Every function throws error: input.
class json_field {
 public:
  /// The root of a document. With its text at hand, what is refused is also pointed at by line and column. All three
  /// must outlive the fields.
  json_field(const json& value, const std::string& file, const std::string* text = nullptr)
      : value_(&value), file_(&file), text_(text) {}

  /// A member that must be there; it may be null.
  json_field at(std::string_view key) const;
  /// A member, or nothing when it is absent or null.
  std::optional<json_field> find(std::string_view key) const;

  std::string text() const;
  std::string nonempty_text() const;
  bool flag() const;
  double number() const;
  double number_from(double lowest) const;
  double positive_number() const;
  /// A whole number within [lowest, highest], by default any from `lowest` on.
  std::int64_t integer(std::int64_t lowest, std::int64_t highest = std::numeric_limits<std::int64_t>::max()) const;
  std::vector<json_field> elements() const;
  std::vector<std::string> texts() const;
  std::map<std::string, std::string> text_map() const;
  /// Members in the order of the file.
  std::vector<std::pair<std::string, json_field>> members() const;

  bool is_null() const { return value_->is_null(); }
  bool is_text() const { return value_->is_string(); }
  const json& value() const { return *value_; }
  const std::string& path() const { return path_; }
  [[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) const;
  /// Where it stands; the whole file where its text is not at hand.
  file_position position() const;

 private:
  [[noreturn]] void refuse_type(std::string_view wanted) const;
  void require_object() const;
  std::string child_path(std::string_view key) const;
  json_field child(const json& value, std::string path) const;

  const json* value_;
  const std::string* file_;
  const std::string* text_ = nullptr;
  std::string path_;
};

}  // namespace gpubench::results
