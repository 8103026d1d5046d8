#include "http/server.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/client.hpp"
#include "http/listener.hpp"

namespace gpubench::http {
namespace {

url address_of(const server& of) {
  return parse_url("http://" + of.where().shown());
}

TEST(server, serves_pages_and_nothing_else) {
  server pages({"127.0.0.1", 0});
  pages.add_page("/metrics", []() -> page { return {"text/plain", "up 1\n"}; });
  pages.add_page("/empty", []() -> page { return {"text/plain", ""}; });
  pages.start();
  ASSERT_GT(pages.where().port, 0);
  const auto given = get(address_of(pages), "/metrics", "the server");
  EXPECT_EQ(given.status, 200);
  EXPECT_EQ(given.body, "up 1\n");
  EXPECT_EQ(given.content_type, "text/plain");
  EXPECT_EQ(get(address_of(pages), "/empty", "the server").status, 503);
  EXPECT_EQ(get(address_of(pages), "/other", "the server").status, 404);
  EXPECT_NE(put(address_of(pages), "/metrics", "x", "text/plain", "the server").status, 200);
}

/// A socket that is opened before it is needed.
class unconnected_socket {
 public:
  void connect(const address& to) const {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(to.port));
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(opened_.number(), reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  }
  descriptor release() { return std::move(opened_); }

 private:
  descriptor opened_{::socket(AF_INET, SOCK_STREAM, 0)};
};

/// A connection on which raw bytes are sent.
class raw_client {
 public:
  raw_client(const address& to, const std::string& bytes) : raw_client(connected(to), bytes) {}
  raw_client(unconnected_socket connected, const std::string& bytes)
      : opened_(connected.release()), socket_(opened_.number()) {
    send(bytes);
    const timeval patience{30, 0};  // a server that never answers fails the test
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  void send(const std::string& bytes) const { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  /// All that comes until the server closes the connection; "waited in vain" where it does not.
  std::string rest() const {
    std::string text;
    char buffer[1024];
    while (true) {
      const auto size = ::recv(socket_, buffer, sizeof buffer, 0);
      if (size == 0 || (size < 0 && errno == ECONNRESET)) return text;
      if (size < 0) return "waited in vain";
      text.append(buffer, static_cast<std::size_t>(size));
    }
  }

 private:
  static unconnected_socket connected(const address& to) {
    unconnected_socket made;
    made.connect(to);
    return made;
  }

  descriptor opened_;
  int socket_;
};

struct served : testing::Test {
  explicit served(client_limits limits = {}) : pages({"127.0.0.1", 0}, limits) {
    pages.add_page("/metrics", []() -> page { return {"text/plain", "up 1\n"}; });
    pages.start();
  }
  server pages;
};

struct impatient : served {
  impatient() : served({std::chrono::milliseconds(100), 1000, 8}) {}
};

TEST_F(served, clients_that_send_nothing_or_half_a_request_hold_nobody_up) {
  std::vector<std::unique_ptr<raw_client>> slow;
  slow.reserve(40);
  for (int i = 0; i < 40; ++i)
    slow.push_back(std::make_unique<raw_client>(pages.where(), i % 2 == 0 ? "" : "GET /metrics HTTP/1.1\r\nHost:"));
  EXPECT_EQ(get(address_of(pages), "/metrics", "the server").body, "up 1\n");
  // Who sends the rest in time is answered.
  slow[1]->send(" here\r\n\r\n");
  EXPECT_THAT(slow[1]->rest(), testing::HasSubstr("200 OK"));
}

TEST_F(served, more_clients_than_it_keeps_cost_those_that_waited_longest) {
  std::vector<std::unique_ptr<raw_client>> slow;
  slow.reserve(65);
  for (int i = 0; i < 65; ++i) slow.push_back(std::make_unique<raw_client>(pages.where(), ""));
  EXPECT_EQ(get(address_of(pages), "/metrics", "the server").body, "up 1\n");
  EXPECT_EQ(slow.front()->rest(), "");
}

/// All file descriptors that this process may still open.
class no_more_files {
 public:
  no_more_files() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = std::min<rlim_t>(few.rlim_cur, 256);
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    for (int taken = ::dup(STDERR_FILENO); taken >= 0; taken = ::dup(STDERR_FILENO)) taken_.push_back(taken);
    EXPECT_EQ(errno, EMFILE);
  }
  ~no_more_files() {
    for (const int each : taken_) ::close(each);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  no_more_files(const no_more_files&) = delete;
  no_more_files& operator=(const no_more_files&) = delete;

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

TEST_F(served, without_a_descriptor_for_a_client_it_waits_and_does_not_spin) {
  unconnected_socket socket;
  double used = 0;
  {
    const no_more_files left;
    socket.connect(pages.where());
    const double before = cpu_seconds();
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    used = cpu_seconds() - before;
  }
  EXPECT_LT(used, 0.2) << "of 0.6 s";
  const raw_client client(std::move(socket), "GET /metrics HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.rest(), testing::HasSubstr("up 1\n")) << "once there are some again";
}

TEST_F(served, without_a_descriptor_who_waited_longest_makes_room) {
  const raw_client silent(pages.where(), "");
  EXPECT_EQ(get(address_of(pages), "/metrics", "the server").body, "up 1\n");  // and so the first one is taken
  unconnected_socket socket;
  const no_more_files left;
  socket.connect(pages.where());
  const raw_client client(std::move(socket), "GET /metrics HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.rest(), testing::HasSubstr("up 1\n"));
  EXPECT_EQ(silent.rest(), "");
}

TEST_F(impatient, half_open_clients_are_cut_off) {
  const raw_client silent(pages.where(), ""), half(pages.where(), "GET /metr");
  EXPECT_EQ(silent.rest(), "");
  EXPECT_EQ(half.rest(), "");
}

TEST_F(impatient, requests_that_are_none_are_refused) {
  EXPECT_THAT(raw_client(pages.where(), "\x16\x03\x01 hello\r\n\r\n").rest(), testing::HasSubstr(" 400 "));
  EXPECT_THAT(raw_client(pages.where(), "GET metrics HTTP/1.1\r\n\r\n").rest(), testing::HasSubstr(" 400 "));
  EXPECT_THAT(raw_client(pages.where(), "GET / HTTP/1.1\r\nX: " + std::string(2000, 'x')).rest(),
              testing::HasSubstr(" 431 "));
  EXPECT_THAT(raw_client(pages.where(), "DELETE /metrics HTTP/1.1\r\n\r\n").rest(),
              testing::AllOf(testing::HasSubstr(" 405 "), testing::HasSubstr("Allow: GET, HEAD")));
  const auto head = raw_client(pages.where(), "HEAD /metrics?a=b HTTP/1.0\r\n\r\n").rest();
  EXPECT_THAT(head, testing::AllOf(testing::HasSubstr(" 200 "), testing::HasSubstr("Content-Length: 5\r\n")));
  EXPECT_EQ(head.substr(head.size() - 4), "\r\n\r\n") << "no body";
  EXPECT_THAT(raw_client(pages.where(), "GET http://here:1/metrics HTTP/1.1\n\n").rest(), testing::HasSubstr("up 1\n"));
}

TEST(server, a_port_in_use_is_refused_by_name) {
  server first({"127.0.0.1", 0});
  first.start();
  try {
    server second(first.where());
    FAIL() << "both listen on one port";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::environment);
    EXPECT_NE(std::string(e.what()).find("in use"), std::string::npos) << e.what();
  }
}

TEST(client, an_answer_above_the_limit_is_cut_off) {
  server pages({"127.0.0.1", 0});
  pages.add_page("/large", []() -> page { return {"text/plain", std::string(200'000, 'x')}; });
  pages.start();
  answer_limits limits;
  limits.bytes = 100'000;
  try {
    get(address_of(pages), "/large", "the server", limits);
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::environment);
    EXPECT_NE(std::string(e.what()).find("more than"), std::string::npos) << e.what();
  }
}

TEST(client, a_server_that_is_down_is_an_error_of_the_environment) {
  // Bound, so that nobody else listens there meanwhile.
  const descriptor held(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in where{};
  socklen_t length = sizeof where;
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(held.number(), reinterpret_cast<const sockaddr*>(&where), length), 0);
  ASSERT_EQ(::getsockname(held.number(), reinterpret_cast<sockaddr*>(&where), &length), 0);
  url nowhere;
  nowhere.host = "127.0.0.1";
  nowhere.port = ntohs(where.sin_port);
  try {
    get(nowhere, "/", "the Prometheus server");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::environment);
    EXPECT_NE(std::string(e.what()).find("the Prometheus server at http://127.0.0.1"), std::string::npos);
  }
}

}  // namespace
}  // namespace gpubench::http
