#include "bench/collective/host_buffers.hpp"

#include <cstring>
#include <new>

namespace gpubench::collective {

namespace {

/// Never a result: a NaN in every floating-point type.
constexpr int poison_byte = 0xff;

}  // namespace

host_buffers::memory host_buffers::allocate(std::uint64_t bytes) {
  constexpr std::size_t page = 4096;
  memory result(std::aligned_alloc(page, (bytes / page + 1) * page));
  if (!result) throw std::bad_alloc();
  return result;
}

host_buffers::host_buffers(const collective_case& what, int rank)
    : layout_(what.layout()), where_(what.where), rank_(rank) {
  if (where_ == placement::in_place) {
    const auto places = places_in_one_buffer(layout_, rank);
    bytes_ = places.buffer_bytes;
    first_ = allocate(bytes_);
    send_ = static_cast<char*>(first_.get()) + places.send_offset;
    receive_ = first_.get();
  } else {
    bytes_ = send_bytes(layout_);
    first_ = allocate(bytes_);
    second_ = allocate(receive_bytes(layout_));
    send_ = first_.get();
    receive_ = second_.get();
  }
  fill();
}

void host_buffers::fill() {
  std::memset(first_.get(), poison_byte, bytes_);
  if (second_) std::memset(second_.get(), poison_byte, receive_bytes(layout_));
  // A broadcast's other ranks hand in nothing: in place their result must not be there already.
  if (layout_.kind == collective_kind::broadcast && rank_ != 0) return;
  const std::uint64_t elements = kernels::send_elements(layout_);
  for (std::uint64_t i = 0; i < elements; ++i)
    kernels::store_bits(layout_.type, send_, i, kernels::operand_bits(layout_, rank_, i));
}

std::uint64_t host_buffers::wrong_elements() const {
  if (!kernels::receives(layout_, rank_)) return 0;
  const std::uint64_t elements = kernels::receive_elements(layout_);
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < elements; ++i) {
    if (!kernels::is_right(layout_, rank_, i, kernels::load_bits(layout_.type, receive_, i))) ++wrong;
  }
  return wrong;
}

}  // namespace gpubench::collective
