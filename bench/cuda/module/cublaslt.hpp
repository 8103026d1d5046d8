#pragma once

#include "bench/cuda/module/device.hpp"
#include "kernels/operands.hpp"

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gpubench::cuda {

/// Why there is no cuBLASLt: left out of this build, or its library cannot be loaded here. Nothing when there is.
/// It is opened at run time, so that a machine without it still runs everything else.
std::optional<std::string> cublaslt_unavailable();

/// "13.1.0"; nothing where cuBLASLt is unavailable.
std::optional<std::string> cublaslt_version();

/// Why this cuBLASLt, as built against and as found, is too old for block-scaled fp4 (it came with 12.8).
std::optional<std::string> cublaslt_lacks_fp4();

/// What is applied to A B before it is stored, with a bias for each column of C (each output of a linear layer).
enum class matmul_epilogue { none, bias, bias_relu, bias_gelu };

/// C = alpha A B + beta C, row-major: A is m x k, B is k x n, C is m x n; `batch` of them at fixed distances.
///
/// The type of A says how it is computed: fp64 in fp64, fp32 in fp32 without TF32, tf32 on TF32 tensor cores, int8 into
/// int32, all others with fp32 accumulation. 8-bit and 4-bit types need b_transposed and a k and n of whole 16 bytes.
struct matmul_problem {
  std::int64_t m = 0, n = 0, k = 0, batch = 1;
  kernels::storage a = kernels::storage::bf16, b = kernels::storage::bf16, c = kernels::storage::bf16;
  bool a_transposed = false;  ///< A lies in memory as k x m
  bool b_transposed = false;  ///< B lies in memory as n x k, as the weights of a linear layer do
  /// Elements from one row in memory to the next; 0: as many as a row has.
  std::int64_t row_a = 0, row_b = 0, row_c = 0;
  /// Elements from one matrix of the batch to the next; nothing: they follow each other; 0 for A or B: all use one.
  std::optional<std::int64_t> step_a, step_b, step_c;
  double alpha = 1, beta = 0;
  matmul_epilogue epilogue = matmul_epilogue::none;
  const void* bias = nullptr;  ///< n elements of C's type on the device; with an epilogue
  /// On the device: one fp32 factor for 8-bit floats (nullptr: 1), block scales (block_scales.hpp) for fp4.
  const void* scale_a = nullptr;
  const void* scale_b = nullptr;
  /// Of A, B and C, of a batch the first ones: 256 for memory of its own, less for parts of larger buffers.
  std::uint32_t alignment_bytes = 256;
  bool fast_accumulation = false;  ///< 8-bit floats only: partial sums stay in the tensor core's narrower accumulator
};

/// A handle and a workspace that products on one stream share, since they run one after the other.
class matmul_context {
 public:
  /// For the device that is current. @throws failure: device, out of device memory.
  matmul_context(const device_properties& device, cudaStream_t stream);
  matmul_context(matmul_context&&) noexcept;
  matmul_context& operator=(matmul_context&&) noexcept;
  ~matmul_context();

 private:
  friend class matmul;
  struct state;
  std::unique_ptr<state> state_;
};

/// One problem with the algorithms that cuBLASLt's heuristics propose for it. Uses its context while it lives.
/// Source: cuBLAS documentation, "cublasLtMatmul" and "cublasLtMatmulAlgoGetHeuristic".
class matmul {
 public:
  /// @param most_candidates  how many algorithms to ask for
  /// @throws failure: unsupported when cuBLASLt has no algorithm for the problem on this device.
  matmul(matmul_context& context, const matmul_problem& problem, int most_candidates = 16);
  matmul(matmul&&) noexcept;
  matmul& operator=(matmul&&) noexcept;
  ~matmul();

  const matmul_problem& problem() const noexcept;

  /// At least 1; the first is the one that the heuristics think fastest, and is used until another is chosen.
  int candidates() const noexcept;
  void use(int candidate);
  int used() const noexcept;

  /// Of the algorithm in use: "algorithm 66, tile 128x256, stages 64xAUTO, cluster 2x1x1, option 5".
  std::string algorithm() const;

  /// Enqueues the product with the algorithm in use; may be captured into a graph. C is also what beta multiplies.
  /// @throws failure: unsupported when this algorithm turns out not to take the problem.
  void enqueue(const void* a, const void* b, void* c);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace gpubench::cuda
