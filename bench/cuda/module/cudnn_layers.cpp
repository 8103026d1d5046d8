#include "bench/cuda/module/cudnn_layers.hpp"

namespace gpubench::cuda::dnn {

namespace {

layout layout_of(kernels::image_order order, std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  return order == kernels::image_order::channels_last ? channels_last(n, c, h, w) : row_major({n, c, h, w});
}

convolution_pass pass_of(kernels::convolution_product product) {
  switch (product) {
    case kernels::convolution_product::forward:
      return convolution_pass::forward;
    case kernels::convolution_product::backward_data:
      return convolution_pass::backward_data;
    default:
      return convolution_pass::backward_weights;
  }
}

layout data_layout(const norm_sizes& s) {
  return channels_last(s.n, s.c, s.height, s.width);
}
layout channel_layout(const norm_sizes& s) {
  return channels_last(1, s.c, 1, 1);
}
/// Of what is normalised together: a channel of all images, or a token.
layout statistics_layout(norm kind, const norm_sizes& s) {
  return kind == norm::batch ? channel_layout(s) : channels_last(s.n, 1, 1, 1);
}

}  // namespace

element element_of(kernels::storage type) {
  switch (type) {
    case kernels::storage::fp16:
      return element::fp16;
    case kernels::storage::bf16:
      return element::bf16;
    default:
      return element::fp32;
  }
}

convolution_graph convolution_of(const kernels::convolution_shape& s) {
  const element type = element_of(s.type);
  convolution_graph result;
  graph& g = result.operations;
  result.x = g.memory(type, layout_of(s.order, s.n, s.c_in, s.height, s.width));
  result.w = g.memory(type, layout_of(s.order, s.c_out, s.c_in, s.kernel, s.kernel));
  result.y = g.memory(type, layout_of(s.order, s.n, s.c_out, s.out_height(), s.out_width()));
  const auto pass = pass_of(s.product);
  g.add(convolution_operation{pass, result.x, result.w, result.y, {s.kernel, s.stride, s.padding}});
  result.result = pass == convolution_pass::forward         ? result.y
                  : pass == convolution_pass::backward_data ? result.x
                                                            : result.w;
  return result;
}

norm_graph norm_forward_of(norm kind, element type, const norm_sizes& sizes) {
  norm_graph result;
  graph& g = result.operations;
  norm_operation o;
  o.mode = kind;
  o.x = result.x = g.memory(type, data_layout(sizes));
  o.y = result.y = g.memory(type, data_layout(sizes));
  // cuDNN has its fast engines for tokens only where their parameters have the tokens' type.
  const element parameters = kind == norm::batch ? element::fp32 : type;
  o.scale = result.scale = g.memory(parameters, channel_layout(sizes));
  result.inverse_deviation = g.memory(element::fp32, statistics_layout(kind, sizes));
  o.inverse_deviation = result.inverse_deviation;
  if (kind != norm::rms) {
    o.bias = result.bias = g.memory(parameters, channel_layout(sizes));
    o.mean = result.mean = g.memory(element::fp32, statistics_layout(kind, sizes));
  }
  o.epsilon = g.number(element::fp32, kernels::norm_epsilon, 4);
  g.add(o);
  return result;
}

norm_backward_graph norm_backward_of(norm kind, element type, const norm_sizes& sizes) {
  norm_backward_graph result;
  graph& g = result.operations;
  norm_backward_operation o;
  o.mode = kind;
  o.x = result.x = g.memory(type, data_layout(sizes));
  o.dy = result.dy = g.memory(type, data_layout(sizes));
  o.dx = result.dx = g.memory(type, data_layout(sizes));
  o.scale = result.scale = g.memory(element::fp32, channel_layout(sizes));
  o.dscale = result.dscale = g.memory(element::fp32, channel_layout(sizes));
  o.inverse_deviation = result.inverse_deviation = g.memory(element::fp32, statistics_layout(kind, sizes));
  if (kind != norm::rms) {
    o.mean = result.mean = g.memory(element::fp32, statistics_layout(kind, sizes));
    o.dbias = result.dbias = g.memory(element::fp32, channel_layout(sizes));
  }
  g.add(o);
  return result;
}

pooling_graph max_pooling_of(const kernels::pooling_shape& s) {
  const element type = element_of(s.type);
  pooling_graph result;
  graph& g = result.operations;
  result.x = g.memory(type, channels_last(s.n, s.c, s.height, s.width));
  result.y = g.memory(type, channels_last(s.n, s.c, s.out_height(), s.out_width()));
  // As in training. What cuDNN 9.14 takes where no places are asked for reads past the image on an H200.
  result.place = g.memory(element::int8, channels_last(s.n, s.c, s.out_height(), s.out_width()));
  g.add(pooling_operation{pooling::maximum, false, result.x, result.y, {s.window, s.stride, s.padding}, result.place});
  return result;
}

}  // namespace gpubench::cuda::dnn
