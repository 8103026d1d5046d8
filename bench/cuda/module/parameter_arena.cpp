#include "bench/cuda/module/parameter_arena.hpp"

#include "bench/cuda/module/device_values.hpp"

#include <algorithm>
#include <utility>

namespace gpubench::cuda {

namespace {

using kernels::storage;

constexpr std::int64_t alignment_elements = 128;

char* at(const device_buffer& buffer, storage type, std::int64_t element) {
  return buffer.as<char>() + element * kernels::bytes_of(type);
}

/// What lies between tensors is zero, as are its gradients, and stays zero.
device_buffer zeros(std::size_t bytes, cudaStream_t stream) {
  device_buffer result(bytes);
  GPUBENCH_CUDA(cudaMemsetAsync(result.data(), 0, result.bytes(), stream));
  return result;
}

/// `pieces` of alignment_elements each, the first at the start, the others at equal distances.
std::vector<float> pieces_of(storage type, const device_buffer& from, std::int64_t pieces, std::int64_t distance) {
  if (from.data() == nullptr) return {};
  return fetch_block(type, from.data(), {pieces, distance}, {0, pieces, 0, alignment_elements});
}

}  // namespace

std::size_t parameter_arena::add(std::string name, std::vector<float> values) {
  const auto elements = static_cast<std::int64_t>(values.size());
  return add({std::move(name), 0, elements, std::move(values), {}});
}

std::size_t parameter_arena::add(std::string name, std::int64_t elements, const random_fill& fill) {
  return add({std::move(name), 0, elements, {}, fill});
}

std::size_t parameter_arena::add(learned_tensor tensor) {
  tensor.offset = elements_;
  elements_ += (tensor.elements + alignment_elements - 1) / alignment_elements * alignment_elements;
  tensors_.push_back(std::move(tensor));
  return tensors_.size() - 1;
}

void parameter_arena::allocate(cudaStream_t stream) {
  const std::size_t wide = values_bytes(storage::fp32, elements_), narrow = values_bytes(type_, elements_);
  weights_ = zeros(wide, stream);
  first_ = zeros(wide, stream);
  gradients_ = zeros(narrow, stream);
  if (keeps_copies()) copies_ = zeros(narrow, stream);
  if (updated_by_ == optimiser::adamw) {
    second_ = zeros(wide, stream);
    progress_ = zeros(sizeof(kernels::adamw_progress), stream);
  }
  for (auto& tensor : tensors_) {
    const auto set = [&](storage type, const device_buffer& all) {
      if (tensor.initial.empty()) {
        enqueue_fill(type, at(all, type, tensor.offset), tensor.elements, tensor.fill, stream);
      } else {
        upload_into(type, tensor.initial, at(all, type, tensor.offset), stream);
      }
    };
    set(storage::fp32, weights_);
    if (keeps_copies()) set(type_, copies_);
    tensor.initial = {};
  }
}

std::size_t parameter_arena::place_of(std::size_t tensor) const {
  return values_bytes(type_, tensors_.at(tensor).offset);
}

void* parameter_arena::copy_of(std::size_t tensor) const {
  return copies().as<char>() + place_of(tensor);
}

void* parameter_arena::gradient_of(std::size_t tensor) const {
  return gradients_.as<char>() + place_of(tensor);
}

std::vector<float> parameter_arena::gradient(std::size_t tensor, float loss_scale) const {
  auto values = fetch(type_, gradients_.data(), tensors_.at(tensor).offset, tensors_.at(tensor).elements);
  for (float& v : values) v /= loss_scale;
  return values;
}

void parameter_arena::enqueue_update(float loss_scale, cudaStream_t stream) const {
  void* const copies = keeps_copies() ? copies_.data() : nullptr;
  if (updated_by_ == optimiser::sgd) {
    kernels::launch_sgd(
        type_, {weights_.as<float>(), first_.as<float>(), gradients_.data(), copies, elements_, loss_scale, sgd},
        stream);
  } else {
    kernels::launch_adamw(type_,
                          {weights_.as<float>(), first_.as<float>(), second_.as<float>(), gradients_.data(), copies,
                           progress_.as<kernels::adamw_progress>(), elements_, adamw},
                          stream);
  }
}

void parameter_arena::poison_gradients(cudaStream_t stream) const {
  for (const auto& tensor : tensors_) {
    const std::size_t bytes = values_bytes(type_, tensor.elements);
    GPUBENCH_CUDA(cudaMemsetAsync(at(gradients_, type_, tensor.offset), 0xff, bytes, stream));
  }
}

arena_sample parameter_arena::sample() const {
  constexpr std::int64_t most_pieces = 512;
  const std::int64_t pieces = std::min(most_pieces, elements_ / alignment_elements);
  // The last piece ends where the arena does, but for fewer elements than there are pieces.
  const std::int64_t distance = pieces > 1 ? (elements_ - alignment_elements) / (pieces - 1) : alignment_elements;
  const auto of = [&](storage type, const device_buffer& from) { return pieces_of(type, from, pieces, distance); };
  arena_sample result{of(storage::fp32, weights_), of(storage::fp32, first_), of(storage::fp32, second_),
                      of(type_, gradients_),       of(type_, copies()),       0};
  if (progress_.data() != nullptr) {
    kernels::adamw_progress progress;
    GPUBENCH_CUDA(cudaMemcpy(&progress, progress_.data(), sizeof progress, cudaMemcpyDeviceToHost));
    result.steps = progress.steps;
  }
  return result;
}

double parameter_arena::memory_bytes(storage type, optimiser updated_by, double elements) {
  const double narrow = kernels::bytes_of(type), copies = narrow < 4 ? narrow : 0;
  const double moments = updated_by == optimiser::adamw ? 2 : 1;
  return elements * (4 + 4 * moments + narrow + copies);
}

}  // namespace gpubench::cuda
