#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gpubench::video {

/// The payload of a NAL unit: without the bytes 03 that keep start codes out of it. Source: ITU-T H.264, 7.4.1 and
/// H.265, 7.4.2 (emulation_prevention_three_byte).
std::vector<std::uint8_t> without_emulation_prevention(std::span<const std::uint8_t> unit);

/// Reads bits, the most significant of a byte first. Past the end everything is 0 and overrun() says so.
class bit_reader {
 public:
  explicit bit_reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// u(n), at most 32 bits.
  std::uint32_t bits(int count);
  bool flag() { return bits(1) != 0; }
  void skip(int count);

  /// ue(v): 0, 1, 2, ... Source: ITU-T H.264, 9.1 and H.265, 9.2.
  std::uint32_t exp_golomb();
  /// se(v): 0, 1, -1, 2, -2, ... (9.1.1)
  std::int32_t signed_exp_golomb();

  bool overrun() const { return overrun_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t next_ = 0;  ///< bit
  bool overrun_ = false;
};

}  // namespace gpubench::video
