#include "bench/cuda/module/gemm_operands.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/operands.cuh"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::cuda {

namespace {

using kernels::gemm_entry;
using kernels::gemm_shape;
using kernels::storage;

double elements_a(const gemm_shape& shape) {
  return static_cast<double>(shape.batch) * static_cast<double>(shape.m) * static_cast<double>(shape.k);
}
double elements_b(const gemm_shape& shape) {
  return static_cast<double>(shape.batch) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
}
double elements_c(const gemm_shape& shape) {
  return static_cast<double>(shape.batch) * static_cast<double>(shape.m) * static_cast<double>(shape.n);
}

double bytes_a(const gemm_shape& shape) {
  return kernels::bytes_of(shape.type, elements_a(shape));
}
double bytes_b(const gemm_shape& shape) {
  return kernels::bytes_of(kernels::type_of_b(shape.type), elements_b(shape));
}
double bytes_c(const gemm_shape& shape) {
  return kernels::bytes_of(kernels::type_of_c(shape.type), elements_c(shape));
}

double block_scale_bytes(const gemm_shape& shape) {
  return shape.type == storage::fp4 ? (elements_a(shape) + elements_b(shape)) / kernels::fp4_block : 0;
}

/// Largest over the shapes, in whole bytes.
template <class Measure>
std::size_t largest(const std::vector<gemm_shape>& room, const Measure& bytes) {
  double most = 0;
  for (const auto& shape : room) most = std::max(most, bytes(shape));
  return static_cast<std::size_t>(std::ceil(most));
}

std::uint64_t unsigned_of(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

std::size_t scale_buffer_bytes(storage type, const std::vector<gemm_shape>& room, std::int64_t gemm_shape::*rows) {
  if (kernels::is_fp8(type)) return sizeof(float);
  if (type != storage::fp4) return 0;
  std::uint64_t most = 0;
  for (const auto& shape : room) {
    most = std::max(most, kernels::scale_bytes(unsigned_of(shape.*rows), unsigned_of(shape.k) / kernels::fp4_block));
  }
  return most;
}

/// Nothing for no bytes.
device_buffer buffer_of(std::size_t bytes) {
  return bytes > 0 ? device_buffer(bytes) : device_buffer();
}

struct type_requirement {
  int major, minor;
  const char* what;
};

/// First devices whose units multiply the type; older ones emulate it, many times slower than their own precisions:
/// that is no figure to plan with. Source: CUDA C++ Programming Guide, "Tensor core data types by compute capability".
std::optional<type_requirement> requirement_of(storage type) {
  switch (type) {
    case storage::fp16:
      return type_requirement{7, 0, "fp16 tensor cores"};
    case storage::int8:
      return type_requirement{7, 5, "int8 tensor cores"};
    case storage::bf16:
      return type_requirement{8, 0, "bf16 tensor cores"};
    case storage::tf32:
      return type_requirement{8, 0, "tf32 tensor cores"};
    case storage::fp8_e4m3:
    case storage::fp8_e5m2:
      return type_requirement{8, 9, "fp8 tensor cores"};
    case storage::fp4:
      return type_requirement{10, 0, "fp4 tensor cores"};
    default:
      return std::nullopt;
  }
}

/// Elements in 16 bytes, of which k and n must be multiples: cuBLAS documentation, "cublasLtMatmul", on the regular
/// layout of int8, on fp8 and on fp4. fp4's rows also hold whole blocks.
std::int64_t granule_of(storage type) {
  return only_b_transposed(type) ? 128 / kernels::bits_of(type) : 1;
}

}  // namespace

double gemm_bytes(const gemm_shape& shape) {
  return bytes_a(shape) + bytes_b(shape) + bytes_c(shape) + block_scale_bytes(shape);
}

double gemm_flop(const gemm_shape& shape) {
  return 2 * elements_a(shape) * static_cast<double>(shape.n);
}

bool gemm_fits(const std::vector<gemm_shape>& room, const device_properties& device) {
  constexpr double workspace_bytes = 32 << 20;
  // Scales are padded to whole tiles, which matters only where there are few.
  constexpr double padding_bytes = 1 << 20;
  const auto bytes = static_cast<double>(largest(room, bytes_a) + largest(room, bytes_b) + largest(room, bytes_c) +
                                         largest(room, block_scale_bytes));
  return bytes + 2 * device.l2_bytes + workspace_bytes + padding_bytes <= usable_memory_fraction * device.memory_bytes;
}

bool only_b_transposed(storage type) {
  return kernels::bits_of(type) <= 8;
}

bool slow_fp64(storage type, const device_properties& device) {
  if (type != storage::fp64) return false;
  // CUDA C++ Programming Guide, "Throughput of Native Arithmetic Instructions".
  const bool full_rate = device.minor == 0 && device.major >= 6 && device.major <= 10;
  return !full_rate;
}

std::optional<std::string> gemm_unsuitable(const gemm_shape& shape) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  if (std::max({shape.m, shape.n, shape.k, shape.batch}) > most) return "cuBLASLt takes sizes below 2^31";
  const std::int64_t granule = granule_of(shape.type);
  if (shape.n % granule != 0 || shape.k % granule != 0) {
    return "n and k must be multiples of " + std::to_string(granule) + " in this precision";
  }
  if (only_b_transposed(shape.type) && !shape.b_transposed) return "this precision takes B only as n x k";
  if (shape.type == storage::fp4 && shape.batch > 1) return "fp4 is measured without a batch";
  // |a b| <= 2^14, so fewer than 2^17 of them stay within int32.
  if (shape.type == storage::int8 && shape.k >= (std::int64_t{1} << 17)) {
    return "sums of 2^17 products or more can exceed int32";
  }
  return std::nullopt;
}

std::optional<std::string> gemm_unavailable(const gemm_shape& shape, const device_properties& device) {
  if (auto reason = gemm_unsuitable(shape)) return reason;
  const auto required = requirement_of(shape.type);
  if (required && !device.at_least(required->major, required->minor)) {
    return std::string(required->what) + " come with compute capability " + std::to_string(required->major) + "." +
           std::to_string(required->minor) + "; this device has " + device.compute_capability;
  }
  if (!gemm_fits({shape}, device)) return "the matrices do not fit the device's memory";
  if (auto reason = cublaslt_unavailable()) return reason;
  if (shape.type == storage::fp4) {
    if (auto reason = cublaslt_lacks_fp4()) return reason;
  }
  return no_code_for(device);
}

gemm_operands::gemm_operands(storage type, const std::vector<gemm_shape>& room, cudaStream_t stream)
    : type_(type),
      stream_(stream),
      a_(largest(room, bytes_a)),
      b_(largest(room, bytes_b)),
      c_(largest(room, bytes_c)),
      scale_a_(buffer_of(scale_buffer_bytes(type, room, &gemm_shape::m))),
      scale_b_(buffer_of(scale_buffer_bytes(type, room, &gemm_shape::n))) {
  const auto fill = [&](storage stored, const device_buffer& matrix, std::uint64_t operand) {
    const std::uint64_t elements = matrix.bytes() * 8 / static_cast<unsigned>(kernels::bits_of(stored));
    kernels::launch_operand_fill(stored, matrix.data(), elements, operand, stream);
    GPUBENCH_CUDA(cudaGetLastError());
  };
  fill(type, a_, kernels::gemm_operand_a);
  fill(kernels::type_of_b(type), b_, kernels::gemm_operand_b);
  if (kernels::is_fp8(type)) {
    for (const auto* scale : {&scale_a_, &scale_b_}) {
      GPUBENCH_CUDA(cudaMemcpyAsync(scale->data(), &kernels::fp8_scale, sizeof(float), cudaMemcpyHostToDevice, stream));
    }
  }
  if (type == storage::fp4) ready(room.front());
  wait_for(stream, "filling the operands of a matrix product");
}

matmul_problem gemm_operands::problem(const gemm_shape& shape) const {
  matmul_problem result;
  result.m = shape.m;
  result.n = shape.n;
  result.k = shape.k;
  result.batch = shape.batch;
  result.a = type_;
  result.b = kernels::type_of_b(type_);
  result.c = kernels::type_of_c(type_);
  result.b_transposed = shape.b_transposed;
  result.scale_a = scale_a_.data();
  result.scale_b = scale_b_.data();
  result.fast_accumulation = type_ == storage::fp8_e4m3;
  return result;
}

void gemm_operands::ready(const gemm_shape& shape) {
  if (type_ == storage::fp4) {
    // Where a scale lies depends on the shape.
    const auto k = unsigned_of(shape.k);
    kernels::launch_fp4_scale_fill(scale_a_.as<std::uint8_t>(), unsigned_of(shape.m), k, kernels::gemm_operand_a,
                                   stream_);
    kernels::launch_fp4_scale_fill(scale_b_.as<std::uint8_t>(), unsigned_of(shape.n), k, kernels::gemm_operand_b,
                                   stream_);
    GPUBENCH_CUDA(cudaGetLastError());
  }
  GPUBENCH_CUDA(cudaMemsetAsync(c_.data(), 0xff, c_.bytes(), stream_));
  wait_for(stream_, "readying the operands of a matrix product");
}

verification gemm_operands::verify(const gemm_shape& shape) const {
  constexpr std::uint64_t scattered = 56;
  double worst = 0;
  const auto look = [&](const gemm_entry& where) {
    if (std::isnan(worst)) return;
    const double error = kernels::gemm_entry_error(shape, where, entry(shape, where));
    if (!(error <= worst)) worst = error;
  };
  for (const std::int64_t batch : {std::int64_t{0}, shape.batch - 1}) {
    for (const std::int64_t row : {std::int64_t{0}, shape.m - 1}) {
      for (const std::int64_t column : {std::int64_t{0}, shape.n - 1}) look({row, column, batch});
    }
  }
  const auto any_below = [](std::uint64_t number, std::int64_t count) {
    return static_cast<std::int64_t>(kernels::mix_bits(number) % unsigned_of(count));
  };
  for (std::uint64_t i = 0; i < scattered; ++i) {
    look({any_below(3 * i, shape.m), any_below(3 * i + 1, shape.n), any_below(3 * i + 2, shape.batch)});
  }
  const char* compared = type_ == storage::int8
                             ? "64 entries of C against exact dot products, in halves of a unit"
                             : "64 entries of C against dot products in extended precision, in units of their rounding "
                               "bound";
  return {compared, worst, 1};
}

double gemm_operands::entry(const gemm_shape& shape, const gemm_entry& where) const {
  const auto fetch = [&](auto value) {
    const auto* from = c_.as<decltype(value)>() + kernels::place_in_c(shape, where);
    GPUBENCH_CUDA(cudaMemcpy(&value, from, sizeof value, cudaMemcpyDeviceToHost));
    return value;
  };
  switch (kernels::type_of_c(type_)) {
    case storage::fp64:
      return fetch(double{});
    case storage::fp16:
      return kernels::from_fp16(fetch(std::uint16_t{}));
    case storage::bf16:
      return kernels::from_bf16(fetch(std::uint16_t{}));
    case storage::int32:
      return fetch(std::int32_t{});
    default:
      return fetch(float{});
  }
}

method_notes gemm_operands::notes() const {
  switch (type_) {
    case storage::int8:
      return {{"operands", "uniform in [-128, 127]"}};
    case storage::fp8_e4m3:
      return {{"operands", "uniform in [-1, 1), A and B in e4m3 with one scale each, C in bf16"},
              {"accumulation", "fast: partial sums stay in the tensor cores"}};
    case storage::fp8_e5m2:
      return {{"operands", "uniform in [-1, 1), A in e5m2 and B in e4m3 with one scale each, C in bf16"},
              {"accumulation", "partial sums are promoted to fp32"}};
    case storage::fp4:
      return {
          {"operands", "uniform in [-6, 6) in e2m1, e4m3 scales in [1/2, 1] for every 16 elements along k, C in bf16"}};
    default:
      return {{"operands", "uniform in [-1, 1)"}};
  }
}

std::string text_of(const gemm_shape& shape) {
  std::string text = "m=" + std::to_string(shape.m) + " n=" + std::to_string(shape.n) + " k=" + std::to_string(shape.k);
  if (shape.batch > 1) text += " batch=" + std::to_string(shape.batch);
  return text;
}

std::string layout_text(const gemm_shape& shape) {
  return shape.b_transposed ? "A m x k, B n x k (as a linear layer's weights), row-major"
                            : "A m x k, B k x n, row-major";
}

}  // namespace gpubench::cuda
