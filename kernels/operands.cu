#include "kernels/grid_stride.cuh"
#include "kernels/operands.cuh"

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
      case storage::fp4:
        break;  // two to a byte: fp4_kernel()
      case storage::fp8_e4m3:
      case storage::fp8_e5m2:
      case storage::int8:
        static_cast<std::uint8_t*>(values)[i] = operand_byte(type, matrix, i);
        break;
      case storage::int32:
        break;  // never an operand
    }
  }
}

/// One byte a turn.
__global__ void fp4_kernel(std::uint8_t* values, std::uint64_t bytes, std::uint64_t matrix) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < bytes; i += stride) {
    values[i] = operand_fp4_pair(matrix, i);
  }
}

/// One block of a row a turn.
__global__ void fp4_scale_kernel(std::uint8_t* scales, std::uint64_t rows, std::uint64_t blocks, std::uint64_t matrix) {
  const std::uint64_t stride = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  const std::uint64_t all = rows * blocks;
  for (std::uint64_t i = blockIdx.x * static_cast<std::uint64_t>(blockDim.x) + threadIdx.x; i < all; i += stride) {
    scales[scale_offset(i / blocks, i % blocks, blocks)] = operand_fp4_scale(matrix, i);
  }
}

}  // namespace

void launch_operand_fill(storage type, void* values, std::uint64_t elements, std::uint64_t matrix,
                         cudaStream_t stream) {
  if (type == storage::fp4) {
    fp4_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(elements / 2)), grid_stride_threads, 0, stream>>>(
        static_cast<std::uint8_t*>(values), elements / 2, matrix);
    return;
  }
  operand_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(elements)), grid_stride_threads, 0, stream>>>(
      type, values, elements, matrix);
}

void launch_fp4_scale_fill(std::uint8_t* scales, std::uint64_t rows, std::uint64_t row_elements, std::uint64_t matrix,
                           cudaStream_t stream) {
  const std::uint64_t blocks = row_elements / fp4_block;
  cudaMemsetAsync(scales, 0, scale_bytes(rows, blocks), stream);
  fp4_scale_kernel<<<grid_stride_blocks(static_cast<std::int64_t>(rows * blocks)), grid_stride_threads, 0, stream>>>(
      scales, rows, blocks, matrix);
}

}  // namespace gpubench::kernels
