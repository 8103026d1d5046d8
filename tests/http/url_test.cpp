#include "http/url.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace gpubench::http {
namespace {

TEST(url, parts_are_found) {
  const auto plain = parse_url("http://127.0.0.1:9090");
  EXPECT_EQ(plain.host, "127.0.0.1");
  EXPECT_EQ(plain.port, 9090);
  EXPECT_EQ(plain.path, "");
  const auto full = parse_url("https://me:se:cret@metrics.example.com/prometheus/");
  EXPECT_TRUE(full.tls);
  EXPECT_EQ(full.port, 443);
  EXPECT_EQ(full.path, "/prometheus");
  EXPECT_EQ(full.user, "me");
  EXPECT_EQ(full.password, "se:cret");
  EXPECT_EQ(parse_url("https://me:p%40ss@host").password, "p@ss");
  EXPECT_EQ(parse_url("localhost:9091").port, 9091);
  EXPECT_EQ(parse_url("http://[::1]:9090/x").host, "::1");
}

TEST(url, is_shown_without_password) {
  EXPECT_EQ(parse_url("https://me:secret@host/p").shown(), "https://host:443/p");
  EXPECT_EQ(parse_url("http://[::1]").shown(), "http://[::1]:80");
}

TEST(url, wrong_ones_are_refused_without_telling_passwords) {
  for (const char* wrong : {"", "ftp://host", "http://", "http://host:0", "http://host:99999", "http://host:port",
                            "http://host/path?query=1", "http://ho st", "http://[::1", "http://host/a b",
                            "http://host:", "http://me:p w@host", "http://me:p'w@host"}) {
    try {
      parse_url(wrong);
      ADD_FAILURE() << wrong;
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::usage) << wrong;
    }
  }
  try {
    parse_url("http://me:secret@host:nope");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(std::string(e.what()).find("secret"), std::string::npos);
  }
}

TEST(without_passwords, leaves_the_rest_of_a_command_line) {
  EXPECT_EQ(without_passwords("gpubench run --push https://me:p@ss@host/x --note a@b"),
            "gpubench run --push https://host/x --note a@b");
  EXPECT_EQ(without_passwords("--a http://x/@y"), "--a http://x/@y");
  EXPECT_EQ(without_passwords("nothing"), "nothing");
}

TEST(address, loopback_is_the_default_host) {
  EXPECT_EQ(parse_address("9835").shown(), "127.0.0.1:9835");
  EXPECT_EQ(parse_address(":9835").shown(), "127.0.0.1:9835");
  EXPECT_EQ(parse_address("0.0.0.0:80").host, "0.0.0.0");
  EXPECT_EQ(parse_address("[::1]:0").shown(), "[::1]:0");
  EXPECT_TRUE(parse_address("[::1]:0").is_loopback());
  EXPECT_FALSE(parse_address("0.0.0.0:1").is_loopback());
  for (const char* wrong : {"", "host", "host:", "1.2.3.4:70000", "a b:1"})
    EXPECT_THROW(parse_address(wrong), error) << wrong;
}

TEST(percent_encode, keeps_only_unreserved_characters) {
  EXPECT_EQ(percent_encode("up{a=\"b c\"}[5m]"), "up%7Ba%3D%22b%20c%22%7D%5B5m%5D");
  EXPECT_EQ(percent_encode("a-b_c.d~9"), "a-b_c.d~9");
}

}  // namespace
}  // namespace gpubench::http
