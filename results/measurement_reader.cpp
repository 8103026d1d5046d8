#include "core/text.hpp"
#include "results/run_reader.hpp"

#include <fmt/format.h>

#include <limits>

namespace gpubench::results {
namespace {

constexpr measurement_status all_statuses[] = {measurement_status::ok, measurement_status::skipped,
                                               measurement_status::failed};
constexpr stop_reason all_reasons[] = {stop_reason::converged, stop_reason::noise_settled, stop_reason::time_limit,
                                       stop_reason::sample_limit, stop_reason::interrupted};

template <class Value, std::size_t size>
Value one_of(const json_field& field, const Value (&values)[size]) {
  const auto text = field.text();
  std::vector<std::string> names;
  for (const auto value : values) {
    if (to_string(value) == text) return value;
    names.emplace_back(to_string(value));
  }
  field.refuse(fmt::format("is '{}', not one of {}", text, join(names, ", ")));
}

std::string text_or_empty(const json_field& object, std::string_view key) {
  const auto field = object.find(key);
  return field ? field->text() : std::string();
}

std::optional<double> number_of(const json_field& object, std::string_view key, double lowest = 0) {
  const auto field = object.find(key);
  return field ? std::optional(field->number_from(lowest)) : std::nullopt;
}

parameters parameters_from_json(const json_field& field) {
  parameters params;
  for (const auto& [key, value] : field.members()) {
    if (value.is_text()) {
      params.emplace_back(key, value.text());
    } else {
      params.emplace_back(key, value.integer(std::numeric_limits<std::int64_t>::min()));
    }
  }
  return params;
}

sample_statistics statistics_from_json(const json_field& field) {
  sample_statistics s;
  s.n = static_cast<std::size_t>(field.at("n").integer(1));
  s.median = field.at("median").number();
  s.mean = field.at("mean").number();
  s.min = field.at("min").number();
  s.max = field.at("max").number();
  s.stddev = number_of(field, "stddev");
  s.p5 = field.at("p5").number();
  s.p95 = field.at("p95").number();
  if (const auto bounds = field.find("median_interval"))
    s.median_interval = interval{bounds->at("low").number(), bounds->at("high").number()};
  return s;
}

telemetry telemetry_from_json(const json_field& field) {
  telemetry t;
  if (const auto clock = field.find("clock_hertz")) t.clock_hertz = clock->positive_number();
  if (const auto power = field.find("power_watts")) t.power_watts = power->positive_number();
  t.temperature_celsius = number_of(field, "temperature_celsius", -273.15);
  t.competing_load = number_of(field, "competing_load");
  if (const auto reasons = field.find("throttle_reasons")) t.throttle_reasons = reasons->texts();
  return t;
}

}  // namespace

measurement measurement_from_json(const json_field& field) {
  measurement m;
  m.benchmark = field.at("benchmark").nonempty_text();
  m.params = parameters_from_json(field.at("parameters"));
  m.backend = field.at("backend").nonempty_text();
  m.device = field.at("device").nonempty_text();
  m.status = one_of(field.at("status"), all_statuses);
  m.reason = text_or_empty(field, "reason");
  if (const auto work = field.find("work"))
    m.work = {number_of(*work, "flop"), number_of(*work, "bytes"), number_of(*work, "items"),
              text_or_empty(*work, "item")};
  for (const auto& sample : field.at("samples_ns").elements()) m.samples_ns.push_back(sample.number_from(0));
  if (const auto time = field.find("time_ns")) m.time_ns = statistics_from_json(*time);
  if (const auto rate = field.find("rates"))
    m.rate = {number_of(*rate, "flop_per_second"), number_of(*rate, "bytes_per_second"),
              number_of(*rate, "items_per_second")};
  if (const auto peak = field.find("peak"))
    m.peak = peak_fraction{peak->at("fraction_of_peak").number_from(0), peak->at("peak_kind").nonempty_text(),
                           peak->at("peak_per_second").positive_number(), text_or_empty(*peak, "source")};
  if (const auto state = field.find("telemetry")) m.telemetry = telemetry_from_json(*state);
  if (const auto check = field.find("verification")) {
    // A wrong answer can hold NaN or infinity, which JSON cannot say: its error is null and above every tolerance.
    const auto error = number_of(*check, "error");
    m.verification = verification{check->at("compared").text(), error.value_or(std::numeric_limits<double>::infinity()),
                                  check->at("tolerance").number_from(0)};
  }
  if (const auto reason = field.find("stopped_by")) m.stopped_by = one_of(*reason, all_reasons);
  if (const auto warnings = field.find("warnings")) m.warnings = warnings->texts();
  if (const auto defect = defect_of(m)) field.refuse("cannot be used: " + *defect, "measure again");
  return m;
}

}  // namespace gpubench::results
