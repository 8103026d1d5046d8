#include "results/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::results {
namespace {

std::string text_of(const parameter_value& value) {
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

std::optional<double> rate_of(const std::optional<double>& amount, double median_ns) {
  if (!amount || !(median_ns > 0)) return std::nullopt;
  return *amount / median_ns * 1e9;
}

// Apart by more than the rounding of another order of summation explains; `scale` is the largest value involved.
bool differ(double a, double b, double scale) {
  return !(std::abs(a - b) <= 1e-9 * std::abs(scale));
}

bool differ(const std::optional<double>& a, const std::optional<double>& b, double scale) {
  return a.has_value() != b.has_value() || (a && differ(*a, *b, scale));
}

bool differ(const std::optional<double>& rate, const std::optional<double>& expected) {
  return differ(rate, expected, expected.value_or(0));
}

// Of a list that has one value for each sample, or none at all.
std::optional<std::string> defect_of_list(const char* name, const std::vector<std::optional<double>>& values,
                                          std::size_t samples) {
  if (values.empty()) return std::nullopt;
  if (values.size() != samples)
    return fmt::format("{} has {} values, but there are {} samples", name, values.size(), samples);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] && !(std::isfinite(*values[i]) && *values[i] >= 0))
      return fmt::format("{}[{}] is {}, below 0 or not finite", name, i, *values[i]);
  return std::nullopt;
}

// Of rates that nothing here can check: stated by another tool.
std::optional<std::string> defect_of_rates(const rates& rate) {
  for (const auto& value :
       {rate.flop_per_second, rate.bytes_per_second, rate.items_per_second, rate.busbw_bytes_per_second})
    if (value && !(std::isfinite(*value) && *value >= 0)) return fmt::format("a rate is {}, not a rate", *value);
  return std::nullopt;
}

std::optional<std::string> contradiction(const sample_statistics& stated, const sample_statistics& found) {
  if (stated.n != found.n) return fmt::format("time_ns.n is {}, but there are {} samples", stated.n, found.n);
  const auto low = [](const sample_statistics& s) {
    return s.median_interval ? std::optional(s.median_interval->low) : std::nullopt;
  };
  const auto high = [](const sample_statistics& s) {
    return s.median_interval ? std::optional(s.median_interval->high) : std::nullopt;
  };
  const struct {
    const char* name;
    std::optional<double> stated, found;
  } values[] = {{"median", stated.median, found.median},
                {"mean", stated.mean, found.mean},
                {"min", stated.min, found.min},
                {"max", stated.max, found.max},
                {"stddev", stated.stddev, found.stddev},
                {"p5", stated.p5, found.p5},
                {"p95", stated.p95, found.p95},
                {"median_interval.low", low(stated), low(found)},
                {"median_interval.high", high(stated), high(found)}};
  const auto text = [](const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "unknown"; };
  for (const auto& value : values)
    if (differ(value.stated, value.found, found.max))
      return fmt::format("time_ns.{} is {}, but the samples give {}", value.name, text(value.stated),
                         text(value.found));
  return std::nullopt;
}

}  // namespace

std::string to_string(const parameters& values) {
  std::string text;
  for (const auto& [name, value] : values)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, text_of(value));
  return text;
}

std::optional<std::int64_t> integer_parameter(const parameters& values, std::string_view name) {
  for (const auto& [key, value] : values)
    if (key == name)
      if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  return std::nullopt;
}

std::string full_name(const measurement& m) {
  return full_name(m.benchmark, m.params, m.phase);
}

std::string full_name(const std::string& benchmark, const parameters& params, measurement_phase phase) {
  std::string name = benchmark;
  for (const auto& [key, value] : params) name += fmt::format("/{}:{}", key, text_of(value));
  if (phase != measurement_phase::normal) name += fmt::format("/phase:{}", to_string(phase));
  return name;
}

std::string_view to_string(measurement_phase phase) {
  switch (phase) {
    case measurement_phase::normal:
      return "normal";
    case measurement_phase::burst:
      return "burst";
    case measurement_phase::soak:
      return "soak";
  }
  return "";
}

std::string_view to_string(measurement_status status) {
  switch (status) {
    case measurement_status::ok:
      return "ok";
    case measurement_status::skipped:
      return "skipped";
    case measurement_status::failed:
      return "failed";
  }
  return "";
}

std::string_view to_string(stop_reason reason) {
  switch (reason) {
    case stop_reason::converged:
      return "converged";
    case stop_reason::noise_settled:
      return "noise_settled";
    case stop_reason::time_limit:
      return "time_limit";
    case stop_reason::sample_limit:
      return "sample_limit";
    case stop_reason::interrupted:
      return "interrupted";
  }
  return "";
}

rates rates_of(const work_done& work, double median_ns) {
  return {rate_of(work.flop, median_ns), rate_of(work.bytes, median_ns), rate_of(work.items, median_ns),
          rate_of(work.bus_bytes, median_ns)};
}

std::optional<double> typical_time_ns(const measurement& m) {
  if (m.time_ns) return m.time_ns->median;
  if (!m.reported) return std::nullopt;
  return m.reported->time_ns.median ? m.reported->time_ns.median : m.reported->time_ns.mean;
}

void complete(measurement& m) {
  m.time_ns.reset();
  m.rate = {};
  if (m.samples_ns.empty()) return;
  m.time_ns = summarize(m.samples_ns);
  m.rate = rates_of(m.work, m.time_ns->median);
}

std::optional<std::string> defect_of(const measurement& m) {
  for (std::size_t i = 0; i < m.samples_ns.size(); ++i)
    if (!std::isfinite(m.samples_ns[i]) || m.samples_ns[i] < 0)
      return fmt::format("samples_ns[{}] is {}, not a time", i, m.samples_ns[i]);
  if (auto wrong = defect_of_list("host_ns", m.host_ns, m.samples_ns.size())) return wrong;
  if (auto wrong = defect_of_list("clock_samples_hertz", m.clock_samples_hertz, m.samples_ns.size())) return wrong;
  if (m.reported) {
    if (auto wrong = defect_of(*m.reported)) return wrong;
  }
  if (m.samples_ns.empty()) {
    if (m.time_ns) return "time_ns is given, but there are no samples";
    if (m.status == measurement_status::ok && m.reported) return defect_of_rates(m.rate);
    if (m.status == measurement_status::ok) return "samples_ns is empty, but the status is ok";
    if (m.rate != rates{}) return "rates are given, but there are no samples";
    return std::nullopt;
  }
  if (!m.time_ns) return "time_ns is null, but there are samples";
  if (auto wrong = contradiction(*m.time_ns, summarize(m.samples_ns))) return wrong;
  const auto& throttled = m.telemetry.throttled_samples;
  if (throttled && !throttled->empty() && throttled->back() >= m.samples_ns.size())
    return fmt::format("telemetry.throttled_samples names sample {}, but there are {}", throttled->back(),
                       m.samples_ns.size());
  if (m.status != measurement_status::ok) {
    // A wrong or broken case keeps its samples, but they support no rate.
    if (m.rate != rates{}) return "rates are given, but the status is not ok";
    return std::nullopt;
  }
  const auto expected = rates_of(m.work, m.time_ns->median);
  if (differ(m.rate.flop_per_second, expected.flop_per_second) ||
      differ(m.rate.bytes_per_second, expected.bytes_per_second) ||
      differ(m.rate.items_per_second, expected.items_per_second) ||
      differ(m.rate.busbw_bytes_per_second, expected.busbw_bytes_per_second))
    return "rates do not follow from work and median time";
  return std::nullopt;
}

}  // namespace gpubench::results
