#include "imports/peer_matrix.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace gpubench::imports {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Tests that measure what our benchmarks of the same name measure. Not among them: device_local_copy (ours counts bytes
// read and written, theirs once), the bidirectional ones between GPUs (theirs are parts and a total) and those over all
// GPUs.
std::string benchmark_name(const std::string& test) {
  static constexpr std::string_view same[] = {
      "host_to_device_memcpy_ce",
      "device_to_host_memcpy_ce",
      "host_to_device_memcpy_sm",
      "device_to_host_memcpy_sm",
      "host_to_device_bidirectional_memcpy_ce",
      "device_to_host_bidirectional_memcpy_ce",
      "host_to_device_bidirectional_memcpy_sm",
      "device_to_host_bidirectional_memcpy_sm",
      "device_to_device_memcpy_read_ce",
      "device_to_device_memcpy_write_ce",
      "device_to_device_memcpy_read_sm",
      "device_to_device_memcpy_write_sm",
  };
  return std::find(std::begin(same), std::end(same), test) != std::end(same) ? test : "nvbandwidth_" + test;
}

// "(GB/s)" at the end of a description.
std::string unit_of(std::string_view description) {
  const auto open = description.rfind('('), close = description.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  const auto unit = description.substr(open + 1, close - open - 1);
  return unit == "row" || unit == "column" ? std::string() : std::string(unit);
}

}  // namespace

bool is_between_gpus(const peer_matrix& table) {
  return contains(table.description, "GPU(row)");
}

std::vector<results::measurement> measurements_of(const peer_matrix& table) {
  const auto unit = unit_of(table.description);
  std::vector<results::measurement> measurements;
  for (std::size_t r = 0; r < table.values.size(); ++r) {
    for (std::size_t c = 0; c < table.values[r].size(); ++c) {
      const auto& value = table.values[r][c];
      if (!value) continue;
      auto& m = measurements.emplace_back();
      m.benchmark = benchmark_name(table.test);
      m.backend = "cuda";
      if (is_between_gpus(table)) {
        m.device = fmt::format("gpu{}", table.rows[r]);
        m.params.emplace_back("peer", std::int64_t{table.columns[c]});
      } else {
        m.device = fmt::format("gpu{}", table.columns[c]);
        if (table.values.size() > 1) m.params.emplace_back("row", std::int64_t{table.rows[r]});
      }
      // Several tables of one test differ in one word of their descriptions.
      for (const auto* part : {"Read1", "Read2", "Write1", "Write2", "Total"})
        if (contains(table.description, part)) m.params.emplace_back("part", std::string(part));
      if (!table.description.empty()) m.method["description"] = table.description;
      m.reported.emplace();
      if (unit == "GB/s" && *value > 0) {
        m.rate.bytes_per_second = *value * giga;
      } else if (unit == "GB/s") {
        m.status = results::measurement_status::failed;
        m.reason = "nvbandwidth states a bandwidth of 0";
      } else {
        m.reported->values.push_back({contains(table.description, "latency") ? "latency" : "value", *value,
                                      unit.empty() ? std::nullopt : std::optional(unit)});
      }
    }
  }
  return measurements;
}

results::measurement unmeasured_test(const std::string& test, bool waived, std::string reason) {
  results::measurement m;
  m.benchmark = benchmark_name(test);
  m.backend = "cuda";
  m.device = "gpu";
  m.status = waived ? results::measurement_status::skipped : results::measurement_status::failed;
  m.reason = reason.empty() ? "nvbandwidth states no result" : std::move(reason);
  return m;
}

}  // namespace gpubench::imports
