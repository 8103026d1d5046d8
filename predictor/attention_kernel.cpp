#include "predictor/attention_kernel.hpp"

#include <algorithm>
#include <cmath>

#include "predictor/sustained_clock.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

constexpr attention_kernel plain{64, false, 1, 0.82, 0.75e-6, 1.3, 3.8e-6, 0.75e-6, 4.6e-6, 128, 2, false};
constexpr attention_kernel bulk_copying{128, true, 1.25, 1, 1.4e-6, 1, 1.65e-6, 2.8e-6, 1.35e-6, 32, 1, true};
// Volta and Turing have no FlashAttention-2 and run the older kernels that keep scores out of memory.
constexpr attention_kernel early = [] {
  attention_kernel k = plain;
  k.tensor_share = 0.45;
  return k;
}();

// Share of its boost clock that a GPU holds under its power limit at this share of its tensor rate.
double clock_share(const gpu_traits& on, precision p, double tensor_share) {
  const power_load load{tensor_unit_of(p), tensor_share * attention_peak(on, p) / on.boost_clock_hertz, 0};
  return sustained_clock_hertz(on, load) / on.boost_clock_hertz;
}

}  // namespace

const attention_kernel& attention_kernel_for(const gpu_traits& on) {
  if (on.generation >= 3.5 && on.stacked_memory) return bulk_copying;
  return on.generation < 2 ? early : plain;
}

double attention_peak(const gpu_traits& on, precision p) {
  for (const precision q : {p, precision::bf16, precision::fp16}) {
    if (on.peak_of(q) > 0) return on.peak_of(q);
  }
  return on.vector_fp32_flop_per_second;
}

double attention_pair_seconds(const gpu_traits& on, precision p, double key_width, double value_width,
                              double efficiency) {
  const double peak = attention_peak(on, p);
  const double exponentials_a_clock = on.generation > 4.55 && on.generation < 5 ? 32 : 16;
  const double exponential = 1 / (exponentials_a_clock * on.multiprocessors * on.boost_clock_hertz);
  const double width = (key_width + value_width) / 2;
  const double narrow = std::clamp(1.5 * (exponential * peak / 512 - 0.17), 0.0, 0.6) * std::max(0.0, 128 / width - 1);
  const double products = 4 * width / (peak * efficiency * clock_share(on, p, efficiency)) * (1 + narrow);
  return std::cbrt(products * products * products + exponential * exponential * exponential);
}

double share_in_l2(const gpu_traits& on, double bytes) {
  return std::clamp((on.l2_bytes - bytes) / (0.4 * on.l2_bytes), 0.0, 1.0);
}

double attention_bytes(const models::attention& a, precision p) {
  const auto keys = static_cast<double>(a.kv_len), width = static_cast<double>(a.head_dim);
  const auto value_width = static_cast<double>(a.value_width());
  const double seen = a.window > 0 && a.causal ? std::min(keys, static_cast<double>(a.window + a.q_len - 1)) : keys;
  const double cached = a.values_in_keys ? width : width + value_width;
  return static_cast<double>(a.batch) * models::bytes_per_element(p) *
         (static_cast<double>(a.heads) * static_cast<double>(a.q_len) * (width + value_width) +
          static_cast<double>(a.kv_heads) * seen * cached);
}

}  // namespace gpubench::predictor
