#include "comparison/noise_profile.hpp"

#include "core/error.hpp"
#include "core/json_null.hpp"
#include "results/json_field.hpp"
#include "results/run_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "comparison/benchmark_data.hpp"
#include "comparison/run_location.hpp"
#include "comparison/variance.hpp"

namespace gpubench::comparison {
namespace {

std::size_t count_of(const results::json_field& object, std::string_view key, std::int64_t lowest) {
  return static_cast<std::size_t>(object.at(key).integer(lowest));
}

quantile_noise quantile_from_json(const results::json_field& field) {
  quantile_noise noise;
  noise.run_deviation = field.at("run_deviation").number_from(0);
  if (const auto sampling = field.find("sampling_deviation")) noise.sampling_deviation = sampling->number_from(0);
  if (const auto cycles = field.find("cycles_deviation")) noise.cycles_deviation = cycles->number_from(0);
  return noise;
}

benchmark_noise noise_from_json(const results::json_field& field) {
  benchmark_noise noise;
  noise.median = quantile_from_json(field);
  if (const auto quartile = field.find("lower_quartile")) noise.lower_quartile = quantile_from_json(*quartile);
  noise.runs = count_of(field, "runs", 2);
  if (const auto change = field.find("smallest_change")) noise.smallest_change = change->number_from(0);
  return noise;
}

flush_check flush_from_json(const results::json_field& field) {
  return {field.at("device").nonempty_text(), field.at("bytes").positive_number(), field.at("hot_ns").positive_number(),
          field.at("cold_ns").positive_number()};
}

json to_json(const quantile_noise& noise) {
  return {{"run_deviation", noise.run_deviation},
          {"sampling_deviation", or_null(noise.sampling_deviation)},
          {"cycles_deviation", or_null(noise.cycles_deviation)}};
}

json to_json(const benchmark_key& key, const benchmark_noise& noise) {
  json made = to_json(noise.median);
  made.update({{"backend", key.backend},
               {"device", key.device},
               {"name", key.name},
               {"runs", noise.runs},
               {"lower_quartile", noise.lower_quartile ? to_json(*noise.lower_quartile) : json(nullptr)},
               {"smallest_change", or_null(noise.smallest_change)}});
  return made;
}

/// Of several runs, at one quantile of their samples.
class runs_at {
 public:
  explicit runs_at(sample_quantile at) : at_(at) {}

  void add(const results::measurement& m) {
    const auto found = locate(m.samples_ns, at_);
    log_times_.push_back(found.log_time);
    if (const auto clock = clock_of(m); clock && *clock > 0) cycles_.push_back(found.log_time + std::log(*clock));
    if (found.sampling_variance) sampling_variances_.push_back(*found.sampling_variance);
  }
  std::size_t runs() const { return log_times_.size(); }

  /// Absent below two runs.
  std::optional<quantile_noise> noise() const {
    const auto variance = variance_of(log_times_);
    if (!variance) return std::nullopt;
    quantile_noise found{std::sqrt(variance->variance)};
    if (cycles_.size() == log_times_.size()) found.cycles_deviation = std::sqrt(variance_of(cycles_)->variance);
    if (!sampling_variances_.empty()) found.sampling_deviation = std::sqrt(summarize(sampling_variances_).median);
    return found;
  }

 private:
  sample_quantile at_;
  std::vector<double> log_times_, cycles_, sampling_variances_;
};

}  // namespace

benchmark_key key_of(const results::measurement& m) {
  return {m.backend, m.device, results::full_name(m)};
}

std::string to_string(const benchmark_key& key) {
  return key.device == "cpu" ? key.name : fmt::format("{} on {}", key.name, key.device);
}

std::map<benchmark_key, benchmark_noise> noise_of(const std::vector<results::run>& runs) {
  struct seen {
    runs_at median{sample_quantile::median}, lower_quartile{sample_quantile::lower_quartile};
  };
  std::map<benchmark_key, seen> all;
  for (const auto& run : runs) {
    for (const auto& m : run.measurements) {
      const auto above_zero = [](double sample) { return sample > 0; };
      if (m.status != results::measurement_status::ok || m.samples_ns.empty() ||
          !std::all_of(m.samples_ns.begin(), m.samples_ns.end(), above_zero))
        continue;
      auto& of_benchmark = all[key_of(m)];
      of_benchmark.median.add(m);
      if (has_lower_quartile(m)) of_benchmark.lower_quartile.add(m);
    }
  }
  std::map<benchmark_key, benchmark_noise> noises;
  for (const auto& [key, found] : all) {
    const auto median = found.median.noise();
    if (!median) continue;
    benchmark_noise noise{*median, std::nullopt, found.median.runs()};
    if (found.lower_quartile.runs() == noise.runs) noise.lower_quartile = found.lower_quartile.noise();
    noises.emplace(key, noise);
  }
  return noises;
}

json to_json(const noise_profile& profile) {
  json flushes = json::array(), benchmarks = json::array();
  for (const auto& flush : profile.flushes)
    flushes.push_back({{"device", flush.device},
                       {"bytes", flush.bytes},
                       {"hot_ns", flush.hot_ns},
                       {"cold_ns", flush.cold_ns},
                       {"works", flush.works()}});
  for (const auto& [key, noise] : profile.benchmarks) benchmarks.push_back(to_json(key, noise));
  json timer, same_code;
  if (profile.timer) timer = {{"resolution_ns", profile.timer->resolution_ns}, {"read_ns", profile.timer->read_ns}};
  if (profile.same_code)
    same_code = {{"comparisons", profile.same_code->comparisons}, {"alarms", profile.same_code->alarms}};
  return {{"schema", noise_schema},
          {"made_at", profile.made_at},
          {"tool_version", profile.tool_version},
          {"environment", results::to_json(profile.environment)},
          {"timer", timer},
          {"flushes", flushes},
          {"same_code", same_code},
          {"benchmarks", benchmarks}};
}

noise_profile load_noise_profile(const std::filesystem::path& path) {
  const std::string file = path.string();
  const json document = load_json(path);
  const results::json_field root(document, file);
  const auto schema = root.at("schema").text();
  if (schema != noise_schema)
    root.refuse(fmt::format("is of schema '{}', not {}", schema, noise_schema),
                "give a file that 'gpubench selftest' wrote");
  noise_profile profile;
  profile.made_at = root.at("made_at").nonempty_text();
  profile.tool_version = root.at("tool_version").nonempty_text();
  profile.environment = results::environment_from_json(root.at("environment"));
  if (const auto timer = root.find("timer"))
    profile.timer = timer_check{timer->at("resolution_ns").positive_number(), timer->at("read_ns").positive_number()};
  if (const auto flushes = root.find("flushes"))
    for (const auto& field : flushes->elements()) profile.flushes.push_back(flush_from_json(field));
  if (const auto alarms = root.find("same_code"))
    profile.same_code = false_alarm_check{count_of(*alarms, "comparisons", 0), count_of(*alarms, "alarms", 0)};
  for (const auto& field : root.at("benchmarks").elements()) {
    benchmark_key key{field.at("backend").nonempty_text(), field.at("device").nonempty_text(),
                      field.at("name").nonempty_text()};
    if (!profile.benchmarks.emplace(key, noise_from_json(field)).second)
      field.refuse(fmt::format("names {} a second time", to_string(key)));
  }
  return profile;
}

}  // namespace gpubench::comparison
