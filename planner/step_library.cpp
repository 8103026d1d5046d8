#include "planner/step_library.hpp"

#include "models/resnet50.hpp"
#include "models/transformer.hpp"
#include "planner/training_operators.hpp"

namespace gpubench::planner {

template <class Make>
const lowered_step& step_library::cached(const key& which, Make make) {
  const auto found = steps_.find(which);
  if (found != steps_.end()) return found->second;
  return steps_.emplace(which, lowered_step(make())).first->second;
}

const lowered_step& step_library::images(std::int64_t n, models::precision p, bool fused) {
  return cached({step_kind::images, n, p, 1, fused}, [&] {
    return what_.kind == profiles::workload_kind::cnn_train ? models::resnet50_training_step(n, p, what_.image_size)
                                                            : models::resnet50_inference(n, p, fused, what_.image_size);
  });
}

const lowered_step& step_library::micro_batch(std::int64_t sequences, models::precision p, std::int64_t tensor_parallel,
                                              bool recompute, std::int64_t layers, std::int64_t expert_parallel) {
  return cached({step_kind::micro_batch, sequences, p, tensor_parallel, recompute, layers, expert_parallel}, [&] {
    return training_operators(what_, {sequences, p, tensor_parallel, expert_parallel, layers}, recompute);
  });
}

const lowered_step& step_library::micro_batch_forward(std::int64_t sequences, models::precision p,
                                                      std::int64_t tensor_parallel, std::int64_t layers,
                                                      std::int64_t expert_parallel) {
  return cached({step_kind::forward, sequences, p, tensor_parallel, false, layers, expert_parallel}, [&] {
    return training_forward_operators(what_, {sequences, p, tensor_parallel, expert_parallel, layers});
  });
}

const lowered_step& step_library::prefill(models::precision p, std::int64_t tensor_parallel) {
  return cached({step_kind::prefill, 1, p, tensor_parallel, false}, [&] {
    return models::transformer_forward(what_.transformer, 1, what_.prompt_tokens, p, tensor_parallel, false);
  });
}

const lowered_step& step_library::decode(std::int64_t requests, models::precision p, std::int64_t tensor_parallel) {
  return cached({step_kind::decode, requests, p, tensor_parallel, false}, [&] {
    return models::transformer_decode_step(what_.transformer, requests, what_.prompt_tokens + what_.output_tokens / 2,
                                           p, tensor_parallel);
  });
}

}  // namespace gpubench::planner
