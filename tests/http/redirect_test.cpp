#include "http/redirect.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <httplib.h>

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/client.hpp"

namespace gpubench::http {
namespace {

destination at(const std::string& address, const std::string& target) {
  return {parse_url(address), target};
}

std::string followed(const std::string& location) {
  const auto to = follow(at("http://host:9090", "/a/b?query=1"), location, "the server");
  return to.server.origin() + to.target;
}

// RFC 3986, section 5.
TEST(follow, resolves_what_a_location_may_be) {
  EXPECT_EQ(followed("/c?query=2"), "http://host:9090/c?query=2");
  EXPECT_EQ(followed("c"), "http://host:9090/a/c");
  EXPECT_EQ(followed("?query=2#part"), "http://host:9090/a/b?query=2");
  EXPECT_EQ(followed("https://other/c?to=http://host"), "https://other:443/c?to=http://host");
  EXPECT_EQ(followed("//other:80?x"), "http://other:80/?x");
  EXPECT_EQ(followed("/login?to=http://host"), "http://host:9090/login?to=http://host");
}

TEST(follow, passwords_stay_with_their_origin) {
  const auto from = at("http://me:secret@host", "/a");
  const auto same = follow(from, "HTTP://Host:80/b", "the server");
  EXPECT_EQ(same.server.user, "me");
  EXPECT_EQ(same.server.password, "secret");
  for (const char* other :
       {"http://other/b", "https://host/b", "http://host:81/b", "//other/b", "http://host@other/b"}) {
    try {
      follow(from, other, "the server");
      ADD_FAILURE() << other;
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::environment) << other;
      EXPECT_EQ(std::string(e.what()).find("secret"), std::string::npos) << other;
    }
  }
}

TEST(follow, refuses_what_is_no_address) {
  for (const char* wrong : {"ftp://host/a", "http://", "http://host:port/", "//"})
    EXPECT_THROW(follow(at("http://host", "/"), wrong, "the server"), error) << wrong;
}

/// A server that notes what it was asked, and answers with a redirect or with its name.
class noting_server {
 public:
  explicit noting_server(std::function<std::string(const std::string& path)> location = {}) {
    const auto answer = [this, location = std::move(location)](const httplib::Request& asked,
                                                               httplib::Response& response) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        asked_.push_back(asked.method + " " + asked.target + " " + asked.get_header_value("Authorization"));
      }
      const auto to = location ? location(asked.path) : "";
      if (to.empty())
        response.set_content("here", "text/plain");
      else
        response.set_redirect(to);
    };
    server_.Get(".*", answer);
    server_.Put(".*", answer);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~noting_server() {
    server_.stop();
    thread_.join();
  }
  noting_server(const noting_server&) = delete;
  noting_server& operator=(const noting_server&) = delete;

  std::string origin(const std::string& user = "") const {
    return "http://" + user + "127.0.0.1:" + std::to_string(port_);
  }
  std::vector<std::string> asked() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return asked_;
  }

 private:
  httplib::Server server_;
  std::mutex mutex_;
  std::vector<std::string> asked_;
  int port_ = 0;
  std::thread thread_;
};

// "me:secret" in base 64 (RFC 7617).
constexpr const char* basic = "Basic bWU6c2VjcmV0";

TEST(client, does_not_take_a_password_to_another_server) {
  noting_server second;
  noting_server first([&](const std::string&) { return second.origin() + "/stolen"; });
  try {
    get(parse_url(first.origin("me:secret@")), "/api", "the server");
    FAIL() << "followed";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::environment);
    EXPECT_NE(std::string(e.what()).find(second.origin()), std::string::npos) << e.what();
  }
  ASSERT_EQ(first.asked().size(), 1U);
  EXPECT_EQ(first.asked().front(), std::string("GET /api ") + basic);
  EXPECT_TRUE(second.asked().empty());
}

TEST(client, follows_redirects_within_a_server_with_its_password) {
  noting_server server([](const std::string& path) { return path == "/old" ? "/new?x=1" : ""; });
  EXPECT_EQ(get(parse_url(server.origin("me:secret@")), "/old", "the server").body, "here");
  ASSERT_EQ(server.asked().size(), 2U);
  EXPECT_EQ(server.asked().back(), std::string("GET /new?x=1 ") + basic);
}

TEST(client, follows_to_another_server_where_there_is_no_password) {
  noting_server second;
  noting_server first([&](const std::string&) { return second.origin() + "/b"; });
  EXPECT_EQ(get(parse_url(first.origin()), "/a", "the server").body, "here");
  EXPECT_EQ(second.asked(), std::vector<std::string>{"GET /b "});
}

TEST(client, gives_up_on_redirects_without_end) {
  noting_server server([](const std::string& path) { return path + "x"; });
  EXPECT_THROW(get(parse_url(server.origin()), "/", "the server"), error);
  EXPECT_EQ(server.asked().size(), 6U);
}

TEST(client, never_sends_what_it_puts_anywhere_else) {
  noting_server second;
  noting_server first([&](const std::string&) { return second.origin() + "/b"; });
  try {
    put(parse_url(first.origin()), "/a", "text", "text/plain", "the server");
    FAIL() << "followed";
  } catch (const error& e) {
    EXPECT_NE(std::string(e.what()).find(second.origin()), std::string::npos) << e.what();
  }
  EXPECT_TRUE(second.asked().empty());
}

}  // namespace
}  // namespace gpubench::http
