#include "bench/cuda/module/cudnn_compiled.hpp"
#include "bench/cuda/module/cudnn_plan.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

namespace gpubench::cuda::dnn {

namespace {

/// A number as cuDNN reads it from the host: fp32 or int32.
union host_number {
  float real;
  std::int32_t integer;
};

void* address_of(const addresses& where, std::int64_t id) {
  const auto found = std::find_if(where.begin(), where.end(), [&](const auto& one) { return one.first.id == id; });
  if (found != where.end() && found->second != nullptr) return found->second;
  throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "tensor " + std::to_string(id) + " of a cuDNN graph has no address");
}

/// Runs it for some milliseconds, so that the clocks have risen before anything is compared.
void wake_up(const call& one, cudaStream_t stream) {
  constexpr auto enough = std::chrono::milliseconds(20);
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < enough) {
    one.enqueue();
    wait_for(stream, "a first run of " + one.chosen().engine());
  }
}

/// Device time of three runs, after one that loads the code.
double trial_ns(const call& one, cudaStream_t stream) {
  constexpr int runs = 3;
  const event_owner start = make_timing_event();
  const event_owner stop = make_timing_event();
  one.enqueue();
  GPUBENCH_CUDA(cudaEventRecord(start.get(), stream));
  for (int i = 0; i < runs; ++i) one.enqueue();
  GPUBENCH_CUDA(cudaEventRecord(stop.get(), stream));
  wait_for(stream, "a trial of " + one.chosen().engine());
  float milliseconds = 0;
  GPUBENCH_CUDA(cudaEventElapsedTime(&milliseconds, start.get(), stop.get()));
  return static_cast<double>(milliseconds) * 1e6 / runs;
}

bool ends_everything(gpubench_module_status status) {
  return status == GPUBENCH_MODULE_DEVICE_LOST || status == GPUBENCH_MODULE_HUNG;
}

}  // namespace

struct call::state {
  cudnnHandle_t handle = nullptr;
  std::vector<host_number> numbers;
  descriptor pack{CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR};
};

call::call(const handle& on, plan chosen, const addresses& where, void* workspace)
    : plan_(std::move(chosen)), state_(std::make_unique<state>()) {
  state_->handle = static_cast<cudnnHandle_t>(on.get());
  const auto& tensors = plan_.get().tensors;
  state_->numbers.reserve(tensors.size());  // their addresses are taken
  std::vector<std::int64_t> ids;
  std::vector<void*> pointers;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& described = tensors[i];
    const auto id = static_cast<std::int64_t>(i) + 1;
    if (described.where == residence::between) continue;
    ids.push_back(id);
    if (described.where == residence::memory) {
      pointers.push_back(address_of(where, id));
      continue;
    }
    auto& number = state_->numbers.emplace_back();
    if (described.type == element::int32) {
      number.integer = static_cast<std::int32_t>(described.value);
    } else {
      number.real = static_cast<float>(described.value);
    }
    pointers.push_back(&number);
  }
  const auto count = static_cast<std::int64_t>(ids.size());
  state_->pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, ids.data());
  state_->pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, pointers.data());
  state_->pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
  state_->pack.finalize("binding addresses");
}

call::call(call&&) noexcept = default;
call& call::operator=(call&&) noexcept = default;
call::~call() = default;

void call::enqueue() const {
  require(library().execute(state_->handle, plan_.get().compiled->get(), state_->pack.get()), "cudnnBackendExecute");
}

tuned_call fastest_call(const handle& on, const graph& described, const plan_rules& rules, const addresses& where,
                        std::size_t candidates) {
  const auto plans = plans_for(on, described, rules, candidates);
  std::optional<failure> last;
  std::optional<tuned_call> best;
  double best_ns = std::numeric_limits<double>::infinity();
  std::size_t tried = 0, too_fast = 0;
  for (const auto& one : plans) {
    try {
      device_buffer workspace(std::max<std::size_t>(one.workspace_bytes(), 256));
      call attempt(on, one, where, workspace.data());
      if (tried + too_fast == 0) wake_up(attempt, on.stream());
      const double ns = trial_ns(attempt, on.stream());
      if (ns < rules.least_ns) {
        ++too_fast;
        continue;
      }
      ++tried;
      if (ns >= best_ns) continue;
      best_ns = ns;
      best.emplace(tuned_call{std::move(workspace), std::move(attempt), {}});
    } catch (const failure& f) {
      if (ends_everything(f.status())) throw;
      last = f;
    }
  }
  if (!best && !last && too_fast > 0) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED, "every engine is faster than the arithmetic that is counted can be");
  }
  if (!best) throw last.value();
  best->method = "fastest of " + std::to_string(tried) + " plans: " + best->run.chosen().engine();
  if (too_fast > 0) {
    best->method += "; " + std::to_string(too_fast) + " passed over: faster than the arithmetic that is counted can be";
  }
  return std::move(*best);
}

}  // namespace gpubench::cuda::dnn
