#include "bench/clock.hpp"
#include "bench/runner.hpp"
#include "cli/comparing.hpp"
#include "cli/interrupt.hpp"
#include "cli/knowledge.hpp"
#include "cli/measuring.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "comparison/foresee.hpp"

namespace gpubench::cli {
namespace {

namespace fs = std::filesystem;

struct gate_options {
  std::string baseline;
  measuring_options measuring;
  comparing_options comparing;
  fs::path output_dir = ".";
  int runs = 1;
  int attempts = 3;
  std::chrono::duration<double> patience = std::chrono::minutes(1);
};

void require_measured_here(const loaded_side& baseline) {
  for (std::size_t i = 0; i < baseline.files.size(); ++i)
    if (baseline.side.runs[i].provenance)
      throw error(error_kind::input, {baseline.files[i].string(), 0, 0},
                  "was imported from another tool, whose benchmarks gpubench cannot measure again",
                  "make the baseline with: gpubench run --output-dir FOLDER");
}

/// What the gate measures must not become part of its own baseline.
void require_apart_from_baseline(const gate_options& options) {
  std::error_code ignored;
  if (!fs::is_directory(options.baseline, ignored)) return;  // a file stays what it is
  if (fs::weakly_canonical(options.output_dir, ignored) == fs::weakly_canonical(options.baseline, ignored))
    throw error(error_kind::usage,
                fmt::format("--output-dir {} is the baseline: its next reader would take what is measured now for it",
                            options.output_dir.string()),
                "name another folder with --output-dir");
}

std::vector<results::measurement> good_measurements(const comparison::side& side) {
  std::vector<results::measurement> good;
  for (const auto& run : side.runs)
    for (const auto& m : run.measurements)
      if (m.status == results::measurement_status::ok) good.push_back(m);
  if (good.empty())
    throw error(error_kind::input, fmt::format("{} has no measurement to hold anything against", side.name),
                "make the baseline with: gpubench run --output-dir FOLDER");
  return good;
}

/// How the baseline was measured, where the user says nothing else: as thoroughly, as long, in the same phases.
measuring_options as_the_baseline(measuring_options options, const comparison::side& baseline) {
  options.test_slowdowns = true;
  options.repeat = repetition{good_measurements(baseline), options.suite.has_value()};
  for (const auto& run : baseline.runs) {
    if (!options.suite) options.suite = bench::parse_suite(run.suite);
    options.burst = options.burst || run.burst;
    if (!options.soak && run.soak_seconds) options.soak = std::chrono::duration<double>(*run.soak_seconds);
  }
  if (options.time_budget) return options;
  for (const auto& run : baseline.runs) {
    const std::chrono::duration<double> budget(run.budget_seconds.value_or(0));
    if (budget.count() > 0) options.time_budget = std::max(options.time_budget.value_or(budget), budget);
  }
  return options;
}

/// Those of the baseline's measurements whose rows could be slower.
std::vector<results::measurement> suspects(const std::vector<results::measurement>& baseline,
                                           const comparison::comparison_result& result) {
  std::vector<results::measurement> found;
  for (const auto& row : result.rows) {
    if (!comparison::could_be_slower(row, result.by.threshold)) continue;
    const auto same = [&](const results::measurement& m) { return comparison::key_of(m) == row.key; };
    if (const auto place = std::find_if(baseline.begin(), baseline.end(), same); place != baseline.end())
      found.push_back(*place);
  }
  return found;
}

bool has_failed(const comparison::side& side) {
  const auto failed = [](const results::measurement& m) { return m.status == results::measurement_status::failed; };
  return std::any_of(side.runs.begin(), side.runs.end(), [&](const results::run& run) {
    return std::any_of(run.measurements.begin(), run.measurements.end(), failed);
  });
}

/// When the next of the attempts is due after the first measurement, each four times as late as the one before: what
/// slows a machine down for a moment is soon over, and what lasts for seconds is over by the last.
std::chrono::duration<double> due_after(const gate_options& options, int attempt) {
  return options.patience * std::pow(0.25, options.attempts - attempt);
}

/// @return false when interrupted.
bool wait_until(std::chrono::duration<double> due) {
  const interrupt_watch signals;
  constexpr std::chrono::duration<double> step(0.1);
  for (;;) {
    if (interrupt_watch::interrupted()) return false;
    const auto left = due - bench::steady_now();
    if (left.count() <= 0) return true;
    std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(left, step));
  }
}

/// Measures, each time into a file of its own.
class new_side {
 public:
  new_side(const global_options& global, profiles::catalogue known, fs::path folder)
      : global_(global), known_(std::move(known)), folder_(std::move(folder)) {}

  /// @return false when interrupted.
  bool add_run(const measuring_options& options) {
    const auto file = new_file_name(folder_, "run", ".json");
    files_.push_back(file.lexically_normal().string());
    auto run = measure_once(global_, known_, options, file);
    if (run) side_.runs.push_back(std::move(*run));
    return run.has_value();
  }
  const comparison::side& side() const { return side_; }
  const std::vector<std::string>& files() const { return files_; }

 private:
  const global_options& global_;
  profiles::catalogue known_;
  fs::path folder_;
  comparison::side side_{"this machine now", {}};
  std::vector<std::string> files_;
};

/// What is certain without measuring: that machine, driver or libraries are no longer those of the baseline.
std::optional<comparison::comparison_result> foresee(const profiles::catalogue& known, const measuring_options& options,
                                                     const comparison::side& baseline, const comparison::criteria& by) {
  const measuring planned(known, options);
  std::set<comparison::benchmark_key> wanted;
  for (const auto& next : planned.plan())
    wanted.insert({next.definition->backend, next.definition->device, bench::full_name(next)});
  return comparison::foresee(baseline, planned.run(), wanted, by);
}

exit_status interrupted(const global_options& global, const new_side& fresh) {
  say(global, "Interrupted: nothing was judged; what was measured is in " + join(fresh.files(), ", "));
  return exit_status::interrupted;
}

exit_status gate(const program& chosen, const gate_options& options) {
  const auto& global = chosen.global;
  const auto baseline = load_side(options.baseline);
  std::vector<fs::path> inputs{options.comparing.noise};
  inputs.insert(inputs.end(), baseline.files.begin(), baseline.files.end());
  require_known_keys(options.comparing, {&baseline.side});
  require_comparison_outputs(global, options.comparing, inputs);
  require_measured_here(baseline);
  require_apart_from_baseline(options);
  const auto by = criteria_of(options.comparing);
  auto measuring = as_the_baseline(options.measuring, baseline.side);
  const auto wanted = measuring.repeat->of;

  const auto known = load_catalogue(global);
  if (auto foreseen = foresee(known, measuring, baseline.side, by)) {
    const auto status = deliver_comparisons(chosen, options.comparing, {std::move(*foreseen)});
    say(global, "Nothing was measured: no benchmark of the baseline could be held against this machine");
    return status;
  }

  new_side fresh(global, known, options.output_dir);
  for (int run = 0; run < options.runs; ++run)
    if (!fresh.add_run(measuring)) return interrupted(global, fresh);
  auto result = comparison::compare(baseline.side, fresh.side(), by);
  // What was chosen for looking slow may only have been unlucky. It counts with what is measured of it now, so that it
  // stays slower only if all of that together is.
  const std::chrono::duration<double> first_measured = bench::steady_now();
  for (int attempt = 1; attempt <= options.attempts; ++attempt) {
    measuring.repeat->of = suspects(wanted, result);
    if (measuring.repeat->of.empty()) break;
    const auto due = first_measured + due_after(options, attempt);
    const std::chrono::duration<double> left = due - bench::steady_now();
    say(global,
        fmt::format("Measuring again in {}, {} of {}: {} could be slower", format_duration(std::max(0.0, left.count())),
                    attempt, options.attempts, count_of(measuring.repeat->of.size(), "benchmark")));
    if (!wait_until(due) || !fresh.add_run(measuring)) return interrupted(global, fresh);
    result = comparison::compare(baseline.side, fresh.side(), by);
  }

  const auto status = deliver_comparisons(chosen, options.comparing, {std::move(result)});
  say(global, labelled("Run files", join(fresh.files(), ", ")));
  if (status == exit_status::answer_is_no || !has_failed(fresh.side())) return status;
  say(global, "A measurement failed: the run files say why");
  return exit_status::measurement_failed;
}

}  // namespace

void declare_gate(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand(
      "gate", "Measure the benchmarks of a baseline again and fail if any became slower or computes a wrong answer");
  const auto options = std::make_shared<gate_options>();
  command
      ->add_option("--baseline", options->baseline, "run files of the same code: a file, several with commas, a folder")
      ->type_name("FILE|DIR")
      ->required();
  add_measuring_options(*command, options->measuring, "--budget");
  add_value(
      *command, "--runs", options->runs, [](const std::string& text) { return parse_count(text, 1, 100); }, "N",
      "measure everything so often before judging (1)");
  add_value(
      *command, "--attempts", options->attempts, [](const std::string& text) { return parse_count(text, 0, 100); }, "N",
      "measure what could be slower up to so many times more (3)");
  add_value(
      *command, "--patience", options->patience, parse_duration, "DURATION",
      "the last of these begins so long after the first measurement, each other at a quarter of the next's (1min)");
  command->add_option("--output-dir", options->output_dir, "folder of the run files (default: the current one)")
      ->type_name("DIR");
  add_comparing_options(*command, options->comparing);
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return gate(chosen, *options); }; });
}

}  // namespace gpubench::cli
