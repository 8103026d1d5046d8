#include "link/throughput.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>

namespace gpubench::link {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(throughput, arguments_name_server_port_time_and_direction) {
  const iperf_options options{"host.example", 5210, 3};
  const auto up = tcp_arguments(options, direction::up);
  EXPECT_EQ(up.front(), "iperf3");
  EXPECT_THAT(up, Contains("host.example"));
  EXPECT_THAT(up, Contains("5210"));
  EXPECT_THAT(up, testing::Not(Contains("--reverse")));
  const auto down = udp_arguments(options, direction::down, 20e6);
  EXPECT_THAT(down, Contains("--reverse"));
  EXPECT_THAT(down, Contains("20000000"));
}

TEST(throughput, of_tcp_is_what_arrived_in_bytes) {
  const auto found = parse_tcp(R"({"end": {"sum_sent": {"bits_per_second": 9e8, "retransmits": 7},
                                           "sum_received": {"bits_per_second": 8e8}}})");
  EXPECT_DOUBLE_EQ(found.bytes_per_second, 1e8);
  EXPECT_EQ(found.retransmits, 7);
}

TEST(throughput, of_udp_has_loss_and_jitter) {
  const auto found = parse_udp(R"({"end": {"sum": {"bits_per_second": 2e7, "jitter_ms": 0.25, "lost_percent": 5}}})");
  EXPECT_DOUBLE_EQ(found.sent_bytes_per_second, 2.5e6);
  EXPECT_DOUBLE_EQ(found.lost_fraction, 0.05);
  EXPECT_DOUBLE_EQ(found.jitter_ns, 250'000);
}

TEST(throughput, passes_on_iperfs_own_reason) {
  try {
    parse_tcp(R"({"start": {}, "end": {}, "error": "unable to connect to server: Connection refused"})");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::device);
    EXPECT_THAT(e.what(), HasSubstr("Connection refused"));
    EXPECT_THAT(e.hint(), HasSubstr("iperf3 --server"));
  }
}

TEST(throughput, refuses_other_text_by_name) {
  for (const char* text :
       {"<html>", "{}", R"({"end": {}})", R"({"end": {"sum_received": {"bits_per_second": "fast"}}})",
        R"({"end": {"sum_received": {"bits_per_second": -1}, "sum_sent": {}}})"}) {
    try {
      parse_tcp(text);
      ADD_FAILURE() << text;
    } catch (const error& e) {
      EXPECT_THAT(e.describe(), HasSubstr("the output of iperf3")) << text;
    }
  }
}

}  // namespace
}  // namespace gpubench::link
