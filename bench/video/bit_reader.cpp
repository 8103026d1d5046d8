#include "bench/video/bit_reader.hpp"

namespace gpubench::video {

std::vector<std::uint8_t> without_emulation_prevention(std::span<const std::uint8_t> unit) {
  std::vector<std::uint8_t> result;
  result.reserve(unit.size());
  int zeros = 0;
  for (const std::uint8_t byte : unit) {
    const bool is_prevention = zeros >= 2 && byte == 3;
    zeros = byte == 0 ? zeros + 1 : 0;
    if (!is_prevention) result.push_back(byte);
  }
  return result;
}

std::uint32_t bit_reader::bits(int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i, ++next_) {
    const std::size_t byte = next_ / 8;
    if (byte >= bytes_.size()) {
      overrun_ = true;
      return 0;
    }
    value = value << 1 | (bytes_[byte] >> (7 - next_ % 8) & 1U);
  }
  return value;
}

void bit_reader::skip(int count) {
  for (int i = 0; i < count; ++i) static_cast<void>(bits(1));
}

std::uint32_t bit_reader::exp_golomb() {
  int zeros = 0;
  while (!flag()) {
    // The largest number, 2^32 - 2, has 31 zeros; past the end zeros would never end.
    if (overrun_ || ++zeros > 31) {
      overrun_ = true;
      return 0;
    }
  }
  return (std::uint32_t{1} << zeros) - 1 + bits(zeros);
}

std::int32_t bit_reader::signed_exp_golomb() {
  const std::uint32_t code = exp_golomb();
  const auto magnitude = static_cast<std::int32_t>(code / 2 + code % 2);
  return code % 2 == 1 ? magnitude : -magnitude;
}

}  // namespace gpubench::video
