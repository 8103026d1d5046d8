// The only place that differs between oneDNN 2.x and 3.x: making primitive descriptors.
#include "bench/host/onednn.hpp"

namespace gpubench::bench::host::onednn {
namespace {

using dnnl::algorithm;
using dnnl::prop_kind;

struct window_dims {
  memory::dims strides, padding;
};
window_dims window_of(const models::convolution& c) {
  return {{c.stride, c.stride}, {c.padding, c.padding}};
}

// 2.x: PRIMITIVE::primitive_desc({description...}, engine); 3.x: PRIMITIVE::primitive_desc(engine, description...).
#if DNNL_VERSION_MAJOR >= 3
template <class Primitive, class... Description>
auto describe(const Description&... description) {
  return typename Primitive::primitive_desc(engine(), description...);
}
template <class Primitive, class Hint, class... Description>
auto describe_backward(const Hint& hint, const Description&... description) {
  return typename Primitive::primitive_desc(engine(), description..., hint);
}
#else
template <class Primitive, class... Description>
auto describe(const Description&... description) {
  return typename Primitive::primitive_desc(typename Primitive::desc(description...), engine());
}
template <class Primitive, class Hint, class... Description>
auto describe_backward(const Hint& hint, const Description&... description) {
  return typename Primitive::primitive_desc(typename Primitive::desc(description...), engine(), hint);
}
#endif

dnnl::normalization_flags flags_of(bool relu) {
  const auto learned = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;
  return relu ? learned | dnnl::normalization_flags::fuse_norm_relu : learned;
}

}  // namespace

convolution_layout open_layout(const models::convolution& c, memory::data_type type) {
  const auto any = memory::format_tag::any;
  return {{{c.n, c.c_in, c.height, c.width}, type, any},
          {{c.c_out, c.c_in, c.kernel, c.kernel}, type, any},
          {{c.n, c.c_out, c.out_height(), c.out_width()}, type, any}};
}

dnnl::convolution_forward::primitive_desc forward(const models::convolution& c, const convolution_layout& layout,
                                                  prop_kind kind, memory::data_type bias_type,
                                                  const dnnl::primitive_attr& attributes) {
  using primitive = dnnl::convolution_forward;
  const auto w = window_of(c);
  const memory::desc bias({c.c_out}, bias_type, memory::format_tag::x);
#if DNNL_VERSION_MAJOR >= 3
  return primitive::primitive_desc(engine(), kind, algorithm::convolution_direct, layout.source, layout.weights, bias,
                                   layout.destination, w.strides, w.padding, w.padding, attributes);
#else
  return primitive::primitive_desc(primitive::desc(kind, algorithm::convolution_direct, layout.source, layout.weights,
                                                   bias, layout.destination, w.strides, w.padding, w.padding),
                                   attributes, engine());
#endif
}

dnnl::convolution_forward::primitive_desc forward(const models::convolution& c, const convolution_layout& layout,
                                                  prop_kind kind) {
  const auto w = window_of(c);
  return describe<dnnl::convolution_forward>(kind, algorithm::convolution_direct, layout.source, layout.weights,
                                             layout.destination, w.strides, w.padding, w.padding);
}

dnnl::convolution_backward_data::primitive_desc backward_data(const models::convolution& c,
                                                              const convolution_layout& layout,
                                                              const dnnl::convolution_forward::primitive_desc& hint) {
  const auto w = window_of(c);
  return describe_backward<dnnl::convolution_backward_data>(hint, algorithm::convolution_direct, layout.source,
                                                            layout.weights, layout.destination, w.strides, w.padding,
                                                            w.padding);
}

dnnl::convolution_backward_weights::primitive_desc backward_weights(
    const models::convolution& c, const convolution_layout& layout,
    const dnnl::convolution_forward::primitive_desc& hint) {
  const auto w = window_of(c);
  return describe_backward<dnnl::convolution_backward_weights>(hint, algorithm::convolution_direct, layout.source,
                                                               layout.weights, layout.destination, w.strides, w.padding,
                                                               w.padding);
}

dnnl::matmul::primitive_desc multiply(const memory::desc& a, const memory::desc& b, const memory::desc& c) {
  return describe<dnnl::matmul>(a, b, c);
}

dnnl::batch_normalization_forward::primitive_desc normalization_forward(const memory::desc& data, float epsilon,
                                                                        bool relu) {
#if DNNL_VERSION_MAJOR >= 3
  return describe<dnnl::batch_normalization_forward>(prop_kind::forward_training, data, data, epsilon, flags_of(relu));
#else
  return describe<dnnl::batch_normalization_forward>(prop_kind::forward_training, data, epsilon, flags_of(relu));
#endif
}

dnnl::batch_normalization_backward::primitive_desc normalization_backward(
    const memory::desc& data, const memory::desc& gradient, float epsilon, bool relu,
    const dnnl::batch_normalization_forward::primitive_desc& hint) {
#if DNNL_VERSION_MAJOR >= 3
  return describe_backward<dnnl::batch_normalization_backward>(hint, prop_kind::backward, gradient, gradient, data,
                                                               epsilon, flags_of(relu));
#else
  return describe_backward<dnnl::batch_normalization_backward>(hint, prop_kind::backward, gradient, data, epsilon,
                                                               flags_of(relu));
#endif
}

bool reads_shift(const dnnl::batch_normalization_backward::primitive_desc& description, bool relu) {
  int inputs = 0;
  dnnl::error::wrap_c_api(dnnl_primitive_desc_query(description.get(), dnnl_query_num_of_inputs_s32, 0, &inputs),
                          "could not query the inputs of a batch normalization");
  // Without it: source, mean, variance, gradient, scale, and the workspace of a fused ReLU.
  return inputs > (relu ? 6 : 5);
}

dnnl::pooling_forward::primitive_desc pooling_forward(const pooling_window& window, const memory::desc& source,
                                                      const memory::desc& destination, prop_kind kind) {
  const memory::dims strides{window.stride, window.stride}, kernel{window.kernel, window.kernel};
  const memory::dims padding{window.padding, window.padding};
#if DNNL_VERSION_MAJOR >= 3
  const memory::dims dilation{0, 0};
  return describe<dnnl::pooling_forward>(kind, window.algorithm, source, destination, strides, kernel, dilation,
                                         padding, padding);
#else
  return describe<dnnl::pooling_forward>(kind, window.algorithm, source, destination, strides, kernel, padding,
                                         padding);
#endif
}

dnnl::pooling_backward::primitive_desc pooling_backward(const pooling_window& window, const memory::desc& source,
                                                        const memory::desc& destination,
                                                        const dnnl::pooling_forward::primitive_desc& hint) {
  const memory::dims strides{window.stride, window.stride}, kernel{window.kernel, window.kernel};
  const memory::dims padding{window.padding, window.padding};
#if DNNL_VERSION_MAJOR >= 3
  const memory::dims dilation{0, 0};
  return describe_backward<dnnl::pooling_backward>(hint, window.algorithm, source, destination, strides, kernel,
                                                   dilation, padding, padding);
#else
  return describe_backward<dnnl::pooling_backward>(hint, window.algorithm, source, destination, strides, kernel,
                                                   padding, padding);
#endif
}

dnnl::inner_product_forward::primitive_desc linear_forward(const memory::desc& source, const memory::desc& weights,
                                                           const memory::desc& bias, const memory::desc& destination,
                                                           prop_kind kind) {
  return describe<dnnl::inner_product_forward>(kind, source, weights, bias, destination);
}

dnnl::inner_product_backward_data::primitive_desc linear_backward_data(
    const memory::desc& source, const memory::desc& weights, const memory::desc& destination,
    const dnnl::inner_product_forward::primitive_desc& hint) {
  return describe_backward<dnnl::inner_product_backward_data>(hint, source, weights, destination);
}

dnnl::inner_product_backward_weights::primitive_desc linear_backward_weights(
    const memory::desc& source, const memory::desc& weights, const memory::desc& bias, const memory::desc& destination,
    const dnnl::inner_product_forward::primitive_desc& hint) {
  return describe_backward<dnnl::inner_product_backward_weights>(hint, source, weights, bias, destination);
}

}  // namespace gpubench::bench::host::onednn
