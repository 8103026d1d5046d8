#pragma once

#include "bench/video/coded_video.hpp"

#include <cstdint>
#include <vector>

#include "bit_writer.hpp"

namespace gpubench::video {

using stream_bytes = std::vector<std::uint8_t>;

inline void append(stream_bytes& stream, const stream_bytes& more) {
  stream.insert(stream.end(), more.begin(), more.end());
}

/// A sequence parameter set of 4:2:0 video as encoders write it: whole blocks of 16 (H.264) or 8 pixels (HEVC), what is
/// too much cut off at the right and the bottom.
inline stream_bytes made_parameter_set(video_codec codec, picture_size size) {
  bit_writer w;
  if (codec == video_codec::h264) {
    const std::uint32_t columns = (size.width + 15) / 16, rows = (size.height + 15) / 16;
    w.bits(100, 8).bits(0, 8).bits(40, 8).exp_golomb(0);        // High profile, level 4.0, set 0
    w.exp_golomb(1).exp_golomb(0).exp_golomb(0).bits(0, 2);     // 4:2:0, 8 bits, no lists
    w.exp_golomb(0).exp_golomb(2).exp_golomb(1).bits(0, 1);     // frame numbers, order type 2, one reference
    w.exp_golomb(columns - 1).exp_golomb(rows - 1).bits(3, 2);  // frames only
    w.bits(1, 1).exp_golomb(0).exp_golomb((columns * 16 - size.width) / 2);
    w.exp_golomb(0).exp_golomb((rows * 16 - size.height) / 2).bits(0, 1);
    return w.unit({0x67});
  }
  const std::uint32_t width = (size.width + 7) / 8 * 8, height = (size.height + 7) / 8 * 8;
  w.bits(0, 4).bits(0, 3).bits(1, 1);                                      // one temporal layer
  w.bits(1, 8).bits(0x60000000, 32).bits(0, 32).bits(0, 16).bits(120, 8);  // Main profile, level 4.0
  w.exp_golomb(0).exp_golomb(1).exp_golomb(width).exp_golomb(height);      // set 0, 4:2:0
  w.bits(1, 1).exp_golomb(0).exp_golomb((width - size.width) / 2);
  w.exp_golomb(0).exp_golomb((height - size.height) / 2);
  w.exp_golomb(0).exp_golomb(0).exp_golomb(4);  // bit depths, order of pictures
  return w.unit({0x42, 0x01});
}

/// One slice: the first of its picture, or another; with so many bytes of noughts and ones after its header.
inline stream_bytes made_slice(video_codec codec, bool is_key, bool is_first, int filling_bytes = 40) {
  bit_writer w;
  if (codec == video_codec::h264) {
    w.exp_golomb(is_first ? 0 : 3600).exp_golomb(7).exp_golomb(0);
  } else {
    w.bits(is_first ? 1 : 0, 1).exp_golomb(0);
  }
  for (int i = 0; i < filling_bytes; ++i) w.bits(i % 3 == 0 ? 0x5a : 0, 8);
  if (codec == video_codec::h264) return w.unit({static_cast<std::uint8_t>(is_key ? 0x65 : 0x41)});
  return w.unit({static_cast<std::uint8_t>(is_key ? 19 << 1 : 1 << 1), 0x01});
}

/// A stream of that many pictures of one slice each, the first a key picture behind its parameter set.
inline stream_bytes made_stream(video_codec codec, picture_size size, int pictures, int filling_bytes = 40) {
  stream_bytes stream = made_parameter_set(codec, size);
  for (int i = 0; i < pictures; ++i) append(stream, made_slice(codec, i == 0, true, filling_bytes));
  return stream;
}

}  // namespace gpubench::video
