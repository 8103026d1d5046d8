#include "bench/cuda/module/gemm_choice.hpp"

#include "bench/cuda/module/failure.hpp"

#include <utility>

namespace gpubench::cuda {

method_notes chosen_gemm::notes() const {
  return {{"layout", layout_text(shape)}, {"algorithm", product.algorithm()}, {"algorithms_tried", choice.text()}};
}

std::vector<kernels::gemm_shape> both_layouts(const kernels::gemm_shape& shape) {
  auto weights = shape;
  weights.b_transposed = true;
  if (only_b_transposed(shape.type)) return {weights};
  auto plain = shape;
  plain.b_transposed = false;
  return {plain, weights};
}

chosen_gemm choose_gemm(timer& clock, matmul_context& context, const gemm_operands& operands,
                        const std::vector<kernels::gemm_shape>& layouts, std::chrono::nanoseconds budget) {
  std::vector<kernels::gemm_shape> possible;
  std::vector<matmul> products;
  std::vector<matmul*> contestants;
  products.reserve(layouts.size());
  for (const auto& layout : layouts) {
    auto product = unless_unsupported([&] { return matmul(context, operands.problem(layout)); });
    if (!product) continue;
    possible.push_back(layout);
    products.push_back(std::move(*product));
    contestants.push_back(&products.back());
  }
  if (products.empty()) throw failure(GPUBENCH_MODULE_UNSUPPORTED, "cuBLASLt has no algorithm for any layout of this");
  const auto choice = choose_fastest(clock, contestants, operands.buffers(), budget);
  return {possible[choice.product], std::move(products[choice.product]), choice};
}

}  // namespace gpubench::cuda
