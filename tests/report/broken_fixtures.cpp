#include <limits>

#include "fixtures.hpp"

namespace gpubench::report::test {

fixture not_finite() {
  fixture f = full_report();
  f.name = "not_finite";
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  auto& answer = f.content.recommendations.front();
  answer.workload.total_units = nan;
  for (std::size_t i = 0; i < answer.ranked.size(); ++i) {
    auto& c = answer.ranked[i];
    const double bad = i % 2 == 0 ? nan : infinity;
    c.job.seconds = c.job.low = c.job.high = bad;
    c.step = c.job;
    c.units_per_second = c.usd_per_hour = c.cost_usd = c.cost_low_usd = c.cost_high_usd = bad;
    c.expected_cost_usd = c.regret_usd = c.cost_by_part[0] = bad;
    c.usd_per_million_units = c.probability_in_deadline = c.memory_per_device_bytes = c.price_age_days = bad;
    for (auto& share : c.shares) share.fraction = bad;
  }
  for (auto& m : f.run->measurements) {
    if (!m.time_ns) continue;
    m.time_ns->median = nan;
    m.time_ns->median_interval = interval{nan, infinity};
    m.rate = {infinity, nan, nan};
    m.peak = results::peak_fraction{nan, "dense peak fp32", infinity, "made up"};
    m.telemetry.competing_load = nan;
    m.samples_ns.clear();
  }
  return f;
}

fixture hostile() {
  fixture f = full_report();
  f.name = "hostile";
  const std::string text = hostile_text;
  auto& answer = f.content.recommendations.front();
  answer.workload.name = answer.workload.title = answer.workload.unit = answer.workload.origin.source = text;
  answer.flip_points = answer.notes = {text};
  for (auto& r : answer.rejected) r.detail = text;
  for (auto& type : f.instances) {
    type.provider = type.type = text;
    if (!type.gpu.empty()) type.gpu = text;
  }
  for (auto& price : f.prices) price.region = price.origin.source = price.origin.date = price.currency = text;
  auto& run = *f.run;
  run.id = run.suite = run.started_at = run.tool_version = text;
  run.environment.kernel = run.environment.cpu.model = run.environment.cpu.microarchitecture = text;
  run.environment.gpu_status = text;
  run.environment.variables = {{text, text}};
  for (auto& m : run.measurements) {
    m.benchmark = m.device = m.reason = text;
    m.params.emplace_back(text, text);
    m.warnings = {text};
    if (m.peak) m.peak->kind = m.peak->source = text;
    if (m.verification) m.verification->compared = text;
  }
  f.content.runs.front().file = f.content.command = text;
  return f;
}

}  // namespace gpubench::report::test
