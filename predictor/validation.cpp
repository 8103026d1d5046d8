#include "predictor/validation.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace gpubench::predictor {
namespace {

/// Predicted over measured time.
double time_ratio(const judged_truth& j) {
  return j.is_rate() ? j.what->value / j.answer.prediction : j.answer.prediction / j.what->value;
}

double measured_time(const judged_truth& j) {
  return j.is_rate() ? 1 / j.what->value : j.what->value;
}

double predicted_time(const judged_truth& j) {
  return j.is_rate() ? 1 / j.answer.prediction : j.answer.prediction;
}

struct ranking_score {
  double pairs = 0, agreement = 0;  ///< pairs in the same order count 1, in the other -1, ties 0
  double lost = 0;
  int workloads = 0;
};

/// Order of the GPUs within each workload that several have.
ranking_score rank(const std::vector<const judged_truth*>& rows) {
  std::map<std::string, std::vector<const judged_truth*>> workloads;
  for (const judged_truth* j : rows) {
    const prediction_case& c = j->what->what;
    workloads[c.params + "|" + c.precision + "|" + std::to_string(c.gpu_count)].push_back(j);
  }
  ranking_score result;
  for (const auto& [name, members] : workloads) {
    for (std::size_t a = 0; a < members.size(); ++a) {
      for (std::size_t b = a + 1; b < members.size(); ++b) {
        if (members[a]->what->what.gpu == members[b]->what->what.gpu) continue;
        const double measured = measured_time(*members[a]) - measured_time(*members[b]);
        const double predicted = predicted_time(*members[a]) - predicted_time(*members[b]);
        result.pairs += 1;
        result.agreement += measured * predicted > 0 ? 1 : measured * predicted < 0 ? -1 : 0;
      }
    }
    const auto by = [](auto time) {
      return [time](const judged_truth* a, const judged_truth* b) { return time(*a) < time(*b); };
    };
    const auto best = *std::min_element(members.begin(), members.end(), by(measured_time));
    const auto chosen = *std::min_element(members.begin(), members.end(), by(predicted_time));
    const bool is_a_choice = std::any_of(members.begin(), members.end(), [&](const judged_truth* j) {
      return j->what->what.gpu != members.front()->what->what.gpu;
    });
    if (is_a_choice) {
      result.lost += measured_time(*chosen) / measured_time(*best) - 1;
      ++result.workloads;
    }
  }
  return result;
}

}  // namespace

bool judged_truth::is_rate() const {
  return what->what.unit.find("/s") != std::string::npos;
}

double judged_truth::time_error() const {
  return time_ratio(*this) - 1;
}

std::vector<truth> load_truths(const std::filesystem::path& directory) {
  const csv_table table = csv_table::load((directory / "truths.csv").string());
  table.require_columns(
      {"truth_id", "family", "gpu", "gpu_count", "params", "precision", "value", "unit", "source", "date"});
  std::vector<truth> truths;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const csv_table::row row = table[i];
    truth t;
    t.family = row.required_text("family");
    t.what.id = row.required_text("truth_id");
    t.what.gpu = row.required_text("gpu");
    const double count = row.required_number("gpu_count");
    if (!(count >= 1 && count <= 1e6 && count == std::floor(count)))
      row.refuse("gpu_count", "is not a whole number of GPUs");
    t.what.gpu_count = static_cast<int>(count);
    t.what.params = row.required_text("params");
    t.what.precision = row.required_text("precision");
    t.what.unit = row.required_text("unit");
    t.what.position = row.position("params");
    t.value = row.required_number("value");
    if (!(t.value > 0)) row.refuse("value", "is not positive");
    t.source = row.required_text("source");
    t.date = row.required_text("date");
    truths.push_back(std::move(t));
  }
  return truths;
}

std::vector<family_bound> load_truth_bounds(const std::filesystem::path& directory) {
  const csv_table table = csv_table::load((directory / "truth_bounds.csv").string());
  table.require_columns({"family", "most_mean_error_percent"});
  std::vector<family_bound> bounds;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const csv_table::row row = table[i];
    const double percent = row.required_number("most_mean_error_percent");
    if (!(percent > 0)) row.refuse("most_mean_error_percent", "is not positive");
    bounds.push_back({row.required_text("family"), percent / 100});
  }
  return bounds;
}

std::vector<family_score> score(const std::vector<judged_truth>& judged) {
  std::map<std::string, std::vector<const judged_truth*>> families;
  for (const judged_truth& j : judged) families[j.what->family].push_back(&j);
  std::vector<family_score> scores;
  for (const auto& [family, rows] : families) {
    family_score s;
    s.family = family;
    s.rows = rows.size();
    std::vector<double> errors, signed_errors, within;
    for (const judged_truth* j : rows) {
      signed_errors.push_back(j->time_error());
      errors.push_back(std::abs(j->time_error()));
      if (j->answer.low < j->answer.high)
        within.push_back(j->what->value >= j->answer.low && j->what->value <= j->answer.high ? 1 : 0);
    }
    if (!within.empty()) s.coverage = summarize(within).mean;
    std::sort(errors.begin(), errors.end());
    s.mean_error = summarize(errors).mean;
    s.median_error = sorted_quantile(errors, 0.5);
    s.p90_error = sorted_quantile(errors, 0.9);
    s.bias = summarize(signed_errors).median;
    const ranking_score order = rank(rows);
    if (order.pairs > 0) s.kendall_tau = order.agreement / order.pairs;
    if (order.workloads > 0) s.regret = order.lost / order.workloads;
    scores.push_back(std::move(s));
  }
  return scores;
}

}  // namespace gpubench::predictor
