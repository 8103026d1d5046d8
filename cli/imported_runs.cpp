#include "cli/imported_runs.hpp"

#include "bench/runner.hpp"
#include "cli/here.hpp"
#include "cli/output.hpp"
#include "core/encoding.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "models/operators.hpp"
#include "models/precision.hpp"
#include "planner/measured_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "imports/contradictions.hpp"
#include "predictor/observations.hpp"

namespace gpubench::cli {
namespace {

std::string why_unused(const results::run& run, const profiles::catalogue& known) {
  if (run.environment.gpus.empty()) return "it names no GPU (gpubench import --gpu NAME says which it was)";
  predictor::observation_set operators;
  add_observations(run, known, operators);
  if (!operators.rows.empty() || !planner::measured_devices({run}, known).empty())
    return "no time of this answer rests on what it measured";
  for (const auto& gpu : run.environment.gpus)
    if (known.find_gpu(gpu.name)) return "it times nothing that estimates rest on (docs/importing.md)";
  return fmt::format("the catalogue does not know its GPU, {}", run.environment.gpus.front().name);
}

struct ceiling {
  std::string gpu;
  double flop_per_second = 0, bytes_per_second = 0;  ///< 0: not known
};

// Of all GPUs of the run together; nothing where the catalogue does not know them.
std::optional<ceiling> ceiling_of(const results::run& run, const profiles::catalogue& known) {
  ceiling most;
  for (const auto& gpu : run.environment.gpus) {
    const auto* spec = known.find_gpu(gpu.name);
    if (!spec) return std::nullopt;
    most.gpu = spec->name;
    double peak = 0;
    for (const auto& one : spec->dense_peak_flop_per_second) peak = std::max(peak, one.value_or(0));
    most.flop_per_second += 2 * peak;
    most.bytes_per_second += 20 * spec->memory_bandwidth_bytes_per_second.value_or(0);
  }
  if (most.gpu.empty()) return std::nullopt;
  return most;
}

// As far as it is stated; the FLOP of what our names and parameters tell exactly.
results::work_done work_of(const results::measurement& m) {
  auto work = m.work;
  const auto call = work.flop ? std::nullopt : predictor::operator_of(m);
  if (call &&
      (std::holds_alternative<models::gemm>(call->shape) || std::holds_alternative<models::convolution>(call->shape)))
    work.flop = models::work_of(call->shape, call->precision).flop;
  return work;
}

// What is typical; where a tool states neither median nor mean, the longest that it states. 0: none.
double longest_time_ns(const results::measurement& m) {
  if (const auto typical = results::typical_time_ns(m)) return *typical;
  const auto stated = m.reported ? m.reported->time_ns : results::reported_time{};
  return stated.max.value_or(stated.min.value_or(0));
}

struct reference {
  std::optional<double> rate;
  std::string kind;
  std::optional<bench::device_peaks::peak> peak;
};

reference reference_of(const results::measurement& m, const bench::device_peaks& peaks) {
  const std::string_view name = m.benchmark, gemm = "gemm_";
  if (name.starts_with("stream_")) return {m.rate.bytes_per_second, "memory bandwidth", peaks.memory_bytes_per_second};
  const auto precision = name.starts_with(gemm) ? models::parse_precision(name.substr(gemm.size())) : std::nullopt;
  const auto found = precision ? peaks.dense_flop_per_second.find(*precision) : peaks.dense_flop_per_second.end();
  if (found == peaks.dense_flop_per_second.end()) return {};
  return {m.rate.flop_per_second, fmt::format("dense peak {}", models::to_string(*precision)), found->second};
}

}  // namespace

void hold_against_data_sheets(results::run& run, const profiles::catalogue& known) {
  const auto peaks = find_peaks(run.environment, known);
  for (auto& m : run.measurements) {
    const auto device = m.device == "cpu" ? peaks.end() : peaks.find(m.device);
    if (m.status != results::measurement_status::ok || m.peak || device == peaks.end()) continue;
    const auto [rate, kind, peak] = reference_of(m, device->second);
    if (rate && peak && peak->value > 0)
      m.peak = results::peak_fraction{*rate / peak->value, kind, peak->value, peak->source};
  }
}

void require_possible_rates(results::run& run, const std::vector<std::function<file_position()>>& places,
                            const profiles::catalogue& known) {
  const auto most = ceiling_of(run, known);
  for (std::size_t i = 0; i < run.measurements.size(); ++i) {
    auto& m = run.measurements[i];
    const auto work = work_of(m);
    if (work != m.work) imports::hold_rates_against({work.flop, {}, {}, ""}, m, places.at(i));
    // Of several files each measurement says which it is from.
    const auto from = m.method.find("imported_from");
    const auto name =
        from == m.method.end() ? full_name(m) : fmt::format("{} ({})", full_name(m), printable(from->second));
    for (const auto& rate :
         {m.rate.flop_per_second, m.rate.bytes_per_second, m.rate.items_per_second, m.rate.busbw_bytes_per_second}) {
      if (rate && *rate < 0)
        throw error(error_kind::input, places.at(i)(), fmt::format("{}: a rate of {} a second", name, *rate));
    }
    if (!most || m.device == "cpu") continue;
    const double time_ns = longest_time_ns(m);
    const auto hold = [&](const std::optional<double>& stated, const std::optional<double>& amount, double limit,
                          const char* unit) {
      const double by_time = time_ns > 0 ? amount.value_or(0) / time_ns * 1e9 : 0;
      const double rate = std::max(stated.value_or(0), by_time);
      if (!(limit > 0) || rate <= limit) return;
      const auto of_time = rate == stated ? std::string() : fmt::format(" in {} ns", format_number(time_ns));
      throw error(error_kind::input, places.at(i)(),
                  fmt::format("{}: {} {}{} is more than {} can do (at most {})", name, format_number(rate), unit,
                              of_time, most->gpu, format_number(limit)),
                  "check the unit that the mapping or the tool states, and --gpu");
    };
    hold(m.rate.flop_per_second, work.flop, most->flop_per_second, "FLOP/s");
    hold(m.rate.bytes_per_second, work.bytes, most->bytes_per_second, "bytes/s");
  }
}

void say_how_runs_are_used(const global_options& global, const profiles::catalogue& known,
                           const std::vector<results::run>& runs, const std::vector<planner::recommendation>& answers,
                           const std::vector<std::shared_ptr<const planner::serving_answer>>& services) {
  std::set<std::string> used_runs;
  for (const auto& answer : answers) used_runs.insert(answer.measured_runs.begin(), answer.measured_runs.end());
  for (const auto& answer : services) used_runs.insert(answer->measured_runs.begin(), answer->measured_runs.end());
  std::vector<std::string> unused;  // of our own: what is used says the answer itself, by its label
  for (const auto& run : runs) {
    if (!run.provenance) {
      if (!used_runs.contains(run.id)) unused.push_back(run.started_at);
      continue;
    }
    const auto tools = results::tools_of(*run.provenance);
    say(global, labelled("Imported", used_runs.contains(run.id)
                                         ? fmt::format("measurements of {} are used where they fit", tools)
                                         : fmt::format("those of {} are not used: {}", tools, why_unused(run, known))));
  }
  if (unused.empty()) return;
  const auto which = unused.size() == 1 ? "the run of " + printable(unused.front()) : count_of(unused.size(), "run");
  say(global, labelled("Not used", which + ": no time of this answer rests on what was measured there"));
}

}  // namespace gpubench::cli
