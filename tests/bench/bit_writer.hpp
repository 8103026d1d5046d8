#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gpubench::video {

/// Writes what bit_reader reads, for tests and stand-ins.
class bit_writer {
 public:
  bit_writer& bits(std::uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      bytes_.back() |= static_cast<std::uint8_t>((value >> i & 1U) << (7 - used_ % 8));
      ++used_;
    }
    return *this;
  }

  /// ue(v): the number plus one in binary, behind as many zeros as it has digits after the first.
  bit_writer& exp_golomb(std::uint32_t value) {
    int digits = 1;
    while (digits < 32 && (std::uint64_t{value} + 1) >> digits != 0) ++digits;
    return bits(0, digits - 1).bits(value + 1, digits);
  }

  /// A NAL unit behind its start code, with what keeps start codes out of it.
  /// @param header  its bytes
  std::vector<std::uint8_t> unit(const std::vector<std::uint8_t>& header) {
    bits(1, 1);  // rbsp_stop_one_bit
    std::vector<std::uint8_t> result;
    for (const int byte : {0, 0, 0, 1}) result.push_back(static_cast<std::uint8_t>(byte));
    for (const std::uint8_t byte : header) result.push_back(byte);
    int zeros = 0;
    for (const std::uint8_t byte : bytes_) {
      if (zeros >= 2 && byte <= 3) {
        result.push_back(3);
        zeros = 0;
      }
      result.push_back(byte);
      zeros = byte == 0 ? zeros + 1 : 0;
    }
    return result;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t used_ = 0;
};

}  // namespace gpubench::video
