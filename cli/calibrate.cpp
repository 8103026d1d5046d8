#include "predictor/calibrate.hpp"

#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "predictor/collective_calibration.hpp"
#include "predictor/collective_observations.hpp"
#include "predictor/observations.hpp"
#include "predictor/serving_calibration.hpp"

namespace gpubench::cli {
namespace {

struct calibrate_options {
  std::vector<std::string> files;
  std::string save_directory;
  std::string source;
  std::string date;
  std::vector<std::string> conditions;  ///< "COLUMN=VALUE"
  bool from_scratch = false;
};

// How much of an imported run was of use: its names and GPUs may be others than ours.
void say_what_was_used(const global_options& global, const std::string& file, const results::run& run,
                       std::size_t rows) {
  if (!run.provenance) return;
  const auto used = rows == 0 ? std::string("nothing in it can be calibrated on (docs/importing.md)")
                              : count_of(rows, "measurement") + " used";
  say(global, labelled("Imported", fmt::format("{}, from {}: {}", file, results::tools_of(*run.provenance), used)));
}

/// What files hold, sorted by what it calibrates.
struct measured_rows {
  predictor::observation_set operators;
  predictor::collective_observations collectives;
  predictor::serving_observations servers;

  std::size_t size() const { return operators.rows.size() + collectives.rows.size() + servers.rows.size(); }
};

measured_rows read_files(const global_options& global, const calibrate_options& options,
                         predictor::case_context& context) {
  const profiles::catalogue& known = context.known();
  measured_rows rows;
  for (const std::string& condition : options.conditions) {
    const std::size_t at = condition.find('=');
    if (at == std::string::npos || at == 0)
      throw error(error_kind::usage, "--where " + condition + " is not COLUMN=VALUE", "for example framework=vllm");
    rows.operators.conditions.emplace_back(condition.substr(0, at), condition.substr(at + 1));
  }
  rows.collectives.conditions = rows.servers.conditions = rows.operators.conditions;
  for (const std::string& file : options.files) {
    if (std::filesystem::path(file).extension() == ".json") {
      const results::run run = results::load_run(file);
      const std::size_t before = rows.size();
      add_observations(run, known, rows.operators);
      add_collectives(run, known, rows.collectives);
      say_what_was_used(global, file, run, rows.size() - before);
      continue;
    }
    const csv_table table = csv_table::load(file);
    if (predictor::is_serving_table(table)) {
      add_servers(table, context, rows.servers);
    } else if (predictor::is_collective_table(table)) {
      add_collectives(table, known, rows.collectives);
    } else {
      add_observations(table, known, rows.operators);
    }
  }
  return rows;
}

report::table error_table(const std::vector<predictor::held_out_error>& errors,
                          const std::vector<predictor::collective_error>& collectives,
                          const std::vector<predictor::serving_error>& servers) {
  report::table table({{"family", "family"},
                       {"part", "part", 4, 1},
                       {"gpu", "GPU, engine"},
                       {"held_out_rows", "rows"},
                       {"own_mean_percent", "own mean %", 3},
                       {"own_median_percent", "median %", 3},
                       {"left_out_mean_percent", "GPU left out, mean %", 3},
                       {"left_out_median_percent", "median %", 3},
                       {"roofline_mean_percent", "data-sheet roofline, mean %", 3},
                       {"interval_coverage_percent", "within 90 % interval, %", 3}});
  using value = report::table::value;
  for (const auto& e : errors) {
    const auto foreign = [&](double v) { return e.has_foreign ? value(100 * v) : value(); };
    table.add_row({e.family, e.part.empty() ? value() : value(e.part), e.device, static_cast<double>(e.rows),
                   100 * e.own_mean, 100 * e.own_median, foreign(e.foreign_mean), foreign(e.foreign_median),
                   100 * e.roofline_mean, foreign(e.coverage)});
  }
  for (const auto& e : collectives) {
    table.add_row({std::string("collective"), std::string(to_string(e.kind)), e.gpu, static_cast<double>(e.rows),
                   100 * e.mean, 100 * e.median, value(), value(), value(), 100 * e.coverage});
  }
  for (const auto& e : servers) {
    table.add_row({std::string("server"), e.metric, e.engine, static_cast<double>(e.rows), 100 * e.mean, 100 * e.median,
                   value(), value(), value(), 100 * e.coverage});
  }
  return table;
}

void say_what_was_left_out(const global_options& global, const measured_rows& rows,
                           const std::vector<predictor::refused_observation>& refused) {
  constexpr std::size_t most_reports = 20;
  for (const std::string& why : rows.operators.dropped) say(global, "left out: " + why);
  for (std::size_t i = 0; i < std::min(refused.size(), most_reports); ++i)
    say(global, "left out: " + rows.collectives.origins[refused[i].index] + ": " + refused[i].reason);
  for (std::size_t i = 0; i < std::min(rows.servers.dropped.size(), most_reports); ++i)
    say(global, "left out: " + rows.servers.dropped[i]);
  const std::size_t dropped = rows.operators.dropped_rows + refused.size() + rows.servers.dropped.size();
  if (dropped > most_reports) say(global, fmt::format("left out: {} rows in all", dropped));
  if (rows.collectives.passed_over > 0)
    say(global, fmt::format("passed over: {} collectives between nodes, in place, or of forced algorithms",
                            rows.collectives.passed_over));
  if (rows.servers.passed_over > 0)
    say(global, fmt::format("passed over: {} servers that are disaggregated or of no stated engine version",
                            rows.servers.passed_over));
}

exit_status calibrate(const global_options& global, const calibrate_options& options) {
  require_table_format(global);
  require_output(global, {options.files.begin(), options.files.end()});
  if (!options.save_directory.empty()) {
    std::error_code refused;  // what cannot be made is refused by the line after it
    std::filesystem::create_directories(options.save_directory, refused);
    require_writable(std::filesystem::path(options.save_directory) / predictor::calibration_file);
  }
  const profiles::catalogue known = load_catalogue(global);
  const auto base = options.from_scratch ? predictor::uncalibrated() : load_operators(global);
  const auto language_models = load_models(global);
  predictor::case_context context(known, base, language_models);
  const measured_rows rows = read_files(global, options, context);
  predictor::calibration_options how;
  how.source = options.source.empty() ? "gpubench calibrate " + join(options.files, " ") : options.source;
  how.date = options.date.empty() ? format_utc(std::chrono::system_clock::now()).substr(0, 10) : options.date;
  const auto collectives = predictor::calibrate_collectives(rows.collectives.rows, base.collectives,
                                                            {how.source, how.date, options.from_scratch});
  const auto servers = predictor::calibrate_servers(rows.servers.rows, base.engines, how.source, how.date);
  say_what_was_left_out(global, rows, collectives.refused);
  if (rows.size() == collectives.refused.size())
    throw error(error_kind::input, "nothing to calibrate on in the files given",
                "GPU measurements of operators, collectives or servers are needed: run files with GPU results, or "
                "tables (docs/prediction.md)");
  predictor::calibration_result result = predictor::calibrate(rows.operators.rows, base, how);
  result.known.collectives = collectives.known;
  result.known.engines = servers.known;
  deliver_table(global, error_table(result.errors, collectives.errors, servers.errors));
  for (const auto& e : collectives.errors)
    say(global, fmt::format("{} on {}: {:.1f} % on sizes held out, {:.1f} % before these rows", to_string(e.kind),
                            e.gpu, 100 * e.mean, 100 * e.before));
  for (const auto& e : servers.errors)
    say(global, fmt::format("{} of {}: {:.1f} % on servers held out, {:.1f} % before these rows", e.metric, e.engine,
                            100 * e.mean, 100 * e.before));
  if (options.save_directory.empty()) {
    say(global, "Nothing was saved: --save FOLDER keeps the coefficients");
  } else {
    predictor::save_operator_calibration(options.save_directory, result.known);
    say(global, labelled("Saved", options.save_directory));
    say(global, labelled("Used with", "gpubench --overlay " + options.save_directory + " predict ..."));
  }
  return exit_status::done;
}

}  // namespace

void declare_calibrate(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand(
      "calibrate", "Fit the models of operators, collectives and servers to measurements and say how well they fit");
  const auto options = std::make_shared<calibrate_options>();
  command
      ->add_option("file", options->files,
                   "run files (.json) and tables of measured operators, collectives or servers (.csv)")
      ->type_name("FILE...")
      ->required();
  command
      ->add_option("--save", options->save_directory,
                   "write the coefficients into this folder, which --overlay then takes")
      ->type_name("FOLDER");
  command->add_option("--source", options->source, "where the measurements are from, kept with the coefficients")
      ->type_name("TEXT");
  add_value(*command, "--date", options->date, parse_date_text, "DATE", "their date, YYYY-MM-DD");
  command->add_option("--where", options->conditions, "only rows of tables whose column has this value; repeatable")
      ->type_name("COLUMN=VALUE")
      ->allow_extra_args(false);
  command->add_flag("--from-scratch", options->from_scratch, "forget the shipped coefficients");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return calibrate(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
