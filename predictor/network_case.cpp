#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "predictor/network_step.hpp"

namespace gpubench::predictor {
namespace {

void require_rate(const prediction_case& what, const gpu_traits& on, models::numerics types) {
  const models::precision p = models::matrix_precision(types);
  if (on.peak_of(p) > 0) return;
  throw error(error_kind::input, what.position, fmt::format("{} has no arithmetic in {}", on.name, to_string(p)),
              "choose a precision that it has: gpubench list gpus");
}

/// What of a step is counted in a rate of this name, and the word that in_unit() finds in it.
std::pair<double, std::string_view> counted_in(const std::string& unit, const network_answer& found) {
  const std::string asked = to_lower(unit);
  for (const std::string_view name : {"tokens", "tok"}) {
    if (found.tokens > 0 && asked.find(name) != std::string::npos) return {found.tokens, name};
  }
  for (const std::string_view name : {"steps", "iterations"}) {
    if (asked.find(name) != std::string::npos) return {1, name};
  }
  for (const std::string_view name : {"samples", "sequences", "seqs", "examples", "imgs", "img"}) {
    if (asked.find(name) != std::string::npos) return {found.units, name};
  }
  return {found.units, found.tokens > 0 ? "sequences" : "images"};
}

}  // namespace

estimate difference(const estimate& whole, const estimate& part) {
  estimate e = whole;
  e.seconds = std::max(0.0, whole.seconds - part.seconds);
  const double share = whole.seconds > 0 ? e.seconds / whole.seconds : 0;
  e.low = whole.low * share;
  e.high = whole.high * share;
  return e;
}

estimate sum_of(std::initializer_list<estimate> parts) {
  estimate_sum sum;
  for (const estimate& e : parts) sum.add(e);
  return sum.total();
}

case_answer network_case(const prediction_case& what, const case_parameters& parameters, case_context& with) {
  require_rate(what, with.model(what.gpu).on(), numerics_from(what));
  network_answer found;
  if (parameters.has("arch")) {
    found = stated_transformer_step(what, parameters, with);
  } else {
    const std::string name = to_lower(parameters.text("model"));
    const bool resnet = name == "resnet50" || name == "resnet-50" || name == "resnet50_v1.5";
    found = resnet ? resnet50_step(what, parameters, with) : named_transformer_step(what, parameters, with);
  }
  // Beside the errors of its operators: frameworks, versions and settings run one network in times a fifth apart.
  // Assumed.
  constexpr double implementation_spread = 1.2;
  found.step.low /= implementation_spread;
  found.step.high *= implementation_spread;
  const auto [work, name] = counted_in(what.unit, found);
  return in_unit(found.step, what, work, name);
}

}  // namespace gpubench::predictor
