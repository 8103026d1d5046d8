#include "bench/cuda/module/parameter_arena.hpp"

#include "bench/cuda/module/device_values.hpp"

#include <utility>

namespace gpubench::cuda {

namespace {

constexpr std::int64_t alignment_elements = 128;

char* at(const device_buffer& buffer, kernels::storage type, std::int64_t element) {
  return buffer.as<char>() + element * kernels::bytes_of(type);
}

}  // namespace

std::size_t parameter_arena::add(std::string name, const std::vector<float>& values) {
  const auto elements = static_cast<std::int64_t>(values.size());
  tensors_.push_back({std::move(name), static_cast<std::int64_t>(initial_.size()), elements});
  initial_.insert(initial_.end(), values.begin(), values.end());
  // What lies between tensors is zero, as are its gradients, and stays zero.
  initial_.resize((initial_.size() + alignment_elements - 1) / alignment_elements * alignment_elements);
  return tensors_.size() - 1;
}

void parameter_arena::allocate(cudaStream_t stream) {
  weights_ = uploaded_as(kernels::storage::fp32, initial_, stream);
  velocities_ = device_buffer(weights_.bytes());
  GPUBENCH_CUDA(cudaMemsetAsync(velocities_.data(), 0, velocities_.bytes(), stream));
  gradients_ = device_buffer(values_bytes(type_, static_cast<std::int64_t>(initial_.size())));
  GPUBENCH_CUDA(cudaMemsetAsync(gradients_.data(), 0, gradients_.bytes(), stream));
  if (keeps_copies()) copies_ = uploaded_as(type_, initial_, stream);
}

void* parameter_arena::copy_of(std::size_t tensor) const {
  return at(keeps_copies() ? copies_ : weights_, type_, tensors_.at(tensor).offset);
}

void* parameter_arena::gradient_of(std::size_t tensor) const {
  return at(gradients_, type_, tensors_.at(tensor).offset);
}

std::vector<float> parameter_arena::gradient(std::size_t tensor, float loss_scale) const {
  auto values = fetch(type_, gradients_.data(), tensors_.at(tensor).offset, tensors_.at(tensor).elements);
  for (float& v : values) v /= loss_scale;
  return values;
}

void parameter_arena::enqueue_update(float loss_scale, cudaStream_t stream) const {
  kernels::sgd_arguments with;
  with.weights = weights_.as<float>();
  with.velocities = velocities_.as<float>();
  with.gradients = gradients_.data();
  with.copies = keeps_copies() ? copies_.data() : nullptr;
  with.elements = static_cast<std::int64_t>(initial_.size());
  with.loss_scale = loss_scale;
  // Small, so that a batch trained on again and again is not learned by heart: gradients would become zeros, and
  // multiplying zeros draws less power.
  with.rates.learning_rate = 1e-4F;
  kernels::launch_sgd(type_, with, stream);
}

void parameter_arena::poison_gradients(cudaStream_t stream) const {
  for (const auto& tensor : tensors_) {
    const auto bytes = static_cast<std::size_t>(tensor.elements * kernels::bytes_of(type_));
    GPUBENCH_CUDA(cudaMemsetAsync(at(gradients_, type_, tensor.offset), 0xff, bytes, stream));
  }
}

}  // namespace gpubench::cuda
