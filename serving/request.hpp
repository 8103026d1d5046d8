#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gpubench::serving {

struct request {
  double arrival_seconds = 0;       ///< from the start of the simulation
  std::uint32_t prompt_tokens = 1;  ///< at least 1
  std::uint32_t output_tokens = 1;  ///< at least 1
};

/// Requests in the order of their arrival, block by block, so that neither a long trace nor a long simulation has to be
/// held in memory.
class request_source {
 public:
  virtual ~request_source() = default;
  /// Fills the front of `block`, ascending in time over all calls.
  /// @return how many; fewer than the block holds only at the end
  virtual std::size_t read(std::span<request> block) = 0;
};

/// Requests that are held elsewhere.
class listed_requests : public request_source {
 public:
  explicit listed_requests(std::span<const request> all) : rest_(all) {}
  std::size_t read(std::span<request> block) override {
    const std::size_t n = block.size() < rest_.size() ? block.size() : rest_.size();
    for (std::size_t i = 0; i < n; ++i) block[i] = rest_[i];
    rest_ = rest_.subspan(n);
    return n;
  }

 private:
  std::span<const request> rest_;
};

}  // namespace gpubench::serving
