#include "results/history.hpp"

#include "cli/history_tables.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/digest.hpp"
#include "core/fraction.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

namespace gpubench::cli {
namespace {

namespace fs = std::filesystem;

struct history_options {
  fs::path folder;
  history_filter filter;
  std::string show = "series";
  bool no_index = false;
};

std::string parse_metric(const std::string& text) {
  std::vector<std::string> names(results::metric_names.begin(), results::metric_names.end());
  if (std::find(names.begin(), names.end(), text) != names.end()) return text;
  const auto near = suggestion(text, names);
  throw error(error_kind::usage, fmt::format("'{}' is no metric of a run", text),
              near.empty() ? "known are " + join(names, ", ") : near);
}

std::string parse_show(const std::string& text) {
  if (text == "series" || text == "changes" || text == "points") return text;
  throw error(error_kind::usage, fmt::format("a history has no rows '{}'", text), "known are series, changes, points");
}

// "2%" or "0.02", from 0 to below 1.
double parse_smallest(const std::string& text) {
  const auto fraction = parse_fraction(text);
  if (fraction && *fraction >= 0 && *fraction < 1) return *fraction;
  throw error(error_kind::usage, fmt::format("'{}' is no share", text), "write it as 2% or 0.02");
}

// A smaller one takes more shuffles than anybody waits for; a larger one finds changes everywhere.
double parse_significance(const std::string& text) {
  constexpr double least = 1e-4, most = 0.2;
  const double value = parse_probability(text);
  if (value >= least && value <= most) return value;
  throw error(error_kind::usage, fmt::format("'{}' is not from {} to {}", text, least, most), "write 0.01 or 1%");
}

// In the user's cache, one for each folder; the folder itself is only read.
fs::path index_of(const fs::path& folder) {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  fs::path base = cache && *cache ? fs::path(cache) : home && *home ? fs::path(home) / ".cache" : fs::path();
  if (base.empty()) return {};
  std::error_code code;
  const auto whole = fs::canonical(folder, code);
  if (code) return {};
  return base / "gpubench" / ("history-" + sha256_hex(whole.string()).substr(0, 16));
}

exit_status show_history(const global_options& global, const history_options& options) {
  require_table_format(global, "a history");
  require_output(global);
  const auto found = results::load_history(options.folder, options.no_index ? fs::path() : index_of(options.folder));
  for (const auto& file : found.files)
    if (file.is != results::history_file::kind::other)
      require_apart("--output", global.output, {options.folder / file.path});
  const auto all = series_of(found, options.filter);
  if (options.show == "points") {
    deliver_table(global, point_table(all));
  } else if (options.show == "changes") {
    deliver_table(global, step_table(all));
  } else {
    deliver_table(global, series_table(all));
  }
  std::size_t runs = 0, broken = 0, copies = 0;
  const results::history_file* first_copy = nullptr;
  for (const auto& file : found.files) {
    runs += file.is == results::history_file::kind::run ? 1 : 0;
    broken += file.is == results::history_file::kind::broken ? 1 : 0;
    if (file.is == results::history_file::kind::other) say(global, "note: " + file.path + " is no run file: skipped");
    if (file.is == results::history_file::kind::broken) say(global, "skipped: " + file.problem);
    if (file.is != results::history_file::kind::copy) continue;
    ++copies;
    if (first_copy == nullptr) first_copy = &file;
  }
  if (first_copy != nullptr)
    say(global, fmt::format("note: {} of a run that is counted already, as {} of {}",
                            copies == 1 ? "1 file is a copy" : fmt::format("{} files are copies", copies),
                            first_copy->path, first_copy->problem));
  say(global,
      fmt::format("{}, {} of all files read now, the others from the index", count_of(runs, "run"), found.read));
  if (!found.index_problem.empty()) say(global, "note: the index cannot be kept: " + found.index_problem);
  if (broken > 0)
    throw error(error_kind::input, {options.folder.string(), 0, 0},
                fmt::format("{} cannot be read; the history is that of the others", count_of(broken, "run file")),
                "mend or remove what is named above");
  if (runs == 0)
    throw error(error_kind::input, {options.folder.string(), 0, 0}, "there is no run file below this folder",
                "'gpubench run' writes them");
  if (all.empty())
    throw error(error_kind::infeasible, "no measurement of these runs is what was asked for",
                "see --benchmark, --device, --machine and --metric");
  return exit_status::done;
}

}  // namespace

void declare_history(CLI::App& app, program& chosen) {
  auto* command =
      app.add_subcommand("history", "Show how figures developed over many run files, and where they changed");
  const auto options = std::make_shared<history_options>();
  auto& filter = options->filter;
  command->add_option("folder", options->folder, "folder with run files, searched with all below it")
      ->type_name("DIR")
      ->required();
  add_values(*command, "--benchmark", filter.benchmarks, parse_pattern, "REGEX",
             "only benchmarks whose full name matches; repeatable");
  add_value(*command, "--device", filter.device, parse_pattern, "REGEX", "only devices whose name matches");
  add_value(*command, "--machine", filter.machine, parse_pattern, "REGEX", "only machines whose description matches");
  add_value(*command, "--metric", filter.metric, parse_metric, "NAME",
            "time_ns (median, the default), flop_per_second, bytes_per_second, items_per_second or "
            "busbw_bytes_per_second");
  add_value(
      *command, "--last", filter.last, [](const std::string& text) { return parse_count(text, 1, 1'000'000); }, "N",
      "only the last N runs of each series");
  add_value(*command, "--threshold", filter.smallest_fraction, parse_smallest, "SHARE",
            "smallest change that counts, as 2% (default 1%)");
  add_value(*command, "--significance", filter.significance, parse_significance, "P",
            "probability at which a change may be chance, 0.0001 to 0.2 (default 0.01)");
  add_value(*command, "--show", options->show, parse_show, "ROWS", "series (default), changes or points");
  command->add_flag("--no-index", options->no_index, "read every file, and keep no index");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return show_history(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
