#include "bench/cuda/module/gemm_cases.hpp"

#include "bench/cuda/module/gemm_operands.hpp"

#include <algorithm>

namespace gpubench::cuda {

namespace {

using kernels::gemm_shape;
using kernels::storage;

/// Collects what fits, each shape once.
class shape_list {
 public:
  shape_list(storage type, const device_properties& device) : type_(type), device_(device) {}

  void add(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t batch = 1) {
    const gemm_shape shape{type_, m, n, k, batch, only_b_transposed(type_)};
    const bool known = std::any_of(shapes_.begin(), shapes_.end(), [&](const gemm_shape& other) {
      return other.m == m && other.n == n && other.k == k && other.batch == batch;
    });
    if (!known && gemm_fits({shape}, device_)) shapes_.push_back(shape);
  }

  std::vector<gemm_shape> take() { return std::move(shapes_); }

 private:
  storage type_;
  const device_properties& device_;
  std::vector<gemm_shape> shapes_;
};

/// Inputs and outputs of a linear layer.
struct layer {
  std::int64_t out = 0, in = 0;
};

/// Query, key and value projection, output projection, gate and up projection, down projection of one block.
/// Source: Llama Team, "The Llama 3 herd of models" (2024), table 3: 8B has model size 4,096, feed-forward size 14,336,
/// 32 heads of 128, 8 of them with keys and values; 70B has 8,192, 28,672, 64 and 8.
constexpr layer llama_8b[] = {{6144, 4096}, {4096, 4096}, {28672, 4096}, {4096, 14336}};
constexpr layer llama_70b[] = {{10240, 8192}, {8192, 8192}, {57344, 8192}, {8192, 28672}};
constexpr std::int64_t vocabulary = 128256;

/// Types that language models run in.
bool for_language_models(storage type) {
  return type == storage::bf16 || type == storage::fp8_e4m3 || type == storage::fp4;
}

void add_standard(shape_list& shapes, storage type) {
  shapes.add(4096, 4096, 4096);
  if (!for_language_models(type)) return;
  shapes.add(16384, 16384, 16384);
  // A prompt of 4,096 tokens and decoding of 1 and 64 sequences, through the feed-forward block of the 8B model.
  shapes.add(4096, 28672, 4096);
  shapes.add(4096, 4096, 14336);
  shapes.add(1, 28672, 4096);
  shapes.add(64, 28672, 4096);
  if (type != storage::bf16) return;
  shapes.add(4096, 14336, 4096);
  shapes.add(4096, 6144, 4096);
  // 32 heads of 128 over 2,048 tokens: queries times keys.
  shapes.add(2048, 2048, 128, 32);
}

void add_language_models(shape_list& shapes) {
  for (const std::int64_t tokens : {4096, 1, 8, 64, 512}) {
    for (const auto& one : llama_8b) shapes.add(tokens, one.out, one.in);
    for (const auto& one : llama_70b) shapes.add(tokens, one.out, one.in);
  }
  for (const std::int64_t tokens : {1, 64}) {
    shapes.add(tokens, vocabulary, llama_8b[0].in);
    shapes.add(tokens, vocabulary, llama_70b[0].in);
  }
}

void add_full(shape_list& shapes, storage type) {
  for (const std::int64_t size : {1024, 2048, 4096, 6144, 8192, 12288, 16384}) shapes.add(size, size, size);
  // Tall, flat, and long: little reuse in one direction.
  shapes.add(65536, 512, 1024);
  shapes.add(512, 65536, 1024);
  shapes.add(512, 512, 65536);
  shapes.add(16384, 16384, 128);
  if (type != storage::fp4) {
    shapes.add(2048, 2048, 128, 32);  // queries times keys
    shapes.add(2048, 128, 2048, 32);  // weights times values
    shapes.add(512, 512, 512, 256);
  }
  if (for_language_models(type)) add_language_models(shapes);
}

}  // namespace

std::vector<gemm_shape> gemm_shapes(storage type, gpubench_module_suite suite, const device_properties& device) {
  shape_list shapes(type, device);
  if (slow_fp64(type, device)) {
    shapes.add(2048, 2048, 2048);
    if (suite != GPUBENCH_MODULE_QUICK) shapes.add(1024, 1024, 1024);
    if (suite == GPUBENCH_MODULE_FULL) {
      shapes.add(512, 512, 512);
      shapes.add(4096, 4096, 4096);
    }
    return shapes.take();
  }
  shapes.add(8192, 8192, 8192);
  if (suite != GPUBENCH_MODULE_QUICK) add_standard(shapes, type);
  if (suite == GPUBENCH_MODULE_FULL) add_full(shapes, type);
  return shapes.take();
}

std::int64_t gemm_search_volume(storage type, const device_properties& device) {
  std::int64_t odd = std::max(device.multiprocessors, 1);
  while (odd % 2 == 0) odd /= 2;
  const std::int64_t limit = slow_fp64(type, device) ? std::int64_t{1} << 33 : std::int64_t{1} << 39;
  std::int64_t volume = 3 * odd;
  while (volume * 2 <= limit) volume *= 2;
  return volume;
}

std::vector<gemm_shape> shapes_of_volume(storage type, std::int64_t volume, std::size_t most) {
  constexpr std::int64_t largest = 32768;
  const std::int64_t smallest = volume < (std::int64_t{1} << 34) ? 256 : 1024;
  std::vector<gemm_shape> result;
  for (std::int64_t m = smallest; m <= largest; m += 128) {
    for (std::int64_t n = smallest; volume % m == 0 && n <= largest; n += 128) {
      if (volume / m % n != 0) continue;
      const std::int64_t k = volume / m / n;
      if (k % 64 == 0 && k >= smallest && k <= largest) {
        result.push_back({type, m, n, k, 1, only_b_transposed(type)});
      }
    }
  }
  std::stable_sort(result.begin(), result.end(), [](const gemm_shape& left, const gemm_shape& right) {
    const auto faces = [](const gemm_shape& s) { return s.m * s.n + s.m * s.k + s.n * s.k; };
    return faces(left) < faces(right);
  });
  if (result.size() > most) result.resize(most);
  return result;
}

}  // namespace gpubench::cuda
