#include "kernels/block_sum.cuh"
#include "kernels/grid_stride.cuh"
#include "kernels/transformer.cuh"

namespace gpubench::kernels {

namespace {

/// One block a row. The sum is rounded before it is squared, so that what is normalised is what is stored.
template <class T>
__global__ void rms_norm_kernel(rms_norm_arguments with) {
  const std::int64_t row = chosen_row(with.rows, blockIdx.x) * with.hidden;
  const T* x = static_cast<const T*>(with.x) + row;
  const T* delta = with.delta != nullptr ? static_cast<const T*>(with.delta) + row : nullptr;
  T* sum = with.sum != nullptr ? static_cast<T*>(with.sum) + row : nullptr;
  const T* scale = static_cast<const T*>(with.scale);
  T* normed = static_cast<T*>(with.normed) + blockIdx.x * with.hidden;
  constexpr int width = pack<T>::size;
  const auto take = [&](std::int64_t at) {
    pack<T> values = load_pack(x + at);
    if (delta == nullptr) return values;
    const pack<T> added = load_pack(delta + at);
#pragma unroll
    for (int i = 0; i < width; ++i) {
      values.values[i] = from_float<T>(to_float(values.values[i]) + to_float(added.values[i]));
    }
    return values;
  };

  // Up to `kept` packs a thread stay in registers between the two passes; longer rows are read again.
  constexpr int kept = 4;
  pack<T> own[kept];
  float squares = 0;
  const std::int64_t step = static_cast<std::int64_t>(blockDim.x) * width;
  const std::int64_t start = static_cast<std::int64_t>(threadIdx.x) * width;
#pragma unroll
  for (int p = 0; p < kept; ++p) {
    const std::int64_t at = start + p * step;
    if (at < with.hidden) {
      own[p] = take(at);
#pragma unroll
      for (int i = 0; i < width; ++i) squares += to_float(own[p].values[i]) * to_float(own[p].values[i]);
    }
  }
  for (std::int64_t at = start + kept * step; at < with.hidden; at += step) {
    const pack<T> values = take(at);
#pragma unroll
    for (int i = 0; i < width; ++i) squares += to_float(values.values[i]) * to_float(values.values[i]);
  }
  const float factor = rms_factor(block_sum(squares), with.hidden, with.epsilon);
  const auto give = [&](std::int64_t at, const pack<T>& values) {
    if (delta != nullptr && sum != nullptr) store_pack(sum + at, values);
    const pack<T> scales = load_pack(scale + at);
    pack<T> result;
#pragma unroll
    for (int i = 0; i < width; ++i) {
      result.values[i] = from_float<T>(to_float(values.values[i]) * factor * to_float(scales.values[i]));
    }
    store_pack(normed + at, result);
  };
#pragma unroll
  for (int p = 0; p < kept; ++p) {
    const std::int64_t at = start + p * step;
    if (at < with.hidden) give(at, own[p]);
  }
  for (std::int64_t at = start + kept * step; at < with.hidden; at += step) give(at, take(at));
}

template <class T>
__global__ void rotate_kernel(rotate_arguments with) {
  constexpr int width = pack<T>::size;
  const head_layout layout = with.layout;
  const std::int64_t half = layout.head_dim / 2;
  const std::int64_t items = items_of(layout, width);
  for (std::int64_t i = first_item(); i < items; i += item_stride()) {
    const head_item item = item_at(layout, width, i);
    const T* from = static_cast<const T*>(with.projected) + place_in_projected(layout, item);
    pack<T> first = load_pack(from);
    pack<T> second = load_pack(from + half);
    const std::int64_t kv_head = item.head - layout.heads;
    T* to = nullptr;
    if (kv_head >= layout.kv_heads) {
      to = static_cast<T*>(with.values) + place_in_cache(layout, item, kv_head - layout.kv_heads);
    } else {
      const std::int64_t angle = item.row % layout.tokens * half + item.first;
#pragma unroll
      for (int e = 0; e < width; ++e) {
        const rotated_pair turned = rotate_pair(to_float(first.values[e]), to_float(second.values[e]),
                                                with.cosines[angle + e], with.sines[angle + e]);
        first.values[e] = from_float<T>(turned.first);
        second.values[e] = from_float<T>(turned.second);
      }
      to = kv_head < 0 ? static_cast<T*>(with.queries) + place_in_queries(layout, item)
                       : static_cast<T*>(with.keys) + place_in_cache(layout, item, kv_head);
    }
    store_pack(to, first);
    store_pack(to + half, second);
  }
}

template <class T>
__global__ void gated_silu_kernel(const T* gate_up, T* activated, std::int64_t rows, std::int64_t ffn) {
  constexpr int width = pack<T>::size;
  const std::int64_t packs = ffn / width;
  for (std::int64_t i = first_item(); i < rows * packs; i += item_stride()) {
    const std::int64_t row = i / packs, at = i % packs * width;
    const pack<T> gate = load_pack(gate_up + row * 2 * ffn + at);
    const pack<T> up = load_pack(gate_up + row * 2 * ffn + ffn + at);
    pack<T> result;
#pragma unroll
    for (int e = 0; e < width; ++e) {
      result.values[e] = from_float<T>(gated_silu(to_float(gate.values[e]), to_float(up.values[e])));
    }
    store_pack(activated + row * ffn + at, result);
  }
}

template <class T>
__global__ void add_kernel(const T* x, const T* y, T* sum, std::int64_t packs) {
  constexpr int width = pack<T>::size;
  for (std::int64_t i = first_item(); i < packs; i += item_stride()) {
    pack<T> a = load_pack(x + i * width);
    const pack<T> b = load_pack(y + i * width);
#pragma unroll
    for (int e = 0; e < width; ++e) a.values[e] = from_float<T>(to_float(a.values[e]) + to_float(b.values[e]));
    store_pack(sum + i * width, a);
  }
}

template <class T>
__global__ void embedding_kernel(const T* table, const std::int32_t* tokens, T* x, std::int64_t rows,
                                 std::int64_t hidden) {
  constexpr int width = pack<T>::size;
  const std::int64_t packs = hidden / width;
  for (std::int64_t i = first_item(); i < rows * packs; i += item_stride()) {
    const std::int64_t row = i / packs, at = i % packs * width;
    store_pack(x + row * hidden + at, load_pack(table + static_cast<std::int64_t>(tokens[row]) * hidden + at));
  }
}

template <class T>
__global__ void spread_fill_kernel(T* values, std::uint64_t elements, std::uint64_t operand, float centre,
                                   float spread) {
  const auto stride = static_cast<std::uint64_t>(item_stride());
  for (auto i = static_cast<std::uint64_t>(first_item()); i < elements; i += stride) {
    values[i] = from_float<T>(spread_value(operand, i, centre, spread));
  }
}

}  // namespace

void launch_rms_norm(storage type, const rms_norm_arguments& with, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    rms_norm_kernel<decltype(element)>
        <<<static_cast<unsigned>(with.rows.count), grid_stride_threads, 0, stream>>>(with);
  });
}

void launch_rotate(storage type, const rotate_arguments& with, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    rotate_kernel<T>
        <<<grid_stride_blocks(items_of(with.layout, pack<T>::size)), grid_stride_threads, 0, stream>>>(with);
  });
}

void launch_gated_silu(storage type, const void* gate_up, void* activated, std::int64_t rows, std::int64_t ffn,
                       cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    gated_silu_kernel<T><<<grid_stride_blocks(rows * ffn / pack<T>::size), grid_stride_threads, 0, stream>>>(
        static_cast<const T*>(gate_up), static_cast<T*>(activated), rows, ffn);
  });
}

void launch_add(storage type, const void* x, const void* y, void* sum, std::int64_t elements, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    const std::int64_t packs = elements / pack<T>::size;
    add_kernel<T><<<grid_stride_blocks(packs), grid_stride_threads, 0, stream>>>(
        static_cast<const T*>(x), static_cast<const T*>(y), static_cast<T*>(sum), packs);
  });
}

void launch_embedding(storage type, const void* table, const std::int32_t* tokens, void* x, std::int64_t rows,
                      std::int64_t hidden, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    embedding_kernel<T><<<grid_stride_blocks(rows * hidden / pack<T>::size), grid_stride_threads, 0, stream>>>(
        static_cast<const T*>(table), tokens, static_cast<T*>(x), rows, hidden);
  });
}

void launch_spread_fill(storage type, void* values, std::uint64_t elements, std::uint64_t operand, float centre,
                        float spread, cudaStream_t stream) {
  with_element(type, [&](auto element) {
    using T = decltype(element);
    spread_fill_kernel<T>
        <<<std::min(grid_stride_blocks(static_cast<std::int64_t>(elements)), 8192u), grid_stride_threads, 0, stream>>>(
            static_cast<T*>(values), elements, operand, centre, spread);
  });
}

}  // namespace gpubench::kernels
