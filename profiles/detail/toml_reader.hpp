#pragma once

#include "core/toml.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::profiles::detail {

/// Reads one table of a TOML file; every complaint is an input error at file:line:column.
class toml_reader {
 public:
  /// @param name  of the table, empty for the top of the file
  toml_reader(const toml::table& table, std::string file, std::string name = {})
      : table_(&table), file_(std::move(file)), name_(std::move(name)) {}

  /// Refuses every key that is not one of `known`.
  void allow_only(const std::vector<std::string>& known) const;

  bool has(std::string_view key) const { return table_->get(key) != nullptr; }
  /// @pre the key is there
  file_position position(std::string_view key) const { return position_of(at(key), file_); }
  std::string text(std::string_view key) const;
  std::string text_or(std::string_view key, const std::string& otherwise) const;
  /// One of `allowed`.
  std::string choice(std::string_view key, const std::vector<std::string>& allowed) const;
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high) const;
  std::int64_t integer_or(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t otherwise) const;
  double number(std::string_view key, double low, double high) const;
  std::optional<double> optional_number(std::string_view key, double low, double high) const;
  bool flag_or(std::string_view key, bool otherwise) const;
  /// A date, quoted or not, as text.
  std::string date(std::string_view key) const;
  /// @throws error: input if there is no such table.
  toml_reader table(std::string_view key) const;
  /// The tables of [[key]], at least one.
  std::vector<toml_reader> tables(std::string_view key) const;
  file_position position() const { return position_of(*table_, file_); }

  [[noreturn]] void refuse(std::string_view key, const std::string& what, const std::string& hint = {}) const;

 private:
  const toml::node& at(std::string_view key) const;
  std::string label(std::string_view key) const;

  const toml::table* table_;
  std::string file_;
  std::string name_;
};

}  // namespace gpubench::profiles::detail
