#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "serving/lengths.hpp"
#include "serving/request.hpp"

namespace gpubench::serving {

/// A renewal process of arrivals with independent lengths.
struct request_mix {
  double rate_per_second = 1;
  double interval_cv = 1;  ///< of the times between arrivals, gamma: 1 Poisson, 0 a metronome, above 1 bursts
  length_distribution prompts, outputs;
};

/// Requests drawn from a mix. Arrivals, prompts and outputs have random streams of their own, and only the rate scales
/// time: two mixes of one seed that differ in their rate see the same requests in the same order (common random
/// numbers). Boost's variates, so that every platform draws the same.
class generated_requests : public request_source {
 public:
  /// @throws error: usage unless the rate is above 0 and finite, and 0 <= cv <= 20
  generated_requests(request_mix mix, std::uint64_t seed, std::int64_t count);
  std::size_t read(std::span<request> block) override;

 private:
  request_mix mix_;
  std::mt19937_64 arrivals_, prompts_, outputs_;
  std::int64_t left_;
  double unit_time_ = 0;  ///< in mean intervals
  std::vector<std::uint32_t> lengths_;
};

}  // namespace gpubench::serving
