#include "imports/column_mapping.hpp"

#include "core/text.hpp"
#include "core/toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "imports/stated_time.hpp"

namespace gpubench::imports {
namespace {

// With its zone, without, or a day.
bool is_time(const std::string& text) {
  return stated_utc(text) || stated_utc(text + "Z") || stated_utc(text + "T00:00:00Z");
}

class reader {
 public:
  explicit reader(const std::filesystem::path& path) : file_(path.string()), root_(load_toml(path)) {}

  column_mapping read() {
    require_known(root_, {"tool", "tool_version", "measured_at", "gpu", "backend", "benchmark", "device", "parameters",
                          "time", "rates", "work", "values"});
    column_mapping m;
    m.tool = required_text(root_, "tool");
    m.tool_version = optional_text("tool_version");
    m.measured_at = optional_text("measured_at");
    if (m.measured_at && !is_time(*m.measured_at))
      refuse(*root_.get("measured_at"), fmt::format("'{}' is no time", *m.measured_at),
             "write it as 2026-02-03T04:05:06Z, or without what is not known");
    m.gpu = optional_text("gpu");
    m.backend = optional_text("backend");
    m.benchmark = text_or_column_of("benchmark");
    if (root_.contains("device")) m.device = text_or_column_of("device");
    read_parameters(m);
    read_numbers("time", m.time, quantity_of_time);
    read_numbers("rates", m.rates, quantity_of_rate);
    read_work(m);
    read_values(m);
    if (m.time.empty() && m.rates.empty() && m.values.empty())
      throw error(error_kind::input, {file_, 0, 0}, "names no column with a time, a rate or another value",
                  "add a table [time], for example: median = { column = \"p50_us\", unit = \"us\" }");
    return m;
  }

 private:
  [[noreturn]] void refuse(const toml::node& at, const std::string& what, const std::string& hint = {}) const {
    throw error(error_kind::input, position_of(at, file_), what, hint);
  }

  void require_known(const toml::table& table, const std::vector<std::string>& known) const {
    for (const auto& [key, value] : table) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const auto near = suggestion(name, known);
      refuse(value, fmt::format("key '{}' is not known here", name),
             near.empty() ? "known are " + join(known, ", ") : near);
    }
  }

  std::string text_of(const toml::node& node, const std::string& what) const {
    const auto value = node.value_exact<std::string>();
    if (!value || trim(*value).empty()) refuse(node, fmt::format("{} is not a text", what));
    return *value;
  }

  std::string required_text(const toml::table& table, const std::string& key) const {
    const auto* node = table.get(key);
    if (!node)
      throw error(error_kind::input, &table == &root_ ? file_position{file_, 0, 0} : position_of(table, file_),
                  fmt::format("'{}' is missing", key));
    return text_of(*node, key);
  }

  std::optional<std::string> optional_text(const std::string& key) const {
    const auto* node = root_.get(key);
    return node ? std::optional(text_of(*node, key)) : std::nullopt;
  }

  text_or_column text_or_column_of(const std::string& key) const {
    const auto* node = root_.get(key);
    if (!node) throw error(error_kind::input, {file_, 0, 0}, fmt::format("'{}' is missing", key));
    if (const auto* table = node->as_table()) {
      require_known(*table, {"column"});
      return {required_text(*table, "column"), true};
    }
    return {text_of(*node, key), false};
  }

  const toml::table* part(const char* name) const {
    const auto* node = root_.get(name);
    if (!node) return nullptr;
    const auto* table = node->as_table();
    if (!table) refuse(*node, fmt::format("'{}' is not a table", name));
    return table;
  }

  void read_parameters(column_mapping& m) const {
    const auto* table = part("parameters");
    if (!table) return;
    std::vector<std::pair<const toml::node*, std::pair<std::string, std::string>>> found;
    for (const auto& [key, value] : *table)
      found.push_back({&value, {std::string(key.str()), text_of(value, std::string(key.str()))}});
    // toml++ sorts keys; the order of the file is that of the parameters.
    const auto place = [](const toml::node* node) {
      return std::pair(node->source().begin.line, node->source().begin.column);
    };
    std::sort(found.begin(), found.end(),
              [&](const auto& a, const auto& b) { return place(a.first) < place(b.first); });
    for (auto& [node, parameter] : found) m.parameters.push_back(std::move(parameter));
  }

  static std::optional<quantity> quantity_of_time(const std::string& name) {
    static const std::vector<std::string> names{"median", "mean", "min", "max", "stddev"};
    return std::find(names.begin(), names.end(), name) == names.end() ? std::nullopt : std::optional(quantity::time);
  }
  static std::optional<quantity> quantity_of_rate(const std::string& name) {
    if (name == "flop_per_second") return quantity::flop_rate;
    if (name == "bytes_per_second" || name == "busbw_bytes_per_second") return quantity::byte_rate;
    if (name == "items_per_second") return quantity::item_rate;
    return std::nullopt;
  }
  static std::optional<quantity> quantity_of_work(const std::string& name) {
    if (name == "flop") return quantity::flop;
    if (name == "bytes") return quantity::bytes;
    if (name == "items") return quantity::items;
    return std::nullopt;
  }

  number_column number_of(const toml::node& node, const std::string& name, quantity wanted) const {
    const auto* table = node.as_table();
    if (!table) refuse(node, fmt::format("'{}' is not {{ column = \"...\", unit = \"...\" }}", name));
    require_known(*table, {"column", "unit"});
    number_column number{required_text(*table, "column"), required_text(*table, "unit"), 1};
    const auto* unit = find_unit(number.unit);
    if (!unit || unit->of != wanted)
      refuse(*table->get("unit"), fmt::format("unit '{}' is not one for {}", number.unit, name),
             "known are " + join(units_of(wanted), ", "));
    number.factor = unit->factor;
    return number;
  }

  template <class QuantityOf>
  void read_numbers(const char* name, std::map<std::string, number_column>& to, QuantityOf quantity_of) const {
    const auto* table = part(name);
    if (!table) return;
    for (const auto& [key, value] : *table) {
      const std::string field(key.str());
      if (field == "n" && std::string_view(name) == "time") {
        const auto* count = value.as_table();
        if (!count) refuse(value, "'n' is not { column = \"...\" }");
        require_known(*count, {"column"});
        to[field] = {required_text(*count, "column"), "", 1};
        continue;
      }
      const auto wanted = quantity_of(field);
      if (!wanted) refuse(value, fmt::format("key '{}' is not known in [{}]", field, name));
      to[field] = number_of(value, field, *wanted);
    }
  }

  void read_work(column_mapping& m) const {
    const auto* table = part("work");
    if (!table) return;
    for (const auto& [key, value] : *table) {
      const std::string field(key.str());
      if (field == "item") {
        m.item = text_of(value, field);
        continue;
      }
      const auto wanted = quantity_of_work(field);
      if (!wanted) refuse(value, fmt::format("key '{}' is not known in [work]", field));
      m.work[field] = number_of(value, field, *wanted);
    }
  }

  void read_values(column_mapping& m) const {
    const auto* table = part("values");
    if (!table) return;
    for (const auto& [key, value] : *table) {
      const std::string field(key.str());
      const auto* column = value.as_table();
      if (!column) refuse(value, fmt::format("'{}' is not {{ column = \"...\" }}", field));
      require_known(*column, {"column", "unit"});
      m.values[field] = {required_text(*column, "column"),
                         column->contains("unit") ? text_of(*column->get("unit"), "unit") : std::string(), 1};
    }
  }

  std::string file_;
  toml::table root_;
};

}  // namespace

std::vector<std::string> column_mapping::columns() const {
  std::vector<std::string> all;
  for (const auto* one : {&benchmark, &device})
    if (one->is_column) all.push_back(one->text);
  for (const auto& [name, column] : parameters) all.push_back(column);
  for (const auto* part : {&time, &rates, &work, &values})
    for (const auto& [name, number] : *part) all.push_back(number.column);
  return all;
}

column_mapping load_column_mapping(const std::filesystem::path& path) {
  return reader(path).read();
}

}  // namespace gpubench::imports
