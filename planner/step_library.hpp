#pragma once

#include "planner/lowered_step.hpp"
#include "profiles/workload.hpp"

#include <compare>
#include <cstdint>
#include <map>

namespace gpubench::planner {

/// The steps of one workload as operators, each lowered once and then shared by every device that is priced.
class step_library {
 public:
  explicit step_library(const profiles::workload& what) : what_(what) {}

  const profiles::workload& what() const { return what_; }

  /// One training step or inference of a convolutional network over n images. Inference: on GPUs as PyTorch runs it,
  /// normalisation and activation by themselves; on CPUs `fused`, as oneDNN does.
  const lowered_step& images(std::int64_t n, models::precision p, bool fused);
  /// Forward and backward pass of a micro-batch of sequences, one device's share.
  /// @param layers  of the model, all where it is 0; with its embedding and output head
  const lowered_step& micro_batch(std::int64_t sequences, models::precision p, std::int64_t tensor_parallel,
                                  bool recompute, std::int64_t layers = 0, std::int64_t expert_parallel = 1);
  /// The forward pass of such a micro-batch alone.
  const lowered_step& micro_batch_forward(std::int64_t sequences, models::precision p, std::int64_t tensor_parallel,
                                          std::int64_t layers, std::int64_t expert_parallel);
  /// Prompt of one request.
  const lowered_step& prefill(models::precision p, std::int64_t tensor_parallel);
  /// One new token for each of `requests`, half of the output generated.
  const lowered_step& decode(std::int64_t requests, models::precision p, std::int64_t tensor_parallel);

 private:
  enum class step_kind { images, micro_batch, forward, prefill, decode };
  struct key {
    step_kind kind;
    std::int64_t count;
    models::precision precision;
    std::int64_t tensor_parallel = 1;
    bool variant = false;  ///< fused, or recomputing
    std::int64_t layers = 0, expert_parallel = 1;

    friend auto operator<=>(const key&, const key&) = default;
  };

  template <class Make>
  const lowered_step& cached(const key& which, Make make);

  profiles::workload what_;
  std::map<key, lowered_step> steps_;
};

}  // namespace gpubench::planner
