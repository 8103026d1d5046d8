#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {
namespace {

struct anchor {
  double log_ratio = 0;  ///< ln(measured / predicted)
  std::string gpu;
  int gpu_count = 1;
  double generation = 0;
};

/// The logarithm of a ratio of times is that of rates with the other sign.
double sign(const case_answer& a) {
  return a.unit.find("/s") == std::string::npos ? 1 : -1;
}

/// Another unit, or no measurement of this work: predictions are wrong by less.
constexpr double most_anchor_ratio = 8;

}  // namespace

std::vector<error> apply_anchors(const std::vector<prediction_case>& cases,
                                 std::vector<std::optional<case_answer>>& answers, const profiles::catalogue& known) {
  const auto generation = [&](const prediction_case& c) {
    const profiles::gpu_spec* gpu = known.find_gpu(c.gpu);
    return gpu ? generation_of(gpu->architecture) : 0.0;
  };
  const auto name = [&](const prediction_case& c) {
    const profiles::gpu_spec* gpu = known.find_gpu(c.gpu);
    return gpu ? gpu->name : c.gpu;
  };
  const auto workload = [](const prediction_case& c) { return c.params + "\n" + c.precision; };
  std::map<std::string, std::vector<anchor>> anchors;
  std::vector<error> refused;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const prediction_case& c = cases[i];
    if (!c.is_anchor || !answers[i]) continue;
    if (!c.anchor_value) {
      refused.emplace_back(error_kind::input, c.position, "an anchor without anchor_value: not used");
      continue;
    }
    const double log_ratio = std::log(*c.anchor_value / answers[i]->prediction) * sign(*answers[i]);
    if (!(std::abs(log_ratio) <= std::log(most_anchor_ratio))) {
      refused.emplace_back(error_kind::input, c.position,
                           fmt::format("anchor_value {:g} {} is {:.3g} times the prediction: not used as an anchor",
                                       *c.anchor_value, answers[i]->unit, *c.anchor_value / answers[i]->prediction),
                           "is it in the unit of the case, and of this work?");
      continue;
    }
    anchors[workload(c)].push_back({log_ratio, name(c), c.gpu_count, generation(c)});
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!answers[i]) continue;
    const auto found = anchors.find(workload(cases[i]));
    if (found == anchors.end()) continue;
    double sum = 0, weights = 0, least = 1e9, most = -1e9;
    bool own = false;
    for (const anchor& a : found->second) {
      // A measurement on the GPU itself outweighs all others.
      const bool same = a.gpu == name(cases[i]) && a.gpu_count == cases[i].gpu_count;
      const double weight = same ? 100 : std::exp(-std::abs(a.generation - generation(cases[i])));
      sum += weight * a.log_ratio;
      weights += weight;
      own = own || same;
      least = std::min(least, a.log_ratio);
      most = std::max(most, a.log_ratio);
    }
    case_answer& answer = *answers[i];
    const double log_factor = sum / weights;
    const double factor = std::exp(sign(answer) * log_factor);
    answer.prediction *= factor;
    answer.low *= factor;
    answer.high *= factor;
    // Anchors that disagree leave open which of them holds.
    const bool is_time = sign(answer) > 0;
    answer.low = std::min(answer.low, answer.prediction * std::exp(is_time ? least - log_factor : log_factor - most));
    answer.high = std::max(answer.high, answer.prediction * std::exp(is_time ? most - log_factor : log_factor - least));
    answer.basis = own ? basis::measured : basis::scaled;
  }
  return refused;
}

}  // namespace gpubench::predictor
