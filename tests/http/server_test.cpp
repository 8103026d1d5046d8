#include "http/server.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <string>

#include "http/client.hpp"

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
  int free_port = 0;
  {
    server gone({"127.0.0.1", 0});
    gone.start();
    free_port = gone.where().port;
  }
  url nowhere;
  nowhere.host = "127.0.0.1";
  nowhere.port = free_port;
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
