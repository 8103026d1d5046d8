#include "bench/video/coded_video.hpp"

#include "bench/video/bit_reader.hpp"

#include <algorithm>
#include <vector>

namespace gpubench::video {

namespace {

using bytes = std::span<const std::uint8_t>;

/// The NAL units of a byte stream, without start codes. Zeros before the next start code stay at a unit's end, where
/// nothing reads.
std::vector<bytes> units_of(bytes stream) {
  constexpr std::uint8_t start_code[] = {0, 0, 1};
  std::vector<bytes> result;
  const auto find_start = [&](bytes::iterator from) {
    return std::search(from, stream.end(), std::begin(start_code), std::end(start_code));
  };
  for (auto start = find_start(stream.begin()); start != stream.end();) {
    const auto begin = start + 3;
    const auto end = find_start(begin);
    if (begin != end) result.emplace_back(begin, end);
    start = end;
  }
  return result;
}

/// What one NAL unit is to the reader.
struct unit_kind {
  bool is_slice = false, is_key = false, is_parameter_set = false;
  std::size_t header_bytes = 1;
};

/// H.264, 7.3.1 and table 7-1.
unit_kind h264_kind(bytes unit) {
  const int type = unit[0] & 0x1f;
  constexpr int slice = 1, key_slice = 5, sequence_parameters = 7;
  return {type == slice || type == key_slice, type == key_slice, type == sequence_parameters, 1};
}

/// H.265, 7.3.1.2 and table 7-1.
unit_kind hevc_kind(bytes unit) {
  constexpr std::size_t header_bytes = 2;
  if (unit.size() < header_bytes) return {};
  const int type = unit[0] >> 1 & 0x3f;
  constexpr int last_trailing = 9, first_key = 16, last_key = 21, sequence_parameters = 33;
  const bool is_key = type >= first_key && type <= last_key;
  return {type <= last_trailing || is_key, is_key, type == sequence_parameters, header_bytes};
}

bool begins_picture(video_codec codec, bytes slice) {
  constexpr std::size_t enough = 8;  // of a slice header for its first number
  const auto payload = without_emulation_prevention(slice.first(std::min(slice.size(), enough)));
  bit_reader reader(payload);
  const bool is_first = codec == video_codec::h264 ? reader.exp_golomb() == 0 : reader.flag();
  return is_first && !reader.overrun();
}

}  // namespace

coded_video read_coded_video(video_codec codec, bytes stream) {
  coded_video result;
  bool sizes_agree = true;
  for (const bytes unit : units_of(stream)) {
    const auto kind = codec == video_codec::h264 ? h264_kind(unit) : hevc_kind(unit);
    const bytes rest = unit.subspan(kind.header_bytes);
    if (kind.is_slice && begins_picture(codec, rest)) {
      if (result.access_units == 0) result.begins_with_key = kind.is_key;
      ++result.access_units;
      if (kind.is_key) ++result.key_pictures;
    }
    if (!kind.is_parameter_set) continue;
    const auto payload = without_emulation_prevention(rest);
    const auto size = codec == video_codec::h264 ? h264_picture_size(payload) : hevc_picture_size(payload);
    sizes_agree = sizes_agree && size && (!result.size || *result.size == *size);
    result.size = size;
  }
  if (!sizes_agree) result.size.reset();
  return result;
}

std::size_t faults_of(video_codec codec, bytes stream, const asked_video& asked) {
  const coded_video found = read_coded_video(codec, stream);
  const auto bits = static_cast<double>(stream.size()) * 8;
  std::size_t faults = std::max(found.access_units, asked.pictures) - std::min(found.access_units, asked.pictures);
  if (found.size != asked.size) ++faults;
  if (!found.begins_with_key) ++faults;
  if (bits < asked.bits / 8 || bits > asked.bits * 2) ++faults;
  return faults;
}

}  // namespace gpubench::video
