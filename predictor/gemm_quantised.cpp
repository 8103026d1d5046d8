#include "predictor/gemm_quantised.hpp"

#include "predictor/gemm_memory.hpp"
#include "predictor/gemm_tensor.hpp"
#include "predictor/gemm_tiles.hpp"
#include "predictor/gemm_time.hpp"
#include "predictor/tensor_cores.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

enum : std::size_t {
  main_loop_efficiency,
  launch_seconds,
  epilogue_cycles_per_byte,
  memory_efficiency,
  latency_seconds,
  overlap_loss,
  throttle_loss,
  quantise_efficiency,
  ragged_loss,
  eager_floor_seconds,
};

/// Fitted on H100-SXM5-80GB (fp8, sglang; the same source).
constexpr coefficient coefficients[] = {
    {"main_loop_efficiency", 1.18, 0.6, 1.28, 0.08},
    {"launch_seconds", 4.45e-6, 2e-6, 20e-6, 0.3},
    {"epilogue_cycles_per_byte", 0.19, 0.01, 0.8, 0.3},
    {"memory_efficiency", 0.89, 0.6, 0.97, 0.05},
    {"latency_seconds", 0.73e-6, 0.05e-6, 6e-6, 0.5},
    {"overlap_loss", 0.34, 0.02, 1, 0.4},
    {"throttle_loss", 2.0, 0.02, 4, 0.6},
    {"quantise_efficiency", 0.55, 0.1, 1.5, 0.3},
    {"ragged_loss", 0.17, 0.01, 0.6, 0.5},
    {"eager_floor_seconds", 60e-6, 8e-6, 300e-6, 0.4, true},
};

constexpr double throttle_seconds = 5e-3;
/// As fitted on bf16 products (gemm_tensor.cpp).
constexpr double l2_bytes_per_cycle = 35, l2_share = 0.35;
constexpr double sixteen_bits = 2;

kernel_time time(const gpu_traits& on, const operator_call& call, const double* v) {
  const models::gemm& g = std::get<models::gemm>(call.shape);
  const tensor_cores& cores = tensor_cores_of(on);
  const double m = static_cast<double>(g.m), n = static_cast<double>(g.n), k = static_cast<double>(g.k);
  const double batch = static_cast<double>(g.batch), sms = on.multiprocessors;
  const double in = models::bytes_per_element(call.precision);
  const double out = models::bytes_per_element(*g.output);

  const double rows = m <= 128 ? 64 : 128, columns = m <= 64 ? 64 : 128;
  const double pair = m > 256 && cores.asynchronous ? 2 : 1;
  const double tiles = pair * round_up(m / (pair * rows)) * round_up(n / columns) * batch;

  const double rate = sustained_tensor_rate(on, call.precision) * v[main_loop_efficiency] * cores.issue_efficiency;
  const gemm_memory memory = {dram_rate(on, v[memory_efficiency]),
                              v[latency_seconds] * on.memory_bandwidth_bytes_per_second,
                              l2_bytes_per_cycle * cores.l2_width * on.boost_clock_hertz * sms, on.l2_bytes * l2_share};
  const double dram = operand_seconds(memory, batch * k * n * in, batch * (m * k * in + m * n * out));
  const double wave =
      rows * columns *
      (2 * k * sms / rate + v[epilogue_cycles_per_byte] * cores.exposed_epilogue * out / on.boost_clock_hertz);
  const double waves = tiles / sms, whole = round_up(waves);
  const double arithmetic = whole * wave;
  const double product = std::max(arithmetic, overlapped(whole > 1 ? waves * wave : arithmetic, dram, v[overlap_loss]));

  bound limit = arithmetic > dram ? bound::compute : bound::memory;
  if (product < v[launch_seconds]) limit = bound::overhead;
  double seconds = v[launch_seconds] + product;
  const double utilisation = 2 * batch * m * n * k / (on.peak_of(call.precision) * seconds);
  seconds = throttled(seconds, utilisation, v[throttle_loss], throttle_seconds);
  if (g.m > 256 && g.m % 128 != 0) seconds *= 1 + v[ragged_loss];
  seconds += batch * m * k * (sixteen_bits + in) / (on.memory_bandwidth_bytes_per_second * v[quantise_efficiency]);
  return with_floor({seconds, limit}, call.how, v[eager_floor_seconds]);
}

}  // namespace

bool quantises_activations(const operator_call& call) {
  const auto* g = std::get_if<models::gemm>(&call.shape);
  if (!g || !g->output) return false;
  const double in = models::bytes_per_element(call.precision);
  return in <= 1 && models::bytes_per_element(*g->output) > in;
}

const operator_family gemm_quantised = {"gemm_quantised", coefficients, quantises_activations, time, gemm_features};

}  // namespace gpubench::predictor
