#include "bench/host/onednn.hpp"

#include "bench/host/operands.hpp"
#include "bench/libraries.hpp"
#include "core/error.hpp"
#include "core/memory_room.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <cstring>
#include <string_view>

namespace gpubench::bench::host::onednn {
namespace {

const library_registration onednn_registered{"onednn", version};

}  // namespace

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::stream& stream() {
  static dnnl::stream in_order(engine());
  return in_order;
}

std::string version() {
  const auto* v = dnnl_version();
  return fmt::format("{}.{}.{}", v->major, v->minor, v->patch);
}

memory::data_type data_type_of(models::precision p) {
  switch (p) {
    case models::precision::fp32:
      return memory::data_type::f32;
    case models::precision::bf16:
      return memory::data_type::bf16;
    case models::precision::int8:
      return memory::data_type::s8;
    default:
      throw error(error_kind::internal, fmt::format("no oneDNN type for {}", models::to_string(p)));
  }
}

bool is_reference(const dnnl::primitive_desc_base& description) {
  const std::string_view name = description.impl_info_str();
  return name.find("ref") != std::string_view::npos;
}

dnnl::primitive_attr fused_attributes(bool add_destination, bool relu) {
  dnnl::post_ops after;
  if (add_destination) after.append_sum();
#if DNNL_VERSION_MAJOR >= 3
  if (relu) after.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
#else
  if (relu) after.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
#endif
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  return attributes;
}

memory::desc plain(const memory::dims& dims, memory::data_type type, memory::format_tag tag) {
  return memory::desc(dims, type, tag);
}

void require_room_for_code(double tensor_bytes) {
  constexpr double code_bytes = 64 * mib;  // more than the primitives between two tensors take
  require_room_for(tensor_bytes + code_bytes, "tensors and code of oneDNN");
}

memory allocate(const memory::desc& description) {
  require_room_for_code(static_cast<double>(description.get_size()));
  try {
    memory tensor(description, engine());
    // Blocked layouts pad; what is never written must not hold a NaN.
    std::memset(tensor.get_data_handle(), 0, description.get_size());
    return tensor;
  } catch (const dnnl::error& e) {
    if (e.status == dnnl_out_of_memory) throw_out_of_memory(description.get_size());
    throw;
  }
}

float* floats(const memory& tensor) {
  return static_cast<float*>(tensor.get_data_handle());
}

std::size_t stored_floats(const memory& tensor) {
  return tensor.get_desc().get_size() / sizeof(float);
}

void convert(const memory& from, const memory& to) {
  memory source = from, destination = to;
  dnnl::reorder(source, destination).execute(stream(), source, destination);
  stream().wait();
}

memory converted(const memory& tensor, const memory::desc& wanted) {
  if (tensor.get_desc() == wanted) return tensor;
  memory copy = allocate(wanted);
  convert(tensor, copy);
  return copy;
}

#if DNNL_VERSION_MAJOR >= 3
namespace {
memory::dims dims_of(const memory& tensor) {
  return tensor.get_desc().get_dims();
}
}  // namespace
#else
namespace {
memory::dims dims_of(const memory& tensor) {
  return tensor.get_desc().dims();
}
}  // namespace
#endif

std::vector<float> values_of(const memory& tensor, memory::format_tag tag) {
  const memory copy = allocate(plain(dims_of(tensor), memory::data_type::f32, tag));
  convert(tensor, copy);
  return {floats(copy), floats(copy) + stored_floats(copy)};
}

void set_values(const memory& tensor, const float* values, memory::format_tag tag) {
  const memory::desc description = plain(dims_of(tensor), memory::data_type::f32, tag);
  // oneDNN only reads through this handle.
  convert(memory(description, engine(), const_cast<float*>(values)), tensor);
}

}  // namespace gpubench::bench::host::onednn
