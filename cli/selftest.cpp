#include "bench/clock.hpp"
#include "cli/comparing.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::cli {
namespace {

struct selftest_options {
  std::vector<std::string> runs;
  std::filesystem::path profile;
};

/// Of the clock that all timing uses.
comparison::timer_check check_timer() {
  constexpr int readings = 100000;
  comparison::timer_check found;
  const auto start = bench::steady_now();
  auto last = start;
  for (int i = 0; i < readings; ++i) {
    const auto now = bench::steady_now();
    const auto step = static_cast<double>((now - last).count());
    if (step > 0 && (found.resolution_ns == 0 || step < found.resolution_ns)) found.resolution_ns = step;
    last = now;
  }
  found.read_ns = static_cast<double>((last - start).count()) / readings;
  return found;
}

/// Each run against the one before it, under the noise of all others.
comparison::false_alarm_check check_same_code(const std::vector<results::run>& runs) {
  comparison::false_alarm_check found;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    std::vector<results::run> others;
    for (std::size_t j = 0; j < runs.size(); ++j)
      if (j != i && j + 1 != i) others.push_back(runs[j]);
    comparison::criteria by;
    by.noise = comparison::noise_profile{};
    by.noise->environment = runs[i].environment;
    by.noise->tool_version = runs[i].tool_version;
    by.noise->benchmarks = comparison::noise_of(others);
    auto result = comparison::compare({"before", {runs[i - 1]}}, {"after", {runs[i]}}, by);
    ++found.comparisons;
    found.alarms += result.counts()[comparison::verdict::slower] > 0;
  }
  return found;
}

report::table noise_table(const comparison::noise_profile& profile) {
  report::table rows({{"benchmark", "benchmark"},
                      {"device", "device"},
                      {"runs", "runs"},
                      {"run_deviation_percent", "between runs %", 3},
                      {"sampling_deviation_percent", "of which sampling %", 3}});
  for (const auto& [key, noise] : profile.benchmarks)
    rows.add_row(
        {key.name, key.device, static_cast<double>(noise.runs), noise.run_deviation * 100,
         noise.sampling_deviation ? report::table::value(*noise.sampling_deviation * 100) : report::table::value()});
  return rows;
}

exit_status selftest(const program& chosen, const selftest_options& options) {
  const auto& global = chosen.global;
  require_table_format(global, "a self-test");
  comparison::side same_code{"the runs", {}};
  std::vector<std::filesystem::path> inputs;
  for (const auto& argument : options.runs) {
    auto loaded = load_side(argument);
    std::move(loaded.side.runs.begin(), loaded.side.runs.end(), std::back_inserter(same_code.runs));
    inputs.insert(inputs.end(), loaded.files.begin(), loaded.files.end());
  }
  require_output(global, inputs);
  require_apart("--profile", options.profile, inputs);
  require_writable(options.profile);
  auto& runs = same_code.runs;
  if (runs.size() < 4)
    throw error(error_kind::usage, fmt::format("{} cannot tell how runs differ", count_of(runs.size(), "run")),
                "measure the same code at least 4 times, better 10: gpubench run --output-dir FOLDER");
  std::stable_sort(runs.begin(), runs.end(),
                   [](const results::run& a, const results::run& b) { return a.started_at < b.started_at; });
  // Refuses a run that is given twice.
  static_cast<void>(comparison::compare(same_code, same_code, {}));

  comparison::noise_profile profile;
  profile.made_at = format_utc(std::chrono::system_clock::now());
  profile.tool_version = version;
  profile.environment = runs.back().environment;
  profile.timer = check_timer();
  profile.benchmarks = comparison::noise_of(runs);
  profile.same_code = check_same_code(runs);
  write_file_atomically(options.profile,
                        comparison::to_json(profile).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
  deliver_table(global, noise_table(profile));
  say(global, fmt::format("Timer: {:.3g} ns a step, {:.3g} ns a reading; the same code compared {} times: {}",
                          profile.timer->resolution_ns, profile.timer->read_ns, profile.same_code->comparisons,
                          count_of(profile.same_code->alarms, "false alarm")));
  say(global, labelled("Next", "gpubench compare BASE NEW --noise " + options.profile.string()));
  return exit_status::done;
}

}  // namespace

void declare_selftest(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("selftest", "Find out how runs of the same code differ on this machine");
  const auto options = std::make_shared<selftest_options>();
  command->add_option("runs", options->runs, "runs of the same code: files or folders")
      ->type_name("RUN...")
      ->required()
      ->expected(1, 1000);
  command->add_option("--profile", options->profile, "the noise profile to write")->type_name("FILE")->required();
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return selftest(chosen, *options); }; });
}

}  // namespace gpubench::cli
