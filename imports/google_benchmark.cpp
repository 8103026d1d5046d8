#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "imports/importer.hpp"
#include "imports/possible_time.hpp"
#include "imports/units.hpp"

namespace gpubench::imports {
namespace {

using results::json_field;

// Members of an entry that are not user counters.
constexpr std::array<std::string_view, 24> entry_keys{"name",
                                                      "family_index",
                                                      "per_family_instance_index",
                                                      "run_name",
                                                      "run_type",
                                                      "repetitions",
                                                      "repetition_index",
                                                      "threads",
                                                      "iterations",
                                                      "real_time",
                                                      "cpu_time",
                                                      "time_unit",
                                                      "aggregate_name",
                                                      "aggregate_unit",
                                                      "error_occurred",
                                                      "error_message",
                                                      "skipped",
                                                      "skip_message",
                                                      "bytes_per_second",
                                                      "items_per_second",
                                                      "label",
                                                      "allocs_per_iter",
                                                      "max_bytes_used",
                                                      "total_allocated_bytes"};

// "BM_copy/1024/threads:4" is the name "BM_copy" and the parameters arg0=1024, threads=4.
void name_measurement(const std::string& run_name, results::measurement& m) {
  const auto parts = split(run_name, '/');
  m.benchmark = "google_benchmark:" + (parts.empty() ? run_name : parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto colon = parts[i].find(':');
    const bool named = colon != std::string::npos && colon > 0 && parts[i].find("::") == std::string::npos;
    const auto key = named ? parts[i].substr(0, colon) : fmt::format("arg{}", i - 1);
    const auto text = named ? parts[i].substr(colon + 1) : parts[i];
    const bool taken = std::any_of(m.params.begin(), m.params.end(), [&](const auto& p) { return p.first == key; });
    const auto& unique = taken ? fmt::format("{}_{}", key, i - 1) : key;
    if (const auto whole = parse_integer(text)) {
      m.params.emplace_back(unique, *whole);
    } else {
      m.params.emplace_back(unique, text);
    }
  }
}

double time_ns(const json_field& entry, std::string_view key) {
  const auto unit = entry.find("time_unit");
  const auto text = unit ? unit->text() : std::string("ns");
  const auto* known = find_unit(text);
  if (!known || known->of != quantity::time) unit->refuse(fmt::format("is '{}', not one of ns, us, ms, s", text));
  return time_ns_of(entry.at(key), known->factor);
}

// All entries of one run_name: its repetitions, or its aggregates alone.
struct group {
  results::measurement m;
  std::vector<double> iterations, cpu_ns;
  std::map<std::string, std::vector<double>> counters;
  std::vector<json_field> aggregates;
  std::optional<json_field> first;  ///< entry of it
};

bool is_rate(std::string_view key) {
  return key == "bytes_per_second" || key == "items_per_second";
}

bool is_counter(std::string_view key) {
  return is_rate(key) || std::find(entry_keys.begin(), entry_keys.end(), key) == entry_keys.end();
}

// A rate is none below 0, a counter of the user's may be.
double counted(const std::string& key, const json_field& value) {
  return is_rate(key) ? value.number_from(0) : value.number();
}

void add_repetition(const json_field& entry, group& to) {
  const auto flag = [&](const char* key) {
    const auto field = entry.find(key);
    return field && field->flag();
  };
  const auto text = [&](const char* key) {
    const auto field = entry.find(key);
    return field ? field->text() : std::string();
  };
  const bool skipped = flag("skipped");
  if (skipped || flag("error_occurred")) {
    to.m.status = skipped ? results::measurement_status::skipped : results::measurement_status::failed;
    to.m.reason = skipped ? text("skip_message") : text("error_message");
    if (to.m.reason.empty()) to.m.reason = "Google Benchmark gives no reason";
    return;
  }
  to.m.samples_ns.push_back(time_ns(entry, "real_time"));
  if (entry.find("cpu_time")) to.cpu_ns.push_back(time_ns(entry, "cpu_time"));
  if (const auto count = entry.find("iterations")) to.iterations.push_back(count->number_from(0));
  if (const auto label = text("label"); !label.empty()) to.m.method["label"] = label;
  for (const auto& [key, value] : entry.members()) {
    if (!is_counter(key)) continue;
    if (value.value().is_number()) to.counters[key].push_back(counted(key, value));
    if (value.is_text()) to.m.method[key] = value.text();
  }
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value / static_cast<double>(values.size());
  return sum;
}

std::optional<std::string> unit_of_counter(const std::string& name) {
  if (name == "bytes_per_second") return "B/s";
  if (name == "items_per_second") return "items/s";
  return std::nullopt;
}

bool is_share(const json_field& aggregate) {
  const auto unit = aggregate.find("aggregate_unit");
  return unit && unit->text() == "percentage";
}

// "cv of hits": what an aggregate says of CPU time and counters. Of a rate it is the mean or median of rates, which is
// none of the mean or median time.
void add_aggregated_counters(const json_field& aggregate, const std::string& name,
                             std::vector<results::reported_value>& values) {
  const bool share = is_share(aggregate);
  if (const auto cpu = aggregate.find("cpu_time"))
    values.push_back(
        {name + " of cpu_time", share ? cpu->number() : time_ns(aggregate, "cpu_time"), share ? "fraction" : "ns"});
  for (const auto& [key, value] : aggregate.members())
    if (is_counter(key) && value.value().is_number())
      values.push_back({name + " of " + key, counted(key, value), share ? "fraction" : unit_of_counter(key)});
}

void add_aggregated_time(const json_field& aggregate, const std::string& name,
                         std::vector<results::reported_value>& values) {
  const bool share = is_share(aggregate);
  values.push_back({name + " of the time", share ? aggregate.at("real_time").number() : time_ns(aggregate, "real_time"),
                    share ? "fraction" : "ns"});
}

// The tool divides by CPU time unless told otherwise, which a name's end then says.
bool counts_by_real_time(const json_field& aggregate, const results::measurement& m) {
  const auto cpu = aggregate.find("cpu_time");
  if (cpu && cpu->number() == aggregate.at("real_time").number()) return true;
  return std::any_of(m.params.begin(), m.params.end(), [](const auto& p) {
    const auto* text = std::get_if<std::string>(&p.second);
    return text && (*text == "real_time" || *text == "manual_time");
  });
}

// mean, median and stddev of the repetitions that the tool left out of its report.
void finish_aggregates(group& one) {
  auto& reported = one.m.reported.emplace();
  for (const auto& entry : one.aggregates) {
    const auto name = entry.at("aggregate_name").nonempty_text();
    auto& time = reported.time_ns;
    const bool is_other = is_share(entry) || (name != "mean" && name != "median" && name != "stddev");
    if (is_other) add_aggregated_time(entry, name, reported.values);
    add_aggregated_counters(entry, name, reported.values);
    if (is_other) continue;
    const double value = time_ns(entry, "real_time");
    (name == "mean" ? time.mean : name == "median" ? time.median : time.stddev) = value;
    if (const auto n = entry.find("repetitions"))
      if (const auto count = n->integer(0); count > 0) time.n = static_cast<std::size_t>(count);
    const auto rate = [&](const char* key) {
      const auto field = entry.find(key);
      return field && field->number_from(0) > 0 ? std::optional(field->number()) : std::nullopt;
    };
    if ((name == "median" || (name == "mean" && !time.median)) && counts_by_real_time(entry, one.m))
      one.m.rate = {std::nullopt, rate("bytes_per_second"), rate("items_per_second"), std::nullopt};
  }
  one.m.method["repetitions"] = "aggregates only: the single repetitions are not in the file";
}

// What cannot be worked out of the repetitions: statistics of the user's own.
void add_own_statistics(group& one) {
  for (const auto& entry : one.aggregates) {
    const auto name = entry.at("aggregate_name").nonempty_text();
    if (name == "mean" || name == "median" || name == "stddev" || name == "cv") continue;
    add_aggregated_time(entry, name, one.m.reported->values);
    add_aggregated_counters(entry, name, one.m.reported->values);
  }
}

void finish_repetitions(group& one) {
  auto& m = one.m;
  auto& reported = m.reported.emplace();
  if (!one.cpu_ns.empty()) reported.values.push_back({"cpu_time", mean_of(one.cpu_ns), "ns"});
  // By the tool's own clock choice, so they need not be work over our samples.
  for (const auto& [name, values] : one.counters)
    reported.values.push_back({name, mean_of(values), unit_of_counter(name)});
  if (!one.counters.empty() && m.samples_ns.size() > 1) m.method["counters"] = "means over the repetitions";
  add_own_statistics(one);
  if (!one.iterations.empty())
    m.method["sample"] = fmt::format("mean of {:.0f} or so iterations, real time", mean_of(one.iterations));
  results::complete(m);
}

// The complexity that the tool fits over all sizes (BigO), and how far it is off (RMS).
bool is_fit(const json_field& entry) {
  const auto name = entry.find("aggregate_name");
  return name && (name->text() == "BigO" || name->text() == "RMS");
}

imported_file read(const source_file& file, const import_options&) {
  imported_file content;
  content.tool = "Google Benchmark";
  const auto root = file.root();
  const auto context = root.at("context");
  if (const auto version = context.find("library_version")) content.tool_version = version->nonempty_text();
  if (const auto date = context.find("date")) content.measured_at = date->nonempty_text();
  if (const auto cpus = context.find("num_cpus"))
    content.environment.cpu.logical_cpus = static_cast<int>(cpus->integer(1, 1000000));
  const auto build = context.find("library_build_type");
  if (build && build->text() == "debug")
    content.notes.push_back("the benchmark library was a debug build, which slows what it times");
  if (const auto scaling = context.find("cpu_scaling_enabled"); scaling && scaling->flag())
    content.notes.push_back("the CPU's clock was allowed to change meanwhile (cpu_scaling_enabled)");

  std::vector<std::string> order;
  std::map<std::string, group> groups;
  for (const auto& entry : root.at("benchmarks").elements()) {
    if (is_fit(entry)) {
      content.notes.push_back(entry.at("name").nonempty_text() +
                              " is left out: fitted over the sizes of a benchmark, it is no measurement");
      continue;
    }
    const auto run_name = entry.find("run_name");
    const auto name = run_name ? run_name->nonempty_text() : entry.at("name").nonempty_text();
    const auto [place, added] = groups.try_emplace(name);
    if (added) {
      order.push_back(name);
      place->second.first = entry;
      name_measurement(name, place->second.m);
      place->second.m.backend = "host";
      place->second.m.device = "cpu";
    }
    const auto type = entry.find("run_type");
    if (type && type->text() == "aggregate") {
      place->second.aggregates.push_back(entry);
    } else {
      add_repetition(entry, place->second);
    }
  }
  for (const auto& name : order) {
    auto& one = groups.at(name);
    if (!one.m.samples_ns.empty() && one.m.status == results::measurement_status::ok) {
      finish_repetitions(one);
    } else if (one.m.status == results::measurement_status::ok) {
      finish_aggregates(one);
    } else {
      one.m.samples_ns.clear();
    }
    content.measurements.push_back(std::move(one.m));
    content.placed_at(*one.first);
  }
  return content;
}

bool recognizes(const source_file& file) {
  return file.starts_as_json() && file.text().find("\"context\"") != std::string::npos &&
         file.text().find("\"benchmarks\"") != std::string::npos &&
         file.text().find("\"nvbench\"") == std::string::npos;
}

const importer_registration registered{
    {"google-benchmark", "JSON of Google Benchmark (--benchmark_out)", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
