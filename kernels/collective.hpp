#pragma once

#include "kernels/operands.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// What a collective does with the ranks' data. send_recv passes each rank's data to the next rank, the last one's to
/// the first. pair_exchange swaps data within pairs of ranks; `round` says which pairs.
enum class collective_kind {
  all_reduce,
  all_gather,
  reduce_scatter,
  broadcast,
  reduce,
  all_to_all,
  send_recv,
  pair_exchange
};
enum class reduction { sum, prod, min, max, avg };
enum class element_type { int8, uint8, int32, uint32, int64, uint64, fp16, bf16, fp32, fp64 };

GPUBENCH_HOST_DEVICE constexpr int bytes_of(element_type type) {
  switch (type) {
    case element_type::int8:
    case element_type::uint8:
      return 1;
    case element_type::fp16:
    case element_type::bf16:
      return 2;
    case element_type::int32:
    case element_type::uint32:
    case element_type::fp32:
      return 4;
    default:
      return 8;
  }
}

constexpr bool is_floating(element_type type) {
  return type == element_type::fp16 || type == element_type::bf16 || type == element_type::fp32 ||
         type == element_type::fp64;
}

GPUBENCH_HOST_DEVICE constexpr bool is_signed(element_type type) {
  return type != element_type::uint8 && type != element_type::uint32 && type != element_type::uint64;
}

/// One collective over `ranks` ranks. Its root, where it has one, is rank 0.
struct collective_layout {
  collective_kind kind = collective_kind::all_reduce;
  element_type type = element_type::fp32;
  reduction operation = reduction::sum;
  int ranks = 1;
  /// Elements of one rank's share in all_gather, reduce_scatter and all_to_all; of the whole vector in the others.
  std::uint64_t block = 0;
  int round = 0;  ///< of pair_exchange, from 0 to pair_rounds() - 1
};

GPUBENCH_HOST_DEVICE constexpr bool reduces(collective_kind kind) {
  return kind == collective_kind::all_reduce || kind == collective_kind::reduce_scatter ||
         kind == collective_kind::reduce;
}

/// Elements that a rank hands in.
GPUBENCH_HOST_DEVICE constexpr std::uint64_t send_elements(const collective_layout& l) {
  const bool blocks = l.kind == collective_kind::reduce_scatter || l.kind == collective_kind::all_to_all;
  return blocks ? l.block * static_cast<std::uint64_t>(l.ranks) : l.block;
}

/// Elements that a rank has room for in its result.
GPUBENCH_HOST_DEVICE constexpr std::uint64_t receive_elements(const collective_layout& l) {
  const bool blocks = l.kind == collective_kind::all_gather || l.kind == collective_kind::all_to_all;
  return blocks ? l.block * static_cast<std::uint64_t>(l.ranks) : l.block;
}

/// Rounds in which every rank meets every other once; a rank sits out one of them where their number is odd.
GPUBENCH_HOST_DEVICE constexpr int pair_rounds(int ranks) {
  return ranks % 2 == 0 ? ranks - 1 : ranks;
}

/// The rank that `rank` swaps data with, itself where it sits out. The circle method of tournament schedules: in round
/// k ranks meet whose sum is 2k modulo `seats - 1`; the one that would meet itself meets the last seat, which is empty
/// where the number of ranks is odd.
GPUBENCH_HOST_DEVICE constexpr int pair_partner(int rank, int ranks, int round) {
  const int circle = ranks % 2 == 0 ? ranks - 1 : ranks;
  if (rank == circle) return round;
  const int partner = (2 * round - rank + 2 * circle) % circle;
  if (partner != rank) return partner;
  return ranks % 2 == 0 ? circle : rank;
}

/// Whether a rank gets a result that can be checked.
GPUBENCH_HOST_DEVICE constexpr bool receives(const collective_layout& l, int rank) {
  if (l.kind == collective_kind::reduce) return rank == 0;
  if (l.kind == collective_kind::pair_exchange) return pair_partner(rank, l.ranks, l.round) != rank;
  return true;
}

namespace collective_detail {

/// Largest integer up to which the type holds all integers exactly, or one that is large enough.
GPUBENCH_HOST_DEVICE constexpr std::uint32_t exact_integers(element_type type) {
  switch (type) {
    case element_type::int8:
      return 127;
    case element_type::uint8:
      return 255;
    case element_type::bf16:
      return 256;
    case element_type::fp16:
      return 2048;
    default:
      return 1u << 20;
  }
}

/// Random numbers of one element, the same on every rank.
struct draw {
  std::uint32_t first = 0, second = 0, shift = 0;
  bool negative = false;
};

GPUBENCH_HOST_DEVICE constexpr draw draw_of(std::uint64_t element) {
  const std::uint64_t one = mix_bits(element);
  const std::uint64_t two = mix_bits(one);
  return {static_cast<std::uint32_t>(one), static_cast<std::uint32_t>(one >> 32), static_cast<std::uint32_t>(two >> 1),
          (two & 1) != 0};
}

GPUBENCH_HOST_DEVICE constexpr std::uint32_t lesser(std::uint32_t a, std::uint32_t b) {
  return a < b ? a : b;
}

/// Base value and how many ranks add one to it, such that the sum over all ranks stays exact.
struct sum_terms {
  std::uint32_t base = 0, raised = 0;
};

GPUBENCH_HOST_DEVICE constexpr sum_terms sum_terms_of(const collective_layout& l, const draw& d) {
  const auto ranks = static_cast<std::uint32_t>(l.ranks);
  const std::uint32_t limit = exact_integers(l.type);
  const std::uint32_t bases = ranks <= limit ? limit / ranks : 1;
  return {d.first % bases, d.second % (lesser(ranks, limit) + 1)};
}

/// How many ranks hold 2 in a product; the others hold 1.
GPUBENCH_HOST_DEVICE constexpr std::uint32_t doubled_ranks(int ranks, const draw& d) {
  return d.first % (lesser(static_cast<std::uint32_t>(ranks), 6) + 1);
}

GPUBENCH_HOST_DEVICE constexpr int extreme_value(element_type type, const draw& d) {
  const int value = static_cast<int>(d.first % 101);
  return is_signed(type) ? value - 50 : value + 50;
}

GPUBENCH_HOST_DEVICE inline std::uint64_t double_bits(double value) {
  std::uint64_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

GPUBENCH_HOST_DEVICE inline double double_of_bits(std::uint64_t bits) {
  double value = 0;
  memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace collective_detail

/// The bits of a value as an element; |value| < 65504, and what fp16 holds as a normal number or zero.
GPUBENCH_HOST_DEVICE inline std::uint64_t element_bits(element_type type, double value) {
  switch (type) {
    case element_type::fp16:
      return to_fp16(static_cast<float>(value));
    case element_type::bf16:
      return to_bf16(static_cast<float>(value));
    case element_type::fp32:
      return float_bits(static_cast<float>(value));
    case element_type::fp64:
      return collective_detail::double_bits(value);
    default: {
      const auto bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
      const int width = 8 * bytes_of(type);
      return width == 64 ? bits : bits & ((std::uint64_t{1} << width) - 1);
    }
  }
}

/// The value of a floating-point element.
GPUBENCH_HOST_DEVICE inline double floating_value(element_type type, std::uint64_t bits) {
  switch (type) {
    case element_type::fp16:
      return from_fp16(static_cast<std::uint16_t>(bits));
    case element_type::bf16:
      return from_bf16(static_cast<std::uint16_t>(bits));
    case element_type::fp32:
      return float_of_bits(static_cast<std::uint32_t>(bits));
    default:
      return collective_detail::double_of_bits(bits);
  }
}

/// Element `i` of what `rank` hands in to a reduction. Small integers, chosen so that every partial result in any order
/// of ranks is exact in the type: the result has one right bit pattern, whatever the algorithm. Which rank holds which
/// value changes from element to element, so that a rank left out, taken twice or taken for another is noticed.
GPUBENCH_HOST_DEVICE inline double reduction_operand(const collective_layout& l, int rank, std::uint64_t i) {
  using namespace collective_detail;
  const draw d = draw_of(i);
  const auto ranks = static_cast<std::uint32_t>(l.ranks);
  const std::uint32_t place = (static_cast<std::uint32_t>(rank) + d.shift % ranks) % ranks;
  switch (l.operation) {
    case reduction::prod:
      return place < doubled_ranks(l.ranks, d) ? 2 : 1;
    case reduction::min:
      return extreme_value(l.type, d) + (place == 0 ? 0 : 1 + static_cast<int>(place % 50));
    case reduction::max:
      return extreme_value(l.type, d) - (place == 0 ? 0 : 1 + static_cast<int>(place % 50));
    default: {
      const sum_terms terms = sum_terms_of(l, d);
      const double magnitude = terms.base + (place < terms.raised ? 1 : 0);
      // Never -0, whose sum with itself is -0 and with +0 is +0.
      return d.negative && is_signed(l.type) && l.operation == reduction::sum && magnitude > 0 ? -magnitude : magnitude;
    }
  }
}

/// What all ranks' elements `i` reduce to.
GPUBENCH_HOST_DEVICE inline double reduction_result(const collective_layout& l, std::uint64_t i) {
  using namespace collective_detail;
  const draw d = draw_of(i);
  switch (l.operation) {
    case reduction::prod:
      return static_cast<double>(1u << doubled_ranks(l.ranks, d));
    case reduction::min:
    case reduction::max:
      return extreme_value(l.type, d);
    default: {
      const sum_terms terms = sum_terms_of(l, d);
      const double sum = static_cast<double>(terms.base) * l.ranks + terms.raised;
      if (l.operation == reduction::avg) return sum / l.ranks;
      return d.negative && is_signed(l.type) && sum > 0 ? -sum : sum;
    }
  }
}

/// Random bits that `rank` hands in as element `i` where data is only passed on.
GPUBENCH_HOST_DEVICE inline std::uint64_t passed_bits(element_type type, int rank, std::uint64_t i) {
  const std::uint64_t bits = mix_bits(mix_bits(static_cast<std::uint64_t>(rank) + 1) ^ i);
  const int width = 8 * bytes_of(type);
  return width == 64 ? bits : bits & ((std::uint64_t{1} << width) - 1);
}

/// Bits of element `i` of what `rank` hands in, i < send_elements().
GPUBENCH_HOST_DEVICE inline std::uint64_t operand_bits(const collective_layout& l, int rank, std::uint64_t i) {
  if (reduces(l.kind)) return element_bits(l.type, reduction_operand(l, rank, i));
  return passed_bits(l.type, rank, i);
}

/// Bits of element `i` of what `rank` must get, i < receive_elements(), receives(l, rank).
GPUBENCH_HOST_DEVICE inline std::uint64_t result_bits(const collective_layout& l, int rank, std::uint64_t i) {
  const auto me = static_cast<std::uint64_t>(rank);
  switch (l.kind) {
    case collective_kind::all_reduce:
    case collective_kind::reduce:
      return element_bits(l.type, reduction_result(l, i));
    case collective_kind::reduce_scatter:
      return element_bits(l.type, reduction_result(l, me * l.block + i));
    case collective_kind::broadcast:
      return passed_bits(l.type, 0, i);
    case collective_kind::all_gather:
      return passed_bits(l.type, static_cast<int>(i / l.block), i % l.block);
    case collective_kind::all_to_all:
      return passed_bits(l.type, static_cast<int>(i / l.block), me * l.block + i % l.block);
    case collective_kind::send_recv:
      return passed_bits(l.type, (rank + l.ranks - 1) % l.ranks, i);
    default:
      return passed_bits(l.type, pair_partner(rank, l.ranks, l.round), i);
  }
}

/// Whether a rank's element is right: the same bits. Only an average over a number of ranks that is no power of two may
/// deviate, by one rounding for the factor 1/ranks, one for each product and one for each addition of positive terms.
GPUBENCH_HOST_DEVICE inline bool is_right(const collective_layout& l, int rank, std::uint64_t i, std::uint64_t found) {
  const std::uint64_t expected = result_bits(l, rank, i);
  if (found == expected) return true;
  const bool power_of_two = (l.ranks & (l.ranks - 1)) == 0;
  if (!reduces(l.kind) || l.operation != reduction::avg || power_of_two) return false;
  int significand = 11;
  if (l.type == element_type::bf16) significand = 8;
  if (l.type == element_type::fp32) significand = 24;
  if (l.type == element_type::fp64) significand = 53;
  const double unit = 1.0 / static_cast<double>(std::uint64_t{1} << significand);
  const double value = floating_value(l.type, expected);
  const double deviation = floating_value(l.type, found) - value;
  const double bound = (l.ranks + 2) * unit * value;
  return deviation <= bound && -deviation <= bound;
}

/// Element `i` of memory that holds elements of a type, as bits.
GPUBENCH_HOST_DEVICE inline std::uint64_t load_bits(element_type type, const void* values, std::uint64_t i) {
  switch (bytes_of(type)) {
    case 1:
      return static_cast<const std::uint8_t*>(values)[i];
    case 2:
      return static_cast<const std::uint16_t*>(values)[i];
    case 4:
      return static_cast<const std::uint32_t*>(values)[i];
    default:
      return static_cast<const std::uint64_t*>(values)[i];
  }
}

GPUBENCH_HOST_DEVICE inline void store_bits(element_type type, void* values, std::uint64_t i, std::uint64_t bits) {
  switch (bytes_of(type)) {
    case 1:
      static_cast<std::uint8_t*>(values)[i] = static_cast<std::uint8_t>(bits);
      break;
    case 2:
      static_cast<std::uint16_t*>(values)[i] = static_cast<std::uint16_t>(bits);
      break;
    case 4:
      static_cast<std::uint32_t*>(values)[i] = static_cast<std::uint32_t>(bits);
      break;
    default:
      static_cast<std::uint64_t*>(values)[i] = bits;
  }
}

}  // namespace gpubench::kernels
