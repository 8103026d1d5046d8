#pragma once

#include "core/error.hpp"
#include "models/precision.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gpubench::predictor {

/// The "key=value;key=value" text with which a case describes its work. Every look-up marks its key as used, so that a
/// misspelt one can be told from an unneeded one.
class case_parameters {
 public:
  /// @throws error: input at `where` for a part without '=', an empty key, or a key that stands twice.
  static case_parameters parse(std::string_view text, file_position where);
  /// From the cells of a table, one a key.
  case_parameters(std::map<std::string, std::string, std::less<>> values, file_position where)
      : values_(std::move(values)), where_(std::move(where)) {}

  bool has(std::string_view key) const;
  /// Nothing where the key is missing or its value empty.
  std::optional<std::string> find(std::string_view key) const;
  /// @throws error: input naming the missing key.
  std::string text(std::string_view key) const;
  std::string text(std::string_view key, std::string_view otherwise) const;
  /// A whole number from 1 to 2^30.   @throws error: input naming key and value.
  std::int64_t size(std::string_view key) const;
  std::int64_t size(std::string_view key, std::int64_t otherwise) const;
  /// A finite number of at least 0.
  double number(std::string_view key) const;
  /// "1", "true", "yes" or "0", "false", "no".
  bool flag(std::string_view key, bool otherwise) const;

  /// Throws an input error about a key's value.
  [[noreturn]] void refuse(std::string_view key, const std::string& what, const std::string& hint = {}) const;
  /// Keys that nothing has asked for, joined with ", "; empty when all were used.
  std::string unused() const;

  const file_position& where() const { return where_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  mutable std::map<std::string, bool, std::less<>> used_;
  file_position where_;
};

}  // namespace gpubench::predictor
