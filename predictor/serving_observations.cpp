#include "predictor/serving_observations.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "predictor/observations.hpp"
#include "predictor/serving_case.hpp"

namespace gpubench::predictor {
namespace {

constexpr const char* server_keys[] = {"isl",     "osl",    "concurrency",       "tp_size",
                                       "pp_size", "engine", "attention_dp_size", "engine_version",
                                       "mode",    "metric"};

bool has_column(const csv_table& table, std::string_view name) {
  const auto& columns = table.header();
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

std::string text_or(const csv_table::row& row, const char* column, const char* other = "") {
  if (row.has(column)) return row.text(column);
  return *other && row.has(other) ? row.text(other) : std::string();
}

std::optional<double> time_of(const csv_table::row& row, const char* column) {
  if (!row.has(column) || row.text(column).empty()) return std::nullopt;
  const double ms = row.required_number(column);
  if (!(ms > 0)) row.refuse(column, "a time must be positive");
  if (ms > 3.6e6) row.refuse(column, "is more than an hour for one token", "the column is in milliseconds");
  return ms * 1e-3;
}

case_parameters parameters_of(const csv_table::row& row) {
  std::map<std::string, std::string, std::less<>> values;
  for (const char* const key : server_keys) {
    if (row.has(key) && !row.text(key).empty()) values[key] = row.text(key);
  }
  values["serve"] = text_or(row, "serve", "model");
  return {std::move(values), row.position()};
}

/// Empty where the row may be true.
std::string flaw_of(const serving_observation& row) {
  const serving_case& c = row.server;
  // What every step reads: the share of the dense weights that a GPU of the stage holds.
  const double read = c.model.dense_parameters * c.dense_bytes_per_parameter / c.layout.tensor;
  constexpr double tolerance = 1.15;
  if (row.tpot_seconds && read / *row.tpot_seconds > tolerance * c.gpu.bandwidth_bytes_per_second)
    return fmt::format("reads {:.2f} TB/s of weights on each GPU, whose memory gives {:.2f}",
                       read / *row.tpot_seconds / 1e12, c.gpu.bandwidth_bytes_per_second / 1e12);
  return {};
}

}  // namespace

bool is_serving_table(const csv_table& table) {
  return has_column(table, "isl") && has_column(table, "osl") && has_column(table, "concurrency");
}

void add_servers(const csv_table& table, case_context& with, serving_observations& to) {
  table.require_columns({"gpu", has_column(table, "serve") ? "serve" : "model", "engine", "engine_version"});
  if (!has_column(table, "tpot_ms") && !has_column(table, "ttft_ms"))
    throw error(error_kind::input, table[0].position(), "the table has no column with a time",
                "name it tpot_ms or ttft_ms");
  for (std::size_t i = 0; i < table.size(); ++i) {
    const csv_table::row row = table[i];
    const bool wanted = std::all_of(to.conditions.begin(), to.conditions.end(), [&](const auto& condition) {
      return row.has(condition.first) && row.text(condition.first) == condition.second;
    });
    if (!wanted) continue;
    const case_parameters parameters = parameters_of(row);
    serving_observation o;
    o.engine = engine_name(row.text("engine"));
    o.version = parse_engine_version(row.text("engine_version"));
    o.tpot_seconds = time_of(row, "tpot_ms");
    o.ttft_seconds = time_of(row, "ttft_ms");
    const bool is_apart = to_lower(parameters.text("mode", "agg")).rfind("dis", 0) == 0;
    if (is_apart || o.engine.empty() || o.version <= 0 || (!o.tpot_seconds && !o.ttft_seconds)) {
      ++to.passed_over;
      continue;
    }
    prediction_case what;
    what.gpu = row.required_text("gpu");
    what.precision = text_or(row, "precision");
    what.position = row.position();
    const char* const counted = row.has("gpu_count") ? "gpu_count" : "n_gpus";
    if (row.has(counted)) what.gpu_count = static_cast<int>(row.number(counted).value_or(1));
    o.model = parameters.text("serve");
    o.gpu = with.known().gpu(what.gpu).name;
    std::vector<std::string> notes;
    o.server = serving_case_from(what, parameters, with, notes);
    o.fold = fold_of(o.model + "|" + text_or(row, "isl") + "|" + text_or(row, "osl") + "|" +
                     text_or(row, "concurrency") + "|" + text_or(row, "tp_size") + "|" + text_or(row, "pp_size"));
    o.origin = row.position().to_string();
    if (const std::string flaw = flaw_of(o); !flaw.empty()) {
      to.dropped.push_back(o.origin + ": " + flaw);
    } else {
      to.rows.push_back(std::move(o));
    }
  }
}

}  // namespace gpubench::predictor
