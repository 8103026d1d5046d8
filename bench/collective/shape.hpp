#pragma once

#include "kernels/collective.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

// Names, sizes and counting of collectives. Header only and without a library, because the CUDA module shares it.
namespace gpubench::collective {

using kernels::collective_kind;
using kernels::collective_layout;
using kernels::element_type;
using kernels::reduction;

enum class placement { out_of_place, in_place };

template <class Value>
struct named {
  const char* name;
  Value value;
};

inline constexpr named<collective_kind> kinds[] = {
    {"all_reduce", collective_kind::all_reduce},
    {"all_gather", collective_kind::all_gather},
    {"reduce_scatter", collective_kind::reduce_scatter},
    {"broadcast", collective_kind::broadcast},
    {"reduce", collective_kind::reduce},
    {"all_to_all", collective_kind::all_to_all},
    {"send_recv", collective_kind::send_recv},
    {"pair_exchange", collective_kind::pair_exchange},
};
inline constexpr named<element_type> types[] = {
    {"int8", element_type::int8},     {"uint8", element_type::uint8}, {"int32", element_type::int32},
    {"uint32", element_type::uint32}, {"int64", element_type::int64}, {"uint64", element_type::uint64},
    {"fp16", element_type::fp16},     {"bf16", element_type::bf16},   {"fp32", element_type::fp32},
    {"fp64", element_type::fp64},
};
inline constexpr named<reduction> reductions[] = {
    {"sum", reduction::sum}, {"prod", reduction::prod}, {"min", reduction::min},
    {"max", reduction::max}, {"avg", reduction::avg},
};
inline constexpr named<placement> placements[] = {
    {"out_of_place", placement::out_of_place},
    {"in_place", placement::in_place},
};

template <class Value, std::size_t count>
constexpr std::optional<Value> value_of(const named<Value> (&table)[count], std::string_view name) {
  for (const auto& entry : table) {
    if (name == entry.name) return entry.value;
  }
  return std::nullopt;
}

template <class Value, std::size_t count>
constexpr const char* name_of(const named<Value> (&table)[count], Value value) {
  for (const auto& entry : table) {
    if (entry.value == value) return entry.name;
  }
  return "";
}

/// Whether the size counts the blocks of all ranks together, as nccl-tests counts it (doc/PERFORMANCE.md).
constexpr bool counts_all_blocks(collective_kind kind) {
  return kind == collective_kind::all_gather || kind == collective_kind::reduce_scatter ||
         kind == collective_kind::all_to_all;
}

/// Bus bandwidth over algorithm bandwidth: the share of the size that each rank must send (or, for a reduction, send
/// and receive) over its link. Source: nccl-tests doc/PERFORMANCE.md.
constexpr double bus_factor(collective_kind kind, int ranks) {
  const double n = ranks;
  switch (kind) {
    case collective_kind::all_reduce:
      return 2 * (n - 1) / n;
    case collective_kind::all_gather:
    case collective_kind::reduce_scatter:
    case collective_kind::all_to_all:
      return (n - 1) / n;
    default:
      return 1;
  }
}

/// Bytes of the smallest size that a collective can have: one element, or one for each rank.
constexpr std::uint64_t size_step(collective_kind kind, element_type type, int ranks) {
  const auto element = static_cast<std::uint64_t>(kernels::bytes_of(type));
  return counts_all_blocks(kind) ? element * static_cast<std::uint64_t>(ranks) : element;
}

/// The nearest size from `bytes` upwards that the ranks can share out evenly.
constexpr std::uint64_t rounded_size(collective_kind kind, element_type type, int ranks, std::uint64_t bytes) {
  const std::uint64_t step = size_step(kind, type, ranks);
  return (bytes / step + (bytes % step != 0 || bytes == 0 ? 1 : 0)) * step;
}

/// @param bytes  the size, a multiple of size_step()
constexpr collective_layout layout_of(collective_kind kind, element_type type, reduction operation, int ranks,
                                      std::uint64_t bytes) {
  return {kind, type, operation, ranks, bytes / size_step(kind, type, ranks), 0};
}

constexpr std::uint64_t send_bytes(const collective_layout& l) {
  return kernels::send_elements(l) * static_cast<std::uint64_t>(kernels::bytes_of(l.type));
}
constexpr std::uint64_t receive_bytes(const collective_layout& l) {
  return kernels::receive_elements(l) * static_cast<std::uint64_t>(kernels::bytes_of(l.type));
}

constexpr bool can_be_in_place(collective_kind kind) {
  return kind != collective_kind::all_to_all && kind != collective_kind::send_recv &&
         kind != collective_kind::pair_exchange;
}

/// In place, one buffer is both: the larger of the two, with the smaller a rank's own block inside it.
struct buffer_places {
  std::uint64_t buffer_bytes = 0, send_offset = 0, receive_offset = 0;
};
constexpr buffer_places places_in_one_buffer(const collective_layout& l, int rank) {
  const std::uint64_t block = l.block * static_cast<std::uint64_t>(kernels::bytes_of(l.type));
  const std::uint64_t own = block * static_cast<std::uint64_t>(rank);
  buffer_places result{send_bytes(l) > receive_bytes(l) ? send_bytes(l) : receive_bytes(l), 0, 0};
  if (l.kind == collective_kind::all_gather) result.send_offset = own;
  if (l.kind == collective_kind::reduce_scatter) result.receive_offset = own;
  return result;
}

/// Device or host memory of one rank.
constexpr std::uint64_t memory_bytes(const collective_layout& l, placement where) {
  return where == placement::in_place ? places_in_one_buffer(l, 0).buffer_bytes : send_bytes(l) + receive_bytes(l);
}

/// Collectives back to back in one sample, the time of one being what counts: many of the short ones, so that the clock
/// and the ranks' differing starts weigh little. A function of the size alone, because all ranks must agree on it.
constexpr int launches_per_sample(std::uint64_t bytes) {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20;
  if (bytes <= mib) return 20;
  return bytes <= 64 * mib ? 5 : 1;
}

}  // namespace gpubench::collective
