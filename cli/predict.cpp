#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/predict_step.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "predictor/prediction_case.hpp"

namespace gpubench::cli {
namespace {

struct predict_options {
  std::string cases_file;
  std::vector<std::filesystem::path> gpu_specs;
  bool use_anchors = false;
  step_options step;
};

using predictor::case_answer;
using predictor::prediction_case;

report::table answer_table(const std::vector<prediction_case>& cases,
                           const std::vector<std::optional<case_answer>>& answers) {
  report::table table({{"case_id", "case"},
                       {"prediction", "prediction"},
                       {"unit", "unit"},
                       {"low", "low"},
                       {"high", "high"},
                       {"tier", "tier"},
                       {"bound_by", "bound by"}});
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& a = answers[i];
    if (!a) {
      table.add_row({cases[i].id, {}, {}, {}, {}, {}, {}});
      continue;
    }
    table.add_row({cases[i].id, a->prediction, a->unit, a->low, a->high, std::string(predictor::to_string(a->basis)),
                   std::string(predictor::to_string(a->bound_by))});
  }
  return table;
}

exit_status predict_cases(const global_options& global, const predict_options& options) {
  const profiles::catalogue known = load_catalogue(global, options.gpu_specs);
  const predictor::operator_calibration operators = load_operators(global);
  const auto language_models = load_models(global);
  predictor::case_context context(known, operators, language_models);
  std::vector<error> refused;
  const auto cases = predictor::read_cases(csv_table::load(options.cases_file, csv_table::ragged_records::kept));
  std::vector<std::optional<case_answer>> answers;
  for (const prediction_case& c : cases) {
    std::optional<case_answer>& a = answers.emplace_back();
    try {
      if (c.fault) throw *c.fault;
      a = predictor::answer(c, context);
      for (const std::string& note : a->notes) say(global, c.position.to_string() + ": " + note);
    } catch (const error& e) {
      // A case that names something unknown is the fault of its row, wherever it was noticed.
      const bool elsewhere = !e.where().file.empty() && e.where().file != c.position.file;
      refused.push_back(elsewhere
                            ? error(error_kind::input, c.position, e.where().to_string() + ": " + e.what(), e.hint())
                        : e.where().file.empty() ? error(error_kind::input, c.position, e.what(), e.hint())
                                                 : e);
    }
  }
  std::vector<error> unused_anchors;
  if (options.use_anchors) unused_anchors = predictor::apply_anchors(cases, answers, known);
  global_options form = global;
  if (!global.format_given && form.format == "table") form.format = "csv";
  deliver_table(form, answer_table(cases, answers));
  for (const error& e : refused) std::fprintf(stderr, "%s\n", e.describe().c_str());
  for (const error& e : unused_anchors) std::fprintf(stderr, "%s\n", e.describe().c_str());
  if (refused.empty()) return unused_anchors.empty() ? exit_status::done : exit_status::usage;
  say(global, fmt::format("{} of {} cases could not be predicted", refused.size(), cases.size()));
  return exit_status::usage;
}

/// Either a table of cases or one step.
void require_one_question(const predict_options& options) {
  const std::string hint = "gpubench predict WORKLOAD --on GPU, or gpubench predict --cases FILE";
  const bool step = !options.step.workload.empty() || !options.step.on.empty() || options.step.gpus;
  if (!options.cases_file.empty()) {
    if (step)
      throw error(error_kind::usage, "--cases says all that is predicted: give no workload, --on or --gpus", hint);
    return;
  }
  if (options.step.workload.empty()) throw error(error_kind::usage, "nothing to predict", hint);
  if (options.step.on.empty()) throw error(error_kind::usage, "--on is missing: the GPU or instance type", hint);
  if (options.use_anchors) throw error(error_kind::usage, "--use-anchors goes with --cases", hint);
}

}  // namespace

void declare_predict(CLI::App& app, program& chosen) {
  auto* command =
      app.add_subcommand("predict", "Predict how long work takes on a GPU that need not have been measured");
  const auto options = std::make_shared<predict_options>();
  command->add_option("--cases", options->cases_file, "a table of cases: case_id, gpu, params, precision (docs/cli.md)")
      ->type_name("FILE");
  command
      ->add_option("workload", options->step.workload,
                   "one step of this: gpubench list workloads, or a .toml file; with --on")
      ->type_name("WORKLOAD");
  command->add_option("--on", options->step.on, "a GPU or an instance type")->type_name("GPU|INSTANCE");
  add_value(
      *command, "--gpus", options->step.gpus, [](const std::string& text) { return parse_count(text, 1, 1024); }, "N",
      "this many of the GPU, in one node (default 1)");
  command
      ->add_option("--gpu-spec", options->gpu_specs,
                   "GPUs that the catalogue lacks, from their data sheets: a table with the columns of gpus.csv; "
                   "repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--use-anchors", options->use_anchors,
                    "correct each workload by the measurements in its anchor rows");
  command->callback([&chosen, options] {
    chosen.action = [&chosen, options] {
      require_table_format(chosen.global);
      std::vector<std::filesystem::path> inputs{options->cases_file, options->step.workload};
      inputs.insert(inputs.end(), options->gpu_specs.begin(), options->gpu_specs.end());
      require_output(chosen.global, inputs);
      require_one_question(*options);
      options->step.gpu_specs = options->gpu_specs;
      if (options->cases_file.empty()) return predict_step(chosen.global, options->step);
      return predict_cases(chosen.global, *options);
    };
  });
}

}  // namespace gpubench::cli
