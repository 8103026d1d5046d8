#pragma once

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/matmul_choice.hpp"
#include "bench/cuda/module/owners.hpp"
#include "kernels/gemm_check.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// Of A, B and C, each once, and block scales: what a product must at least read and write.
double gemm_bytes(const kernels::gemm_shape& shape);

/// 2 m n k for each product of the batch: a multiply-add is two.
double gemm_flop(const kernels::gemm_shape& shape);

/// Whether one set of matrices that any of the shapes fits into, the L2 filler and a workspace fit the device.
bool gemm_fits(const std::vector<kernels::gemm_shape>& room, const device_properties& device);

/// Why cuBLASLt takes no product of this type and shape on any device, or its result would not fit its type, or
/// nothing.
std::optional<std::string> gemm_unsuitable(const kernels::gemm_shape& shape);

/// Why no product of this type and shape can be measured on the device, or nothing.
std::optional<std::string> gemm_unavailable(const kernels::gemm_shape& shape, const device_properties& device);

/// Types whose B cuBLASLt takes only as n x k (8 and 4 bits).
bool only_b_transposed(kernels::storage type);

/// fp64 units are few (1/32 or 1/64 of fp32) on such devices: sizes are small there.
bool slow_fp64(kernels::storage type, const device_properties& device);

/// A, B, C and scales in device memory, filled with random numbers that the CPU finds again, for products of one type
/// and of any shape up to the largest.
class gemm_operands {
 public:
  /// @param room  shapes that all must fit
  gemm_operands(kernels::storage type, const std::vector<kernels::gemm_shape>& room, cudaStream_t stream);

  /// The product in a layout. e4m3 accumulates fast, as in inference; e5m2, the type of gradients, does not.
  matmul_problem problem(const kernels::gemm_shape& shape) const;

  /// Readies the operands for the shape that is measured, and makes every byte of C 0xff: a NaN, or -1, so that an
  /// entry that was not written fails the check.
  void ready(const kernels::gemm_shape& shape);

  matmul_buffers buffers() const { return {a_.data(), b_.data(), c_.data()}; }

  /// 64 entries of C: the corners of a first and a last matrix, where partial tiles are, and entries all over.
  verification verify(const kernels::gemm_shape& shape) const;

  /// How operands and accumulation are, for the record.
  method_notes notes() const;

 private:
  double entry(const kernels::gemm_shape& shape, const kernels::gemm_entry& where) const;

  kernels::storage type_;
  cudaStream_t stream_;
  device_buffer a_, b_, c_, scale_a_, scale_b_;
};

/// "m=8192 n=8192 k=8192".
std::string text_of(const kernels::gemm_shape& shape);

/// What the notes call the layout of a product.
std::string layout_text(const kernels::gemm_shape& shape);

}  // namespace gpubench::cuda
