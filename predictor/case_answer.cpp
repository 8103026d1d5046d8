#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "predictor/collective_case.hpp"
#include "predictor/copy_case.hpp"
#include "predictor/kernel_list_case.hpp"
#include "predictor/operator_case.hpp"
#include "predictor/prediction_case.hpp"
#include "predictor/vector_case.hpp"

namespace gpubench::predictor {
namespace {

bool is_collective(const std::string& op) {
  return find_collective(op).has_value();
}

void require_rate(const prediction_case& what, const gpu_traits& on, models::precision p) {
  if (on.peak_of(p) > 0) return;
  throw error(error_kind::input, what.position,
              fmt::format("{} has no arithmetic in {}", on.name, models::to_string(p)),
              "choose a precision that it has: gpubench list gpus");
}

case_answer answer_operator(const prediction_case& what, const case_parameters& parameters, const gpu_model& model,
                            double memory_bytes) {
  const models::precision p = operator_precision(what);
  const operator_call call = operator_from(parameters, p);
  if (models::kind_of(call.shape) != "streaming") require_rate(what, model.on(), p);
  const double bytes = models::work_of(call.shape, p).bytes;
  if (bytes > memory_bytes)
    throw error(error_kind::infeasible, what.position,
                fmt::format("its tensors take {}, the GPU has {}", format_bytes(bytes), format_bytes(memory_bytes)),
                "smaller sizes, or a GPU with more memory");
  return in_time_unit(model.time(call), what);
}

/// Which of the kinds a case is.
case_answer answer_by_kind(const prediction_case& what, const case_parameters& parameters, case_context& with) {
  if (parameters.has("serve")) {
    std::vector<std::string> notes;
    const estimate time = serving_case_time(what, parameters, with, notes);
    case_answer result = in_time_unit(time, what);
    result.notes.insert(result.notes.end(), notes.begin(), notes.end());
    return result;
  }
  if (parameters.has("arch") || parameters.has("model")) return network_case(what, parameters, with);
  if (!parameters.has("op")) {
    throw error(error_kind::input, what.position, "the parameters name no work",
                "one of op=, arch=, model= or serve= is needed (docs/prediction.md, \"Cases\")");
  }
  const std::string op = to_lower(parameters.text("op"));
  if (is_collective(op)) return in_time_unit(collective_case(what, parameters, with), what);
  if (is_copy(op, parameters)) return copy_case(op, what, parameters, with);
  return device_case(op, what, parameters, with.model(what.gpu), with.known().gpu(what.gpu).memory_bytes);
}

}  // namespace

models::precision operator_precision(const prediction_case& what) {
  // Mixed precision runs a lone operator in its narrow type; both formats of 4 bits have one rate.
  std::string type = what.precision.empty() ? "fp32" : type_name(what.precision);
  type = type.substr(0, type.find("-amp"));
  if (type == "nvfp4" || type == "mxfp4") type = "fp4";
  if (const auto p = models::parse_precision(type)) return *p;
  std::vector<std::string> names;
  for (const models::precision p : models::all_precisions) names.emplace_back(models::to_string(p));
  throw error(error_kind::input, what.position, fmt::format("precision '{}' is not known", what.precision),
              suggestion(type, names));
}

case_answer device_case(const std::string& op, const prediction_case& what, const case_parameters& parameters,
                        const gpu_model& model, double memory_bytes) {
  if (const auto listed = kernel_list_case(op, what, parameters, model, memory_bytes)) return *listed;
  if (const auto vector = vector_case(op, what, parameters, vector_machine_of(model.on()))) return *vector;
  return answer_operator(what, parameters, model, memory_bytes);
}

case_answer in_time_unit(const estimate& e, const prediction_case& what) {
  case_answer a;
  const bool micro = what.unit == "us" || what.unit == "µs";
  const double scale = micro ? 1e6 : what.unit == "s" ? 1 : 1e3;
  a.unit = micro ? "us" : what.unit == "s" ? "s" : "ms";
  a.prediction = e.seconds * scale;
  a.low = e.low * scale;
  a.high = e.high * scale;
  a.basis = e.basis;
  a.bound_by = e.bound_by;
  if (!what.unit.empty() && what.unit != a.unit && !micro)
    a.notes.push_back("unit '" + what.unit + "' is not one of this case: the time is in ms");
  return a;
}

case_answer in_unit(const estimate& e, const prediction_case& what, double amount, std::string_view unit) {
  const std::string asked = to_lower(what.unit), wanted = to_lower(unit) + "/s";
  const std::string initial = wanted.substr(0, 1) + "/s";
  // Gb/s are bits.
  const bool are_bits = unit == "B" && (what.unit.size() < 3 || what.unit[what.unit.size() - 3] != 'B');
  double scale = 0;
  for (const auto& [prefix, factor] : {std::pair{"", 1.0}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"t", 1e12}}) {
    if (asked == prefix + wanted || asked == prefix + initial) scale = factor;
  }
  if (scale == 0 || are_bits || e.seconds <= 0) return in_time_unit(e, what);
  case_answer a;
  a.prediction = amount / e.seconds / scale;
  a.low = amount / e.high / scale;
  a.high = amount / e.low / scale;
  a.unit = what.unit;
  a.basis = e.basis;
  a.bound_by = e.bound_by;
  return a;
}

const gpu_model& case_context::model(const std::string& gpu) {
  auto& place = models_[gpu];
  if (!place) place = std::make_unique<gpu_model>(traits_of_gpu(gpu, known_), operators_);
  return *place;
}

case_answer answer(const prediction_case& what, case_context& with) {
  const case_parameters parameters = case_parameters::parse(what.params, what.position);
  case_answer result = answer_by_kind(what, parameters, with);
  if (!(result.prediction > 0) || !std::isfinite(result.prediction) || !std::isfinite(result.high))
    throw error(error_kind::input, what.position, "the sizes lead to no finite time", "are they those of a real case?");
  if (const std::string unused = parameters.unused(); !unused.empty())
    result.notes.push_back("not understood and ignored: " + unused);
  return result;
}

}  // namespace gpubench::predictor
