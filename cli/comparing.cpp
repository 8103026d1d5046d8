#include "cli/comparing.hpp"

#include "cli/kept_files.hpp"
#include "cli/output.hpp"
#include "cli/values.hpp"
#include "core/file.hpp"
#include "core/fraction.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "results/run_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

namespace gpubench::cli {
namespace {

namespace fs = std::filesystem;
using comparison::verdict;

double parse_share(const std::string& text) {
  const auto share = parse_fraction(text);
  if (!share || !(*share > 0 && *share < 1))
    throw error(error_kind::usage, fmt::format("'{}' is not a share between 0 and 1", text), "write 2% or 0.02");
  return *share;
}

verdict parse_verdict(const std::string& text) {
  std::vector<std::string> names;
  for (const auto outcome : {verdict::slower, verdict::wrong_result, verdict::missing, verdict::ambiguous}) {
    if (comparison::to_string(outcome) == trim(text)) return outcome;
    names.emplace_back(comparison::to_string(outcome));
  }
  throw error(error_kind::usage, fmt::format("'{}' is not a verdict that can fail", text),
              "known are " + join(names, ", "));
}

std::pair<std::string, fs::path> parse_output(const std::string& text) {
  const auto equals = text.find('=');
  const std::string form = text.substr(0, equals);
  static_cast<void>(report::find_comparison_form(form));
  if (equals == std::string::npos || equals + 1 == text.size())
    throw error(error_kind::usage, fmt::format("'{}' names no file", text), "write FORM=FILE: junit=report.xml");
  return {form, text.substr(equals + 1)};
}

bool is_run(const json& document) {
  const auto found = document.is_object() ? document.find("schema") : document.end();
  return document.is_object() && found != document.end() && found->is_string() &&
         found->get_ref<const std::string&>().rfind("gpubench.run/", 0) == 0;
}

loaded_side runs_in_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code))
    if (entry->path().extension() == ".json" && entry->is_regular_file()) files.push_back(entry->path());
  if (code) throw error(error_kind::io, {folder.string(), 0, 0}, "cannot be listed: " + code.message());
  std::sort(files.begin(), files.end());
  loaded_side loaded{{folder.string(), {}}, {}};
  for (const auto& file : files) {
    const std::string text = read_file(file), name = file.string();
    const auto document = parse_json(text, name);
    if (!is_run(document)) continue;
    loaded.side.runs.push_back(results::run_from_json(results::json_field(document, name, &text)));
    loaded.files.push_back(file);
  }
  if (loaded.files.empty())
    throw error(error_kind::usage, fmt::format("{} holds no run file", folder.string()),
                "name a folder of files that 'gpubench run' wrote");
  return loaded;
}

/// The file that the summary of this step of a job goes to; nothing outside of GitHub Actions.
std::optional<fs::path> step_summary() {
  const char* name = std::getenv("GITHUB_STEP_SUMMARY");
  return name == nullptr || *name == '\0' ? std::nullopt : std::optional<fs::path>(name);
}

/// That nothing failed is no pass where the verdicts say nothing: the job's reader must not take it for one.
void say_what_is_open(const global_options& global, const report::comparison_document& content) {
  std::size_t open = 0, judged = 0, slow = 0;
  const comparison::comparison_row* slowest = nullptr;
  for (const auto& result : content.results) {
    for (const auto& row : result.rows) {
      (row.outcome == verdict::ambiguous ? open : judged) += row.change.has_value() ? 1 : 0;
      if (!comparison::is_unjudged_slow_down(row, result.by.threshold)) continue;
      ++slow;
      if (slowest == nullptr || *row.change > *slowest->change) slowest = &row;
    }
  }
  if (open == 0) return;
  say(global,
      fmt::format(
          "{} could not be judged: --all and --format csv say why; --fail-on slower,wrong,ambiguous fails for them",
          count_of(open, "benchmark")));
  if (slowest == nullptr) return;
  say(global, fmt::format("{}: {} measured as slower by far more than the threshold without a verdict, {} by {:.0f} %: "
                          "measure again on an idle machine",
                          judged == 0 ? "This is no pass" : "Look at these",
                          slow == 1 ? "one was" : fmt::format("{} were", slow), to_string(slowest->key),
                          *slowest->change * 100));
}

[[noreturn]] void refuse_step_summary(const fs::path& file) {
  throw error(error_kind::io, {file.string(), 0, 0}, "cannot be written (GITHUB_STEP_SUMMARY)",
              "unset the variable, or leave --github out");
}

void require_step_summary() {
  const auto file = step_summary();
  if (!file) return;
  std::error_code ignored;
  const bool is_new = !fs::exists(*file, ignored);
  const bool opened = std::ofstream(*file, std::ios::app).is_open();
  if (opened && is_new) fs::remove(*file, ignored);
  if (!opened) refuse_step_summary(*file);
}

void append_step_summary(const report::comparison_document& content) {
  const auto name = step_summary();
  if (!name) return;
  // The summary belongs to all steps of a job: added to, never replaced.
  std::ofstream file(*name, std::ios::app);
  report::find_comparison_form("markdown").write(content, {}, file);
  if (!file.flush()) refuse_step_summary(*name);
}

exit_status status_of(const report::comparison_document& content) {
  bool not_comparable = false, compared = false;
  for (const auto& result : content.results) {
    for (const auto& row : result.rows) {
      if (report::fails(content, row)) return exit_status::answer_is_no;
      not_comparable = not_comparable || row.outcome == verdict::not_comparable;
      compared = compared || row.change.has_value();
    }
  }
  return not_comparable || !compared ? exit_status::not_comparable : exit_status::done;
}

}  // namespace

void add_comparing_options(CLI::App& app, comparing_options& options) {
  add_value(app, "--threshold", options.threshold, parse_share, "SHARE",
            "the smallest change of time that counts (2%)");
  add_value(app, "--false-alarms", options.false_alarms, parse_share, "SHARE",
            "how often at most something is called slower or faster when nothing changed (1%)");
  app.add_option("--noise", options.noise,
                 "noise between runs: a profile by gpubench selftest, or a standard deviation as 0.5% or 0.005")
      ->type_name("FILE|SHARE");
  const auto as_typed = [](const std::string& text) { return text; };  // require_known_keys() looks at it
  add_values(app, "--allow", options.allowed, as_typed, "KEY",
             "compare although this differs, as driver; the key as the result lists it; repeatable");
  add_values(app, "--fail-on", options.fail_on, parse_verdict, "LIST",
             "verdicts that end in exit code 1: slower, wrong, missing, ambiguous (slower,wrong)");
  app.add_option_function<std::vector<std::string>>(
         "--write",
         [&options](const std::vector<std::string>& texts) {
           try {
             for (const auto& text : texts) {
               auto [form, file] = parse_output(text);
               if (!options.files.emplace(form, std::move(file)).second)
                 throw error(error_kind::usage, fmt::format("form '{}' is given two files", form), "give it one");
             }
           } catch (const error& e) {
             refuse_option("--write", e);
           }
         },
         "write the result also in this form: junit=report.xml, markdown=comment.md, openmetrics=metrics.txt; "
         "repeatable")
      ->type_name("FORM=FILE")
      ->allow_extra_args(false);
  app.add_flag("--github", options.github, "annotate the GitHub Actions job and add to its step summary");
  app.add_flag("--all", options.all, "show what stayed the same too");
  app.footer(
      "Exit codes: 0 no verdict of --fail-on; 1 one of them; 3 (gate) a measurement failed; 5 not comparable:\n"
      "something forbids the comparison of at least one benchmark, or nothing could be compared, and no verdict fails");
}

loaded_side load_side(const std::string& argument) {
  std::error_code ignored;
  if (fs::is_directory(argument, ignored)) return runs_in_folder(argument);
  loaded_side loaded{{argument, {}}, {}};
  // A comma may be part of a name.
  const auto names = fs::exists(argument, ignored) ? std::vector<std::string>{argument} : split(argument, ',');
  for (const auto& file : names) {
    loaded.side.runs.push_back(results::load_run(file));
    loaded.files.emplace_back(file);
  }
  return loaded;
}

void require_known_keys(const comparing_options& options, const std::vector<const comparison::side*>& sides) {
  std::set<std::string> stated;
  for (const auto* side : sides) stated.merge(comparison::keys_of(side->runs));
  for (const auto& key : options.allowed) {
    if (comparison::is_difference_key(key) || stated.count(key) != 0) continue;
    throw error(error_kind::usage, fmt::format("--allow: nothing that can differ is called '{}'", key),
                "known are " + join(comparison::difference_keys(), ", ") +
                    ", and libraries and variables that a run file records, as OMP_NUM_THREADS");
  }
}

comparison::criteria criteria_of(const comparing_options& options) {
  comparison::criteria by;
  by.threshold = options.threshold;
  by.false_discovery_rate = options.false_alarms;
  by.allowed = {options.allowed.begin(), options.allowed.end()};
  if (options.noise.empty()) return by;
  std::error_code ignored;
  const bool is_share = options.noise.back() == '%' || parse_number(trim(options.noise));
  if (!fs::exists(options.noise, ignored) && is_share) {
    try {
      by.assumed_run_deviation = parse_share(options.noise);
    } catch (const error& e) {
      refuse_option("--noise", e);
    }
  } else {
    by.noise = comparison::load_noise_profile(options.noise);
  }
  return by;
}

void require_comparison_outputs(const global_options& global, const comparing_options& options,
                                const std::vector<std::filesystem::path>& inputs) {
  static_cast<void>(report::find_comparison_form(global.format));
  require_output(global, inputs);
  std::vector<std::pair<std::string, fs::path>> taken{{"--output", global.output}};
  for (const auto& [form, file] : options.files) {
    const std::string option = "--write " + form;
    require_apart(option, file, inputs);
    require_outside_catalogue(global, option, file);
    require_same_kind(option, file);
    require_writable(file);
    for (const auto& [earlier, of_earlier] : taken) require_distinct(earlier, of_earlier, option, file);
    taken.emplace_back(option, file);
  }
  if (!options.github) return;
  require_step_summary();
  if (const auto summary = step_summary()) require_apart("GITHUB_STEP_SUMMARY", *summary, inputs);
  if (global.output.empty() && global.format != "table" && global.format != "markdown")
    throw error(
        error_kind::usage,
        fmt::format("--github writes its annotations to standard output, where --format {} goes too", global.format),
        "give the result a file: --output FILE");
}

exit_status deliver_comparisons(const program& chosen, const comparing_options& options,
                                std::vector<comparison::comparison_result> results) {
  const auto& global = chosen.global;
  report::comparison_document content;
  content.results = std::move(results);
  content.failing = {options.fail_on.begin(), options.fail_on.end()};
  if (content.failing.empty()) content.failing = {verdict::slower, verdict::wrong_result};
  content.command = chosen.command_line;
  content.made_at = format_utc(std::chrono::system_clock::now());
  for (const auto& [form, file] : options.files) {
    std::ostringstream text;
    report::find_comparison_form(form).write(content, {}, text);
    write_file_atomically(file, text.str());
  }
  deliver(global, [&](std::ostream& out) {
    auto look = style_for(global);
    if (options.all) look.max_rows = 0;
    report::find_comparison_form(global.format).write(content, look, out);
  });
  if (options.github) {
    // The job's log is standard output, wherever the result itself goes.
    auto log = global;
    log.output.clear();
    deliver(log, [&](std::ostream& out) { report::find_comparison_form("github").write(content, {}, out); });
    append_step_summary(content);
  }
  const auto status = status_of(content);
  std::size_t apart = 0;
  for (const auto& result : content.results)
    for (const auto& row : result.rows) apart += row.outcome == verdict::not_comparable ? 1 : 0;
  if (apart > 0) say(global, "Not comparable: what differs is listed; --allow KEY compares all the same");
  say_what_is_open(global, content);
  if (status == exit_status::not_comparable && apart == 0)
    say(global, "Nothing could be compared: no benchmark has times on both sides");
  return status;
}

}  // namespace gpubench::cli
