#include "kernels/decode_attention.cuh"
#include "kernels/element.hpp"

namespace gpubench::kernels {

namespace {

constexpr int width = 8;  // elements of a pack of 16 bytes

/// What the parts leave: sums of values weighted, then the state of their softmax.
struct part_results {
  float* sums;
  running_softmax* states;
};
__host__ __device__ part_results results_in(const decode_attention_arguments& with) {
  auto* sums = static_cast<float*>(with.workspace);
  const std::int64_t all = with.shape.batch * with.shape.heads * with.parts * with.shape.head_dim;
  return {sums, reinterpret_cast<running_softmax*>(sums + all)};
}

/// One block reads one part of one key head of one sequence, once for the `group` query heads that share it. Each lane
/// holds `width` features.
template <class T, int lanes, int group>
__global__ void __launch_bounds__(decode_threads) part_kernel(decode_attention_arguments with, float scale) {
  constexpr int readers = decode_readers(lanes);
  constexpr int head_dim = lanes * width;
  const decode_attention_shape shape = with.shape;
  const std::int64_t part = blockIdx.x, kv_head = blockIdx.y, sequence = blockIdx.z;
  const int lane = static_cast<int>(threadIdx.x) % lanes, reader = static_cast<int>(threadIdx.x) / lanes;
  const T* keys = static_cast<const T*>(with.keys) + lane * width;
  const T* values = static_cast<const T*>(with.values) + lane * width;

  float query[group][width];
#pragma unroll
  for (int g = 0; g < group; ++g) {
    const std::int64_t at = place_of_query(shape, sequence, kv_head * group + g) + lane * width;
    const pack<T> loaded = load_pack(static_cast<const T*>(with.queries) + at);
#pragma unroll
    for (int e = 0; e < width; ++e) query[g][e] = to_float(loaded.values[e]) * scale;
  }

  running_softmax state[group];
  float sums[group][width] = {};
  const position_range range = positions_of_part(shape.kv_len, positions_per_part(shape.kv_len, with.parts), part);
  // The same number of turns for all, since the lanes of a warp exchange values.
  const std::int64_t turns = turns_of(range, readers);
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    const std::int64_t first = first_position(range, readers, reader, turn);
    pack<T> key[decode_depth] = {}, value[decode_depth] = {};
#pragma unroll
    for (int p = 0; p < decode_depth; ++p) {
      if (first + p < range.end) {
        const std::int64_t at = place_of_position(shape, sequence, kv_head, first + p);
        key[p] = load_pack(keys + at);
        value[p] = load_pack(values + at);
      }
    }
    float exponent[group][decode_depth];
#pragma unroll
    for (int p = 0; p < decode_depth; ++p) {
#pragma unroll
      for (int g = 0; g < group; ++g) exponent[g][p] = 0;
#pragma unroll
      for (int e = 0; e < width; ++e) {
        const float k = to_float(key[p].values[e]);
#pragma unroll
        for (int g = 0; g < group; ++g) exponent[g][p] += query[g][e] * k;
      }
    }
#pragma unroll
    for (int g = 0; g < group; ++g) {
      float largest = state[g].largest;
#pragma unroll
      for (int p = 0; p < decode_depth; ++p) {
#pragma unroll
        for (int offset = lanes / 2; offset > 0; offset /= 2) {
          exponent[g][p] += __shfl_xor_sync(0xffffffffu, exponent[g][p], offset);
        }
        if (first + p >= range.end) exponent[g][p] = -INFINITY;
        largest = fmaxf(largest, exponent[g][p]);
      }
      const float factor = rescale_factor(state[g].largest, largest);
      state[g].largest = largest;
      state[g].sum *= factor;
#pragma unroll
      for (int e = 0; e < width; ++e) sums[g][e] *= factor;
#pragma unroll
      for (int p = 0; p < decode_depth; ++p) {
        exponent[g][p] = softmax_weight(exponent[g][p], largest);
        state[g].sum += exponent[g][p];
      }
    }
#pragma unroll
    for (int p = 0; p < decode_depth; ++p) {
#pragma unroll
      for (int e = 0; e < width; ++e) {
        const float v = to_float(value[p].values[e]);
#pragma unroll
        for (int g = 0; g < group; ++g) sums[g][e] += exponent[g][p] * v;
      }
    }
  }

  // The readers' results are put together feature by feature.
  __shared__ float all_sums[readers][group][head_dim];
  __shared__ float2 all_states[readers][group];  // largest, sum
#pragma unroll
  for (int g = 0; g < group; ++g) {
    if (lane == 0) all_states[reader][g] = make_float2(state[g].largest, state[g].sum);
#pragma unroll
    for (int e = 0; e < width; ++e) all_sums[reader][g][lane * width + e] = sums[g][e];
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < group * head_dim; i += decode_threads) {
    const int g = i / head_dim, feature = i % head_dim;
    float largest = -INFINITY;
    for (int r = 0; r < readers; ++r) largest = fmaxf(largest, all_states[r][g].x);
    float sum = 0, weighted = 0;
    for (int r = 0; r < readers; ++r) {
      const float factor = rescale_factor(all_states[r][g].x, largest);
      sum += all_states[r][g].y * factor;
      weighted += all_sums[r][g][feature] * factor;
    }
    const std::int64_t head = kv_head * group + g;
    if (with.parts == 1) {
      T* attended = static_cast<T*>(with.attended);
      attended[place_of_query(shape, sequence, head) + feature] = from_float<T>(weighted / sum);
    } else {
      const std::int64_t place = place_of_part(shape, with.parts, sequence, head, part);
      const part_results results = results_in(with);
      results.sums[place * head_dim + feature] = weighted;
      if (feature == 0) {
        results.states[place].largest = largest;
        results.states[place].sum = sum;
      }
    }
  }
}

/// One block a head, one thread a feature.
template <class T>
__global__ void join_kernel(decode_attention_arguments with) {
  const decode_attention_shape shape = with.shape;
  const std::int64_t head = blockIdx.x, sequence = blockIdx.y, feature = threadIdx.x;
  const part_results results = results_in(with);
  const std::int64_t first = place_of_part(shape, with.parts, sequence, head, 0);
  float largest = -INFINITY;
  for (std::int64_t p = 0; p < with.parts; ++p) largest = fmaxf(largest, results.states[first + p].largest);
  float sum = 0, weighted = 0;
  for (std::int64_t p = 0; p < with.parts; ++p) {
    const float factor = rescale_factor(results.states[first + p].largest, largest);
    sum += results.states[first + p].sum * factor;
    weighted += results.sums[(first + p) * shape.head_dim + feature] * factor;
  }
  T* attended = static_cast<T*>(with.attended);
  attended[place_of_query(shape, sequence, head) + feature] = from_float<T>(weighted / sum);
}

template <class T, int lanes, int group>
void launch_parts(const decode_attention_arguments& with, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(with.parts), static_cast<unsigned>(with.shape.kv_heads),
                  static_cast<unsigned>(with.shape.batch));
  part_kernel<T, lanes, group><<<grid, decode_threads, 0, stream>>>(with, decode_scale(with.shape.head_dim));
}

template <class T, int lanes>
void launch_parts(const decode_attention_arguments& with, cudaStream_t stream) {
  switch (with.shape.heads / with.shape.kv_heads) {
    case 8:
      return launch_parts<T, lanes, 8>(with, stream);
    case 4:
      return launch_parts<T, lanes, 4>(with, stream);
    case 2:
      return launch_parts<T, lanes, 2>(with, stream);
    default:
      return launch_parts<T, lanes, 1>(with, stream);
  }
}

template <class T>
void launch_all(const decode_attention_arguments& with, cudaStream_t stream) {
  if (with.shape.head_dim == 64) {
    launch_parts<T, 8>(with, stream);
  } else if (with.shape.head_dim == 128) {
    launch_parts<T, 16>(with, stream);
  } else {
    launch_parts<T, 32>(with, stream);
  }
  if (with.parts == 1) return;
  const dim3 grid(static_cast<unsigned>(with.shape.heads), static_cast<unsigned>(with.shape.batch));
  join_kernel<T><<<grid, static_cast<unsigned>(with.shape.head_dim), 0, stream>>>(with);
}

}  // namespace

void launch_decode_attention(storage type, const decode_attention_arguments& with, cudaStream_t stream) {
  if (type == storage::fp16) {
    launch_all<half_element>(with, stream);
  } else {
    launch_all<bfloat_element>(with, stream);
  }
}

}  // namespace gpubench::kernels
