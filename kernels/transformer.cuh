#pragma once

#include "kernels/transformer.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

/// The memory-bound steps of a decoder layer. All tensors of a call are of one type, fp16 or bf16 (or fp32), row-major,
/// at addresses divisible by 16, with rows of whole 16 bytes. Errors are left to cudaGetLastError().
namespace gpubench::kernels {

/// sum = x + delta; normed = sum / rms(sum) * scale, over rows of `hidden`. Without delta (null) sum is x and not
/// written. `sum` may be x.
struct rms_norm_arguments {
  const void* x = nullptr;
  const void* delta = nullptr;
  void* sum = nullptr;  ///< may be null
  const void* scale = nullptr;
  void* normed = nullptr;
  row_choice rows;  ///< of x, delta and sum; those of normed follow each other
  std::int64_t hidden = 0;
  float epsilon = 0;
};
void launch_rms_norm(storage type, const rms_norm_arguments& with, cudaStream_t stream);

/// Turns the query and key heads of projected rows by their positions, and stores queries apart and keys and values in
/// the cache.
/// @param cosines, sines  of each new token: tokens x head_dim / 2, fp32
struct rotate_arguments {
  const void* projected = nullptr;
  const float* cosines = nullptr;
  const float* sines = nullptr;
  void* queries = nullptr;
  void* keys = nullptr;
  void* values = nullptr;
  head_layout layout;  ///< head_dim is a multiple of 16 elements of 2 bytes
};
void launch_rotate(storage type, const rotate_arguments& with, cudaStream_t stream);

/// activated = silu(gate) * up, with rows of `ffn` gates followed by `ffn` ups.
void launch_gated_silu(storage type, const void* gate_up, void* activated, std::int64_t rows, std::int64_t ffn,
                       cudaStream_t stream);

/// sum = x + y, over `elements`, a multiple of 16 bytes.
void launch_add(storage type, const void* x, const void* y, void* sum, std::int64_t elements, cudaStream_t stream);

/// Row i of x becomes row tokens[i] of the table.
void launch_embedding(storage type, const void* table, const std::int32_t* tokens, void* x, std::int64_t rows,
                      std::int64_t hidden, cudaStream_t stream);

/// values[i] = centre + spread * operand_value(operand, i), rounded to the type.
void launch_spread_fill(storage type, void* values, std::uint64_t elements, std::uint64_t operand, float centre,
                        float spread, cudaStream_t stream);

}  // namespace gpubench::kernels
