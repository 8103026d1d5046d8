#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "core/file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "cost/checkpoint.hpp"
#include "predictor/validation.hpp"

namespace gpubench::cli {
namespace {

struct validate_options {
  bool rows = false;
};

report::table score_table(const std::vector<predictor::family_score>& scores,
                          const std::vector<predictor::family_bound>& bounds) {
  report::table table({{"family", "family"},
                       {"rows", "rows"},
                       {"mean_error_percent", "mean error %", 3},
                       {"median_error_percent", "median %", 3},
                       {"p90_error_percent", "P90 %", 3},
                       {"bias_percent", "bias %", 3},
                       {"interval_coverage_percent", "in 90 % interval, %", 3},
                       {"kendall_tau", "Kendall tau of GPUs", 3},
                       {"regret_percent", "regret %", 3},
                       {"most_mean_error_percent", "bound %", 3}});
  using value = report::table::value;
  const auto known = [](const std::optional<double>& v, double unit = 1) { return v ? value(*v * unit) : value(); };
  for (const auto& s : scores) {
    std::optional<double> bound;
    for (const auto& b : bounds) {
      if (b.family == s.family) bound = b.most_mean_error;
    }
    table.add_row({s.family, static_cast<double>(s.rows), 100 * s.mean_error, 100 * s.median_error, 100 * s.p90_error,
                   100 * s.bias, known(s.coverage, 100), known(s.kendall_tau), known(s.regret, 100), known(bound, 100)});
  }
  return table;
}

report::table row_table(const std::vector<predictor::judged_truth>& judged) {
  report::table table({{"truth_id", "truth"},
                       {"gpu", "GPU"},
                       {"gpu_count", "GPUs"},
                       {"params", "work", 4, 1},
                       {"precision", "precision"},
                       {"measured", "measured"},
                       {"prediction", "predicted"},
                       {"low", "low"},
                       {"high", "high"},
                       {"unit", "unit"},
                       {"time_error_percent", "error of the time %", 3},
                       {"source", "source", 4, 2},
                       {"date", "of", 4, 3}});
  for (const auto& j : judged) {
    const auto& c = j.what->what;
    table.add_row({c.id, c.gpu, static_cast<double>(c.gpu_count), c.params, c.precision, j.what->value,
                   j.answer.prediction, j.answer.low, j.answer.high, c.unit, 100 * j.time_error(), j.what->source,
                   j.what->date});
  }
  return table;
}

/// Between checkpoints, which hangs on no GPU: "op=checkpoint_interval;mtbf_hours=24;checkpoint_minutes=5", in minutes.
/// An optimum by formula, without an interval of its own.
predictor::case_answer checkpoint_interval(const predictor::prediction_case& what,
                                           const predictor::case_parameters& p) {
  constexpr double minute = 60, hour = 3600;
  predictor::case_answer a;
  a.prediction = cost::daly_interval(p.number("mtbf_hours") * hour, p.number("checkpoint_minutes") * minute) / minute;
  a.low = a.high = a.prediction;
  a.unit = what.unit;
  a.bound_by = predictor::bound::overhead;
  return a;
}

predictor::case_answer answer_truth(const predictor::prediction_case& what, predictor::case_context& context) {
  const auto p = predictor::case_parameters::parse(what.params, what.position);
  if (p.find("op") == "checkpoint_interval") return checkpoint_interval(what, p);
  return predictor::answer(what, context);
}

exit_status validate(const global_options& global, const validate_options& options) {
  require_table_format(global);
  require_output(global);
  const auto directory = find_data_directory(global.profiles);
  const profiles::catalogue known = load_catalogue(global);
  const predictor::operator_calibration operators = load_operators(global);
  const auto language_models = load_models(global);
  predictor::case_context context(known, operators, language_models);
  const auto truths = predictor::load_truths(directory);
  const auto bounds = predictor::load_truth_bounds(directory);
  std::vector<predictor::judged_truth> judged;
  for (const predictor::truth& t : truths) judged.push_back({&t, answer_truth(t.what, context)});
  const auto scores = predictor::score(judged);
  deliver_table(global, options.rows ? row_table(judged) : score_table(scores, bounds));
  bool worse = false;
  for (const auto& bound : bounds) {
    const auto judged_family = [&](const predictor::family_score& s) { return s.family == bound.family; };
    if (std::none_of(scores.begin(), scores.end(), judged_family))
      throw error(error_kind::input, "truth_bounds.csv bounds the family '" + bound.family + "', which has no truths");
    for (const auto& s : scores) {
      if (s.family != bound.family || s.mean_error <= bound.most_mean_error) continue;
      worse = true;
      say(global, fmt::format("{}: the mean error of {:.1f} % exceeds its bound of {:.1f} %", s.family,
                              100 * s.mean_error, 100 * bound.most_mean_error));
    }
  }
  return worse ? exit_status::answer_is_no : exit_status::done;
}

}  // namespace

void declare_validate(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand(
      "validate", "Hold predictions to published measurements; exit 1 when a family is worse than its recorded bound");
  const auto options = std::make_shared<validate_options>();
  command->add_flag("--rows", options->rows, "every measurement beside its prediction");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return validate(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
