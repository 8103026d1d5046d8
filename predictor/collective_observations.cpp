#include "predictor/collective_observations.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "predictor/collective_case.hpp"
#include "predictor/observations.hpp"
#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {
namespace {

constexpr double most_ranks = 1024;

bool has_column(const csv_table& table, std::string_view name) {
  const auto& columns = table.header();
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

std::string first_column(const csv_table& table, const std::string& name, const std::string& other) {
  return has_column(table, name) ? name : other;
}

models::precision type_of(const csv_table::row& row) {
  for (const char* const column : {"dtype", "precision"}) {
    if (!row.has(column) || row.text(column).empty()) continue;
    if (const auto p = models::parse_precision(type_name(row.text(column)))) return *p;
    row.refuse(column, "is no type of a collective", "fp16, bf16, fp32, int8 ...");
  }
  return models::precision::fp16;
}

/// Cells that interconnect_from() reads.
case_parameters link_of(const csv_table::row& row) {
  if (!row.has("interconnect")) return {{}, row.position()};
  return {{{"interconnect", row.text("interconnect")}}, row.position("interconnect")};
}

std::optional<std::string> text_of(const results::measurement& m, std::string_view name) {
  for (const auto& [key, value] : m.params) {
    if (key != name) continue;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
  }
  return std::nullopt;
}

/// The one kind of GPU of a machine; nothing where there are several, none, or parts of one.
const profiles::gpu_spec* gpu_of(const results::run& run, const profiles::catalogue& known) {
  const profiles::gpu_spec* found = nullptr;
  for (const results::gpu_environment& gpu : run.environment.gpus) {
    const profiles::gpu_spec* one = known.find_gpu(gpu.name);
    if (!one || gpu.mig_slice || (found && found != one)) return nullptr;
    found = one;
  }
  return found;
}

}  // namespace

bool is_collective_table(const csv_table& table) {
  return (has_column(table, "bytes") || has_column(table, "message_size_bytes")) &&
         (has_column(table, "ranks") || has_column(table, "n_gpus"));
}

void add_collectives(const csv_table& table, const profiles::catalogue& known, collective_observations& to) {
  const std::string bytes = first_column(table, "bytes", "message_size_bytes");
  const std::string ranks = first_column(table, "ranks", "n_gpus");
  table.require_columns({"gpu", "op", bytes, ranks});
  for (std::size_t i = 0; i < table.size(); ++i) {
    const csv_table::row row = table[i];
    const bool wanted = std::all_of(to.conditions.begin(), to.conditions.end(), [&](const auto& condition) {
      return row.has(condition.first) && row.text(condition.first) == condition.second;
    });
    if (!wanted) continue;
    if (row.has("nodes") && row.number("nodes").value_or(1) > 1) {
      ++to.passed_over;
      continue;
    }
    collective_observation o;
    const auto kind = find_collective(row.required_text("op"));
    if (!kind) row.refuse("op", "is no collective", "all_reduce, all_gather, reduce_scatter, all_to_all ...");
    o.kind = *kind;
    o.precision = type_of(row);
    o.bytes = row.required_number(bytes);
    if (!(o.bytes >= 1)) row.refuse(bytes, "is no size of a message");
    const double group = row.required_number(ranks);
    if (!(group >= 2 && group <= most_ranks) || group != std::floor(group))
      row.refuse(ranks, "is no number of ranks from 2 on");
    o.ranks = static_cast<int>(group);
    o.seconds = measured_seconds(row);
    const profiles::gpu_spec* gpu = known.find_gpu(row.required_text("gpu"));
    if (!gpu) {
      std::vector<std::string> names;
      for (const auto& one : known.gpus) names.push_back(one.name);
      row.refuse("gpu", "is not known", suggestion(row.text("gpu"), names));
    }
    o.links = node_fabric(*gpu, interconnect_from(link_of(row), *gpu), o.ranks);
    to.rows.push_back(std::move(o));
    to.origins.push_back(row.position().to_string());
  }
}

void add_collectives(const results::run& run, const profiles::catalogue& known, collective_observations& to) {
  const profiles::gpu_spec* gpu = gpu_of(run, known);
  if (!gpu) return;
  const bool unlinked = std::all_of(run.environment.gpus.begin(), run.environment.gpus.end(),
                                    [](const auto& one) { return one.nvlinks && *one.nvlinks == 0; });
  const auto here = static_cast<std::int64_t>(run.environment.gpus.size());
  for (const results::measurement& m : run.measurements) {
    const auto kind = find_collective(m.benchmark);
    const auto ranks = results::integer_parameter(m.params, "ranks");
    const auto bytes = results::integer_parameter(m.params, "bytes");
    if (!kind || !ranks || !bytes || *ranks < 2 || *bytes < 1) continue;
    if (m.device.rfind("gpu", 0) != 0 || m.status != results::measurement_status::ok) continue;
    const double time_ns = results::typical_time_ns(m).value_or(0);
    if (m.phase != results::measurement_phase::normal || !(time_ns > 0)) continue;
    const auto type = models::parse_precision(text_of(m, "type").value_or("fp16"));
    const bool summed = text_of(m, "operation").value_or("sum") == "sum";
    const bool apart = text_of(m, "placement").value_or("out_of_place") == "out_of_place";
    // Communicators at once share the links.
    const bool alone = results::integer_parameter(m.params, "groups").value_or(1) == 1;
    if (*ranks > here || !type || !summed || !apart || !alone || text_of(m, "algorithm") || text_of(m, "protocol")) {
      ++to.passed_over;
      continue;
    }
    collective_observation o;
    o.kind = *kind;
    o.precision = *type;
    o.bytes = static_cast<double>(*bytes);
    o.ranks = static_cast<int>(*ranks);
    o.seconds = time_ns * 1e-9;
    o.links = node_fabric(*gpu, unlinked ? profiles::interconnect::pcie : usual_interconnect(*gpu), o.ranks);
    to.rows.push_back(std::move(o));
    to.origins.push_back("run " + run.started_at +
                         (run.provenance ? ", imported from " + results::tools_of(*run.provenance) : "") + ", " +
                         results::full_name(m));
  }
}

}  // namespace gpubench::predictor
