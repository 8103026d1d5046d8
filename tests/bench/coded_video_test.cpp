#include "bench/video/coded_video.hpp"

#include "bench/video/bit_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "made_video.hpp"

namespace gpubench::video {
namespace {

using ::testing::ElementsAre;

constexpr video_codec both[] = {video_codec::h264, video_codec::hevc};
constexpr picture_size full_hd{1920, 1080};

TEST(bit_reader, reads_the_codes_of_the_standards_table) {
  // H.264, table 9-2: 1, 010, 011, 00100, 00101 are 0 to 4; then 00110 is 5. In bytes 1010'0110'0100'0010'1001'10xx.
  const std::uint8_t bytes[] = {0xa6, 0x42, 0x98};
  bit_reader reader(bytes);
  for (std::uint32_t expected = 0; expected <= 5; ++expected) EXPECT_EQ(reader.exp_golomb(), expected);
  EXPECT_FALSE(reader.overrun());
  bit_reader with_signs(bytes);
  // Table 9-3: codes 0 to 5 are 0, 1, -1, 2, -2, 3.
  for (const std::int32_t expected : {0, 1, -1, 2, -2, 3}) EXPECT_EQ(with_signs.signed_exp_golomb(), expected);
}

TEST(bit_reader, reads_back_what_was_written) {
  const std::uint32_t values[] = {0, 1, 2, 63, 64, 1079, 65535, 0x7fffffff, 0xfffffffe};
  bit_writer writer;
  for (const auto value : values) writer.exp_golomb(value).bits(5, 3);
  const auto unit = writer.unit({});
  const auto payload = without_emulation_prevention(std::span(unit).subspan(4));
  bit_reader reader(payload);
  for (const auto value : values) {
    EXPECT_EQ(reader.exp_golomb(), value);
    EXPECT_EQ(reader.bits(3), 5U);
  }
  EXPECT_FALSE(reader.overrun());
}

TEST(bit_reader, says_that_it_read_past_the_end) {
  const std::uint8_t zeros[] = {0, 0, 0, 0, 0, 0};
  bit_reader reader(zeros);
  EXPECT_EQ(reader.exp_golomb(), 0U);
  EXPECT_TRUE(reader.overrun());
  bit_reader empty({});
  EXPECT_EQ(empty.bits(32), 0U);
  EXPECT_TRUE(empty.overrun());
}

TEST(bit_reader, takes_out_only_what_keeps_start_codes_away) {
  const std::uint8_t coded[] = {0, 0, 3, 1, 0, 3, 0, 0, 3, 0, 0, 3, 3};
  EXPECT_THAT(without_emulation_prevention(coded), ElementsAre(0, 0, 1, 0, 3, 0, 0, 0, 0, 3));
}

TEST(coded_video, reads_the_parameter_sets_that_software_encoders_write) {
  // x264, High profile at level 3.1 and 4.0: 1280 x 720, and 1088 rows of which 8 are cut off.
  const stream_bytes hd{0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00,
                        0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x83, 0x19, 0x60};
  const stream_bytes full{0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00,
                          0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x60, 0xc6, 0x58};
  EXPECT_EQ(h264_picture_size(without_emulation_prevention(hd)), (picture_size{1280, 720}));
  EXPECT_EQ(h264_picture_size(without_emulation_prevention(full)), full_hd);
}

TEST(coded_video, reads_sizes_that_no_block_divides) {
  for (const video_codec codec : both) {
    for (const picture_size size : {full_hd, picture_size{3840, 2160}, picture_size{16, 16}, picture_size{854, 482}}) {
      EXPECT_EQ(read_coded_video(codec, made_stream(codec, size, 1)).size, size);
    }
  }
}

TEST(coded_video, reads_fields_baseline_and_other_chroma_of_h264) {
  // Baseline has no chroma format; type 1 tells the order by a cycle; rows count pairs of fields.
  bit_writer fields;
  fields.bits(77, 8).bits(0, 16).exp_golomb(0).exp_golomb(0);
  fields.exp_golomb(1).bits(0, 1).exp_golomb(2).exp_golomb(3).exp_golomb(2).exp_golomb(1).exp_golomb(2);
  fields.exp_golomb(1).bits(0, 1).exp_golomb(44).exp_golomb(17).bits(0, 1).bits(0, 1).bits(1, 1);
  fields.bits(1, 1).exp_golomb(0).exp_golomb(0).exp_golomb(0).exp_golomb(2).bits(0, 1);
  // 45 x 16 across; 18 x 32 down, of which 2 x 2 x 2 rows are cut off: chroma's halving and the two fields.
  auto unit = fields.unit({0x67});
  EXPECT_EQ(read_coded_video(video_codec::h264, unit).size, (picture_size{720, 568}));

  // 4:4:4 with scaling lists: the first of 16 whose third step is -10, so that it ends; the second absent.
  bit_writer full_chroma;
  full_chroma.bits(244, 8).bits(0, 16).exp_golomb(0).exp_golomb(3).bits(0, 1);
  full_chroma.exp_golomb(0).exp_golomb(0).bits(0, 1).bits(1, 1);
  full_chroma.bits(1, 1).exp_golomb(1).exp_golomb(1).exp_golomb(20).bits(0, 11);  // 8 + 1 + 1 - 10 = 0
  full_chroma.exp_golomb(0).exp_golomb(2).exp_golomb(1).bits(0, 1).exp_golomb(3).exp_golomb(3).bits(3, 2);
  full_chroma.bits(1, 1).exp_golomb(1).exp_golomb(2).exp_golomb(0).exp_golomb(0).bits(0, 1);
  EXPECT_EQ(read_coded_video(video_codec::h264, full_chroma.unit({0x67})).size, (picture_size{61, 64}));
}

TEST(coded_video, skips_the_profiles_of_hevc_sub_layers) {
  bit_writer w;
  w.bits(0, 4).bits(2, 3).bits(1, 1);
  for (int i = 0; i < 12; ++i) w.bits(0x55, 8);                 // profile and level
  w.bits(0b11'01, 4).bits(0, 12);                               // of two sub-layers, and what fills up to eight
  for (int i = 0; i < 12 + 1; ++i) w.bits(0x55, 8);             // both, then a level alone
  w.exp_golomb(0).exp_golomb(2).exp_golomb(64).exp_golomb(72);  // 4:2:2
  w.bits(1, 1).exp_golomb(1).exp_golomb(0).exp_golomb(3).exp_golomb(0);  // two columns, three rows
  EXPECT_EQ(read_coded_video(video_codec::hevc, w.unit({0x42, 0x01})).size, (picture_size{62, 69}));
}

TEST(coded_video, counts_pictures_and_not_their_slices) {
  for (const video_codec codec : both) {
    auto stream = made_parameter_set(codec, full_hd);
    for (int picture = 0; picture < 5; ++picture) {
      append(stream, made_slice(codec, picture == 0, true));
      append(stream, made_slice(codec, picture == 0, false));
      append(stream, made_slice(codec, picture == 0, false));
    }
    const auto found = read_coded_video(codec, stream);
    EXPECT_EQ(found.access_units, 5U);
    EXPECT_EQ(found.key_pictures, 1U);
    EXPECT_TRUE(found.begins_with_key);
    auto late = made_parameter_set(codec, full_hd);
    append(late, made_slice(codec, false, true));
    append(late, made_slice(codec, true, true));
    EXPECT_FALSE(read_coded_video(codec, late).begins_with_key);
  }
}

TEST(coded_video, has_no_size_where_parameter_sets_are_cut_off_missing_or_disagree) {
  for (const video_codec codec : both) {
    auto cut = made_parameter_set(codec, full_hd);
    cut.resize(8);
    EXPECT_FALSE(read_coded_video(codec, cut).size);
    EXPECT_FALSE(read_coded_video(codec, made_slice(codec, true, true)).size);
    EXPECT_FALSE(read_coded_video(codec, {}).size);
    auto two = made_stream(codec, full_hd, 1);
    append(two, made_stream(codec, {1280, 720}, 1));
    EXPECT_FALSE(read_coded_video(codec, two).size);
  }
  const stream_bytes header_alone{0, 0, 1, 0x42};
  EXPECT_EQ(read_coded_video(video_codec::hevc, header_alone).access_units, 0U);
}

TEST(coded_video, finds_each_fault_of_a_stream) {
  for (const video_codec codec : both) {
    const auto right = made_stream(codec, full_hd, 30, 500);
    const asked_video asked{30, full_hd, static_cast<double>(right.size()) * 8};
    EXPECT_EQ(faults_of(codec, right, asked), 0U);
    EXPECT_EQ(faults_of(codec, made_stream(codec, full_hd, 28, 500), asked), 2U);
    EXPECT_EQ(faults_of(codec, made_stream(codec, full_hd, 31, 500), asked), 1U);
    EXPECT_EQ(faults_of(codec, made_stream(codec, {1920, 1088}, 30, 500), asked), 1U);
    EXPECT_EQ(faults_of(codec, made_stream(codec, full_hd, 30, 20), asked), 1U);
    EXPECT_EQ(faults_of(codec, made_stream(codec, full_hd, 30, 1500), asked), 1U);
    EXPECT_EQ(faults_of(codec, {}, asked), 33U);
    auto no_key = made_parameter_set(codec, full_hd);
    for (int i = 0; i < 30; ++i) append(no_key, made_slice(codec, false, true, 500));
    EXPECT_EQ(faults_of(codec, no_key, asked), 1U);
    // Read as the other codec it is nothing.
    EXPECT_GT(faults_of(codec == video_codec::h264 ? video_codec::hevc : video_codec::h264, right, asked), 1U);
  }
}

}  // namespace
}  // namespace gpubench::video
