#pragma once

#include "bench/cuda/module/gemm_operands.hpp"
#include "bench/cuda/module/matmul_choice.hpp"

#include <chrono>
#include <vector>

namespace gpubench::cuda {

/// A product with its fastest algorithm in use, in its fastest layout.
struct chosen_gemm {
  kernels::gemm_shape shape;
  matmul product;
  matmul_choice choice;

  /// Layout, algorithm, and how many were tried.
  method_notes notes() const;
};

/// Both layouts of B where the type has both.
std::vector<kernels::gemm_shape> both_layouts(const kernels::gemm_shape& shape);

/// @param layouts  one product in different layouts
/// @throws failure: unsupported when cuBLASLt has no algorithm for it.
chosen_gemm choose_gemm(timer& clock, matmul_context& context, const gemm_operands& operands,
                        const std::vector<kernels::gemm_shape>& layouts,
                        std::chrono::nanoseconds budget = std::chrono::seconds(1));

}  // namespace gpubench::cuda
