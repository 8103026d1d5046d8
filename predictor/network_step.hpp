#pragma once

#include "models/network_request.hpp"

#include "predictor/network_parameters.hpp"
#include "predictor/network_time.hpp"
#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {

/// A step of a network over all of a case's GPUs.
struct network_answer {
  estimate step;
  double units = 0;  ///< sequences or images of a step
  double tokens = 0;
};

/// "arch=..." states a transformer's shape.
network_answer stated_transformer_step(const prediction_case& what, const case_parameters& parameters,
                                       case_context& with);
/// "model=..." names one.
network_answer named_transformer_step(const prediction_case& what, const case_parameters& parameters,
                                      case_context& with);
/// "model=resnet50".
network_answer resnet50_step(const prediction_case& what, const case_parameters& parameters, case_context& with);

/// What a step's parts take on the GPU and its host.
struct step_parts {
  estimate forward, backward, optimizer;
};

/// `whole` without `part`, at the interval of the whole.
estimate difference(const estimate& whole, const estimate& part);

estimate sum_of(std::initializer_list<estimate> parts);

inline dispatch dispatch_of(models::execution how) {
  return how == models::execution::eager ? eager_dispatch : compiled_dispatch;
}

/// Times of a network's parts on one device.
/// @param at  lowers the network up to a phase
template <class Lower>
step_parts parts_of(const Lower& at, models::phase last, const gpu_model& model, const dispatch& host) {
  step_parts parts;
  parts.forward = network_time(at(models::phase::forward), model, host);
  if (last == models::phase::forward) return parts;
  const estimate both = network_time(at(models::phase::forward_backward), model, host);
  parts.backward = difference(both, parts.forward);
  if (last == models::phase::full_step) {
    const estimate all = network_time(at(models::phase::full_step), model, host);
    parts.optimizer = difference(all, both);
  }
  return parts;
}

}  // namespace gpubench::predictor
