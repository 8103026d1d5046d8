#include "kernels/block_sum.cuh"
#include "kernels/element.hpp"
#include "kernels/grid_stride.cuh"
#include "kernels/training.cuh"

namespace gpubench::kernels {

namespace {

constexpr int threads = 256;

__device__ float block_maximum(float value) {
  __shared__ float partial[32];
  for (int offset = 16; offset > 0; offset /= 2) value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, offset));
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  value = threadIdx.x % 32 < blockDim.x / 32 ? partial[threadIdx.x % 32] : -INFINITY;
  for (int offset = 16; offset > 0; offset /= 2) value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, offset));
  return value;
}

/// One block a row.
template <class T>
__global__ void cross_entropy_kernel(cross_entropy_arguments with) {
  const std::int64_t row = blockIdx.x;
  const float* scores = with.scores + row * with.classes;
  T* gradient = static_cast<T*>(with.gradient) + row * with.classes;
  float largest = -INFINITY;
  for (std::int64_t c = threadIdx.x; c < with.classes; c += blockDim.x) largest = fmaxf(largest, scores[c]);
  largest = block_maximum(largest);
  float sum = 0;
  for (std::int64_t c = threadIdx.x; c < with.classes; c += blockDim.x) sum += expf(scores[c] - largest);
  sum = block_sum(sum);
  const std::int64_t wanted = with.wanted[row];
  if (threadIdx.x == 0) with.losses[row] = logf(sum) + largest - scores[wanted];
  for (std::int64_t c = threadIdx.x; c < with.classes; c += blockDim.x) {
    const float share = expf(scores[c] - largest) / sum;
    gradient[c] =
        from_float<T>(with.loss_scale * cross_entropy_gradient(share, c == wanted, static_cast<float>(with.rows)));
  }
}

/// A block takes 32 columns, with 32 threads for each of them.
constexpr int columns_at_once = 32;
constexpr int column_threads = columns_at_once * 32;

unsigned column_blocks(std::int64_t columns) {
  return static_cast<unsigned>((columns + columns_at_once - 1) / columns_at_once);
}

template <class T, class Sum>
__global__ void __launch_bounds__(column_threads)
    column_sums_kernel(const T* x, Sum* sums, std::int64_t rows, std::int64_t columns) {
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.x) * columns_at_once + threadIdx.x % columns_at_once;
  float sum = 0;
  if (column < columns) {
    for (std::int64_t row = threadIdx.x / columns_at_once; row < rows; row += column_threads / columns_at_once) {
      sum += to_float(x[row * columns + column]);
    }
  }
  __shared__ float shared[column_threads];
  shared[threadIdx.x] = sum;
  for (int half = column_threads / 2; half >= columns_at_once; half /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < half) shared[threadIdx.x] += shared[threadIdx.x + half];
  }
  if (threadIdx.x < columns_at_once && column < columns) sums[column] = from_float<Sum>(shared[threadIdx.x]);
}

/// Four elements, loaded and stored at once.
template <class T>
struct alignas(4 * sizeof(T)) quad {
  T values[4];
};

template <class T>
__global__ void sgd_kernel(sgd_arguments with) {
  const float unscale = 1.0f / with.loss_scale;
  const auto* gradients = static_cast<const quad<T>*>(with.gradients);
  auto* copies = static_cast<quad<T>*>(with.copies);
  for (std::int64_t q = first_item(); q < with.elements / 4; q += item_stride()) {
    pack<float> weights = load_pack(with.weights + 4 * q), velocities = load_pack(with.velocities + 4 * q);
    const quad<T> own = gradients[q];
    quad<T> rounded;
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const sgd_state next =
          sgd_step({weights.values[e], velocities.values[e]}, to_float(own.values[e]) * unscale, with.rates);
      weights.values[e] = next.weight;
      velocities.values[e] = next.velocity;
      rounded.values[e] = from_float<T>(next.weight);
    }
    store_pack(with.weights + 4 * q, weights);
    store_pack(with.velocities + 4 * q, velocities);
    if (copies != nullptr) copies[q] = rounded;
  }
}

__global__ void count_step_kernel(adamw_progress* progress, adamw_rates rates) {
  *progress = next_step(*progress, rates);
}

template <class T>
__global__ void adamw_kernel(adamw_arguments with) {
  const adamw_progress progress = *with.progress;
  const auto* gradients = static_cast<const quad<T>*>(with.gradients);
  auto* copies = static_cast<quad<T>*>(with.copies);
  for (std::int64_t q = first_item(); q < with.elements / 4; q += item_stride()) {
    pack<float> weights = load_pack(with.weights + 4 * q);
    pack<float> first = load_pack(with.first + 4 * q), second = load_pack(with.second + 4 * q);
    const quad<T> own = gradients[q];
    quad<T> rounded;
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const adamw_state next = adamw_step({weights.values[e], first.values[e], second.values[e]},
                                          to_float(own.values[e]), with.rates, progress);
      weights.values[e] = next.weight;
      first.values[e] = next.first;
      second.values[e] = next.second;
      rounded.values[e] = from_float<T>(next.weight);
    }
    store_pack(with.weights + 4 * q, weights);
    store_pack(with.first + 4 * q, first);
    store_pack(with.second + 4 * q, second);
    if (copies != nullptr) copies[q] = rounded;
  }
}

}  // namespace

void launch_cross_entropy(storage type, const cross_entropy_arguments& with, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    cross_entropy_kernel<decltype(element)><<<static_cast<unsigned>(with.rows), threads, 0, stream>>>(with);
  });
}

void launch_column_sums(storage type, const void* x, float* sums, std::int64_t rows, std::int64_t columns,
                        cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    column_sums_kernel<T>
        <<<column_blocks(columns), column_threads, 0, stream>>>(static_cast<const T*>(x), sums, rows, columns);
  });
}

void launch_column_sums_as(storage type, const float* x, void* sums, std::int64_t rows, std::int64_t columns,
                           cudaStream_t stream) {
  with_element(type, [&](auto element) {
    column_sums_kernel<<<column_blocks(columns), column_threads, 0, stream>>>(x, static_cast<decltype(element)*>(sums),
                                                                              rows, columns);
  });
}

void launch_sgd(storage type, const sgd_arguments& with, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    sgd_kernel<decltype(element)><<<grid_stride_blocks(with.elements / 4), grid_stride_threads, 0, stream>>>(with);
  });
}

void launch_adamw(storage type, const adamw_arguments& with, cudaStream_t stream) {
  count_step_kernel<<<1, 1, 0, stream>>>(with.progress, with.rates);
  with_element(type, [&](auto element) {
    adamw_kernel<decltype(element)><<<grid_stride_blocks(with.elements / 4), grid_stride_threads, 0, stream>>>(with);
  });
}

}  // namespace gpubench::kernels
