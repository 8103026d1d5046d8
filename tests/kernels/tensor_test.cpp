#include "kernels/tensor.hpp"

#include "kernels/mma.hpp"
#include "kernels/wgmma.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

namespace gpubench::kernels {
namespace {

constexpr tensor_type all_types[] = {tensor_type::fp64,          tensor_type::tf32, tensor_type::fp16,
                                     tensor_type::fp16_sum_fp16, tensor_type::bf16, tensor_type::int8,
                                     tensor_type::e4m3,          tensor_type::e5m2};

std::vector<tensor_shape> shapes_of(tensor_type type) {
  std::vector<tensor_shape> result;
  for (const auto& one : mma_descriptions) {
    if (one.type == type) result.push_back(one.shape);
  }
  if (type != tensor_type::fp64 && type != tensor_type::fp16_sum_fp16) result.push_back(wgmma_shape(type));
  return result;
}

/// Value of the bits of a factor, decoded here and in no other way used by the code.
double decoded(tensor_type type, std::uint64_t bits) {
  const auto small_float = [&](int exponent_bits, int mantissa_bits) {
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const auto exponent = static_cast<int>(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
    const auto mantissa = static_cast<double>(bits & ((1u << mantissa_bits) - 1)) / (1 << mantissa_bits);
    const double sign = bits >> (exponent_bits + mantissa_bits) & 1 ? -1 : 1;
    return sign * (exponent == 0 ? std::ldexp(mantissa, 1 - bias) : std::ldexp(1 + mantissa, exponent - bias));
  };
  switch (type) {
    case tensor_type::fp64: {
      double value = 0;
      memcpy(&value, &bits, sizeof value);
      return value;
    }
    case tensor_type::tf32:
      EXPECT_EQ(bits & 0x1fff, 0u) << "more than 10 fraction bits";
      return small_float(8, 23);
    case tensor_type::bf16:
      return small_float(8, 7);
    case tensor_type::int8:
      return static_cast<std::int8_t>(bits);
    case tensor_type::e4m3:
      return small_float(4, 3);
    case tensor_type::e5m2:
      return small_float(5, 2);
    default:
      return small_float(5, 10);
  }
}

TEST(tensor, factors_are_exact_in_their_types) {
  for (const auto type : all_types) {
    const double scale = type == tensor_type::int8 ? 1 : std::ldexp(1.0, -fraction_bits(type));
    const int step = type == tensor_type::fp64 ? 4099 : 1;
    for (int i = -factor_limit(type); i <= factor_limit(type); i += step) {
      ASSERT_EQ(decoded(type, factor_bits(type, i)), i * scale) << static_cast<int>(type) << ' ' << i;
    }
  }
  EXPECT_EQ(factor_bits(tensor_type::e4m3, 7), 0x36u);   // 0.875 = 1.75 * 2^-1: 0 0110 110
  EXPECT_EQ(factor_bits(tensor_type::e5m2, -7), 0xbbu);  // 1 01110 11
  EXPECT_EQ(factor_bits(tensor_type::e4m3, 0), 0u);
}

TEST(tensor, factors_fill_their_range) {
  for (const auto type : all_types) {
    const int limit = factor_limit(type);
    double squares = 0;
    for (int k = 0; k < 32; ++k) {
      for (int i = 0; i < 64; ++i) {
        for (int set = 0; set < tensor_sets; ++set) {
          const int a = a_entry(type, set, i, k, 32);
          ASSERT_LE(std::abs(a), limit);
        }
        const int b = b_entry(type, k, i);
        ASSERT_LE(std::abs(b), limit);
        squares += static_cast<double>(b) * b;
      }
    }
    // Mean square of uniform integers in [-l, l]: l (l + 1) / 3.
    EXPECT_NEAR(squares / 2048, limit * (limit + 1.0) / 3, 0.1 * limit * (limit + 1.0));
  }
}

/// Product of set `set`, one entry.
std::int64_t product(tensor_type type, int set, int k_extent, int row, int column) {
  std::int64_t sum = 0;
  for (int k = 0; k < k_extent; ++k) {
    sum += std::int64_t{a_entry(type, set, row, k, k_extent)} * b_entry(type, k, column);
  }
  return sum;
}

TEST(tensor, all_sums_stay_exact_and_end_as_the_closed_form_says) {
  for (const auto type : all_types) {
    for (const auto& shape : shapes_of(type)) {
      for (int row = 0; row < shape.m; ++row) {
        for (int column = 0; column < shape.n; ++column) {
          std::array<std::int64_t, tensor_sets> products{};
          std::int64_t largest_partial = 0;
          for (int set = 0; set < tensor_sets; ++set) {
            products[static_cast<std::size_t>(set)] = product(type, set, shape.k, row, column);
            std::int64_t partial = 0;  // sums within one product, in any order
            for (int k = 0; k < shape.k; ++k) {
              partial += std::abs(std::int64_t{a_entry(type, set, row, k, shape.k)} * b_entry(type, k, column));
            }
            largest_partial = std::max(largest_partial, partial);
          }
          const int chains = shape.m == 64 ? 1 : mma_chains;
          for (int chain = 0; chain < chains; ++chain) {
            std::int64_t sum = chain_start_quanta(chain);
            std::int64_t largest = 0;
            for (int pass = 0; pass < tensor_passes; ++pass) {
              for (int i = 0; i < tensor_sets; ++i) {
                sum += products[static_cast<std::size_t>((i + chain) % tensor_sets)];
                largest = std::max(largest, std::abs(sum));
              }
            }
            ASSERT_EQ(sum, expected_quanta(type, shape.k, chain, row, column));
            ASSERT_LE(std::max(largest, largest_partial), std::int64_t{1} << exact_sum_bits(type))
                << static_cast<int>(type) << " k=" << shape.k << ' ' << row << ' ' << column;
          }
        }
      }
    }
  }
}

TEST(tensor, sets_left_out_of_every_pass_are_noticed) {
  for (const auto type : all_types) {
    for (const auto& shape : shapes_of(type)) {
      for (unsigned missing = 1; missing < 1u << tensor_sets; ++missing) {
        int changed = 0;
        for (int row = 0; row < shape.m; ++row) {
          for (int column = 0; column < 8; ++column) {
            std::int64_t lost = 0;
            for (int set = 0; set < tensor_sets; ++set) {
              if (missing >> set & 1) lost += product(type, set, shape.k, row, column);
            }
            changed += lost != 0 ? 1 : 0;
          }
        }
        EXPECT_GT(changed, shape.m * 8 / 2) << static_cast<int>(type) << " k=" << shape.k << " without " << missing;
      }
    }
  }
}

TEST(tensor, no_row_passes_for_another) {
  for (const auto type : all_types) {
    for (const auto& shape : shapes_of(type)) {
      std::set<std::vector<std::int64_t>> rows;
      for (int row = 0; row < shape.m; ++row) {
        std::vector<std::int64_t> drifts;
        drifts.reserve(static_cast<std::size_t>(shape.n));
        for (int column = 0; column < shape.n; ++column) drifts.push_back(drift_of_pass(type, shape.k, row, column));
        rows.insert(drifts);
      }
      EXPECT_EQ(rows.size(), static_cast<std::size_t>(shape.m)) << static_cast<int>(type) << " k=" << shape.k;
    }
  }
}

TEST(mma, descriptions_stand_in_the_order_of_their_instructions) {
  for (int i = 0; i < mma_instructions; ++i) EXPECT_EQ(static_cast<int>(mma_descriptions[i].instruction), i);
}

TEST(mma, fragments_cover_each_matrix_once) {
  for (const auto& [instruction, type, shape, capability, name] : mma_descriptions) {
    std::set<std::pair<int, int>> a;
    std::set<std::pair<int, int>> b;
    std::set<std::pair<int, int>> d;
    const int elements = elements_per_register(type);
    for (int lane = 0; lane < 32; ++lane) {
      for (int e = 0; e < elements; ++e) {
        for (int i = 0; i < a_registers(type, shape); ++i) {
          const auto place = a_place(elements, lane, i, e);
          ASSERT_LT(place.row, shape.m);
          ASSERT_LT(place.column, shape.k);
          a.insert({place.row, place.column});
        }
        for (int i = 0; i < b_registers(type, shape); ++i) {
          const auto place = b_place(elements, lane, i, e);
          ASSERT_LT(place.row, shape.k);
          ASSERT_LT(place.column, shape.n);
          b.insert({place.row, place.column});
        }
      }
      for (int i = 0; i < d_elements(shape); ++i) {
        const auto place = d_place(lane, i);
        d.insert({place.row, place.column});
      }
    }
    EXPECT_EQ(a.size(), static_cast<std::size_t>(shape.m * shape.k)) << name;
    EXPECT_EQ(b.size(), static_cast<std::size_t>(shape.k * shape.n)) << name;
    EXPECT_EQ(d.size(), static_cast<std::size_t>(shape.m * shape.n)) << name;
    EXPECT_EQ(d.rbegin()->first, shape.m - 1);
    EXPECT_EQ(d.rbegin()->second, shape.n - 1);
  }
}

TEST(mma, fragments_are_where_the_ptx_manual_draws_them) {
  // m16n8k16 of fp16, lane 5: a2, a3 (register 1) at row 9, columns 2 and 3; a4 (register 2) at row 1, column 10.
  EXPECT_EQ(a_place(2, 5, 1, 0).row, 9);
  EXPECT_EQ(a_place(2, 5, 1, 1).column, 3);
  EXPECT_EQ(a_place(2, 5, 2, 0).row, 1);
  EXPECT_EQ(a_place(2, 5, 2, 0).column, 10);
  // b2 (register 1) at row 10, column 1.
  EXPECT_EQ(b_place(2, 5, 1, 0).row, 10);
  EXPECT_EQ(b_place(2, 5, 1, 0).column, 1);
  // m16n8k32 of int8, lane 6: a8 (register 2) at row 1, column 24; b4 (register 1) at row 24, column 1.
  EXPECT_EQ(a_place(4, 6, 2, 0).row, 1);
  EXPECT_EQ(a_place(4, 6, 2, 0).column, 24);
  EXPECT_EQ(b_place(4, 6, 1, 0).row, 24);
  // m16n8k8 of tf32, lane 7: a1 at row 9, column 3; a2 at row 1, column 7; b1 at row 7.
  EXPECT_EQ(a_place(1, 7, 1, 0).row, 9);
  EXPECT_EQ(a_place(1, 7, 1, 0).column, 3);
  EXPECT_EQ(a_place(1, 7, 2, 0).column, 7);
  EXPECT_EQ(b_place(1, 7, 1, 0).row, 7);
  // c2 of lane 5: row 9, column 2.
  EXPECT_EQ(d_place(5, 2).row, 9);
  EXPECT_EQ(d_place(5, 2).column, 2);
}

/// What a warp's mma computes from the registers that the kernel gives it, through the fragments.
TEST(mma, registers_multiply_to_the_expected_sums) {
  for (const auto& [instruction, type, shape, capability, name] : mma_descriptions) {
    const int elements = elements_per_register(type);
    const int bits = 8 * tensor_bytes(type);
    const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    std::map<std::pair<int, int>, double> b;
    for (int lane = 0; lane < 32; ++lane) {
      for (int i = 0; i < b_registers(type, shape); ++i) {
        for (int e = 0; e < elements; ++e) {
          const auto place = b_place(elements, lane, i, e);
          b[{place.row, place.column}] = decoded(type, b_register(type, lane, i) >> (bits * e) & mask);
        }
      }
    }
    std::map<std::pair<int, int>, double> sums;
    for (int set = 0; set < tensor_sets; ++set) {
      for (int lane = 0; lane < 32; ++lane) {
        for (int i = 0; i < a_registers(type, shape); ++i) {
          for (int e = 0; e < elements; ++e) {
            const auto place = a_place(elements, lane, i, e);
            const double a = decoded(type, a_register(type, shape, set, lane, i) >> (bits * e) & mask);
            for (int column = 0; column < shape.n; ++column) {
              sums[{place.row, column}] += a * b[{place.column, column}];
            }
          }
        }
      }
    }
    for (const auto& [place, sum] : sums) {
      EXPECT_EQ(sum * quanta_per_one(type), drift_of_pass(type, shape.k, place.first, place.second)) << name;
    }
  }
}

TEST(mma, digests_differ_between_lanes_and_rounds) {
  for (const auto& one : mma_descriptions) {
    std::set<std::uint64_t> seen;
    for (const std::uint64_t rounds : {1u, 2u}) {
      for (const std::uint64_t digest : expected_mma_digests(one.instruction, rounds)) seen.insert(digest);
    }
    EXPECT_EQ(seen.size(), 64u) << one.name << ' ' << static_cast<int>(one.instruction);
  }
}

TEST(mma, work_of_a_block_by_hand) {
  // 4 warps, 8 chains, 4 sets, 128 passes of 16 * 8 * 16 multiply-adds.
  EXPECT_EQ(mma_block_fma({16, 8, 16}), 4.0 * 8 * 4 * 128 * 2048);
}

TEST(wgmma, accumulators_cover_the_result_once) {
  std::set<std::pair<int, int>> places;
  for (int thread = 0; thread < wgmma_threads; ++thread) {
    for (int i = 0; i < wgmma_accumulators; ++i) {
      const auto place = wgmma_d_place(thread, i);
      ASSERT_TRUE(place.row >= 0 && place.row < 64 && place.column >= 0 && place.column < 256);
      places.insert({place.row, place.column});
    }
  }
  EXPECT_EQ(places.size(), 64u * 256u);
  // Thread 37 is lane 5 of the second warp: d2 at row 16 + 1 + 8, column 2; d5 at row 17, column 8 + 3.
  EXPECT_EQ(wgmma_d_place(37, 2).row, 25);
  EXPECT_EQ(wgmma_d_place(37, 2).column, 2);
  EXPECT_EQ(wgmma_d_place(37, 5).row, 17);
  EXPECT_EQ(wgmma_d_place(37, 5).column, 11);
}

TEST(wgmma, shared_memory_is_filled_once_without_gaps) {
  std::set<std::uint32_t> words;
  for (int row = 0; row < 256; ++row) {
    for (int byte = 0; byte < wgmma_row_bytes; byte += 4) {
      const std::uint32_t offset = wgmma_offset(row, byte);
      ASSERT_LT(offset, wgmma_b_bytes);
      ASSERT_EQ(offset % 4, 0u);
      words.insert(offset);
      ASSERT_TRUE(row >= 64 || offset < wgmma_a_bytes);
    }
  }
  EXPECT_EQ(words.size(), wgmma_b_bytes / 4);
  EXPECT_EQ(wgmma_offset(1, 0), 16u);
  EXPECT_EQ(wgmma_offset(0, 16), 128u);
  EXPECT_EQ(wgmma_offset(8, 0), 256u);
}

TEST(wgmma, descriptors_hold_address_and_offsets) {
  const std::uint64_t descriptor = wgmma_descriptor(0x1480);
  EXPECT_EQ(descriptor & 0x3fff, 0x148u);
  EXPECT_EQ(descriptor >> 16 & 0x3fff, 8u);   // 128 bytes along k
  EXPECT_EQ(descriptor >> 32 & 0x3fff, 16u);  // 256 bytes to the next eight rows
  EXPECT_EQ(descriptor >> 46, 0u);            // no swizzling, no base offset
}

TEST(wgmma, shared_memory_multiplies_to_the_expected_sums) {
  for (const auto type : wgmma_types) {
    const int bytes = tensor_bytes(type);
    const int k_extent = wgmma_shape(type).k;
    const auto entry = [&](std::uint32_t word, int k) {
      return decoded(type, word >> (8 * (k * bytes % 4)) & ((std::uint64_t{1} << (8 * bytes)) - 1));
    };
    for (const int row : {0, 1, 9, 33, 63}) {
      for (const int column : {0, 7, 8, 100, 255}) {
        double sum = 0;
        for (int set = 0; set < tensor_sets; ++set) {
          for (int k = 0; k < k_extent; ++k) {
            sum += entry(wgmma_a_word(type, set, row, k * bytes / 4), k) *
                   entry(wgmma_b_word(type, column, k * bytes / 4), k);
          }
        }
        EXPECT_EQ(sum * quanta_per_one(type), drift_of_pass(type, k_extent, row, column)) << static_cast<int>(type);
      }
    }
  }
}

TEST(wgmma, digests_differ_between_threads_and_rounds) {
  for (const auto type : wgmma_types) {
    std::set<std::uint64_t> seen;
    for (const std::uint64_t rounds : {1u, 2u}) {
      for (const std::uint64_t digest : expected_wgmma_digests(type, rounds)) seen.insert(digest);
    }
    EXPECT_EQ(seen.size(), 256u) << static_cast<int>(type);
  }
}

TEST(wgmma, work_of_a_block_by_hand) {
  EXPECT_EQ(wgmma_block_fma(tensor_type::bf16), 4.0 * 128 * 64 * 256 * 16);
  EXPECT_EQ(wgmma_block_fma(tensor_type::e4m3), 4.0 * 128 * 64 * 256 * 32);
}

}  // namespace
}  // namespace gpubench::kernels
