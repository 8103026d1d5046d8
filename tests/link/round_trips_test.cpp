#include "link/round_trips.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gpubench::link {
namespace {

TEST(round_trips, are_read_from_what_ping_prints) {
  const auto found = parse_ping(
      "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n"
      "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=40.1 ms\n"
      "64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=44.1 ms\n"
      "64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=44.2 ms (DUP!)\n"
      "64 bytes from 10.0.0.2: icmp_seq=4 ttl=64 time=42.1 ms\n"
      "\n--- 10.0.0.2 ping statistics ---\n"
      "4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 603ms\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sent, 4);
  EXPECT_EQ(found->answered(), 3);
  EXPECT_DOUBLE_EQ(found->lost_fraction(), 0.25);
  EXPECT_DOUBLE_EQ(found->times_ns[0], 40.1e6);
  EXPECT_NEAR(found->jitter_ns().value_or(0), 3e6, 1);  // (4 + 2) / 2 ms
}

TEST(round_trips, of_a_host_that_is_silent_are_all_lost) {
  const auto found = parse_ping("2 packets transmitted, 0 received, 100% packet loss, time 1001ms\n");
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->lost_fraction(), 1);
  EXPECT_EQ(found->jitter_ns(), std::nullopt);
}

TEST(round_trips, are_not_made_of_other_text) {
  EXPECT_FALSE(parse_ping(""));
  EXPECT_FALSE(parse_ping("ping: socket: Operation not permitted\n"));
  EXPECT_FALSE(parse_ping("time=1 ms\ntime=1 ms\n1 packets transmitted\n"));  // more answers than questions
}

TEST(round_trips, count_a_refusal_as_an_answer) {
  // A port that was free a moment ago: nobody listens there.
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  const auto refused = connect_times("127.0.0.1", port, 3, std::chrono::milliseconds(1000));
  EXPECT_EQ(refused.answered(), 3);
  ASSERT_EQ(::listen(probe, 8), 0);
  EXPECT_EQ(connect_times("127.0.0.1", port, 3, std::chrono::milliseconds(1000)).answered(), 3);
  ::close(probe);
}

TEST(round_trips, need_a_host_that_is_known) {
  EXPECT_NO_THROW(require_known_host("127.0.0.1"));
  EXPECT_THROW(require_known_host("no-such-host.invalid"), error);
}

}  // namespace
}  // namespace gpubench::link
