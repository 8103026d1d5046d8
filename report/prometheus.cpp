#include "core/exposition.hpp"
#include "report/measured.hpp"
#include "report/sentences.hpp"
#include "report/serving.hpp"
#include "report/side_by_side.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>

namespace gpubench::report {
namespace {

using family = metric_family;

void write_runs(const document& content, std::ostream& out) {
  using results::measurement;
  struct wanted {
    family samples;
    std::function<std::optional<double>(const measurement&)> value;
  };
  const auto seconds = [](const measurement& m) -> std::optional<double> {
    const auto ns = results::typical_time_ns(m);
    return ns ? std::optional(*ns * 1e-9) : std::nullopt;
  };
  wanted families[] = {
      {{"gpubench_time_seconds", "Median time of one sample; of another tool's figure, the median or mean it states."},
       seconds},
      {{"gpubench_flop_per_second", "Arithmetic rate."}, [](const auto& m) { return m.rate.flop_per_second; }},
      {{"gpubench_bytes_per_second", "Rate of bytes moved; of a collective, its algorithm bandwidth."},
       [](const auto& m) { return m.rate.bytes_per_second; }},
      {{"gpubench_busbw_bytes_per_second", "Bus bandwidth of a collective."},
       [](const auto& m) { return m.rate.busbw_bytes_per_second; }},
      {{"gpubench_items_per_second", "Rate of the items that the label names."},
       [](const auto& m) { return m.rate.items_per_second; }},
      {{"gpubench_peak_ratio", "Measured rate over the peak that the label names."},
       [](const auto& m) { return m.peak ? std::optional(m.peak->fraction) : std::nullopt; }},
      {{"gpubench_power_watts", "Mean power of the device while it was timed."},
       [](const auto& m) { return m.telemetry.power_watts; }}};
  family status("gpubench_measurement_failed", "1 where the benchmark failed or its result was wrong, 0 where not.");
  family about("gpubench_run_info", "One for each run: its machine and what measured it.");
  for (const auto& shown : content.runs) {
    const auto& run = *shown.run;
    about.add({{"run", shown.label},
               {"machine", machine_line(run.environment)},
               {"measured_by", tool_of(run)},
               {"started_at", run.started_at}},
              1);
    for (const auto& m : run.measurements) {
      const metric_labels labels{{"run", shown.label},   {"benchmark", results::full_name(m)},
                                 {"backend", m.backend}, {"device", m.device},
                                 {"item", m.work.item},  {"peak", m.peak ? m.peak->kind : std::string()}};
      const bool wrong = m.verification && !m.verification->passed();
      if (m.status != results::measurement_status::skipped)
        status.add(labels, m.status == results::measurement_status::failed || wrong ? 1 : 0);
      if (m.status != results::measurement_status::ok || wrong) continue;
      for (auto& one : families) one.samples.add(labels, one.value(m));
    }
  }
  about.write(out);
  for (const auto& one : families) one.samples.write(out);
  status.write(out);
}

void write_answers(const document& content, const style& look, std::ostream& out) {
  family cost("gpubench_offer_expected_cost_usd", "Expected cost of the whole job.");
  family time("gpubench_offer_time_seconds", "Median time of the whole job.");
  family kept("gpubench_offer_limits_kept_ratio", "Probability that all limits are kept.");
  for (const auto& answer : content.recommendations) {
    const bool limited = answer.limits.deadline_seconds || answer.limits.budget_usd;
    for (std::size_t i = 0; i < answer.ranked.size() && (look.max_rows == 0 || i < look.max_rows); ++i) {
      const auto& c = answer.ranked[i];
      const metric_labels labels{{"workload", answer.workload.name},
                                 {"rank", std::to_string(i + 1)},
                                 {"offer", system_name(c)},
                                 {"region", region_of(c)}};
      cost.add(labels, c.expected_cost_usd);
      time.add(labels, c.job.seconds);
      if (limited) kept.add(labels, c.probability_all_limits);
    }
  }
  family month("gpubench_service_usd_per_month", "Price of the instances of a service, spares included, 730 hours.");
  for (const auto& answer : content.services)
    for (std::size_t i = 0; i < answer->ranked.size() && (look.max_rows == 0 || i < look.max_rows); ++i)
      month.add({{"workload", answer->workload.name},
                 {"rank", std::to_string(i + 1)},
                 {"offer", offer_name(as_candidate(answer->ranked[i]))}},
                answer->ranked[i].usd_per_month);
  family plan("gpubench_plan_cost_usd", "Cost of a plan over its whole horizon.");
  for (const auto& planned : content.plans)
    for (std::size_t i = 0; i < planned.plan.ranked.size() && (look.max_rows == 0 || i < look.max_rows); ++i) {
      const auto& one = planned.plan.ranked[i];
      plan.add({{"workload", planned.workload.name},
                {"rank", std::to_string(i + 1)},
                {"offer", one.from.provider + " " + one.from.instance_type},
                {"region", one.from.region}},
               one.best().paid.total_usd());
    }
  for (const auto* one : {&cost, &time, &kept, &month, &plan}) one->write(out);
}

/// Source: Prometheus, "Exposition formats", text format 0.0.4.
void write(const document& content, const style& look, std::ostream& out) {
  out << "# gpubench report of " << (content.made_at.empty() ? "unknown time" : label_escape(content.made_at)) << '\n';
  write_answers(content, look, out);
  write_runs(content, out);
}

const sink_registration registered{
    {"prometheus", "gauges in Prometheus' text format: rates, times, costs of the leading offers", write}};

}  // namespace
}  // namespace gpubench::report
