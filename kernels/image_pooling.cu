#include "kernels/element.hpp"
#include "kernels/image_pooling.cuh"

#include <algorithm>

namespace gpubench::kernels {

namespace {

constexpr int threads = 256;

unsigned blocks_for(std::int64_t items) {
  return static_cast<unsigned>(std::clamp<std::int64_t>((items + threads - 1) / threads, 1, 1 << 20));
}

__device__ std::int64_t first_item() {
  return blockIdx.x * static_cast<std::int64_t>(blockDim.x) + threadIdx.x;
}
__device__ std::int64_t item_stride() {
  return static_cast<std::int64_t>(gridDim.x) * blockDim.x;
}

/// As many bytes as a pack has elements.
template <int size>
struct alignas(size) byte_pack {
  std::uint8_t values[size];
};

template <class T>
__global__ void maximum_kernel(image_pooling_shape shape, const T* x, T* y, std::uint8_t* taken) {
  constexpr int width = pack<T>::size;
  const std::int64_t packs = shape.channels / width;
  const std::int64_t out_height = pooled_size(shape.height), out_width = pooled_size(shape.width);
  const std::int64_t items = shape.n * out_height * out_width * packs;
  for (std::int64_t i = first_item(); i < items; i += item_stride()) {
    const std::int64_t pack_index = i % packs, column = i / packs % out_width;
    const std::int64_t row = i / packs / out_width % out_height, image = i / packs / out_width / out_height;
    pack<T> best;
    byte_pack<width> taps;
    bool any = false;
    for (int tap = 0; tap < 9; ++tap) {
      const std::int64_t py = tap_place(row, tap / 3), px = tap_place(column, tap % 3);
      if (py < 0 || py >= shape.height || px < 0 || px >= shape.width) continue;
      const pack<T> values =
          load_pack(x + (((image * shape.height + py) * shape.width + px) * packs + pack_index) * width);
#pragma unroll
      for (int e = 0; e < width; ++e) {
        const float v = to_float(values.values[e]);
        if (!any || v > to_float(best.values[e]) || v != v) {
          best.values[e] = values.values[e];
          taps.values[e] = static_cast<std::uint8_t>(tap);
        }
      }
      any = true;
    }
    store_pack(y + i * width, best);
    if (taken != nullptr) *reinterpret_cast<byte_pack<width>*>(taken + i * width) = taps;
  }
}

/// Each input pixel collects from the one to four windows that it lies in, so that nothing is added by two threads.
template <class T>
__global__ void maximum_backward_kernel(image_pooling_shape shape, const T* gradient, const T* second,
                                        const std::uint8_t* taken, T* input_gradient) {
  constexpr int width = pack<T>::size;
  const std::int64_t packs = shape.channels / width;
  const std::int64_t out_height = pooled_size(shape.height), out_width = pooled_size(shape.width);
  const std::int64_t items = shape.n * shape.height * shape.width * packs;
  for (std::int64_t i = first_item(); i < items; i += item_stride()) {
    const std::int64_t pack_index = i % packs, px = i / packs % shape.width;
    const std::int64_t py = i / packs / shape.width % shape.height, image = i / packs / shape.width / shape.height;
    float sum[width] = {};
    for (std::int64_t row = first_window(py); row < out_height && tap_of(row, py) >= 0; ++row) {
      for (std::int64_t column = first_window(px); column < out_width && tap_of(column, px) >= 0; ++column) {
        const int tap = static_cast<int>(3 * tap_of(row, py) + tap_of(column, px));
        const std::int64_t at = (((image * out_height + row) * out_width + column) * packs + pack_index) * width;
        const auto taps = *reinterpret_cast<const byte_pack<width>*>(taken + at);
        const pack<T> one = load_pack(gradient + at);
        pack<T> other = {};
        if (second != nullptr) other = load_pack(second + at);
#pragma unroll
        for (int e = 0; e < width; ++e) {
          if (taps.values[e] == tap) sum[e] += to_float(one.values[e]) + to_float(other.values[e]);
        }
      }
    }
    pack<T> result;
#pragma unroll
    for (int e = 0; e < width; ++e) result.values[e] = from_float<T>(sum[e]);
    store_pack(input_gradient + i * width, result);
  }
}

template <class T>
__global__ void average_kernel(image_pooling_shape shape, const T* x, T* y) {
  constexpr int width = pack<T>::size;
  const std::int64_t packs = shape.channels / width, pixels = shape.height * shape.width;
  for (std::int64_t i = first_item(); i < shape.n * packs; i += item_stride()) {
    const std::int64_t image = i / packs, pack_index = i % packs;
    float sum[width] = {};
    for (std::int64_t p = 0; p < pixels; ++p) {
      const pack<T> values = load_pack(x + ((image * pixels + p) * packs + pack_index) * width);
#pragma unroll
      for (int e = 0; e < width; ++e) sum[e] += to_float(values.values[e]);
    }
    pack<T> result;
#pragma unroll
    for (int e = 0; e < width; ++e) result.values[e] = from_float<T>(sum[e] / static_cast<float>(pixels));
    store_pack(y + i * width, result);
  }
}

template <class T>
__global__ void average_backward_kernel(image_pooling_shape shape, const T* gradient, T* input_gradient) {
  constexpr int width = pack<T>::size;
  const std::int64_t packs = shape.channels / width, pixels = shape.height * shape.width;
  for (std::int64_t i = first_item(); i < shape.n * pixels * packs; i += item_stride()) {
    const std::int64_t image = i / packs / pixels, pack_index = i % packs;
    pack<T> values = load_pack(gradient + (image * packs + pack_index) * width);
#pragma unroll
    for (int e = 0; e < width; ++e) {
      values.values[e] = from_float<T>(to_float(values.values[e]) / static_cast<float>(pixels));
    }
    store_pack(input_gradient + i * width, values);
  }
}

}  // namespace

void launch_maximum_pooling(storage type, const image_pooling_shape& shape, const void* x, void* y, std::uint8_t* taken,
                            cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    const std::int64_t items =
        shape.n * pooled_size(shape.height) * pooled_size(shape.width) * shape.channels / pack<T>::size;
    maximum_kernel<T>
        <<<blocks_for(items), threads, 0, stream>>>(shape, static_cast<const T*>(x), static_cast<T*>(y), taken);
  });
}

void launch_maximum_pooling_backward(storage type, const image_pooling_shape& shape, const void* gradient,
                                     const void* second, const std::uint8_t* taken, void* input_gradient,
                                     cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    const std::int64_t items = shape.n * shape.height * shape.width * shape.channels / pack<T>::size;
    maximum_backward_kernel<T><<<blocks_for(items), threads, 0, stream>>>(
        shape, static_cast<const T*>(gradient), static_cast<const T*>(second), taken, static_cast<T*>(input_gradient));
  });
}

void launch_average_pooling(storage type, const image_pooling_shape& shape, const void* x, void* y,
                            cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    average_kernel<T><<<blocks_for(shape.n * shape.channels / pack<T>::size), threads, 0, stream>>>(
        shape, static_cast<const T*>(x), static_cast<T*>(y));
  });
}

void launch_average_pooling_backward(storage type, const image_pooling_shape& shape, const void* gradient,
                                     void* input_gradient, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    const std::int64_t items = shape.n * shape.height * shape.width * shape.channels / pack<T>::size;
    average_backward_kernel<T><<<blocks_for(items), threads, 0, stream>>>(shape, static_cast<const T*>(gradient),
                                                                          static_cast<T*>(input_gradient));
  });
}

}  // namespace gpubench::kernels
