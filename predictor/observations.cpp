#include "predictor/observations.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "predictor/operator_case.hpp"

namespace gpubench::predictor {
namespace {

// Winograd's F(4x4, 3x3) needs 4 times fewer multiplications than the direct sum that is counted (Lavin, Gray,
// arXiv 1509.09308); nothing else does less than is counted. The margin is for clocks above the data sheet's.
constexpr double rate_margin = 1.15;
constexpr double winograd_gain = 4;
constexpr double least_seconds = 0.5e-6;
constexpr double slowest = 1000;  // times the roofline
constexpr double longest_dispatch_seconds = 1e-3;
constexpr std::size_t most_reports = 20;

/// What the header of a table names differently from the parameters of a case.
const std::pair<const char*, const char*> other_names[] = {{"kernel_size", "kernel"}};

/// Columns that describe how a row was measured, not its shape.
bool is_parameter(const std::string& column) {
  static const std::set<std::string, std::less<>> shape_columns{
      "op",       "batch",       "b",      "m",      "n",      "k",        "rows",  "cols",   "c_in",
      "c_out",    "kernel_size", "hw",     "stride", "pad",    "phase",    "q_len", "kv_len", "heads",
      "kv_heads", "head_dim",    "causal", "pass",   "launch", "backward", "window"};
  return shape_columns.count(column) > 0;
}

case_parameters parameters_of(const csv_table::row& row, const std::vector<std::string>& columns) {
  std::map<std::string, std::string, std::less<>> values;
  for (const std::string& column : columns) {
    if (!is_parameter(column) || row.text(column).empty()) continue;
    std::string name = column;
    for (const auto& [from, to] : other_names) {
      if (column == from) name = to;
    }
    values.emplace(name, row.text(column));
  }
  if (!values.count("op")) values["op"] = values.count("q_len") ? "attention" : "linear";
  if (values["op"] == "conv2d" && values.count("batch")) values["n"] = values["batch"];
  return {std::move(values), row.position()};
}

models::precision precision_of(const csv_table::row& row) {
  for (const char* const column : {"precision", "dtype"}) {
    if (!row.has(column) || row.text(column).empty()) continue;
    if (const auto p = models::parse_precision(row.text(column))) return *p;
    std::vector<std::string> names;
    for (const models::precision p : models::all_precisions) names.emplace_back(models::to_string(p));
    row.refuse(column, "is no precision", suggestion(row.text(column), names));
  }
  return row.has("q_len") ? models::precision::bf16 : models::precision::fp32;
}

int stated_fold(const csv_table::row& row) {
  const double fold = row.required_number("fold");
  if (!(fold >= 0 && fold <= 9 && fold == std::floor(fold))) row.refuse("fold", "is not a whole number from 0 to 9");
  return static_cast<int>(fold);
}

std::string key_of(const observation& o) {
  std::string key =
      o.on->name + fmt::format("|{}|{}|", static_cast<int>(o.call.precision), static_cast<int>(o.call.how));
  const auto add = [&key](auto... values) { ((key += fmt::format("{}|", values)), ...); };
  std::visit(
      [&](const auto& s) {
        using shape = std::decay_t<decltype(s)>;
        if constexpr (std::is_same_v<shape, models::gemm>) {
          add("g", s.m, s.n, s.k, s.batch);
        } else if constexpr (std::is_same_v<shape, models::convolution>) {
          add("c", s.n, s.c_in, s.c_out, s.height, s.width, s.kernel, s.stride, s.padding, static_cast<int>(s.pass));
        } else if constexpr (std::is_same_v<shape, models::attention>) {
          add("a", s.batch, s.q_len, s.kv_len, s.heads, s.kv_heads, s.head_dim, s.causal, s.backward, s.window);
        } else if constexpr (std::is_same_v<shape, models::streaming>) {
          add("s", s.bytes, s.flop);
        } else {
          add("r", static_cast<int>(s.what), s.rows, s.cols, s.backward);
        }
      },
      o.call.shape);
  return key;
}

}  // namespace

double measured_seconds(const csv_table::row& row) {
  static const std::pair<const char*, double> units[] = {
      {"latency_ms", 1e-3}, {"latency_us", 1e-6}, {"seconds", 1}, {"milliseconds", 1e-3}, {"microseconds", 1e-6}};
  for (const auto& [column, unit] : units) {
    if (!row.has(column)) continue;
    const double value = row.required_number(column) * unit;
    if (!(value > 0)) row.refuse(column, "a time must be positive");
    if (value > 3600) row.refuse(column, "is more than an hour for one operator", "is the unit of the column right?");
    return value;
  }
  throw error(error_kind::input, row.position(), "the table has no column with a time",
              "name it latency_ms, latency_us or seconds");
}

int fold_of(std::string_view shape) {
  std::uint32_t hash = 2166136261U;
  for (const char c : shape) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return static_cast<int>(hash % 10);
}

void observation_set::add(observation row, const std::string& where) {
  const models::work w = models::work_of(row.call.shape, row.call.precision);
  const double peak = row.on->peak_of(row.call.precision) > 0 ? row.on->peak_of(row.call.precision)
                                                              : row.on->vector_fp32_flop_per_second;
  const bool convolves = std::holds_alternative<models::convolution>(row.call.shape);
  const bool counted = !std::holds_alternative<models::streaming>(row.call.shape);
  const double rate = w.flop / row.seconds;
  const bool multiplies = convolves || std::holds_alternative<models::gemm>(row.call.shape);
  std::string why;
  if (multiplies && !(row.on->peak_of(row.call.precision) > 0)) {
    why = fmt::format("{} has no arithmetic in {}", row.on->name, models::to_string(row.call.precision));
  }
  const auto* c = std::get_if<models::convolution>(&row.call.shape);
  const bool winograd = c && c->kernel == 3 && c->stride == 1 && row.call.precision == models::precision::fp32;
  if (row.seconds < least_seconds) why = "is shorter than any kernel: is the unit right?";
  if (w.bytes > 4 * row.on->l2_bytes &&
      w.bytes / row.seconds > rate_margin * row.on->memory_bandwidth_bytes_per_second) {
    why = fmt::format("{:.3g} GB/s is above the memory bandwidth of {}", w.bytes / row.seconds * 1e-9, row.on->name);
  }
  if (why.empty() && counted && rate > peak * rate_margin * (winograd ? winograd_gain : 1)) {
    why = fmt::format("{:.3g} TFLOP/s is above the dense peak of {}, {:.3g}", rate * 1e-12, row.on->name, peak * 1e-12);
  }
  const double roofline = std::max(w.flop / peak, w.bytes / row.on->memory_bandwidth_bytes_per_second);
  if (why.empty() && row.seconds > slowest * roofline + longest_dispatch_seconds)
    why = "is a thousand times slower than the roofline";
  if (why.empty()) {
    rows.push_back(std::move(row));
    return;
  }
  ++dropped_rows;
  if (dropped.size() < most_reports) dropped.push_back(where + ": " + why);
}

void add_observations(const csv_table& table, const profiles::catalogue& known, observation_set& to) {
  table.require_columns({"gpu"});
  const auto& columns = table.header();
  const bool has_params = std::find(columns.begin(), columns.end(), "params") != columns.end();
  const bool has_fold = std::find(columns.begin(), columns.end(), "fold") != columns.end();
  std::map<std::string, std::shared_ptr<const gpu_traits>> gpus;
  struct repeated {
    observation first;
    std::vector<double> times;
    file_position position;  // of the first
  };
  std::map<std::string, repeated> shapes;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const csv_table::row row = table[i];
    const bool wanted = std::all_of(to.conditions.begin(), to.conditions.end(), [&](const auto& condition) {
      return row.has(condition.first) && row.text(condition.first) == condition.second;
    });
    if (!wanted) continue;
    const std::string& name = row.required_text("gpu");
    auto gpu = gpus.find(name);
    if (gpu == gpus.end()) {
      try {
        gpu = gpus.emplace(name, std::make_shared<const gpu_traits>(traits_of_gpu(name, known))).first;
      } catch (const error& failure) {
        row.refuse("gpu", failure.what(), failure.hint());
      }
    }
    observation o;
    o.on = gpu->second;
    const case_parameters parameters =
        has_params ? case_parameters::parse(row.text("params"), row.position("params")) : parameters_of(row, columns);
    o.call = operator_from(parameters, precision_of(row));
    o.seconds = measured_seconds(row);
    const std::string key = key_of(o);
    const std::size_t shape_at = key.find('|');
    o.fold = has_fold ? stated_fold(row) : fold_of(key.substr(shape_at));
    shapes.try_emplace(key, repeated{o, {}, row.position()}).first->second.times.push_back(o.seconds);
  }
  for (auto& [key, entry] : shapes) {
    std::sort(entry.times.begin(), entry.times.end());
    entry.first.seconds = sorted_quantile(entry.times, 0.5);
    to.add(std::move(entry.first), entry.position.to_string());
  }
}

}  // namespace gpubench::predictor
