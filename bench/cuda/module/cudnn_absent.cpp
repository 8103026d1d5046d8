// Takes the place of the other files named cudnn that need its header, where the toolkit has none: what uses cuDNN is
// listed and says why it cannot run.
#include "bench/cuda/module/cudnn.hpp"
#include "bench/cuda/module/cudnn_plan.hpp"
#include "bench/cuda/module/cudnn_softmax.hpp"
#include "bench/cuda/module/failure.hpp"

namespace gpubench::cuda {

std::optional<std::string> cudnn_unavailable() {
  return "built without cuDNN: the toolkit had no cudnn_graph.h, which comes with cuDNN 9";
}

std::optional<std::string> cudnn_version() {
  return std::nullopt;
}

namespace dnn {

namespace {

[[noreturn]] void refuse() {
  throw failure(GPUBENCH_MODULE_UNSUPPORTED, *cudnn_unavailable(), "install cuDNN's development files and rebuild");
}

}  // namespace

struct handle::state {};

handle::handle(cudaStream_t stream) : stream_(stream) {
  refuse();
}

handle::~handle() = default;

void* handle::get() const noexcept {
  return nullptr;
}

struct plan::state {
  std::string engine;
};

std::size_t plan::workspace_bytes() const noexcept {
  return 0;
}

const std::string& plan::engine() const noexcept {
  return state_->engine;
}

std::vector<plan> plans_for(const handle&, const graph&, const plan_rules&, std::size_t) {
  refuse();
}

std::vector<plan> plans_for_described_device(const std::string&, const graph&, const plan_rules&, std::size_t) {
  refuse();
}

struct call::state {};

call::call(const handle&, plan chosen, const addresses&, void*) : plan_(std::move(chosen)) {
  refuse();
}

call::call(call&&) noexcept = default;
call& call::operator=(call&&) noexcept = default;
call::~call() = default;

void call::enqueue() const {
  refuse();
}

tuned_call fastest_call(const handle&, const graph&, const plan_rules&, const addresses&, std::size_t) {
  refuse();
}

struct softmax::state {};

softmax::softmax(const handle&, element, std::int64_t, std::int64_t) {
  refuse();
}

softmax::~softmax() = default;

void softmax::enqueue(const void*, void*) const {
  refuse();
}

}  // namespace dnn

}  // namespace gpubench::cuda
