#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cublas.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/timer.hpp"
#include "kernels/gemm_check.hpp"
#include "kernels/operands.cuh"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::cuda {

namespace {

using kernels::gemm_shape;
using kernels::storage;

struct gemm_description {
  storage type;
  const char* name;
  const char* precision;
  const char* text;
};

constexpr gemm_description descriptions[] = {
    {storage::fp64, "gemm_fp64", "fp64", "Matrix product in double precision by cuBLAS"},
    {storage::fp32, "gemm_fp32", "fp32", "Matrix product in single precision by cuBLAS, without TF32"},
    {storage::tf32, "gemm_tf32", "tf32", "Matrix product of fp32 matrices on TF32 tensor cores by cuBLAS"},
    {storage::fp16, "gemm_fp16", "fp16", "Matrix product in fp16 with fp32 accumulation by cuBLAS"},
    {storage::bf16, "gemm_bf16", "bf16", "Matrix product in bf16 with fp32 accumulation by cuBLAS"},
};

gemm_shape shape_of(storage type, const parameters& values) {
  return {type, positive_parameter(values, "m"), positive_parameter(values, "n"), positive_parameter(values, "k")};
}

double matrix_bytes(const gemm_shape& shape) {
  const auto m = static_cast<double>(shape.m);
  const auto n = static_cast<double>(shape.n);
  const auto k = static_cast<double>(shape.k);
  return (m * k + k * n + m * n) * kernels::bytes_of(shape.type);
}

bool fits(const gemm_shape& shape, const device_properties& device) {
  return matrix_bytes(shape) + 2 * device.l2_bytes <= usable_memory_fraction * device.memory_bytes;
}

class gemm_case final : public prepared_case {
 public:
  gemm_case(const gemm_shape& shape, const device_properties& device)
      : shape_(shape),
        timer_(device, "a matrix product"),
        a_(bytes(shape.m, shape.k)),
        b_(bytes(shape.k, shape.n)),
        c_(bytes(shape.m, shape.n)),
        gemm_(shape, timer_.stream()) {
    fill(a_, kernels::gemm_operand_a);
    fill(b_, kernels::gemm_operand_b);
    // A NaN in every type: an entry that was not written fails the check.
    GPUBENCH_CUDA(cudaMemsetAsync(c_.data(), 0xff, c_.bytes(), timer_.stream()));
    GPUBENCH_CUDA(cudaStreamSynchronize(timer_.stream()));
  }

  sample_times sample() override {
    return timer_.cold([this] { gemm_.enqueue(a_.data(), b_.data(), c_.data()); });
  }

  /// The corners, where partial tiles are, and entries all over.
  verification verify() override {
    constexpr std::uint64_t scattered = 60;
    double worst = 0;
    const auto look = [&](std::int64_t row, std::int64_t column) {
      if (std::isnan(worst)) return;
      const double error = kernels::gemm_entry_error(shape_, row, column, entry(row, column));
      if (!(error <= worst)) worst = error;
    };
    for (const std::int64_t row : {std::int64_t{0}, shape_.m - 1}) {
      for (const std::int64_t column : {std::int64_t{0}, shape_.n - 1}) look(row, column);
    }
    for (std::uint64_t i = 0; i < scattered; ++i) {
      const auto row = kernels::mix_bits(2 * i) % static_cast<std::uint64_t>(shape_.m);
      const auto column = kernels::mix_bits(2 * i + 1) % static_cast<std::uint64_t>(shape_.n);
      look(static_cast<std::int64_t>(row), static_cast<std::int64_t>(column));
    }
    return {"64 entries of C against dot products in extended precision, in units of their rounding bound", worst, 1};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("operands", "uniform in [-1, 1)");
    return result;
  }

 private:
  std::size_t bytes(std::int64_t rows, std::int64_t columns) const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) *
           static_cast<std::size_t>(kernels::bytes_of(shape_.type));
  }

  void fill(const device_buffer& matrix, std::uint64_t operand) {
    const std::uint64_t elements = matrix.bytes() / static_cast<std::size_t>(kernels::bytes_of(shape_.type));
    kernels::launch_operand_fill(shape_.type, matrix.data(), elements, operand, timer_.stream());
    GPUBENCH_CUDA(cudaGetLastError());
  }

  template <class T>
  T fetch(std::int64_t row, std::int64_t column) const {
    T value{};
    GPUBENCH_CUDA(cudaMemcpy(&value, c_.as<T>() + row * shape_.n + column, sizeof value, cudaMemcpyDeviceToHost));
    return value;
  }

  double entry(std::int64_t row, std::int64_t column) const {
    switch (shape_.type) {
      case storage::fp64:
        return fetch<double>(row, column);
      case storage::fp16:
        return kernels::from_fp16(fetch<std::uint16_t>(row, column));
      case storage::bf16:
        return kernels::from_bf16(fetch<std::uint16_t>(row, column));
      default:
        return fetch<float>(row, column);
    }
  }

  gemm_shape shape_;
  timer timer_;
  device_buffer a_, b_, c_;
  cublas_gemm gemm_;
};

class gemm_benchmark final : public benchmark {
 public:
  explicit gemm_benchmark(const gemm_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision,
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.0};
  }

  /// 2 m n k FLOP (a multiply-add is two); each matrix moved once.
  gpubench_module_work work(const parameters& values) const override {
    const gemm_shape shape = shape_of(described_.type, values);
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = 1;
    result.flop = 2.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
    result.bytes = matrix_bytes(shape);
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    std::vector<parameters> result;
    const auto add = [&](std::int64_t m, std::int64_t n, std::int64_t k) {
      if (!fits({described_.type, m, n, k}, device)) return;
      result.push_back(make_parameters({{"m", m}, {"n", n}, {"k", k}}));
    };
    const std::int64_t large = slow_on(device) ? 2048 : 8192;
    add(large, large, large);
    if (suite == GPUBENCH_MODULE_QUICK) return result;
    add(large / 2, large / 2, large / 2);
    // 4,096 tokens through the feed-forward block of an 8-billion-parameter Llama 3 (hidden 4,096, inner 14,336).
    if (!slow_on(device)) add(4096, 14336, 4096);
    if (suite == GPUBENCH_MODULE_STANDARD) return result;
    if (!slow_on(device)) {
      add(16384, 16384, 16384);
      add(4096, 4096, 14336);
    }
    add(large / 4, large / 4, large / 4);
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const gemm_shape shape = shape_of(described_.type, values);
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    if (std::max({shape.m, shape.n, shape.k}) > most) return "cuBLAS takes sizes below 2^31";
    if (described_.type == storage::fp16 && !device.at_least(7, 0)) return needs("7.0", device);
    // Older devices emulate bf16, many times slower than their own precisions: that is no figure to plan with.
    if (described_.type == storage::bf16 && !device.at_least(8, 0)) return needs("8.0", device);
    if (described_.type == storage::tf32 && !device.at_least(8, 0)) return needs("8.0", device);
    if (!fits(shape, device)) return "the matrices do not fit the device's memory";
    if (auto reason = cublas_unavailable()) return reason;
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<gemm_case>(shape_of(described_.type, values), device);
  }

 private:
  std::string needs(const char* capability, const device_properties& device) const {
    return std::string(described_.precision) + " tensor cores come with compute capability " + capability +
           "; this device has " + device.compute_capability;
  }

  /// fp64 units are few (1/32 or 1/64 of fp32) outside these: CUDA C++ Programming Guide, "Throughput of Native
  /// Arithmetic Instructions". A product of 8,192 squared matrices would take seconds.
  bool slow_on(const device_properties& device) const {
    if (described_.type != storage::fp64) return false;
    const bool full_rate = device.minor == 0 && device.major >= 6 && device.major <= 10;
    return !full_rate;
  }

  gemm_description described_;
};

const registration<gemm_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
