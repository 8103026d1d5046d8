#include "predictor/gemm_tensor.hpp"

#include "predictor/gemm_memory.hpp"
#include "predictor/gemm_quantised.hpp"
#include "predictor/gemm_tiles.hpp"
#include "predictor/gemm_time.hpp"
#include "predictor/tensor_cores.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

enum : std::size_t {
  main_loop_efficiency,
  l2_bytes_per_cycle,
  launch_seconds,
  epilogue_cycles_per_byte,
  reduction_seconds,
  memory_efficiency,
  latency_seconds,
  overlap_loss,
  throttle_loss,
  l2_share,
  eager_floor_seconds,
};

/// Fitted on A100-SXM4-80GB and H100-SXM5-80GB together (bf16, ai-dynamo/aiconfigurator gemm tables of sglang,
/// 2026-08-21, folds 1 to 9); spreads from the two fitted apart.
constexpr coefficient coefficients[] = {
    {"main_loop_efficiency", 1.0, 0.6, 1.15, 0.05},
    {"l2_bytes_per_cycle", 35, 10, 80, 0.15},
    {"launch_seconds", 2.6e-6, 1e-6, 8e-6, 0.1},
    {"epilogue_cycles_per_byte", 0.105, 0.01, 0.5, 0.2},
    {"reduction_seconds", 2.3e-6, 0.2e-6, 8e-6, 0.35},
    {"memory_efficiency", 0.887, 0.6, 0.97, 0.03},
    {"latency_seconds", 1.4e-6, 0.05e-6, 6e-6, 0.6},
    {"overlap_loss", 0.31, 0.02, 1, 0.3},
    {"throttle_loss", 0.14, 0.01, 0.6, 0.6},
    {"l2_share", 0.35, 0.25, 1, 0.15},
    {"eager_floor_seconds", 33e-6, 4e-6, 150e-6, 0.4, true},
};

constexpr double throttle_seconds = 1.2e-3;
/// Partial sums go through L2, which is about three times as fast as DRAM.
constexpr double l2_over_dram = 3;
constexpr double partial_sum_bytes = 4;

/// A small matrix-vector product has a kernel of its own without tiles: a block walks along a row of the matrix, and
/// several share a long one. Cycles an element of k, from m = 1, n <= 256 of the data that the coefficients stand on;
/// beyond some millions of elements either kernel waits for memory.
constexpr double vector_kernel_cycles = 2.5, vector_kernel_most_steps = 2500, vector_kernel_most_elements = 4e6;

bool covers(const operator_call& call) {
  return std::holds_alternative<models::gemm>(call.shape) && call.precision != precision::fp32 &&
         !quantises_activations(call);
}

/// Rows of operands and result that do not start at multiples of 16 bytes need narrower loads and stores. Source:
/// NVIDIA, "Matrix Multiplication Background User's Guide", requirements to use tensor cores. The steps are estimates:
/// padding GPT-2's vocabulary of 50257 to 50304 is reported to make a training step a quarter faster (A. Karpathy,
/// nanoGPT, 2023).
double alignment_slowdown(const models::gemm& g, double bytes) {
  const auto row_bytes = [bytes](std::int64_t elements) { return static_cast<std::int64_t>(bytes * elements); };
  const std::int64_t low_bits = row_bytes(g.k) | row_bytes(g.n);
  if (low_bits % 16 == 0) return 1;
  return low_bits % 8 == 0 ? 1.08 : low_bits % 4 == 0 ? 1.2 : 1.5;
}

kernel_time time(const gpu_traits& on, const operator_call& call, const double* v) {
  const models::gemm& g = std::get<models::gemm>(call.shape);
  const tensor_cores& cores = tensor_cores_of(on);
  const double m = static_cast<double>(g.m), n = static_cast<double>(g.n), k = static_cast<double>(g.k);
  const double batch = static_cast<double>(g.batch), sms = on.multiprocessors;
  const double in = models::bytes_per_element(call.precision);
  const precision written = g.output.value_or(call.precision);
  const double out = !g.output && written == precision::int8 ? 4 : models::bytes_per_element(written);

  const double rate = sustained_tensor_rate(on, call.precision) * v[main_loop_efficiency] * cores.issue_efficiency;
  const double seconds_per_mac = 2 * sms / rate * alignment_slowdown(g, in);
  // What one multiprocessor can take; all of them together may be held by L2's total.
  const double l2_seconds_per_byte = 1 / (v[l2_bytes_per_cycle] * cores.multicast * on.boost_clock_hertz);
  const double crowding = 1 / cores.l2_width;
  const gemm_memory memory = {dram_rate(on, v[memory_efficiency]),
                              v[latency_seconds] * cores.exposed_latency * on.memory_bandwidth_bytes_per_second,
                              v[l2_bytes_per_cycle] * cores.l2_width * on.boost_clock_hertz * sms,
                              on.l2_bytes * v[l2_share]};
  const double stored = g.weights ? models::bytes_per_element(*g.weights) : in;
  const double dram = operand_seconds(memory, batch * k * n * stored, batch * (m * k * in + m * n * out));
  const double epilogue_per_element = v[epilogue_cycles_per_byte] * cores.exposed_epilogue * out / on.boost_clock_hertz;
  const double reduction_per_part = batch * m * n * partial_sum_bytes / (l2_over_dram * memory.dram_bytes_per_second);

  constexpr double none = 1e30;
  double least = none, least_arithmetic = 0;
  const auto consider = [&](double wave, double waves, double reduction) {
    const double whole = round_up(waves);
    const double arithmetic = whole * wave;
    if (arithmetic + reduction >= least) return;
    const double seconds =
        std::max(arithmetic, overlapped(whole > 1 ? waves * wave : arithmetic, dram, v[overlap_loss])) + reduction;
    if (seconds >= least) return;
    least = seconds;
    least_arithmetic = arithmetic;
  };
  // Double precision has no tensor kernels of one row at all.
  if ((g.m == 1 || g.n == 1) &&
      (n * k * m < vector_kernel_most_elements || call.precision == models::precision::fp64)) {
    consider(std::min(k, vector_kernel_most_steps) * vector_kernel_cycles / on.boost_clock_hertz, 1, 0);
  }
  const double per_multiprocessor = 1 / sms;
  const gemm_tiles choice = tiles_for(cores.asynchronous, m, n, batch, sms);
  for (int i = 0; i < choice.count; ++i) {
    const auto [rows, columns] = choice.tile[static_cast<std::size_t>(i)];
    const double waves = round_up(m / rows) * round_up(n / columns) * batch * per_multiprocessor;
    const double arithmetic = k * rows * columns * seconds_per_mac;
    const double operands = k * (rows * in + columns * stored) * l2_seconds_per_byte;
    const double epilogue = rows * columns * epilogue_per_element;
    const auto loop = [&](double busy) { return std::max(arithmetic, operands * std::max(1.0, busy * crowding)); };
    consider(loop(std::min(1.0, waves)) + epilogue, waves, 0);
    // A split saves idle multiprocessors, no arithmetic.
    if (waves * loop(std::min(1.0, waves)) + v[reduction_seconds] >= least) continue;
    if (const double split = split_of(waves, k); split > 1) {
      consider(loop(std::min(1.0, waves * split)) / split + epilogue, waves * split,
               v[reduction_seconds] + (split + 1) * reduction_per_part);
    }
  }
  bound limit = least_arithmetic > dram ? bound::compute : bound::memory;
  if (least < v[launch_seconds]) limit = bound::overhead;
  const double seconds = v[launch_seconds] + least;
  const double utilisation = 2 * batch * m * n * k / (on.peak_of(call.precision) * seconds);
  return with_floor({throttled(seconds, utilisation, v[throttle_loss], throttle_seconds), limit}, call.how,
                    v[eager_floor_seconds]);
}

}  // namespace

feature_vector gemm_features(const operator_call& call) {
  const models::gemm& g = std::get<models::gemm>(call.shape);
  const auto octaves = [](std::int64_t size) { return std::log2(static_cast<float>(size)); };
  // Types of different size share little of their kernels; a ragged m is half an octave away from a whole one.
  const float width = 3 * std::log2(static_cast<float>(models::bytes_per_element(call.precision)));
  return {octaves(g.m), octaves(g.n), octaves(g.k), octaves(g.batch), width, g.m % 8 == 0 ? 0.f : 0.5f};
}

const operator_family gemm_tensor = {"gemm_tensor", coefficients, covers, time, gemm_features};

}  // namespace gpubench::predictor
