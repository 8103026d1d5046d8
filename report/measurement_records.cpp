#include "core/text.hpp"
#include "report/measured.hpp"
#include "report/records.hpp"

#include <optional>

namespace gpubench::report {
namespace {

template <typename T>
table::value optional_value(const std::optional<T>& value) {
  return value ? table::value(static_cast<double>(*value)) : table::value();
}

record measurement_row(const results::run& run, const results::measurement& m) {
  record row{{"record", "measurement"},
             {"benchmark", m.benchmark},
             {"parameters", results::to_string(m.params)},
             {"device", m.device},
             {"status", std::string(results::to_string(m.status))},
             {"reason", m.reason},
             {"flop_per_second", optional_value(m.rate.flop_per_second)},
             {"bytes_per_second", optional_value(m.rate.bytes_per_second)},
             {"items_per_second", optional_value(m.rate.items_per_second)},
             {"busbw_bytes_per_second", optional_value(m.rate.busbw_bytes_per_second)},
             {"power_watts", optional_value(m.telemetry.power_watts)},
             {"energy_joules", optional_value(m.telemetry.energy_joules)},
             {"method", method_of(m)},
             {"flags", join(flags_of(m), "; ")}};
  if (m.phase != results::measurement_phase::normal) row["phase"] = std::string(results::to_string(m.phase));
  if (m.time_ns) {
    if (m.telemetry.throttled_samples)
      row["throttled_samples"] = static_cast<double>(m.telemetry.throttled_samples->size());
    row["samples"] = static_cast<double>(m.time_ns->n);
    row["median_ns"] = m.time_ns->median;
    if (m.time_ns->median_interval) {
      row["median_low_ns"] = m.time_ns->median_interval->low;
      row["median_high_ns"] = m.time_ns->median_interval->high;
    }
  }
  if (!m.time_ns && m.reported) {
    row["median_ns"] = optional_value(m.reported->time_ns.median);
    row["mean_ns"] = optional_value(m.reported->time_ns.mean);
  }
  if (run.provenance) {
    const auto from = m.method.find("imported_from");  // of several files
    row["imported_from"] = from == m.method.end() ? results::tools_of(*run.provenance) : from->second;
  }
  if (m.peak) {
    row["fraction_of_peak"] = m.peak->fraction;
    row["peak_kind"] = m.peak->kind;
  }
  if (m.verification) row["verified"] = m.verification->passed();
  if (m.stopped_by) row["stopped_by"] = std::string(results::to_string(*m.stopped_by));
  return row;
}

}  // namespace

std::vector<record> measurement_records(const document& content) {
  std::vector<record> all;
  for (const auto& shown : content.runs)
    for (const auto& m : shown.run->measurements) {
      all.push_back(measurement_row(*shown.run, m));
      if (!shown.label.empty()) all.back()["run"] = shown.label;
      if (shown.usd_per_hour) all.back()["usd_per_hour"] = *shown.usd_per_hour;
    }
  return all;
}

}  // namespace gpubench::report
