#include "predictor/tensor_cores.hpp"

#include "predictor/sustained_clock.hpp"

namespace gpubench::predictor {
namespace {

/// Issue efficiency and hidden shares: A100 and H100 bf16 products (ai-dynamo/aiconfigurator gemm tables, 2026-08-21)
/// agree on the other coefficients with these. Widths: L2 read bandwidth of A100-80GB, H100-PCIe, H200 and L40, 5.4,
/// 7.1, 10.5 and 5.2 TB/s, over multiprocessors and clock: 36, 36, 40 and 15 bytes a cycle (te42kyfo/gpu-benches
/// gpu-l2-cache, 2024-06-21). Multicast: a cluster of two shares either operand; two Blackwell multiprocessors also
/// share the second operand of one instruction (PTX ISA, tcgen05.mma with cta_group::2). Their accumulators lie in a
/// memory of their own, so that the next tile starts at once: bf16 with k of 1024 reaches 1769 TFLOP/s on B300 and fp8
/// with k of 1536 3616 on GB200 (stas00/ml-engineering, 2026-08-22).
constexpr tensor_cores synchronous_stacked = {false, 0.93, 1, 1, 1, 1};
constexpr tensor_cores synchronous_gddr = {false, 0.93, 1, 1, 1, 0.45};
constexpr tensor_cores hopper = {true, 1, 2, 0.5, 0.1, 1};
/// Other makers' parts: best bf16 product of MI300X, MI325X and MI355X, 668, 785 and 1565 TFLOP/s
/// (stas00/ml-engineering, 2026-08-22).
constexpr tensor_cores other_makers = {true, 0.73, 2, 0.5, 0.1, 1};
constexpr tensor_cores blackwell = {true, 1, 3, 0.1, 0.1, 1};

}  // namespace

const tensor_cores& tensor_cores_of(const gpu_traits& on) {
  if (on.generation > 10) return other_makers;
  if (!on.stacked_memory) return synchronous_gddr;
  if (on.generation < 3.25) return synchronous_stacked;
  return on.generation < 4 ? hopper : blackwell;
}

double sustained_tensor_rate(const gpu_traits& on, models::precision p) {
  const double peak = on.peak_of(p);
  const double clock = sustained_clock_hertz(on, {tensor_unit_of(p), peak / on.boost_clock_hertz, 0});
  return peak * clock / on.boost_clock_hertz;
}

}  // namespace gpubench::predictor
