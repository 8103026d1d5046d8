#pragma once

#include "planner/lowered_step.hpp"
#include "profiles/workload.hpp"

#include <cstdint>
#include <map>
#include <tuple>

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
  const lowered_step& micro_batch(std::int64_t sequences, models::precision p, std::int64_t tensor_parallel,
                                  bool recompute);
  /// Prompt of one request.
  const lowered_step& prefill(models::precision p, std::int64_t tensor_parallel);
  /// One new token for each of `requests`, half of the output generated.
  const lowered_step& decode(std::int64_t requests, models::precision p, std::int64_t tensor_parallel);

 private:
  enum class step_kind { images, micro_batch, prefill, decode };
  using key = std::tuple<step_kind, std::int64_t, models::precision, std::int64_t, bool>;

  template <class Make>
  const lowered_step& cached(const key& which, Make make);

  profiles::workload what_;
  std::map<key, lowered_step> steps_;
};

}  // namespace gpubench::planner
