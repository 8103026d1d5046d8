#include "bench/cuda/module/cudnn_graph.hpp"

#include "bench/cuda/module/failure.hpp"

namespace gpubench::cuda::dnn {

layout row_major(std::vector<std::int64_t> sizes) {
  std::vector<std::int64_t> strides(sizes.size());
  std::int64_t stride = 1;
  for (std::size_t i = sizes.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= sizes[i];
  }
  return {std::move(sizes), std::move(strides)};
}

layout channels_last(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  return {{n, c, h, w}, {c * h * w, 1, c * w, c}};
}

std::int64_t elements_of(const layout& shape) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < shape.sizes.size(); ++i) last += (shape.sizes[i] - 1) * shape.strides[i];
  return last + 1;
}

tensor graph::put(tensor_description described) {
  const auto rank = described.shape.sizes.size();
  if (rank < 1 || rank > 8 || described.shape.strides.size() != rank) {
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "a tensor of cuDNN has 1 to 8 sizes, each with its stride");
  }
  for (const std::int64_t size : described.shape.sizes) {
    if (size < 1) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "a tensor of cuDNN has a size below 1");
  }
  tensors_.push_back(std::move(described));
  return {static_cast<std::int64_t>(tensors_.size())};
}

tensor graph::memory(element type, layout shape) {
  return put({type, std::move(shape), residence::memory, 0});
}

tensor graph::between(element type, layout shape) {
  return put({type, std::move(shape), residence::between, 0});
}

tensor graph::number(element type, double value, int rank) {
  if (type != element::fp32 && type != element::int32) {
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "numbers by value are fp32 or int32");
  }
  const std::vector<std::int64_t> ones(static_cast<std::size_t>(rank), 1);
  return put({type, {ones, ones}, residence::by_value, value});
}

tensor graph::between_of(pointwise mode, std::vector<tensor> in, element type, std::int64_t axis) {
  const tensor out = between(type, (*this)[in.at(0)].shape);
  add(pointwise_operation{mode, std::move(in), out, axis});
  return out;
}

std::size_t graph::bytes(tensor one) const {
  const auto& described = (*this)[one];
  return static_cast<std::size_t>(elements_of(described.shape)) * static_cast<std::size_t>(bytes_of(described.type));
}

}  // namespace gpubench::cuda::dnn
