#include "bench/device_flush_check.hpp"

#include "core/error.hpp"
#include "core/statistics.hpp"

#include <algorithm>

namespace gpubench::bench {
namespace {

constexpr int rounds = 11;

double median_ns(const benchmark_definition& definition, const results::parameters& values, const machine& where) {
  const auto prepared = definition.prepare(values, where);
  std::vector<double> samples;
  for (int round = 0; round < rounds; ++round) samples.push_back(prepared->sample().count());
  return summarize(samples).median;
}

device_flush check(const benchmark_definition& hot, const benchmark_definition& flushed, const machine& where) {
  device_flush found{flushed.device, std::nullopt, {}};
  try {
    const auto cases = cases_of(flushed, suite::full, where);
    if (cases.empty()) {
      found.problem = "nothing to measure it with";
      return found;
    }
    const auto& values = cases.front();
    if (const auto reason = flushed.unavailable(values, where)) {
      found.problem = *reason;
      return found;
    }
    const auto bytes = results::integer_parameter(values, "working_set_bytes");
    if (!bytes) throw error(error_kind::internal, flushed.name + " does not say what it walks through");
    const double cold_ns = median_ns(flushed, values, where);
    found.times = flush_times{static_cast<double>(*bytes), median_ns(hot, values, where), cold_ns};
  } catch (const error& e) {
    found.problem = e.what();
  } catch (const unsupported_case& e) {
    found.problem = e.what();
  }
  return found;
}

}  // namespace

std::vector<device_flush> check_device_flushes(const std::vector<benchmark_definition>& benchmarks,
                                               const machine& where) {
  std::vector<device_flush> found;
  for (const auto& flushed : benchmarks) {
    if (flushed.name != "memory_latency_flushed") continue;
    const auto hot = std::find_if(benchmarks.begin(), benchmarks.end(), [&](const benchmark_definition& other) {
      return other.name == "memory_latency" && other.device == flushed.device;
    });
    if (hot != benchmarks.end()) found.push_back(check(*hot, flushed, where));
  }
  return found;
}

}  // namespace gpubench::bench
