#include "kernels/block_sum.cuh"
#include "kernels/grid_stride.cuh"
#include "kernels/training.cuh"
#include "kernels/transformer_gradients.cuh"

namespace gpubench::kernels {

namespace {

/// What a thread needs of its columns while it goes from row to row.
template <class T, int packs>
struct norm_columns {
  pack<T> scales[packs];
  float sums[packs][pack<T>::size] = {};
};

template <class T, int packs>
__global__ void __launch_bounds__(norm_gradient_threads, norm_gradient_blocks(packs))
    rms_norm_backward_kernel(rms_norm_backward_arguments with) {
  constexpr int width = pack<T>::size;
  norm_columns<T, packs> own;
#pragma unroll
  for (int p = 0; p < packs; ++p) {
    const std::int64_t at = norm_column(threadIdx.x, p, width);
    if (at < with.hidden) own.scales[p] = load_pack(static_cast<const T*>(with.scale) + at);
  }
  for (std::int64_t row = blockIdx.x; row < with.rows; row += gridDim.x) {
    const T* x = static_cast<const T*>(with.x) + row * with.hidden;
    const T* gradient = static_cast<const T*>(with.gradient) + row * with.hidden;
    const T* residual = static_cast<const T*>(with.residual) + row * with.hidden;
    T* result = static_cast<T*>(with.input_gradient) + row * with.hidden;
    pack<T> values[packs], gradients[packs];
    float squares = 0, along = 0;
#pragma unroll
    for (int p = 0; p < packs; ++p) {
      const std::int64_t at = norm_column(threadIdx.x, p, width);
      if (at >= with.hidden) continue;
      values[p] = load_pack(x + at);
      gradients[p] = load_pack(gradient + at);
#pragma unroll
      for (int e = 0; e < width; ++e) {
        const float value = to_float(values[p].values[e]);
        squares += value * value;
        along += to_float(gradients[p].values[e]) * to_float(own.scales[p].values[e]) * value;
      }
    }
    const float factor = rms_factor(block_sum(squares), with.hidden, with.epsilon);
    const float mean = block_sum(along) * factor / static_cast<float>(with.hidden);
#pragma unroll
    for (int p = 0; p < packs; ++p) {
      const std::int64_t at = norm_column(threadIdx.x, p, width);
      if (at >= with.hidden) continue;
      pack<T> out = load_pack(residual + at);
#pragma unroll
      for (int e = 0; e < width; ++e) {
        const float normalized = to_float(values[p].values[e]) * factor;
        const float g = to_float(gradients[p].values[e]);
        own.sums[p][e] += g * normalized;
        out.values[e] = from_float<T>(to_float(out.values[e]) + rms_norm_gradient(g * to_float(own.scales[p].values[e]),
                                                                                  normalized, factor, mean));
      }
      store_pack(result + at, out);
    }
  }
#pragma unroll
  for (int p = 0; p < packs; ++p) {
    const std::int64_t at = norm_column(threadIdx.x, p, width);
    if (at >= with.hidden) continue;
#pragma unroll
    for (int e = 0; e < width; ++e) with.scale_parts[blockIdx.x * with.hidden + at + e] = own.sums[p][e];
  }
}

template <class T>
__global__ void gated_silu_backward_kernel(const T* gate_up, const T* gradient, T* result, std::int64_t rows,
                                           std::int64_t ffn) {
  constexpr int width = pack<T>::size;
  const std::int64_t packs = ffn / width;
  for (std::int64_t i = first_item(); i < rows * packs; i += item_stride()) {
    const std::int64_t row = i / packs, column = i % packs * width;
    const std::int64_t at = row * 2 * ffn + column;
    pack<T> gate = load_pack(gate_up + at), up = load_pack(gate_up + at + ffn);
    const pack<T> given = load_pack(gradient + row * ffn + column);
#pragma unroll
    for (int e = 0; e < width; ++e) {
      const gated_gradient found =
          gated_silu_gradient(to_float(gate.values[e]), to_float(up.values[e]), to_float(given.values[e]));
      gate.values[e] = from_float<T>(found.gate);
      up.values[e] = from_float<T>(found.up);
    }
    store_pack(result + at, gate);
    store_pack(result + at + ffn, up);
  }
}

template <class T>
__global__ void rotate_backward_kernel(rotate_backward_arguments with) {
  constexpr int width = pack<T>::size;
  const head_layout layout = with.layout;
  const std::int64_t half = layout.head_dim / 2;
  const std::int64_t items = items_of(layout, width);
  for (std::int64_t i = first_item(); i < items; i += item_stride()) {
    const head_item item = item_at(layout, width, i);
    const std::int64_t kv_head = item.head - layout.heads;
    const T* from = nullptr;
    if (kv_head >= layout.kv_heads) {
      from = static_cast<const T*>(with.values) + place_in_cache(layout, item, kv_head - layout.kv_heads);
    } else {
      from = kv_head < 0 ? static_cast<const T*>(with.queries) + place_in_queries(layout, item)
                         : static_cast<const T*>(with.keys) + place_in_cache(layout, item, kv_head);
    }
    pack<T> first = load_pack(from), second = load_pack(from + half);
    if (kv_head < layout.kv_heads) {
      const std::int64_t angle = item.row % layout.tokens * half + item.first;
#pragma unroll
      for (int e = 0; e < width; ++e) {
        const rotated_pair turned = rotate_pair_back(to_float(first.values[e]), to_float(second.values[e]),
                                                     with.cosines[angle + e], with.sines[angle + e]);
        first.values[e] = from_float<T>(turned.first);
        second.values[e] = from_float<T>(turned.second);
      }
    }
    T* to = static_cast<T*>(with.projected) + place_in_projected(layout, item);
    store_pack(to, first);
    store_pack(to + half, second);
  }
}

}  // namespace

void launch_rms_norm_backward(storage type, const rms_norm_backward_arguments& with, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    const auto launch = [&](auto* kernel) { kernel<<<with.parts, norm_gradient_threads, 0, stream>>>(with); };
    switch (norm_packs(with.hidden, pack<T>::size)) {
      case 1:
        return launch(rms_norm_backward_kernel<T, 1>);
      case 2:
        return launch(rms_norm_backward_kernel<T, 2>);
      case 4:
        return launch(rms_norm_backward_kernel<T, 4>);
      default:
        return launch(rms_norm_backward_kernel<T, most_norm_packs>);
    }
  });
  launch_column_sums_as(type, with.scale_parts, with.scale_gradient, with.parts, with.hidden, stream);
}

void launch_gated_silu_backward(storage type, const void* gate_up, const void* gradient, void* gate_up_gradient,
                                std::int64_t rows, std::int64_t ffn, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    gated_silu_backward_kernel<T><<<grid_stride_blocks(rows * ffn / pack<T>::size), grid_stride_threads, 0, stream>>>(
        static_cast<const T*>(gate_up), static_cast<const T*>(gradient), static_cast<T*>(gate_up_gradient), rows, ffn);
  });
}

void launch_rotate_backward(storage type, const rotate_backward_arguments& with, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    rotate_backward_kernel<T>
        <<<grid_stride_blocks(items_of(with.layout, pack<T>::size)), grid_stride_threads, 0, stream>>>(with);
  });
}

}  // namespace gpubench::kernels
