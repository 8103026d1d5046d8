#include "cli/comparing.hpp"
#include "cli/kept_files.hpp"
#include "cli/knowledge.hpp"
#include "cli/machine_checks.hpp"
#include "cli/measuring.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/file.hpp"
#include "core/statistics.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace gpubench::cli {
namespace {

struct selftest_options {
  std::vector<std::string> runs;
  measuring_options measuring;
  int count = 10;
  std::filesystem::path output_dir;  ///< of the runs that are measured; empty: they are not kept
  std::filesystem::path profile;
};

/// Below, the noise of all runs but two rests on so few degrees of freedom that the change told is a property of
/// Student's t and not of the machine: with 4 runs on one, where its quantile is 50 times that of the normal
/// distribution.
constexpr std::size_t least_runs_for_change = 8;

/// Holds each run against the one before it, under the noise of all others: counts false alarms, and finds what such a
/// comparison can tell.
void compare_same_code(comparison::noise_profile& profile, const std::vector<results::run>& runs) {
  comparison::false_alarm_check found;
  std::map<comparison::benchmark_key, std::vector<double>> changes;
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
    for (const auto& row : result.rows)
      if (row.detectable_change) changes[row.key].push_back(*row.detectable_change);
  }
  profile.same_code = found;
  if (runs.size() < least_runs_for_change) return;
  for (const auto& [key, values] : changes)
    if (const auto place = profile.benchmarks.find(key); place != profile.benchmarks.end())
      place->second.smallest_change = summarize(values).median;
}

report::table noise_table(const comparison::noise_profile& profile) {
  report::table rows({{"benchmark", "benchmark"},
                      {"device", "device"},
                      {"runs", "runs"},
                      {"run_deviation_percent", "between runs %", 3},
                      {"sampling_deviation_percent", "of which sampling %", 3, 1},
                      {"lower_quartile_deviation_percent", "at lower quartile %", 3, 1},
                      {"smallest_change_percent", "smallest change found %", 3}});
  const auto percent = [](const std::optional<double>& share) {
    return share ? report::table::value(*share * 100) : report::table::value();
  };
  for (const auto& [key, noise] : profile.benchmarks)
    rows.add_row({key.name, key.device, static_cast<double>(noise.runs), noise.median.run_deviation * 100,
                  percent(noise.median.sampling_deviation),
                  percent(noise.lower_quartile ? std::optional(noise.lower_quartile->run_deviation) : std::nullopt),
                  percent(noise.smallest_change)});
  return rows;
}

/// Same-code runs and what they were read from.
struct same_code_runs {
  std::vector<results::run> runs;
  std::vector<std::filesystem::path> files;
  bool interrupted = false;
};

same_code_runs read_runs(const std::vector<std::string>& arguments) {
  same_code_runs read;
  for (const auto& argument : arguments) {
    auto loaded = load_side(argument);
    std::move(loaded.side.runs.begin(), loaded.side.runs.end(), std::back_inserter(read.runs));
    read.files.insert(read.files.end(), loaded.files.begin(), loaded.files.end());
  }
  return read;
}

void require_enough(std::size_t runs) {
  if (runs < 4)
    throw error(error_kind::usage, fmt::format("{} cannot tell how runs differ", count_of(runs, "run")),
                "measure the same code at least 4 times, better 10: gpubench selftest measures by itself");
}

/// A spread over several machines, or over several benchmarks, is no noise of one.
void require_same_code(const comparison::comparison_result& among_themselves) {
  for (const auto& d : among_themselves.differences) {
    if (!d.forbids) continue;
    throw error(error_kind::input, fmt::format("the runs are not of one machine in one state: {} is {}", d.key, d.base),
                "give runs that differ in nothing but time; each machine, driver and library has its own noise");
  }
  for (const auto& row : among_themselves.rows) {
    // Without times, as imported summaries are, it takes no part.
    if (row.outcome != comparison::verdict::not_comparable || row.base.runs == 0) continue;
    throw error(error_kind::input, fmt::format("{}: {}", to_string(row.key), row.because),
                "give runs of the same benchmarks by the same gpubench");
  }
}

bool has_failed(const std::vector<results::run>& runs) {
  const auto failed = [](const results::measurement& m) { return m.status == results::measurement_status::failed; };
  return std::any_of(runs.begin(), runs.end(), [&](const results::run& run) {
    return std::any_of(run.measurements.begin(), run.measurements.end(), failed);
  });
}

/// A folder for as long as it is needed.
class passing_folder {
 public:
  passing_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gpubench-selftest-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw error(error_kind::io, name + " cannot be made");
    path_ = name;
  }
  ~passing_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  passing_folder(const passing_folder&) = delete;
  passing_folder& operator=(const passing_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

same_code_runs measure_runs(const global_options& global, const selftest_options& options) {
  std::optional<passing_folder> passing;
  auto folder = options.output_dir;
  if (folder.empty()) folder = passing.emplace().path();
  auto measuring = options.measuring;
  if (measuring.time_budget) *measuring.time_budget /= options.count;
  const auto known = load_catalogue(global);
  same_code_runs measured;
  for (int run = 1; run <= options.count; ++run) {
    say(global, fmt::format("Run {} of {}", run, options.count));
    auto finished = measure_once(global, known, measuring, new_file_name(folder, "run", ".json"));
    if (!finished) {
      measured.interrupted = true;
      return measured;
    }
    measured.runs.push_back(std::move(*finished));
  }
  return measured;
}

void require_nothing_to_measure(const selftest_options& options) {
  const auto& measuring = options.measuring;
  if (options.runs.empty() || (!measuring.suite && !measuring.time_budget && measuring.filter.empty() &&
                               measuring.backend.empty() && measuring.devices.empty() && options.output_dir.empty()))
    return;
  throw error(error_kind::usage, "with runs to read nothing is measured, and --suite and the like have no meaning",
              "leave out either the runs or the options of measuring");
}

std::string flush_words(const flush_findings& found) {
  std::vector<std::string> parts;
  for (const auto& flush : found.checks)
    parts.push_back(fmt::format("{}: a load takes {:.3g} ns at once again, {:.3g} ns after a flush{}", flush.device,
                                flush.hot_ns, flush.cold_ns, flush.works() ? "" : " - it DOES NOT WORK"));
  for (const auto& reason : found.unknown) parts.push_back("not known of " + reason);
  return parts.empty() ? "not checked" : join(parts, "; ");
}

exit_status selftest(const program& chosen, const selftest_options& options) {
  const auto& global = chosen.global;
  require_table_format(global, "a self-test");
  require_nothing_to_measure(options);
  comparison::noise_profile profile;
  same_code_runs same_code;
  flush_findings flushes;
  if (!options.runs.empty()) same_code = read_runs(options.runs);
  require_output(global, same_code.files);
  require_apart("--profile", options.profile, same_code.files);
  require_same_kind("--profile", options.profile, comparison::noise_schema);
  require_distinct("--profile", options.profile, "--output", global.output);
  if (!options.runs.empty()) require_enough(same_code.runs.size());
  require_writable(options.profile);
  if (options.runs.empty()) {
    flushes = check_flushes(options.measuring);
    profile.flushes = flushes.checks;
    same_code = measure_runs(global, options);
    if (same_code.interrupted) {
      say(global, "Interrupted: no profile was written");
      return exit_status::interrupted;
    }
  }
  auto& runs = same_code.runs;
  std::stable_sort(runs.begin(), runs.end(),
                   [](const results::run& a, const results::run& b) { return a.started_at < b.started_at; });
  // Refuses a run that is given twice, too.
  require_same_code(comparison::compare({"the runs", runs}, {"the runs", runs}, {}));

  profile.made_at = format_utc(std::chrono::system_clock::now());
  profile.tool_version = version;
  profile.environment = runs.back().environment;
  profile.timer = check_timer();
  profile.benchmarks = comparison::noise_of(runs);
  if (profile.benchmarks.empty()) {
    if (!options.runs.empty())
      throw error(error_kind::input, "no benchmark has times in two of the runs: nothing is known of their noise",
                  "give runs that measured the same benchmarks");
    say(global, "No benchmark was measured twice: no profile was written");
    return exit_status::measurement_failed;
  }
  compare_same_code(profile, runs);
  write_file_atomically(options.profile,
                        comparison::to_json(profile).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
  deliver_table(global, noise_table(profile));
  say(global, labelled("Timer", fmt::format("{:.3g} ns a step, {:.3g} ns a reading", profile.timer->resolution_ns,
                                            profile.timer->read_ns)));
  say(global, labelled("Flush", flush_words(flushes)));
  say(global, labelled("Same code", fmt::format("compared {} times: {}", profile.same_code->comparisons,
                                                count_of(profile.same_code->alarms, "false alarm"))));
  if (runs.size() < least_runs_for_change)
    say(global, labelled("Change", fmt::format("{} cannot tell the smallest change that would be found: {} or more do",
                                               count_of(runs.size(), "run"), least_runs_for_change)));
  say(global, labelled("Next", "gpubench compare BASE NEW --noise " + options.profile.string()));
  if (!has_failed(runs)) return exit_status::done;
  say(global, "A measurement failed: the run files say why, and the profile knows it from fewer runs or not at all");
  return exit_status::measurement_failed;
}

}  // namespace

void declare_selftest(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("selftest", "Find out how runs of the same code differ on this machine");
  const auto options = std::make_shared<selftest_options>();
  command->add_option("runs", options->runs, "runs of the same code, files or folders; without any they are measured")
      ->type_name("RUN...")
      ->expected(0, 1000);
  command->add_option("--profile", options->profile, "the noise profile to write")->type_name("FILE")->required();
  add_measuring_options(*command, options->measuring, "--budget");
  add_value(
      *command, "--runs", options->count, [](const std::string& text) { return parse_count(text, 4, 1000); }, "N",
      "measure so often (10); --budget is for all of them together");
  command->add_option("--output-dir", options->output_dir, "keep the run files in this folder")->type_name("DIR");
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return selftest(chosen, *options); }; });
}

}  // namespace gpubench::cli
