#include "planner/listed_operators.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <utility>

#include "predictor/collective_case.hpp"
#include "predictor/copy_case.hpp"
#include "predictor/kernel_list_case.hpp"
#include "predictor/operator_case.hpp"
#include "predictor/prediction_case.hpp"
#include "predictor/vector_case.hpp"

namespace gpubench::planner {
namespace {

using predictor::case_parameters;

case_parameters parameters_of(const profiles::listed_operator& op) {
  case_parameters p = case_parameters::parse(op.params, op.position);
  // One of many in a row: the host has queued it long before.
  return p.has("launch") ? p : case_parameters::parse(op.params + ";launch=captured", op.position);
}

/// "op", of what one device does by itself.
std::string work_of_one_device(const case_parameters& p) {
  if (!p.has("op"))
    throw error(error_kind::input, p.where(), "the parameters name no operator",
                "op=linear;m=4096;n=4096;k=1024 (docs/prediction.md, \"Cases\"); networks and servers are workloads "
                "themselves");
  std::string op = to_lower(p.text("op"));
  if (predictor::find_collective(op) || predictor::is_copy(op, p))
    p.refuse("op", "is no work of one device by itself", "gpubench predict --cases knows collectives and copies");
  return op;
}

predictor::prediction_case case_of(const profiles::listed_operator& listed, models::precision precision) {
  predictor::prediction_case what;
  what.params = listed.params;
  what.precision = models::to_string(precision);
  what.unit = "s";
  what.position = listed.position;
  return what;
}

estimate on_gpu(const std::string& op, const case_parameters& p, const profiles::listed_operator& listed,
                models::precision precision, const device& on, const device_model& model) {
  const predictor::prediction_case what = case_of(listed, precision);
  const predictor::case_answer a = predictor::device_case(op, what, p, *model.gpu(), on.memory_bytes);
  return model.in_turns({a.prediction, a.low, a.high, a.basis, a.bound_by});
}

estimate on_cpu(const std::string& op, const case_parameters& p, const profiles::listed_operator& listed,
                models::precision precision, const device& on, const device_model& model) {
  if (predictor::is_vector_work(op)) {
    const predictor::vector_cpu cpu{on.name, on.cores, on.dense_peak(models::precision::fp32).value_or(0) / 2,
                                    model.streaming_bytes_per_second()};
    const auto a = predictor::vector_case(op, case_of(listed, precision), p, predictor::vector_machine_of(cpu));
    return {a->prediction, a->low, a->high, a->basis, a->bound_by};
  }
  const predictor::operator_call call = predictor::operator_from(p, precision);
  const models::work work = models::work_of(call.shape, precision);
  return model.time({{{}, call.shape, precision, 1}, work.flop, work.bytes});
}

void require_understood(const case_parameters& p) {
  p.find("launch");  // which vector work does not ask for
  if (const std::string unused = p.unused(); !unused.empty())
    throw error(error_kind::input, p.where(), "not understood: " + unused, "docs/prediction.md, \"Cases\"");
}

}  // namespace

timed_list time_list(const profiles::workload& what, const device& on, const device_model& model) {
  timed_list list;
  for (const profiles::listed_operator& listed : what.operators) {
    const models::precision wanted = listed.precision.value_or(what.precision);
    // The workload's substitute is that of its own type.
    const models::precision fallback = listed.precision ? wanted : what.fallback_precision;
    const auto precision = supported_precision(on, wanted, fallback);
    if (!precision) {
      list.missing = listed.name + ": no rate for " + std::string(models::to_string(wanted)) + " is known";
      return list;
    }
    const case_parameters p = parameters_of(listed);
    const std::string op = work_of_one_device(p);
    if (!model.gpu() && predictor::is_kernel_list(op, p)) {
      list.missing = listed.name + ": op=" + op + " has no model on CPUs";
      return list;
    }
    try {
      list.entries.push_back(
          {&listed, *precision, (model.gpu() ? on_gpu : on_cpu)(op, p, listed, *precision, on, model)});
    } catch (const error& e) {
      if (e.kind() != error_kind::infeasible) throw;
      list.reason = rejection_reason::memory;
      list.missing = listed.name + ": " + e.what();
      return list;
    }
    require_understood(p);
  }
  return list;
}

}  // namespace gpubench::planner
