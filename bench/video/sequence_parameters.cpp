// Sizes of pictures in the sequence parameter sets of H.264 and HEVC.
#include "bench/video/bit_reader.hpp"
#include "bench/video/coded_video.hpp"

#include <algorithm>

namespace gpubench::video {

namespace {

/// H.264 and H.265, table 6-1: luma samples to one of chroma, across and down.
struct chroma_subsampling {
  std::uint32_t across = 1, down = 1;
};

chroma_subsampling subsampling_of(std::uint32_t chroma_format) {
  if (chroma_format == 1) return {2, 2};
  if (chroma_format == 2) return {2, 1};
  return {};
}

struct cropping {
  std::uint64_t left = 0, right = 0, top = 0, bottom = 0;
};

cropping read_cropping(bit_reader& reader) {
  cropping result;
  if (!reader.flag()) return result;
  result.left = reader.exp_golomb();
  result.right = reader.exp_golomb();
  result.top = reader.exp_golomb();
  result.bottom = reader.exp_golomb();
  return result;
}

/// Nothing where more is cut off than there is, or where there is more than any level allows.
std::optional<picture_size> cropped(std::uint64_t width, std::uint64_t height, const cropping& cut,
                                    std::uint64_t unit_across, std::uint64_t unit_down) {
  const std::uint64_t off_width = unit_across * (cut.left + cut.right);
  const std::uint64_t off_height = unit_down * (cut.top + cut.bottom);
  constexpr std::uint64_t most = 1 << 16;
  if (width > most || height > most || off_width >= width || off_height >= height) return std::nullopt;
  return picture_size{static_cast<std::uint32_t>(width - off_width), static_cast<std::uint32_t>(height - off_height)};
}

/// H.264, 7.3.2.1.1.1.
void skip_scaling_list(bit_reader& reader, int size) {
  std::int64_t last = 8, next = 8;
  for (int i = 0; i < size && next != 0 && !reader.overrun(); ++i) {
    next = (last + std::int64_t{reader.signed_exp_golomb()} + 256) % 256;
    if (next != 0) last = next;
  }
}

/// Profiles whose parameter sets state the chroma format (H.264, 7.3.2.1.1).
bool states_chroma_format(std::uint32_t profile) {
  constexpr std::uint32_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return std::find(std::begin(profiles), std::end(profiles), profile) != std::end(profiles);
}

/// H.264, 7.3.2.1.1, the fields of profiles that state a chroma format.   @return chroma_format_idc
std::uint32_t read_high_profile(bit_reader& reader, bool& has_separate_planes) {
  constexpr std::uint32_t full_chroma = 3;
  const std::uint32_t chroma_format = reader.exp_golomb();
  if (chroma_format == full_chroma) has_separate_planes = reader.flag();
  reader.exp_golomb();  // bit_depth_luma_minus8
  reader.exp_golomb();  // bit_depth_chroma_minus8
  reader.skip(1);       // qpprime_y_zero_transform_bypass_flag
  if (!reader.flag()) return chroma_format;
  const int lists = chroma_format == full_chroma ? 12 : 8;
  for (int i = 0; i < lists; ++i) {
    if (reader.flag()) skip_scaling_list(reader, i < 6 ? 16 : 64);
  }
  return chroma_format;
}

/// H.264, 7.3.2.1.1, how the order of pictures is told.
void skip_picture_order(bit_reader& reader) {
  const std::uint32_t type = reader.exp_golomb();
  if (type == 0) reader.exp_golomb();  // log2_max_pic_order_cnt_lsb_minus4
  if (type != 1) return;
  reader.skip(1);              // delta_pic_order_always_zero_flag
  reader.signed_exp_golomb();  // offset_for_non_ref_pic
  reader.signed_exp_golomb();  // offset_for_top_to_bottom_field
  const std::uint32_t cycle = reader.exp_golomb();
  for (std::uint32_t i = 0; i < cycle && !reader.overrun(); ++i) reader.signed_exp_golomb();
}

/// H.265, 7.3.3: profile, tier and level.
void skip_profile(bit_reader& reader, std::uint32_t sub_layers) {
  constexpr int profile_bits = 88, level_bits = 8, most_sub_layers = 8;
  reader.skip(profile_bits + level_bits);
  bool has_profile[most_sub_layers] = {}, has_level[most_sub_layers] = {};
  for (std::uint32_t i = 0; i < sub_layers; ++i) {
    has_profile[i] = reader.flag();
    has_level[i] = reader.flag();
  }
  if (sub_layers > 0) reader.skip(2 * (most_sub_layers - static_cast<int>(sub_layers)));
  for (std::uint32_t i = 0; i < sub_layers; ++i) {
    if (has_profile[i]) reader.skip(profile_bits);
    if (has_level[i]) reader.skip(level_bits);
  }
}

}  // namespace

std::optional<picture_size> h264_picture_size(std::span<const std::uint8_t> payload) {
  bit_reader reader(payload);
  const std::uint32_t profile = reader.bits(8);
  reader.skip(8 + 8);   // constraint flags, level_idc
  reader.exp_golomb();  // seq_parameter_set_id
  bool has_separate_planes = false;
  const std::uint32_t chroma_format =
      states_chroma_format(profile) ? read_high_profile(reader, has_separate_planes) : 1;
  reader.exp_golomb();  // log2_max_frame_num_minus4
  skip_picture_order(reader);
  reader.exp_golomb();  // max_num_ref_frames
  reader.skip(1);       // gaps_in_frame_num_value_allowed_flag
  const std::uint64_t width = 16 * (std::uint64_t{reader.exp_golomb()} + 1);
  const std::uint64_t map_units = std::uint64_t{reader.exp_golomb()} + 1;
  const bool has_frames_only = reader.flag();
  if (!has_frames_only) reader.skip(1);  // mb_adaptive_frame_field_flag
  reader.skip(1);                        // direct_8x8_inference_flag
  const auto cut = read_cropping(reader);
  if (reader.overrun()) return std::nullopt;
  const std::uint64_t fields = has_frames_only ? 1 : 2;
  const auto unit = has_separate_planes ? chroma_subsampling{} : subsampling_of(chroma_format);
  return cropped(width, 16 * fields * map_units, cut, unit.across, unit.down * fields);
}

std::optional<picture_size> hevc_picture_size(std::span<const std::uint8_t> payload) {
  bit_reader reader(payload);
  reader.skip(4);  // sps_video_parameter_set_id
  const std::uint32_t sub_layers = reader.bits(3);
  if (sub_layers > 6) return std::nullopt;
  reader.skip(1);  // sps_temporal_id_nesting_flag
  skip_profile(reader, sub_layers);
  reader.exp_golomb();  // sps_seq_parameter_set_id
  constexpr std::uint32_t full_chroma = 3;
  const std::uint32_t chroma_format = reader.exp_golomb();
  const bool has_separate_planes = chroma_format == full_chroma && reader.flag();
  const std::uint64_t width = reader.exp_golomb(), height = reader.exp_golomb();
  const auto cut = read_cropping(reader);
  if (reader.overrun()) return std::nullopt;
  const auto unit = has_separate_planes ? chroma_subsampling{} : subsampling_of(chroma_format);
  return cropped(width, height, cut, unit.across, unit.down);
}

}  // namespace gpubench::video
