#include "core/text.hpp"
#include "models/resnet50.hpp"
#include "models/resnet50_lowering.hpp"

#include "predictor/network_step.hpp"
#include "predictor/parallel_step.hpp"

namespace gpubench::predictor {

using models::phase;

network_answer resnet50_step(const prediction_case& what, const case_parameters& parameters, case_context& with) {
  const gpu_model& model = with.model(what.gpu);
  models::resnet50_request request;
  request.images = replica_batch(parameters);
  request.image_size = parameters.size("img", 224);
  request.numerics = numerics_from(what);
  request.phase = phase_from(parameters, phase::full_step);
  request.execution = execution_from(parameters);
  // Tensor cores are used with the channels innermost by whoever asks for mixed precision.
  const bool narrow = models::matrix_precision(request.numerics) == models::precision::fp16 ||
                      models::matrix_precision(request.numerics) == models::precision::bf16;
  request.channels_last = to_lower(parameters.text("layout", narrow ? "nhwc" : "nchw")) == "nhwc";
  // The model of tf32 convolutions holds the reordering of what is not so already.
  if (request.numerics == models::numerics::tf32) request.channels_last = true;
  request.optimizer = optimizer_from(parameters, request.phase, models::optimizer_kind::momentum);
  // ResNet-50 is trained with momentum by whoever calls it SGD.
  if (request.optimizer == models::optimizer_kind::sgd) request.optimizer = models::optimizer_kind::momentum;
  const phase last = request.phase;
  const dispatch host = dispatch_of(request.execution);
  const auto at = [&](phase part) {
    models::resnet50_request r = request;
    r.phase = part;
    if (part != phase::full_step) r.optimizer = models::optimizer_kind::none;
    return models::lower(r);
  };
  const step_parts parts = parts_of(at, last, model, host);
  const parallel_split how = split_from(parameters, what.gpu_count);
  if (how.tensor > 1 || how.pipeline > 1) parameters.refuse("parallel", "is not a split of ResNet-50", "it is dp");
  network_answer answer;
  answer.units = static_cast<double>(request.images) * how.data;
  if (how.data == 1 || last == phase::forward) {
    answer.step = sum_of({parts.forward, parts.backward, parts.optimizer});
    return answer;
  }
  stage_work stage;
  stage.forward = parts.forward;
  stage.backward = parts.backward;
  stage.layers = 1;
  stage.gradient_bytes = models::resnet50_parameters() * 4;
  parallel_layout layout;
  layout.data = how.data;
  answer.step = compose_step({stage}, 0, parts.optimizer, layout,
                             links_of(parameters, with, with.known().gpu(what.gpu), how.data))
                    .total();
  return answer;
}

}  // namespace gpubench::predictor
