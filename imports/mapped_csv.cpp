#include "core/csv.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "imports/backend_name.hpp"
#include "imports/column_mapping.hpp"
#include "imports/importer.hpp"
#include "imports/named_gpus.hpp"

namespace gpubench::imports {
namespace {

class reader {
 public:
  reader(const source_file& file, const column_mapping& mapping)
      : mapping_(mapping), table_(csv_table::parse(file.text(), file.name())) {}

  imported_file read() {
    table_.require_columns(mapping_.columns());
    content_.tool = mapping_.tool;
    content_.tool_version = mapping_.tool_version;
    content_.measured_at = mapping_.measured_at;
    const auto named = mapping_.columns();
    for (const auto& column : table_.header())
      if (std::find(named.begin(), named.end(), column) == named.end()) others_.push_back(column);
    for (std::size_t i = 0; i < table_.size(); ++i) read_row(table_[i]);
    if (!others_.empty())
      content_.notes.push_back("columns that the mapping does not name are kept as text: " + join(others_, ", "));
    return std::move(content_);
  }

 private:
  static std::string text_of(const text_or_column& what, const csv_table::row& row) {
    return what.is_column ? row.required_text(what.text) : what.text;
  }

  static std::optional<double> number_of(const number_column& what, const csv_table::row& row) {
    auto value = row.number(what.column);
    if (!value) return std::nullopt;
    if (*value < 0) row.refuse(what.column, fmt::format("{} is {}, below 0", what.column, *value));
    return *value * what.factor;
  }

  static std::optional<double> part(const std::map<std::string, number_column>& from, const char* name,
                                    const csv_table::row& row) {
    const auto found = from.find(name);
    return found == from.end() ? std::nullopt : number_of(found->second, row);
  }

  void read_row(const csv_table::row& row) {
    results::measurement m;
    m.benchmark = text_of(mapping_.benchmark, row);
    m.device = text_of(mapping_.device, row);
    m.backend = m.device == "cpu" ? "host" : backend_name(mapping_.backend.value_or("cuda"));
    for (const auto& [name, column] : mapping_.parameters) {
      const auto& text = row.text(column);
      if (const auto whole = parse_integer(text)) {
        m.params.emplace_back(name, *whole);
      } else {
        m.params.emplace_back(name, text);
      }
    }
    m.work = {part(mapping_.work, "flop", row), part(mapping_.work, "bytes", row), part(mapping_.work, "items", row),
              mapping_.item};
    m.rate = {part(mapping_.rates, "flop_per_second", row), part(mapping_.rates, "bytes_per_second", row),
              part(mapping_.rates, "items_per_second", row), part(mapping_.rates, "busbw_bytes_per_second", row)};
    auto& reported = m.reported.emplace();
    auto& time = reported.time_ns;
    time = {std::nullopt,
            part(mapping_.time, "median", row),
            part(mapping_.time, "mean", row),
            part(mapping_.time, "min", row),
            part(mapping_.time, "max", row),
            part(mapping_.time, "stddev", row)};
    if (const auto n = part(mapping_.time, "n", row)) {
      if (*n < 1 || *n > 1e15 || *n != static_cast<double>(static_cast<std::int64_t>(*n)))
        row.refuse(mapping_.time.at("n").column, fmt::format("{} is no number of repetitions", *n));
      time.n = static_cast<std::size_t>(*n);
    }
    if (time.min && time.max && *time.min > *time.max)
      row.refuse(mapping_.time.at("min").column, "the smallest time is above the largest");
    for (const auto& [name, column] : mapping_.values)
      if (const auto value = row.number(column.column))
        reported.values.push_back({name, *value, column.unit.empty() ? std::nullopt : std::optional(column.unit)});
    for (const auto& column : others_)
      if (!row.text(column).empty()) m.method[column] = row.text(column);
    const bool empty =
        !time.median && !time.mean && !time.min && !time.max && m.rate == results::rates{} && reported.values.empty();
    if (empty) {
      m.status = results::measurement_status::skipped;
      m.reason = "the row has no figure";
      m.reported.reset();
    }
    content_.measurements.push_back(std::move(m));
    content_.placed_at(row.position());
  }

  const column_mapping& mapping_;
  csv_table table_;
  std::vector<std::string> others_;
  imported_file content_;
};

imported_file read(const source_file& file, const import_options& options) {
  if (!options.mapping)
    throw error(error_kind::usage, "a table needs --mapping FILE, which says what its columns mean",
                "docs/importing.md, \"Tables of your own\", has an example");
  file.require_line_end();
  const auto mapping = load_column_mapping(*options.mapping);
  auto content = reader(file, mapping).read();
  if (mapping.gpu) name_gpus(content, *mapping.gpu);
  // Devices of other names, as "rank0", do not tell how many there are.
  if (mapping.gpu && content.environment.gpus.empty()) content.environment.gpus.emplace_back().name = *mapping.gpu;
  return content;
}

// Nothing in a table tells what its columns mean, so it is never chosen by itself.
bool recognizes(const source_file&) {
  return false;
}

const importer_registration registered{
    {"csv", "any table with a header, by the columns that --mapping names", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
