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

constexpr measurement_phase all_phases[] = {measurement_phase::normal, measurement_phase::burst,
                                            measurement_phase::soak};

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

std::optional<double> positive_of(const json_field& object, std::string_view key) {
  const auto field = object.find(key);
  return field ? std::optional(field->positive_number()) : std::nullopt;
}

std::optional<int> count_of(const json_field& object, std::string_view key, int lowest) {
  const auto field = object.find(key);
  if (!field) return std::nullopt;
  return static_cast<int>(field->integer(lowest, std::numeric_limits<int>::max()));
}

// One number for each sample, null where it is unknown.
std::vector<std::optional<double>> numbers_from_json(const json_field& object, std::string_view key) {
  std::vector<std::optional<double>> numbers;
  if (const auto field = object.find(key))
    for (const auto& value : field->elements())
      numbers.push_back(value.is_null() ? std::nullopt : std::optional(value.number_from(0)));
  return numbers;
}

// Places in a list, ascending.
std::optional<std::vector<std::size_t>> places_from_json(const json_field& object, std::string_view key) {
  const auto field = object.find(key);
  if (!field) return std::nullopt;
  std::vector<std::size_t> places;
  for (const auto& value : field->elements()) {
    const auto place = static_cast<std::size_t>(value.integer(0));
    if (!places.empty() && place <= places.back()) value.refuse("is not above the one before");
    places.push_back(place);
  }
  return places;
}

reported_figures reported_from_json(const json_field& field) {
  reported_figures figures;
  if (const auto time = field.find("time_ns")) {
    if (const auto n = time->find("n")) figures.time_ns.n = static_cast<std::size_t>(n->integer(1));
    figures.time_ns.median = number_of(*time, "median");
    figures.time_ns.mean = number_of(*time, "mean");
    figures.time_ns.min = number_of(*time, "min");
    figures.time_ns.max = number_of(*time, "max");
    figures.time_ns.stddev = number_of(*time, "stddev");
  }
  for (const auto& value : field.at("values").elements()) {
    auto& one = figures.values.emplace_back();
    one.name = value.at("name").nonempty_text();
    one.value = value.at("value").number();
    if (const auto unit = value.find("unit")) one.unit = unit->nonempty_text();
  }
  return figures;
}

telemetry telemetry_from_json(const json_field& field) {
  telemetry t;
  t.clock_hertz = positive_of(field, "clock_hertz");
  t.power_watts = positive_of(field, "power_watts");
  t.temperature_celsius = number_of(field, "temperature_celsius", -273.15);
  t.competing_load = number_of(field, "competing_load");
  if (const auto reasons = field.find("throttle_reasons")) t.throttle_reasons = reasons->texts();
  t.memory_clock_hertz = positive_of(field, "memory_clock_hertz");
  t.power_limit_watts = positive_of(field, "power_limit_watts");
  t.memory_temperature_celsius = number_of(field, "memory_temperature_celsius", -273.15);
  t.energy_joules = positive_of(field, "energy_joules");
  t.pcie_generation = count_of(field, "pcie_generation", 1);
  t.pcie_width = count_of(field, "pcie_width", 1);
  t.other_processes = count_of(field, "other_processes", 0);
  t.throttled_samples = places_from_json(field, "throttled_samples");
  if (const auto counts = field.find("samples_by_throttle"))
    for (const auto& [reason, count] : counts->members())
      t.samples_by_throttle[reason] = static_cast<std::size_t>(count.integer(1));
  t.seconds_to_throttle = number_of(field, "seconds_to_throttle");
  return t;
}

// A wrong answer can hold NaN or infinity, which JSON cannot say: its error is null and above every tolerance.
verification verification_from_json(const json_field& field, measurement_status status) {
  const verification found{field.at("compared").text(),
                           number_of(field, "error").value_or(std::numeric_limits<double>::infinity()),
                           field.at("tolerance").number_from(0)};
  const auto passed = field.find("passed");
  if (passed && passed->flag() != found.passed())
    passed->refuse(fmt::format("is {}, but the error, {}, is {} the tolerance, {}", passed->flag(), found.error,
                               found.passed() ? "within" : "above", found.tolerance),
                   "measure again");
  if (status == measurement_status::ok && !found.passed())
    field.refuse(
        fmt::format("has an error of {}, above the tolerance, {}, but the status is ok", found.error, found.tolerance),
        "measure again");
  return found;
}

}  // namespace

std::vector<pair_time> pairs_from_json(const json_field& object) {
  std::vector<pair_time> pairs;
  const auto field = object.find("pairs");
  if (!field) return pairs;
  for (const auto& one : field->elements()) {
    const auto ranks = one.at("ranks").elements();
    if (ranks.size() != 2) one.at("ranks").refuse("is no pair");
    const auto rank = [&](std::size_t i) {
      return static_cast<int>(ranks[i].integer(0, std::numeric_limits<int>::max()));
    };
    pairs.push_back({rank(0), rank(1), one.at("median_ns").positive_number()});
  }
  return pairs;
}

measurement measurement_from_json(const json_field& field) {
  measurement m;
  m.benchmark = field.at("benchmark").nonempty_text();
  m.params = parameters_from_json(field.at("parameters"));
  m.backend = field.at("backend").nonempty_text();
  m.device = field.at("device").nonempty_text();
  if (const auto phase = field.find("phase")) m.phase = one_of(*phase, all_phases);
  m.status = one_of(field.at("status"), all_statuses);
  m.reason = text_or_empty(field, "reason");
  if (const auto work = field.find("work"))
    m.work = {number_of(*work, "flop"), number_of(*work, "bytes"), number_of(*work, "items"),
              text_or_empty(*work, "item"), number_of(*work, "bus_bytes")};
  for (const auto& sample : field.at("samples_ns").elements()) m.samples_ns.push_back(sample.number_from(0));
  m.host_ns = numbers_from_json(field, "host_ns");
  m.clock_samples_hertz = numbers_from_json(field, "clock_samples_hertz");
  if (const auto time = field.find("time_ns")) m.time_ns = statistics_from_json(*time);
  if (const auto rate = field.find("rates"))
    m.rate = {number_of(*rate, "flop_per_second"), number_of(*rate, "bytes_per_second"),
              number_of(*rate, "items_per_second"), number_of(*rate, "busbw_bytes_per_second")};
  if (const auto reported = field.find("reported")) m.reported = reported_from_json(*reported);
  if (const auto peak = field.find("peak"))
    m.peak = peak_fraction{peak->at("fraction_of_peak").number_from(0), peak->at("peak_kind").nonempty_text(),
                           peak->at("peak_per_second").positive_number(), text_or_empty(*peak, "source")};
  if (const auto state = field.find("telemetry")) m.telemetry = telemetry_from_json(*state);
  if (const auto check = field.find("verification")) m.verification = verification_from_json(*check, m.status);
  if (const auto reason = field.find("stopped_by")) m.stopped_by = one_of(*reason, all_reasons);
  if (const auto warnings = field.find("warnings")) m.warnings = warnings->texts();
  if (const auto method = field.find("method")) m.method = method->text_map();
  m.pairs = pairs_from_json(field);
  if (const auto defect = defect_of(m)) field.refuse("cannot be used: " + *defect, "measure again");
  return m;
}

}  // namespace gpubench::results
