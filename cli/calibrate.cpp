#include "predictor/calibrate.hpp"

#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "predictor/observations.hpp"

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

predictor::observation_set read_files(const global_options& global, const calibrate_options& options,
                                      const profiles::catalogue& known) {
  predictor::observation_set rows;
  for (const std::string& condition : options.conditions) {
    const std::size_t at = condition.find('=');
    if (at == std::string::npos || at == 0)
      throw error(error_kind::usage, "--where " + condition + " is not COLUMN=VALUE", "for example framework=vllm");
    rows.conditions.emplace_back(condition.substr(0, at), condition.substr(at + 1));
  }
  for (const std::string& file : options.files) {
    if (std::filesystem::path(file).extension() == ".json") {
      const auto run = results::load_run(file);
      const auto before = rows.rows.size();
      add_observations(run, known, rows);
      say_what_was_used(global, file, run, rows.rows.size() - before);
    } else {
      add_observations(csv_table::load(file), known, rows);
    }
  }
  return rows;
}

report::table error_table(const std::vector<predictor::held_out_error>& errors) {
  report::table table({{"family", "family"},
                       {"part", "part", 4, 1},
                       {"gpu", "GPU"},
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
  return table;
}

exit_status calibrate(const global_options& global, const calibrate_options& options) {
  require_table_format(global);
  require_output(global);
  if (!options.save_directory.empty()) {
    std::error_code refused;  // what cannot be made is refused by the line after it
    std::filesystem::create_directories(options.save_directory, refused);
    require_writable(std::filesystem::path(options.save_directory) / predictor::calibration_file);
  }
  const profiles::catalogue known = load_catalogue(global);
  const auto base = options.from_scratch ? predictor::uncalibrated() : load_operators(global);
  const predictor::observation_set rows = read_files(global, options, known);
  for (const std::string& why : rows.dropped) say(global, "left out: " + why);
  if (rows.dropped_rows > rows.dropped.size()) say(global, fmt::format("left out: {} rows in all", rows.dropped_rows));
  if (rows.rows.empty())
    throw error(error_kind::input, "nothing to calibrate on in the files given",
                "GPU measurements of operators are needed: run files with GPU results, or tables (docs/prediction.md)");
  predictor::calibration_options how;
  how.source = options.source.empty() ? "gpubench calibrate " + join(options.files, " ") : options.source;
  how.date = options.date.empty() ? format_utc(std::chrono::system_clock::now()).substr(0, 10) : options.date;
  const predictor::calibration_result result = predictor::calibrate(rows.rows, base, how);
  deliver_table(global, error_table(result.errors));
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
  auto* command = app.add_subcommand("calibrate", "Fit the operator models to measurements and say how well they fit");
  const auto options = std::make_shared<calibrate_options>();
  command->add_option("file", options->files, "run files (.json) and tables of measured operators (.csv)")
      ->type_name("FILE...")
      ->required();
  command
      ->add_option("--save", options->save_directory,
                   "write the coefficients into this folder, which --overlay then takes")
      ->type_name("FOLDER");
  command->add_option("--source", options->source, "where the measurements are from, kept with the coefficients")
      ->type_name("TEXT");
  command->add_option("--date", options->date, "their date, YYYY-MM-DD")->type_name("DATE");
  command->add_option("--where", options->conditions, "only rows of tables whose column has this value; repeatable")
      ->type_name("COLUMN=VALUE")
      ->allow_extra_args(false);
  command->add_flag("--from-scratch", options->from_scratch, "forget the shipped coefficients");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return calibrate(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
