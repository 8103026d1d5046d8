#include "cli/tuning_output.hpp"

#include "cli/output.hpp"
#include "core/json_null.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

namespace gpubench::cli {
namespace {

std::string change_text(const comparison::comparison_row& row) {
  if (!row.change) return std::string(to_string(row.outcome));
  std::string text = fmt::format("{:+.1f} %", 100 * *row.change);
  if (row.change_interval)
    text += fmt::format(" ({:+.1f} to {:+.1f} %)", 100 * row.change_interval->low, 100 * row.change_interval->high);
  return text;
}

}  // namespace

report::table tried_table(const tuning::search_result& found) {
  report::table rows({{"choice", "choice"},
                      {"setting", "setting"},
                      {"change", "change of time", 3},
                      {"launches", "launches", 4, 1},
                      {"problem", "problem", 4, 2}});
  using value = report::table::value;
  for (const auto& one : found.tried)
    rows.add_row({one.dimension, tuning::to_string(one.variables), one.change ? value(*one.change) : value(),
                  static_cast<double>(one.launches), one.problem.empty() ? value() : value(one.problem)});
  return rows;
}

json tuning_document(const tune_options& options, const tuning::search_result& found) {
  json tried = json::array(), confirmed = json::array(), overridden = json::object();
  const auto launcher = tuning::read_launcher(options.launcher);
  for (const auto& [name, value] : found.candidate)
    if (const auto objection = launcher.objection_to(name)) overridden[name] = *objection;
  for (const auto& one : found.tried)
    tried.push_back({{"choice", one.dimension},
                     {"variables", one.variables},
                     {"change", or_null(one.change)},
                     {"launches", one.launches},
                     {"problem", text_or_null(one.problem)}});
  if (found.confirmation)
    for (const auto& row : found.confirmation->rows)
      confirmed.push_back({{"benchmark", row.key.name},
                           {"verdict", to_string(row.outcome)},
                           {"own_time_ns", or_null(row.base.time_ns)},
                           {"time_ns", or_null(row.fresh.time_ns)},
                           {"change", or_null(row.change)},
                           {"change_low", row.change_interval ? json(row.change_interval->low) : json(nullptr)},
                           {"change_high", row.change_interval ? json(row.change_interval->high) : json(nullptr)},
                           {"adjusted_p", or_null(row.adjusted_p)},
                           {"could_be_slower", comparison::could_be_slower(row, options.threshold)}});
  static const char* const ends[] = {"all tried", "out of budget", "interrupted"};
  return {{"schema", "gpubench.tuning/1"},
          {"tool_version", version},
          {"library", options.library()},
          {"collective", options.collective},
          {"threshold", options.threshold},
          {"end", ends[static_cast<int>(found.end)]},
          {"launches", found.launches},
          {"seconds", found.seconds},
          {"keeps", found.keeps},
          {"variables", found.keeps ? json(found.candidate) : json::object()},
          {"candidate", found.candidate},
          {"overridden", overridden},
          {"reason", text_or_null(found.reason)},
          {"confirmation", confirmed},
          {"tried", tried}};
}

void write_tuning(const tune_options& options, const tuning::search_result& found, const report::style& look,
                  std::ostream& out) {
  const auto line = [&](const char* label, const std::string& text) { out << labelled(label, text) << '\n'; };
  if (found.keeps) {
    const auto launcher = tuning::read_launcher(options.launcher);
    for (const auto& [name, value] : found.candidate) {
      line("Set", fmt::format("{}={}", name, value));
      if (const auto objection = launcher.objection_to(name)) line("", *objection);
      if (const auto condition = launcher.condition_of(name)) line("", *condition);
    }
  } else if (found.tried.empty()) {
    line("Keep", fmt::format("{}'s own choice: nothing else was tried", options.library()));
  } else if (found.candidate.empty()) {
    line("Keep", fmt::format("{}'s own choice: no setting looked faster by {:.3g} % or more", options.library(),
                             50 * options.threshold));
  } else {
    line("Keep", fmt::format("{}'s own choice: {} looked faster, and {}", options.library(),
                             tuning::to_string(found.candidate), found.reason));
  }
  if (found.confirmation)
    for (const auto& row : found.confirmation->rows)
      line("", fmt::format("{}: {} of time", row.key.name, change_text(row)));
  out << '\n';
  tried_table(found).write_text(out, look);
}

}  // namespace gpubench::cli
