#include "bench/cuda/module/network_convolutions.hpp"

#include "bench/cuda/module/cudnn_layers.hpp"
#include "bench/cuda/module/image_layout.hpp"

#include <utility>

namespace gpubench::cuda {

namespace {

struct convolution_layouts {
  dnn::layout x, w, y;
};

convolution_layouts layouts_of(const models::convolution& s) {
  const std::int64_t c_in = stored_channels(s.c_in);
  return {dnn::channels_last(s.n, c_in, s.height, s.width), dnn::channels_last(s.c_out, c_in, s.kernel, s.kernel),
          dnn::channels_last(s.n, s.c_out, s.out_height(), s.out_width())};
}

dnn::window window_of(const models::convolution& s) {
  return {s.kernel, s.stride, s.padding};
}

}  // namespace

layer_graph plain_convolution(const models::convolution& shape, kernels::storage type, dnn::convolution_pass pass) {
  const auto layouts = layouts_of(shape);
  const auto element = dnn::element_of(type);
  layer_graph result;
  dnn::graph& g = result.operations;
  result.x = g.memory(element, layouts.x);
  result.w = g.memory(element, layouts.w);
  result.y = g.memory(element, layouts.y);
  g.add(dnn::convolution_operation{pass, result.x, result.w, result.y, window_of(shape)});
  return result;
}

layer_graph fused_convolution(const models::convolution& shape, kernels::storage type, bool adds, bool relu) {
  const auto layouts = layouts_of(shape);
  const auto element = dnn::element_of(type);
  layer_graph result;
  dnn::graph& g = result.operations;
  result.x = g.memory(element, layouts.x);
  result.w = g.memory(element, layouts.w);
  result.bias = g.memory(dnn::element::fp32, dnn::channels_last(1, shape.c_out, 1, 1));
  result.y = g.memory(element, layouts.y);
  dnn::tensor sum = g.between(dnn::element::fp32, layouts.y);
  g.add(dnn::convolution_operation{dnn::convolution_pass::forward, result.x, result.w, sum, window_of(shape)});
  if (adds) {
    result.added = g.memory(element, layouts.y);
    sum = g.between_of(dnn::pointwise::add, {sum, *result.added});
  }
  if (relu) {
    sum = g.between_of(dnn::pointwise::add, {sum, *result.bias});
    g.add(dnn::pointwise_operation{dnn::pointwise::relu, {sum}, result.y, -1});
  } else {
    g.add(dnn::pointwise_operation{dnn::pointwise::add, {sum, *result.bias}, result.y, -1});
  }
  return result;
}

network_convolutions::network_convolutions(cudaStream_t stream, kernels::storage type)
    : handle_(stream), workspace_(workspace_limit_bytes) {
  rules_.tensor_cores = type == kernels::storage::fp32 ? dnn::tensor_cores::forbidden : dnn::tensor_cores::required;
  rules_.workspace_limit_bytes = workspace_limit_bytes;
}

dnn::call network_convolutions::bind(const std::string& key, const layer_graph& graph, const dnn::addresses& where) {
  // Engines are compiled when they are tried, which takes a good part of a second: few of them.
  constexpr std::size_t candidates = 3;
  auto found = tuned_.find(key);
  if (found == tuned_.end()) {
    const auto best = dnn::fastest_call(handle_, graph.operations, rules_, where, candidates);
    found = tuned_.emplace(key, best.run.chosen()).first;
  }
  return {handle_, found->second, where, workspace_.data()};
}

std::string convolution_key(const models::convolution& s, const std::string& rest) {
  std::string key;
  for (const std::int64_t size : {s.n, s.c_in, s.height, s.width, s.c_out, s.kernel, s.stride, s.padding}) {
    key += std::to_string(size) + "x";
  }
  return key + rest;
}

}  // namespace gpubench::cuda
