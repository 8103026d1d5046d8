#include "kernels/batch_norm.cuh"
#include "kernels/element.hpp"

namespace gpubench::kernels {

namespace {

__device__ channel_place my_place(const channel_tiles& tiles) {
  return place_of(tiles, blockIdx.x, blockIdx.y, threadIdx.x);
}

dim3 grid_of(const channel_tiles& tiles) {
  return {tiles.groups, tiles.parts, 1};
}

/// Adds up the block's threads that hold the same channels, and leaves one pair a channel for this part.
template <int width>
__device__ void leave_sums(const channel_tiles& tiles, const channel_place& place, const channel_sums (&own)[width],
                           channel_sums* sums) {
  __shared__ float2 shared[channel_threads][width];
#pragma unroll
  for (int e = 0; e < width; ++e) shared[threadIdx.x][e] = make_float2(own[e].first, own[e].second);
  __syncthreads();
  for (int half = channel_threads / 2; half >= tiles.lanes; half /= 2) {
    if (static_cast<int>(threadIdx.x) < half) {
#pragma unroll
      for (int e = 0; e < width; ++e) {
        shared[threadIdx.x][e].x += shared[threadIdx.x + half][e].x;
        shared[threadIdx.x][e].y += shared[threadIdx.x + half][e].y;
      }
    }
    __syncthreads();
  }
  if (static_cast<int>(threadIdx.x) >= tiles.lanes) return;
  const std::int64_t channels = tiles.packs * width;
  for (int e = 0; e < width; ++e) {
    channel_sums& to = sums[blockIdx.y * channels + place.pack * width + e];
    to.first = shared[threadIdx.x][e].x;
    to.second = shared[threadIdx.x][e].y;
  }
}

template <class T>
__global__ void __launch_bounds__(channel_threads)
    statistics_kernel(const T* x, channel_tiles tiles, channel_sums* sums) {
  constexpr int width = pack<T>::size;
  const channel_place place = my_place(tiles);
  const pack<T> pivot = load_pack(x + place.pack * width);
  channel_sums own[width];
#pragma unroll 4
  for (std::int64_t pixel = place.first_pixel; pixel < tiles.pixels; pixel += place.pixel_step) {
    const pack<T> values = load_pack(x + element_of(tiles, pixel, place.pack, width));
#pragma unroll
    for (int e = 0; e < width; ++e) {
      const float v = to_float(values.values[e]) - to_float(pivot.values[e]);
      own[e].first += v;
      own[e].second += v * v;
    }
  }
  leave_sums<width>(tiles, place, own, sums);
}

struct double_sums {
  double first = 0, second = 0;
};

/// A block adds up the parts of `end_channels` channels, side by side, with as many threads for each of them.
constexpr int end_channels = 32;
constexpr int end_threads = end_channels * 32;

__device__ std::int64_t end_channel() {
  return static_cast<std::int64_t>(blockIdx.x) * end_channels + threadIdx.x % end_channels;
}

/// Sums of all parts for one channel; whole for the first `end_channels` threads. All threads must call it.
__device__ double_sums all_parts(const channel_sums* sums, unsigned parts, std::int64_t channels) {
  const std::int64_t channel = end_channel();
  double_sums total;
  if (channel < channels) {
#pragma unroll 4
    for (unsigned part = threadIdx.x / end_channels; part < parts; part += end_threads / end_channels) {
      const float2 one = reinterpret_cast<const float2*>(sums)[part * channels + channel];
      total.first += static_cast<double>(one.x);
      total.second += static_cast<double>(one.y);
    }
  }
  __shared__ double2 shared[end_threads];
  shared[threadIdx.x] = make_double2(total.first, total.second);
  for (int half = end_threads / 2; half >= end_channels; half /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < half) {
      shared[threadIdx.x].x += shared[threadIdx.x + half].x;
      shared[threadIdx.x].y += shared[threadIdx.x + half].y;
    }
  }
  __syncthreads();
  total.first = shared[threadIdx.x].x;
  total.second = shared[threadIdx.x].y;
  return total;
}

template <class T>
__global__ void __launch_bounds__(end_threads)
    statistics_end_kernel(const T* x, std::int64_t channels, channel_tiles tiles, norm_channels norm,
                          const channel_sums* sums, float epsilon) {
  const double_sums total = all_parts(sums, tiles.parts, channels);
  const std::int64_t channel = end_channel();
  if (threadIdx.x >= end_channels || channel >= channels) return;
  const batch_statistics found =
      statistics_of(total.first, total.second, static_cast<double>(tiles.pixels), to_float(x[channel]), epsilon);
  norm.statistics[channel] = found;
  norm.line[channel] = normalizing_line(found, norm.scale[channel], norm.shift[channel]);
}

template <int width>
__device__ void load_lines(const channel_line* lines, std::int64_t pack, channel_line (&own)[width]) {
#pragma unroll
  for (int e = 0; e < width; ++e) {
    own[e].factor = lines[pack * width + e].factor;
    own[e].offset = lines[pack * width + e].offset;
  }
}

template <class T, bool adds, bool adds_line>
__global__ void __launch_bounds__(channel_threads) apply_kernel(norm_apply_arguments with, channel_tiles tiles) {
  constexpr int width = pack<T>::size;
  const channel_place place = my_place(tiles);
  channel_line line[width], added_line[width];
  load_lines<width>(with.line, place.pack, line);
  if constexpr (adds_line) load_lines<width>(with.added_line, place.pack, added_line);
#pragma unroll 2
  for (std::int64_t pixel = place.first_pixel; pixel < tiles.pixels; pixel += place.pixel_step) {
    const std::int64_t at = element_of(tiles, pixel, place.pack, width);
    pack<T> values = load_pack(static_cast<const T*>(with.x) + at);
    pack<T> added;
    if constexpr (adds) added = load_pack(static_cast<const T*>(with.added) + at);
#pragma unroll
    for (int e = 0; e < width; ++e) {
      float v = line[e].factor * to_float(values.values[e]) + line[e].offset;
      if constexpr (adds_line) {
        v += added_line[e].factor * to_float(added.values[e]) + added_line[e].offset;
      } else if constexpr (adds) {
        v += to_float(added.values[e]);
      }
      if (with.relu && !(v > 0.0f)) v = v != v ? v : 0.0f;  // a NaN stays one
      values.values[e] = from_float<T>(v);
    }
    store_pack(static_cast<T*>(with.y) + at, values);
  }
}

/// The gradient that passes the ReLU after this normalisation.
template <class T>
struct masked_gradient {
  static constexpr int width = pack<T>::size;
  float gradient[width];
  float x[width];
};

template <class T, bool second, bool by_output>
__device__ masked_gradient<T> load_masked(const norm_backward_arguments& with,
                                          const channel_line (&line)[pack<T>::size], std::int64_t at) {
  constexpr int width = pack<T>::size;
  masked_gradient<T> result;
  const pack<T> gradient = load_pack(static_cast<const T*>(with.gradient) + at);
  const pack<T> x = load_pack(static_cast<const T*>(with.x) + at);
  pack<T> more, output;
  if constexpr (second) more = load_pack(static_cast<const T*>(with.second) + at);
  if constexpr (by_output) output = load_pack(static_cast<const T*>(with.output) + at);
#pragma unroll
  for (int e = 0; e < width; ++e) {
    float g = to_float(gradient.values[e]);
    if constexpr (second) g += to_float(more.values[e]);
    result.x[e] = to_float(x.values[e]);
    if constexpr (by_output) {
      if (!(to_float(output.values[e]) > 0.0f)) g = 0.0f;
    } else if (with.relu) {
      // As stored: what rounded to zero in the forward pass let nothing through either.
      const float passed = to_float(from_float<T>(line[e].factor * result.x[e] + line[e].offset));
      if (!(passed > 0.0f)) g = 0.0f;
    }
    result.gradient[e] = g;
  }
  return result;
}

template <class T, bool second, bool by_output>
__global__ void __launch_bounds__(channel_threads)
    backward_sums_kernel(norm_backward_arguments with, channel_tiles tiles, norm_channels norm, channel_sums* sums) {
  constexpr int width = pack<T>::size;
  const channel_place place = my_place(tiles);
  channel_line line[width];
  load_lines<width>(norm.line, place.pack, line);
  float mean[width];
#pragma unroll
  for (int e = 0; e < width; ++e) mean[e] = norm.statistics[place.pack * width + e].mean;
  channel_sums own[width];
#pragma unroll 2
  for (std::int64_t pixel = place.first_pixel; pixel < tiles.pixels; pixel += place.pixel_step) {
    const std::int64_t at = element_of(tiles, pixel, place.pack, width);
    masked_gradient<T> values = load_masked<T, second, by_output>(with, line, at);
    if (with.masked != nullptr) {
      pack<T> kept;
#pragma unroll
      for (int e = 0; e < width; ++e) {
        kept.values[e] = from_float<T>(values.gradient[e]);
        values.gradient[e] = to_float(kept.values[e]);  // what the second pass will read
      }
      store_pack(static_cast<T*>(with.masked) + at, kept);
    }
#pragma unroll
    for (int e = 0; e < width; ++e) {
      own[e].first += values.gradient[e];
      own[e].second += values.gradient[e] * (values.x[e] - mean[e]);
    }
  }
  leave_sums<width>(tiles, place, own, sums);
}

__global__ void __launch_bounds__(end_threads)
    backward_end_kernel(std::int64_t channels, channel_tiles tiles, norm_channels norm, const channel_sums* sums) {
  const double_sums total = all_parts(sums, tiles.parts, channels);
  const std::int64_t channel = end_channel();
  if (threadIdx.x >= end_channels || channel >= channels) return;
  const batch_statistics of = norm.statistics[channel];
  norm.shift_gradient[channel] = static_cast<float>(total.first);
  norm.scale_gradient[channel] = static_cast<float>(total.second * static_cast<double>(of.inverse_deviation));
  norm.backward[channel] =
      backward_line_of(of, norm.scale[channel], total.first, total.second, static_cast<double>(tiles.pixels));
}

template <class T, bool second>
__global__ void __launch_bounds__(channel_threads)
    backward_apply_kernel(norm_backward_arguments with, channel_tiles tiles, norm_channels norm) {
  constexpr int width = pack<T>::size;
  const channel_place place = my_place(tiles);
  channel_line line[width];
  load_lines<width>(norm.line, place.pack, line);
  backward_line own[width];
#pragma unroll
  for (int e = 0; e < width; ++e) own[e] = norm.backward[place.pack * width + e];
#pragma unroll 2
  for (std::int64_t pixel = place.first_pixel; pixel < tiles.pixels; pixel += place.pixel_step) {
    const std::int64_t at = element_of(tiles, pixel, place.pack, width);
    const masked_gradient<T> values = load_masked<T, second, false>(with, line, at);
    pack<T> result;
#pragma unroll
    for (int e = 0; e < width; ++e) {
      result.values[e] =
          from_float<T>(own[e].gradient * values.gradient[e] + own[e].input * values.x[e] + own[e].offset);
    }
    store_pack(static_cast<T*>(with.input_gradient) + at, result);
  }
}

unsigned channel_blocks(std::int64_t channels) {
  return static_cast<unsigned>((channels + end_channels - 1) / end_channels);
}

}  // namespace

void launch_norm_statistics(storage type, const void* x, const channel_tiles& tiles, const norm_channels& channels,
                            channel_sums* sums, float epsilon, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    const std::int64_t count = tiles.packs * pack<T>::size;
    statistics_kernel<T><<<grid_of(tiles), channel_threads, 0, stream>>>(static_cast<const T*>(x), tiles, sums);
    statistics_end_kernel<T><<<channel_blocks(count), end_threads, 0, stream>>>(static_cast<const T*>(x), count, tiles,
                                                                                channels, sums, epsilon);
  });
}

void launch_norm_apply(storage type, const norm_apply_arguments& with, const channel_tiles& tiles,
                       cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    if (with.added == nullptr) {
      apply_kernel<T, false, false><<<grid_of(tiles), channel_threads, 0, stream>>>(with, tiles);
    } else if (with.added_line == nullptr) {
      apply_kernel<T, true, false><<<grid_of(tiles), channel_threads, 0, stream>>>(with, tiles);
    } else {
      apply_kernel<T, true, true><<<grid_of(tiles), channel_threads, 0, stream>>>(with, tiles);
    }
  });
}

void launch_norm_backward_sums(storage type, const norm_backward_arguments& with, const channel_tiles& tiles,
                               const norm_channels& channels, channel_sums* sums, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    const dim3 grid = grid_of(tiles);
    if (with.second != nullptr && with.output != nullptr) {
      backward_sums_kernel<T, true, true><<<grid, channel_threads, 0, stream>>>(with, tiles, channels, sums);
    } else if (with.second != nullptr) {
      backward_sums_kernel<T, true, false><<<grid, channel_threads, 0, stream>>>(with, tiles, channels, sums);
    } else if (with.output != nullptr) {
      backward_sums_kernel<T, false, true><<<grid, channel_threads, 0, stream>>>(with, tiles, channels, sums);
    } else {
      backward_sums_kernel<T, false, false><<<grid, channel_threads, 0, stream>>>(with, tiles, channels, sums);
    }
    const std::int64_t count = tiles.packs * pack<T>::size;
    backward_end_kernel<<<channel_blocks(count), end_threads, 0, stream>>>(count, tiles, channels, sums);
  });
}

void launch_norm_backward_apply(storage type, const norm_backward_arguments& with, const channel_tiles& tiles,
                                const norm_channels& channels, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    if (with.second != nullptr) {
      backward_apply_kernel<T, true><<<grid_of(tiles), channel_threads, 0, stream>>>(with, tiles, channels);
    } else {
      backward_apply_kernel<T, false><<<grid_of(tiles), channel_threads, 0, stream>>>(with, tiles, channels);
    }
  });
}

}  // namespace gpubench::kernels
