#include "bench/cuda/module/cudnn_case.hpp"

#include "bench/cuda/module/cudnn_sums.hpp"
#include "bench/cuda/module/cudnn_values.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/operands.cuh"

#include <cstring>

namespace gpubench::cuda {

using kernels::storage;

std::optional<std::string> cudnn_cannot(storage type, bool on_tensor_cores, const device_properties& device) {
  const auto needs = [&](const char* what, const char* capability) {
    return std::string(what) + " with compute capability " + capability + "; this device has " +
           device.compute_capability;
  };
  const bool ampere = type == storage::bf16 || (on_tensor_cores && type == storage::tf32);
  if (ampere && !device.at_least(8, 0)) return needs(type == storage::bf16 ? "bf16 comes" : "TF32 comes", "8.0");
  if (auto reason = cudnn_unavailable()) return reason;
  return no_code_for(device);
}

cudnn_case::cudnn_case(const device_properties& device, std::string what)
    : timer_(device, std::move(what)), handle_(timer_.stream()) {}

void cudnn_case::allocate(const dnn::graph& operations) {
  graph_ = operations;
  buffers_.clear();
  for (std::size_t i = 0; i < graph_.tensors().size(); ++i) {
    const dnn::tensor one{static_cast<std::int64_t>(i) + 1};
    if (graph_[one].where != dnn::residence::memory) {
      buffers_.emplace_back();
      continue;
    }
    buffers_.emplace_back(graph_.bytes(one));
    poison(one);
  }
}

void cudnn_case::poison(dnn::tensor one) {
  const auto& buffer = buffers_.at(static_cast<std::size_t>(one.id - 1));
  GPUBENCH_CUDA(cudaMemsetAsync(buffer.data(), 0xff, buffer.bytes(), stream()));
}

void cudnn_case::fill(dnn::tensor one, storage type, std::uint64_t operand) {
  const auto& buffer = buffers_.at(static_cast<std::size_t>(one.id - 1));
  const auto elements = buffer.bytes() / static_cast<std::size_t>(kernels::bytes_of(type));
  kernels::launch_operand_fill(type, buffer.data(), elements, operand, stream());
  GPUBENCH_CUDA(cudaGetLastError());
}

void cudnn_case::copy_in(dnn::tensor one, const std::vector<float>& values) {
  const std::size_t bytes = values.size() * sizeof(float);
  if (bytes != graph_.bytes(one)) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "values of another tensor");
  // After what is on the stream already: the poison of allocate().
  wait_for(stream(), "filling the tensors");
  GPUBENCH_CUDA(cudaMemcpy(address(one), values.data(), bytes, cudaMemcpyHostToDevice));
}

void cudnn_case::choose(const dnn::plan_rules& rules, const std::vector<dnn::tensor>& results) {
  dnn::addresses where;
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    if (buffers_[i].data() != nullptr)
      where.emplace_back(dnn::tensor{static_cast<std::int64_t>(i) + 1}, buffers_[i].data());
  }
  constexpr std::size_t candidates = 4;
  call_.emplace(dnn::fastest_call(handle_, graph_, rules, where, candidates));
  for (const auto one : results) poison(one);
  wait_for(stream(), "poisoning the results");
}

void cudnn_case::zero_as_needed(dnn::tensor sums, dnn::tensor result) {
  const auto buffer = [this](dnn::tensor one) -> const device_buffer& {
    return buffers_.at(static_cast<std::size_t>(one.id - 1));
  };
  const bool needed =
      dnn::adds_to_found_sums(call_.value().run, buffer(sums), buffer(result), graph_[result].type, stream());
  if (needed) zeroed_ = sums;
  poison(result);
  wait_for(stream(), "poisoning the results");
}

void cudnn_case::enqueue() {
  if (zeroed_) {
    const auto& buffer = buffers_.at(static_cast<std::size_t>(zeroed_->id - 1));
    GPUBENCH_CUDA(cudaMemsetAsync(buffer.data(), 0, buffer.bytes(), stream()));
  }
  call_.value().run.enqueue();
}

sample_times cudnn_case::sample() {
  return timer_.cold([this] { enqueue(); });
}

method_notes cudnn_case::notes() const {
  auto result = timer_.notes();
  result.emplace_back("operands", "uniform in [-1, 1)");
  result.emplace_back("algorithm", call_.value().method);
  result.emplace_back("workspace_bytes", std::to_string(call_.value().run.chosen().workspace_bytes()));
  return result;
}

std::vector<double> cudnn_case::values(dnn::tensor one, std::uint64_t first, std::uint64_t count) const {
  const dnn::element type = graph_[one].type;
  const auto size = static_cast<std::size_t>(dnn::bytes_of(type));
  std::vector<unsigned char> raw(count * size);
  GPUBENCH_CUDA(cudaMemcpy(raw.data(), static_cast<const unsigned char*>(address(one)) + first * size, raw.size(),
                           cudaMemcpyDeviceToHost));
  std::vector<double> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = dnn::stored_value(type, raw.data() + i * size);
  return result;
}

}  // namespace gpubench::cuda
