#include "kernels/operands.cuh"

#include <algorithm>

namespace gpubench::kernels {

namespace {

__global__ void operand_kernel(storage type, void* values, std::uint64_t elements, std::uint64_t matrix) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < elements; i += stride) {
    const double value = operand_value(matrix, i);
    switch (type) {
      case storage::fp64:
        static_cast<double*>(values)[i] = value;
        break;
      case storage::fp32:
        static_cast<float*>(values)[i] = static_cast<float>(value);
        break;
      case storage::tf32:
        static_cast<float*>(values)[i] = to_tf32(static_cast<float>(value));
        break;
      case storage::fp16:
        static_cast<std::uint16_t*>(values)[i] = to_fp16(static_cast<float>(value));
        break;
      case storage::bf16:
        static_cast<std::uint16_t*>(values)[i] = to_bf16(static_cast<float>(value));
        break;
    }
  }
}

}  // namespace

void launch_operand_fill(storage type, void* values, std::uint64_t elements, std::uint64_t matrix,
                         cudaStream_t stream) {
  constexpr int threads = 256;
  const auto blocks = static_cast<unsigned>(std::clamp<std::uint64_t>((elements + threads - 1) / threads, 1, 8192));
  operand_kernel<<<blocks, threads, 0, stream>>>(type, values, elements, matrix);
}

}  // namespace gpubench::kernels
