#include "planner/calibration.hpp"

#include "core/text.hpp"
#include "core/toml.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>

namespace gpubench::planner {
namespace {

constexpr std::array<std::string_view, 4> operator_kinds{"gemm", "convolution", "attention", "streaming"};

const toml::node& require(const toml::table& row, const std::string& key, const std::string& file) {
  if (const toml::node* found = row.get(key)) return *found;
  throw error(error_kind::input, position_of(row, file), "an efficiency without '" + key + "'");
}

std::string text_of(const toml::table& row, const std::string& key, const std::string& file) {
  const toml::node& node = require(row, key, file);
  const std::optional<std::string> value = node.value<std::string>();
  if (!value || value->empty()) throw error(error_kind::input, position_of(node, file), "'" + key + "' is not a text");
  return *value;
}

double number_of(const toml::table& row, const std::string& key, double low, double high, const std::string& file) {
  const toml::node& node = require(row, key, file);
  const std::optional<double> value = node.value<double>();
  if (!value || !(*value >= low && *value <= high)) {
    throw error(error_kind::input, position_of(node, file), "'" + key + "' is not a number in range",
                "it must lie in [" + std::to_string(low) + ", " + std::to_string(high) + "]");
  }
  return *value;
}

profiles::provenance origin_of(const toml::table& row, const std::string& file) {
  profiles::provenance origin;
  origin.source = text_of(row, "source", file);
  origin.date = text_of(row, "date", file);
  if (const toml::node* note = row.get("note")) origin.note = note->value<std::string>().value_or("");
  origin.position = position_of(row, file);
  return origin;
}

bool flag_of(const toml::table& row, const std::string& key, bool otherwise, const std::string& file) {
  const toml::node* node = row.get(key);
  if (!node) return otherwise;
  const auto* value = node->as_boolean();  // value<bool>() would take a number
  if (!value) throw error(error_kind::input, position_of(*node, file), "'" + key + "' is not true or false");
  return value->get();
}

efficiency row_of(const toml::table& row, const std::string& file) {
  efficiency e;
  e.device_family = text_of(row, "device_family", file);
  e.operator_kind = text_of(row, "operator_kind", file);
  if (std::find(operator_kinds.begin(), operator_kinds.end(), e.operator_kind) == operator_kinds.end()) {
    throw error(error_kind::input, position_of(require(row, "operator_kind", file), file),
                "operator kind '" + e.operator_kind + "' is not known",
                suggestion(e.operator_kind, {operator_kinds.begin(), operator_kinds.end()}));
  }
  e.precision = text_of(row, "precision", file);
  if (e.precision != "any" && !models::parse_precision(e.precision)) {
    throw error(error_kind::input, position_of(require(row, "precision", file), file),
                "precision '" + e.precision + "' is not known", "use a precision such as 'bf16', or 'any'");
  }
  e.compute_efficiency = number_of(row, "compute_efficiency", 0.001, 1, file);
  e.memory_efficiency = number_of(row, "memory_efficiency", 0.001, 1, file);
  e.overhead_seconds = number_of(row, "overhead_microseconds", 0, 10000, file) * 1e-6;
  e.error_low = number_of(row, "error_low", 0.01, 1, file);
  e.error_high = number_of(row, "error_high", 1, 100, file);
  e.calibrated = flag_of(row, "calibrated", true, file);
  e.origin = origin_of(row, file);
  return e;
}

network_efficiency network_of(const toml::table& row, const std::string& file) {
  network_efficiency n;
  n.workload_kind = text_of(row, "workload_kind", file);
  n.device_family = text_of(row, "device_family", file);
  n.factor = number_of(row, "factor", 0.1, 10, file);
  n.error_low = number_of(row, "error_low", 0.01, 1, file);
  n.error_high = number_of(row, "error_high", 1, 100, file);
  n.calibrated = flag_of(row, "calibrated", true, file);
  n.origin = origin_of(row, file);
  return n;
}

}  // namespace

calibration calibration::load(const std::filesystem::path& data_directory) {
  const std::filesystem::path path = data_directory / "efficiency.toml";
  const std::string file = path.string();
  const toml::table document = load_toml(path);
  const toml::array* rows = document["efficiency"].as_array();
  if (!rows || rows->empty()) throw error(error_kind::input, {file, 0, 0}, "no [[efficiency]] table");
  calibration known;
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (const toml::node& node : *rows) {
    const toml::table* row = node.as_table();
    if (!row) throw error(error_kind::input, position_of(node, file), "'efficiency' is not a list of tables");
    efficiency e = row_of(*row, file);
    if (!seen.emplace(e.device_family, e.operator_kind, e.precision).second) {
      throw error(error_kind::input, e.origin.position,
                  "a second efficiency for " + e.device_family + " " + e.operator_kind + " " + e.precision);
    }
    known.rows_.push_back(std::move(e));
  }
  if (const toml::array* networks = document["network"].as_array()) {
    for (const toml::node& node : *networks) {
      if (const toml::table* row = node.as_table()) known.networks_.push_back(network_of(*row, file));
    }
  }
  for (const std::string_view kind : operator_kinds) {
    if (seen.count({"cpu", std::string(kind), "any"}) == 0) {
      throw error(error_kind::input, {file, 0, 0},
                  "no efficiency for cpu " + std::string(kind) + " any, on which others fall back");
    }
  }
  return known;
}

const network_efficiency* calibration::find_network(std::string_view workload_kind, bool is_cpu) const {
  for (const network_efficiency& row : networks_) {
    if (row.workload_kind == workload_kind && row.device_family == (is_cpu ? "cpu" : "gpu")) return &row;
  }
  return nullptr;
}

const efficiency& calibration::find(std::string_view microarchitecture, std::string_view operator_kind,
                                    models::precision p) const {
  const std::string_view exact = models::to_string(p);
  const efficiency* best = nullptr;
  int best_rank = 0;
  for (const efficiency& row : rows_) {
    if (row.operator_kind != operator_kind) continue;
    const bool family = row.device_family == microarchitecture;
    if (!family && row.device_family != "cpu") continue;
    const bool precise = row.precision == exact;
    if (!precise && row.precision != "any") continue;
    const int rank = (family ? 3 : 1) + (precise ? 1 : 0);
    if (rank > best_rank) {
      best = &row;
      best_rank = rank;
    }
  }
  if (!best) throw error(error_kind::internal, "no efficiency for operator kind '" + std::string(operator_kind) + "'");
  return *best;
}

}  // namespace gpubench::planner
