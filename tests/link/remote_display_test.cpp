#include "link/remote_display.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/temporary_folder.hpp"

namespace gpubench::link {
namespace {

using testing::HasSubstr;

/// 100 Mbit/s down, 40 ms, 1 ms jitter, no loss.
measured_link good_link() {
  measured_link link;
  link.host = "host";
  link.made_at = "2026-11-26T00:00:00Z";
  link.round_trip_ns = 40e6;
  link.jitter_ns = 1e6;
  link.lost_fraction = 0;
  link.up_bytes_per_second = 5e6;
  link.down_bytes_per_second = 12.5e6;
  link.udp_lost_fraction = 0;
  link.udp_jitter_ns = 1e6;
  return link;
}

fitness verdict_of(const char* name, const measured_link& link) {
  return judge(find_display_need(name), link).verdict;
}

TEST(remote_display, a_good_link_is_fit_for_all) {
  for (const auto& one : judge_all(good_link())) EXPECT_EQ(one.verdict, fitness::fit) << one.need->name;
  EXPECT_GE(display_needs().size(), 10U);
}

TEST(remote_display, a_round_trip_above_50_ms_ends_streams_and_not_desktops) {
  auto link = good_link();
  link.round_trip_ns = 50e6;
  EXPECT_EQ(verdict_of("1080p60-h264", link), fitness::fit);
  link.round_trip_ns = 51e6;
  EXPECT_EQ(verdict_of("1080p60-h264", link), fitness::unfit);
  EXPECT_EQ(verdict_of("geforce-now-1080p60", link), fitness::fit);
  EXPECT_EQ(verdict_of("rdp-1080p", link), fitness::fit);
  link.round_trip_ns = 200e6;
  EXPECT_EQ(verdict_of("rdp-1080p", link), fitness::unfit);
  EXPECT_EQ(verdict_of("vnc-desktop", link), fitness::unfit);
  EXPECT_EQ(verdict_of("dcv-desktop", link), fitness::fit);
}

TEST(remote_display, the_codec_decides_the_rate_that_is_needed) {
  auto link = good_link();
  link.down_bytes_per_second = 40e6 / 8;
  EXPECT_EQ(verdict_of("4k60-h264", link), fitness::unfit);  // 50 Mbit/s
  EXPECT_EQ(verdict_of("4k60-h265", link), fitness::fit);    // 37.5 Mbit/s
  const auto verdict = judge(find_display_need("4k60-h264"), link);
  ASSERT_EQ(verdict.reasons.size(), 1U);
  EXPECT_THAT(verdict.reasons[0], HasSubstr("50.0 Mbit/s are needed"));
}

TEST(remote_display, jitter_above_a_frame_and_loss_above_one_percent_end_streams) {
  auto link = good_link();
  link.udp_jitter_ns = 17e6;
  EXPECT_EQ(verdict_of("1080p60-h265", link), fitness::unfit);
  link = good_link();
  link.udp_lost_fraction = 0.02;
  EXPECT_EQ(verdict_of("1080p60-h265", link), fitness::unfit);
  EXPECT_EQ(verdict_of("rdp-1080p", link), fitness::fit);
}

TEST(remote_display, what_was_not_measured_is_not_known_unless_something_else_is_unfit) {
  auto link = good_link();
  link.down_bytes_per_second.reset();
  EXPECT_EQ(verdict_of("1080p60-h264", link), fitness::not_known);
  EXPECT_EQ(verdict_of("vnc-desktop", link), fitness::fit);  // needs no rate
  link.round_trip_ns = 300e6;
  EXPECT_EQ(verdict_of("1080p60-h264", link), fitness::unfit);
}

TEST(remote_display, every_need_has_its_source_and_stands_in_the_documentation) {
  const auto page = read_file(std::filesystem::path(GPUBENCH_SOURCE_DIR) / "docs" / "link.md");
  for (const auto& need : display_needs()) {
    EXPECT_THAT(page, HasSubstr("`" + need.name + "`"));
    EXPECT_FALSE(need.source.empty()) << need.name;
    EXPECT_TRUE(need.round_trip_seconds) << need.name;
  }
}

TEST(remote_display, an_unknown_name_gets_the_nearest) {
  try {
    find_display_need("1080p60-h256");
    FAIL();
  } catch (const error& e) {
    EXPECT_THAT(e.hint(), HasSubstr("1080p60-h26"));
  }
}

TEST(measured_link, uploads_at_the_rate_to_the_host) {
  auto link = good_link();
  EXPECT_EQ(link.upload_seconds(), std::nullopt);
  link.dataset_bytes = 100e9;
  EXPECT_DOUBLE_EQ(link.upload_seconds().value_or(0), 20'000);  // 100 GB at 5 MB/s
  link.up_bytes_per_second.reset();
  EXPECT_EQ(link.upload_seconds(), std::nullopt);
}

TEST(measured_link, names_the_endpoint_that_answered_soonest) {
  auto link = good_link();
  EXPECT_EQ(link.nearest(), nullptr);
  link.endpoints = {{"far", "a", 90e6, ""}, {"silent", "b", std::nullopt, "no answer"}, {"near", "c", 9e6, ""}};
  ASSERT_NE(link.nearest(), nullptr);
  EXPECT_EQ(link.nearest()->name, "near");
}

TEST(measured_link, is_read_as_it_was_written_and_other_files_are_refused) {
  auto link = good_link();
  link.dataset_bytes = 1e9;
  link.endpoints = {{"far", "a", 90e6, ""}, {"silent", "b", std::nullopt, "no answer"}};
  link.problems = {"something"};
  const temporary_folder folder;
  const auto path = folder.path() / "link.json";
  const auto write = [&](const std::string& text) { folder.write("link.json", text); };
  write(to_json(link).dump());
  EXPECT_EQ(to_json(load_link(path)), to_json(link));
  write(R"({"schema": "gpubench.run/1"})");
  EXPECT_THROW(load_link(path), error);
  auto wrong = to_json(link);
  wrong["udp_lost_fraction"] = 5;
  write(wrong.dump());
  EXPECT_THROW(load_link(path), error);
  wrong = to_json(link);
  wrong["up_bytes_per_second"] = 0;
  write(wrong.dump());
  EXPECT_THROW(load_link(path), error);
}

}  // namespace
}  // namespace gpubench::link
