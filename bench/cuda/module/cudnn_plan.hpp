#pragma once

#include "bench/cuda/module/cudnn.hpp"
#include "bench/cuda/module/cudnn_graph.hpp"
#include "bench/cuda/module/owners.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// How a graph runs: engines that cuDNN offers for it, chosen by rules and by time.
namespace gpubench::cuda::dnn {

enum class tensor_cores {
  forbidden,  ///< plain fp32 arithmetic: no TF32
  allowed,
  required  ///< so that a fall-back to plain arithmetic is not called a tensor-core result
};

/// What an engine may do, as its numerical notes tell it (cuDNN documentation, "Numerical Notes"). Engines that convert
/// inputs to a narrower type or add in one are always left out.
struct plan_rules {
  dnn::tensor_cores tensor_cores = dnn::tensor_cores::allowed;
  /// Leave out Winograd and FFT, which do less arithmetic than is counted and round otherwise.
  bool direct_only = true;
  std::size_t workspace_limit_bytes = std::size_t{1} << 30;
  /// Also try what cuDNN lists as general and slow: of plain fp32 convolutions it can be the fastest by half.
  bool with_fallbacks = false;
  /// What takes less does not do the work: it is passed over, whatever its notes say.
  double least_ns = 0;
};

/// One engine with its settings, compiled for a graph and a device. Shared: bind it as often as wanted.
class plan {
 public:
  struct state;
  explicit plan(std::shared_ptr<const state> compiled) : state_(std::move(compiled)) {}

  std::size_t workspace_bytes() const noexcept;
  /// "engine 57, knobs ..., tensor cores": cuDNN's own index, settings and notes, for the record.
  const std::string& engine() const noexcept;
  const state& get() const noexcept { return *state_; }

 private:
  std::shared_ptr<const state> state_;
};

/// Plans of one graph in cuDNN's own order, likely fastest first, `most` at most, and as many fall-backs where the
/// rules ask for them or there is nothing else; those that break a rule or do not compile are passed over.
/// @throws failure: unsupported, with cuDNN's reason, when there is none; others as they come.
std::vector<plan> plans_for(const handle& on, const graph& described, const plan_rules& rules, std::size_t most);

/// The same without a device, for one that is only described: cuDNN 9.8 or later, in the JSON form of its
/// CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION. Tells on any machine what a GPU could run; such plans are never bound.
std::vector<plan> plans_for_described_device(const std::string& properties, const graph& described,
                                             const plan_rules& rules, std::size_t most);

/// Address of each tensor in memory.
using addresses = std::vector<std::pair<tensor, void*>>;

/// A plan with its addresses: enqueue() only enqueues, on the handle's stream, and may be captured. The handle must
/// outlive it, as must the memory.
class call {
 public:
  /// @param workspace  at least plan::workspace_bytes(), aligned to 256; may be shared by calls of one stream
  call(const handle& on, plan chosen, const addresses& where, void* workspace);
  call(call&&) noexcept;
  call& operator=(call&&) noexcept;
  ~call();

  void enqueue() const;
  const plan& chosen() const noexcept { return plan_; }

 private:
  struct state;
  plan plan_;
  std::unique_ptr<state> state_;
};

/// A call with a workspace of its own.
struct tuned_call {
  device_buffer workspace;
  call run;
  std::string method;  ///< for the record: "fastest of 4 plans: engine ..."
};

/// Tries plans_for() and keeps the fastest: each runs once to load its code, then three times against the clock.
/// @throws failure: unsupported, with cuDNN's reason, when none runs.
tuned_call fastest_call(const handle& on, const graph& described, const plan_rules& rules, const addresses& where,
                        std::size_t candidates = 5);

}  // namespace gpubench::cuda::dnn
