#pragma once

#include "kernels/digest.hpp"
#include "kernels/tensor.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::kernels {

/// The mma.sync instructions that are measured. Source of shapes, targets and fragments: PTX ISA, "Matrix
/// multiply-accumulate operation using mma instruction".
enum class mma_instruction {
  fp64_m8n8k4,
  fp64_m16n8k16,
  tf32_m16n8k8,
  fp16_m16n8k8,
  fp16_m16n8k16,
  fp16_sum_fp16_m16n8k8,
  fp16_sum_fp16_m16n8k16,
  bf16_m16n8k16,
  int8_m8n8k16,
  int8_m16n8k32,
  e4m3_m16n8k32,
  e5m2_m16n8k32,
};
inline constexpr int mma_instructions = 12;

struct mma_description {
  mma_instruction instruction;
  tensor_type type;
  tensor_shape shape;
  int capability;  ///< least, as __CUDA_ARCH__ writes it: 800 for 8.0
  const char* name;
};

/// In the order of the enumeration.
inline constexpr mma_description mma_descriptions[mma_instructions] = {
    {mma_instruction::fp64_m8n8k4, tensor_type::fp64, {8, 8, 4}, 800, "mma.m8n8k4"},
    {mma_instruction::fp64_m16n8k16, tensor_type::fp64, {16, 8, 16}, 900, "mma.m16n8k16"},
    {mma_instruction::tf32_m16n8k8, tensor_type::tf32, {16, 8, 8}, 800, "mma.m16n8k8"},
    {mma_instruction::fp16_m16n8k8, tensor_type::fp16, {16, 8, 8}, 750, "mma.m16n8k8"},
    {mma_instruction::fp16_m16n8k16, tensor_type::fp16, {16, 8, 16}, 800, "mma.m16n8k16"},
    {mma_instruction::fp16_sum_fp16_m16n8k8, tensor_type::fp16_sum_fp16, {16, 8, 8}, 750, "mma.m16n8k8"},
    {mma_instruction::fp16_sum_fp16_m16n8k16, tensor_type::fp16_sum_fp16, {16, 8, 16}, 800, "mma.m16n8k16"},
    {mma_instruction::bf16_m16n8k16, tensor_type::bf16, {16, 8, 16}, 800, "mma.m16n8k16"},
    {mma_instruction::int8_m8n8k16, tensor_type::int8, {8, 8, 16}, 750, "mma.m8n8k16"},
    {mma_instruction::int8_m16n8k32, tensor_type::int8, {16, 8, 32}, 800, "mma.m16n8k32"},
    {mma_instruction::e4m3_m16n8k32, tensor_type::e4m3, {16, 8, 32}, 890, "mma.m16n8k32"},
    {mma_instruction::e5m2_m16n8k32, tensor_type::e5m2, {16, 8, 32}, 890, "mma.m16n8k32"},
};
constexpr const mma_description& description_of(mma_instruction instruction) {
  return mma_descriptions[static_cast<int>(instruction)];
}

/// Independent accumulators of a warp, and threads of a block.
inline constexpr int mma_chains = 8;
inline constexpr int mma_threads = 128;

/// Fragments: where the elements of a lane's registers lie in A (m x k, row-major), B (k x n, column-major) and D. A
/// register holds 4 / bytes elements, of fp64 one. One formula serves all of the shapes above.
struct fragment_place {
  int row = 0, column = 0;
};
GPUBENCH_HOST_DEVICE constexpr int elements_per_register(tensor_type type) {
  return tensor_bytes(type) >= 4 ? 1 : 4 / tensor_bytes(type);
}
GPUBENCH_HOST_DEVICE constexpr fragment_place a_place(int elements, int lane, int index, int element) {
  return {lane / 4 + 8 * (index % 2), lane % 4 * elements + element + 4 * elements * (index / 2)};
}
GPUBENCH_HOST_DEVICE constexpr fragment_place b_place(int elements, int lane, int index, int element) {
  return {lane % 4 * elements + element + 4 * elements * index, lane / 4};
}
GPUBENCH_HOST_DEVICE constexpr fragment_place d_place(int lane, int index) {
  return {lane / 4 + 8 * (index / 2), lane % 4 * 2 + index % 2};
}

GPUBENCH_HOST_DEVICE constexpr int a_registers(tensor_type type, const tensor_shape& shape) {
  return shape.m * shape.k / 32 / elements_per_register(type);
}
GPUBENCH_HOST_DEVICE constexpr int b_registers(tensor_type type, const tensor_shape& shape) {
  return shape.n * shape.k / 32 / elements_per_register(type);
}
GPUBENCH_HOST_DEVICE constexpr int d_elements(const tensor_shape& shape) {
  return shape.m * shape.n / 32;
}

/// A lane's register of A, of set `set`: its first element lies lowest.
GPUBENCH_HOST_DEVICE inline std::uint64_t a_register(tensor_type type, const tensor_shape& shape, int set, int lane,
                                                     int index) {
  const int elements = elements_per_register(type);
  std::uint64_t bits = 0;
  for (int i = 0; i < elements; ++i) {
    const fragment_place place = a_place(elements, lane, index, i);
    bits |= factor_bits(type, a_entry(type, set, place.row, place.column, shape.k)) << (8 * tensor_bytes(type) * i);
  }
  return bits;
}
GPUBENCH_HOST_DEVICE inline std::uint64_t b_register(tensor_type type, int lane, int index) {
  const int elements = elements_per_register(type);
  std::uint64_t bits = 0;
  for (int i = 0; i < elements; ++i) {
    const fragment_place place = b_place(elements, lane, index, i);
    bits |= factor_bits(type, b_entry(type, place.row, place.column)) << (8 * tensor_bytes(type) * i);
  }
  return bits;
}

/// Multiply-adds of one block in one round.
constexpr double mma_block_fma(const tensor_shape& shape) {
  constexpr int warps = mma_threads / 32;
  return shape.fma() * warps * mma_chains * tensor_sets * tensor_passes;
}

/// Digests of the 32 lanes after `rounds` rounds; they repeat over all warps.
inline std::vector<std::uint64_t> expected_mma_digests(mma_instruction instruction, std::uint64_t rounds) {
  const auto& [unused, type, shape, capability, name] = description_of(instruction);
  std::vector<std::uint64_t> result;
  for (int lane = 0; lane < 32; ++lane) {
    std::vector<std::uint64_t> words;
    for (int chain = 0; chain < mma_chains; ++chain) {
      for (int i = 0; i < d_elements(shape); ++i) {
        const fragment_place place = d_place(lane, i);
        words.push_back(static_cast<std::uint64_t>(expected_quanta(type, shape.k, chain, place.row, place.column)));
      }
    }
    std::uint64_t digest = digest_start;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      for (const std::uint64_t word : words) digest = fold(digest, word);
    }
    result.push_back(digest);
  }
  return result;
}

}  // namespace gpubench::kernels
