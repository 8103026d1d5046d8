#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "predictor/network_step.hpp"

namespace gpubench::predictor {
namespace {

void require_rate(const prediction_case& what, const gpu_traits& on, models::numerics types) {
  const models::precision p = models::matrix_precision(types);
  if (on.peak_of(p) > 0) return;
  throw error(error_kind::input, what.position, fmt::format("{} has no arithmetic in {}", on.name, to_string(p)),
              "choose a precision that it has: gpubench list gpus");
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
  if (what.unit.find("/s") == std::string::npos) return in_time_unit(found.step, what);
  case_answer rate;
  const double work = what.unit.rfind("token", 0) == 0 && found.tokens > 0 ? found.tokens : found.units;
  rate.prediction = work / found.step.seconds;
  rate.low = work / found.step.high;
  rate.high = work / found.step.low;
  rate.unit = what.unit;
  rate.basis = found.step.basis;
  rate.bound_by = found.step.bound_by;
  return rate;
}

}  // namespace gpubench::predictor
