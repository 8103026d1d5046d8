#pragma once

#include "core/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::profiles::detail {

/// Reads one object of a JSON file; every complaint is an input error naming the file and the key. A key whose value is
/// null counts as absent.
class json_reader {
 public:
  /// @param name  of the object, empty for the top of the file
  json_reader(const json& object, std::string file, std::string name = {});

  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high) const;
  std::int64_t integer_or(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t otherwise) const;
  double number_or(std::string_view key, double low, double high, double otherwise) const;
  std::string text(std::string_view key) const;
  std::string text_or(std::string_view key, const std::string& otherwise) const;
  bool flag_or(std::string_view key, bool otherwise) const;
  /// Absent: none.
  std::vector<std::string> texts(std::string_view key) const;
  std::vector<std::int64_t> integers(std::string_view key) const;
  json_reader object(std::string_view key) const;
  const json& value() const { return *object_; }
  const std::string& file() const { return file_; }

  [[noreturn]] void refuse(std::string_view key, const std::string& what, const std::string& hint = {}) const;

 private:
  const json* find(std::string_view key) const;
  const json& at(std::string_view key) const;
  std::string label(std::string_view key) const;

  const json* object_;
  std::string file_;
  std::string name_;
};

}  // namespace gpubench::profiles::detail
