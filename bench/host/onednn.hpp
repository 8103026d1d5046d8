#pragma once

#include "core/error.hpp"
#include "models/operators.hpp"
#include "models/precision.hpp"

#include <oneapi/dnnl/dnnl.hpp>

#include <optional>
#include <string>
#include <vector>

/// One form for oneDNN 2.x, which describes an operation before its primitive, and 3.x, which does not.
/// Layouts are left to oneDNN (memory::format_tag::any) as frameworks do, unless a function says otherwise.
namespace gpubench::bench::host::onednn {

using dnnl::memory;

const dnnl::engine& engine();
dnnl::stream& stream();

/// "2.6.3"
std::string version();

/// @throws error: internal for a precision that this back-end has no use for.
memory::data_type data_type_of(models::precision p);

/// True for the portable implementation, which is orders slower than what a framework would run.
bool is_reference(const dnnl::primitive_desc_base& description);

/// For tensors of so many bytes and the code that oneDNN makes for what it does with them: refused memory for that, it
/// writes to address 0 (tried: 2.6.3).   @throws error: out_of_device_memory
void require_room_for_code(double tensor_bytes);

/// Why an operation cannot run well here: `describe` makes its descriptor and says whether that is the reference.
template <class Describe>
std::optional<std::string> lacks_fast_implementation(Describe&& describe) {
  try {
    require_room_for_code(0);
    if (!describe()) return std::nullopt;
    return "oneDNN " + version() + " has only a reference implementation for this processor";
  } catch (const dnnl::error& e) {
    return "oneDNN " + version() + " refuses it: " + e.what();
  } catch (const error& e) {
    return std::string(e.what()) + " (" + e.hint() + ")";
  }
}

struct convolution_layout {
  memory::desc source, weights, destination;
};
/// Shapes with layouts open. Backward passes ask for the gradients in the same places.
convolution_layout open_layout(const models::convolution& c, memory::data_type type);

dnnl::convolution_forward::primitive_desc forward(const models::convolution& c, const convolution_layout& layout,
                                                  dnnl::prop_kind kind, memory::data_type bias_type,
                                                  const dnnl::primitive_attr& attributes = {});
/// Without bias.
dnnl::convolution_forward::primitive_desc forward(const models::convolution& c, const convolution_layout& layout,
                                                  dnnl::prop_kind kind);
dnnl::convolution_backward_data::primitive_desc backward_data(const models::convolution& c,
                                                              const convolution_layout& layout,
                                                              const dnnl::convolution_forward::primitive_desc& hint);
dnnl::convolution_backward_weights::primitive_desc backward_weights(
    const models::convolution& c, const convolution_layout& layout,
    const dnnl::convolution_forward::primitive_desc& hint);

/// C = A*B, row-major C; layouts of A and B as the descriptors say.
dnnl::matmul::primitive_desc multiply(const memory::desc& a, const memory::desc& b, const memory::desc& c);

/// With learned scale and shift; `relu` fuses the activation that follows.
dnnl::batch_normalization_forward::primitive_desc normalization_forward(const memory::desc& data, float epsilon,
                                                                        bool relu);
dnnl::batch_normalization_backward::primitive_desc normalization_backward(
    const memory::desc& data, const memory::desc& gradient, float epsilon, bool relu,
    const dnnl::batch_normalization_forward::primitive_desc& hint);

/// Whether the backward pass wants DNNL_ARG_SHIFT among its inputs: releases differ, and refuse one too many or too
/// few.
bool reads_shift(const dnnl::batch_normalization_backward::primitive_desc& description, bool relu);

struct pooling_window {
  dnnl::algorithm algorithm = dnnl::algorithm::pooling_max;
  std::int64_t kernel = 1, stride = 1, padding = 0;
};
dnnl::pooling_forward::primitive_desc pooling_forward(const pooling_window& window, const memory::desc& source,
                                                      const memory::desc& destination, dnnl::prop_kind kind);
dnnl::pooling_backward::primitive_desc pooling_backward(const pooling_window& window, const memory::desc& source,
                                                        const memory::desc& destination,
                                                        const dnnl::pooling_forward::primitive_desc& hint);

dnnl::inner_product_forward::primitive_desc linear_forward(const memory::desc& source, const memory::desc& weights,
                                                           const memory::desc& bias, const memory::desc& destination,
                                                           dnnl::prop_kind kind);
dnnl::inner_product_backward_data::primitive_desc linear_backward_data(
    const memory::desc& source, const memory::desc& weights, const memory::desc& destination,
    const dnnl::inner_product_forward::primitive_desc& hint);
dnnl::inner_product_backward_weights::primitive_desc linear_backward_weights(
    const memory::desc& source, const memory::desc& weights, const memory::desc& bias, const memory::desc& destination,
    const dnnl::inner_product_forward::primitive_desc& hint);

/// Attributes of an inference engine's convolution: adds what the destination holds, then applies ReLU.
dnnl::primitive_attr fused_attributes(bool add_destination, bool relu);

memory::desc plain(const memory::dims& dims, memory::data_type type, memory::format_tag tag);
memory allocate(const memory::desc& description);
float* floats(const memory& tensor);
/// Elements of storage, padding of a blocked layout included.
std::size_t stored_floats(const memory& tensor);

/// Copies into another layout or type, and waits.
void convert(const memory& from, const memory& to);
/// The tensor itself if it has that layout, else a converted copy.
memory converted(const memory& tensor, const memory::desc& wanted);
/// All values as fp32 in a plain layout.
std::vector<float> values_of(const memory& tensor, memory::format_tag tag);
/// A tensor in any layout from fp32 values in a plain one.
void set_values(const memory& tensor, const float* values, memory::format_tag tag);

}  // namespace gpubench::bench::host::onednn
