#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace gpubench::video {

enum class video_codec { h264, hevc };

struct picture_size {
  std::uint32_t width = 0, height = 0;

  friend bool operator==(const picture_size&, const picture_size&) = default;
};

/// What a stream says of itself, without decoding a pixel.
struct coded_video {
  std::size_t access_units = 0;  ///< coded pictures
  std::size_t key_pictures = 0;  ///< those that decoding may begin at
  bool begins_with_key = false;
  /// Of all sequence parameter sets; absent where there is none, one cannot be read, or they disagree.
  std::optional<picture_size> size;
};

/// Reads a byte stream (NAL units behind start codes 00 00 01; ITU-T H.264 and H.265, annex B). A picture begins with
/// the slice that has its first block: first_mb_in_slice = 0 (H.264, 7.3.3), first_slice_segment_in_pic_flag = 1
/// (H.265, 7.3.6.1). Streams of several layers or of slices in any order are not read right; encoders of GPUs make none
/// unless asked to.
coded_video read_coded_video(video_codec codec, std::span<const std::uint8_t> stream);

/// Size of the pictures as shown, cropping taken off. Source: ITU-T H.264, 7.3.2.1.1 and 7.4.2.1.1; H.265, 7.3.2.2.1
/// and 7.4.3.2.1.
/// @param payload  of a sequence parameter set, behind the NAL unit's header and without emulation prevention
/// @return nothing where it ends too early or says what the standards do not allow
std::optional<picture_size> h264_picture_size(std::span<const std::uint8_t> payload);
std::optional<picture_size> hevc_picture_size(std::span<const std::uint8_t> payload);

/// What an encoder was asked for.
struct asked_video {
  std::size_t pictures = 0;
  picture_size size;
  double bits = 0;  ///< by the rate that was set
};

/// Number of things that are wrong with a stream: each picture that is missing or too many, another size, pictures
/// without one to begin at, and a length below an eighth or above twice of what was asked for.
std::size_t faults_of(video_codec codec, std::span<const std::uint8_t> stream, const asked_video& asked);

}  // namespace gpubench::video
