#include "core/json.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

void expect_refusal(const std::string& text, const std::string& place, const std::string& sentence) {
  try {
    parse_json(text, "r.json");
    ADD_FAILURE() << "accepted " << text;
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), error_kind::input);
    EXPECT_EQ(failure.where().to_string(), place) << text;
    EXPECT_EQ(std::string(failure.what()), sentence) << text;
    EXPECT_FALSE(failure.hint().empty());
  }
}

TEST(parse_json, keeps_the_order_of_keys) {
  EXPECT_EQ(parse_json(R"({"z":1,"a":2})", "r.json").dump(), R"({"z":1,"a":2})");
}

TEST(parse_json, points_at_the_mistake) {
  expect_refusal("{\n  \"a\": 1,\n  \"b\" 2\n}", "r.json:3:7", "not valid JSON here");
  expect_refusal("nope", "r.json:1:2", "not valid JSON here");
  expect_refusal("\n\n\n\n{\"a\": 1,}", "r.json:5:9", "not valid JSON here");
  expect_refusal("{} x", "r.json:1:4", "not valid JSON here");
  expect_refusal("[NaN]", "r.json:1:2", "not valid JSON here");
}

TEST(parse_json, names_empty_and_truncated_files) {
  expect_refusal("", "r.json", "the file is empty");
  expect_refusal(" \n", "r.json", "the file is empty");
  for (const std::string text : {"{", "{\"a\": [1, 2", "{\"a\": \"b", "{\"a\": tru", "{\"a\":", "[1,\n"}) {
    try {
      parse_json(text, "r.json");
      ADD_FAILURE() << "accepted " << text;
    } catch (const error& failure) {
      EXPECT_EQ(std::string(failure.what()), "the JSON text ends in the middle") << text;
    }
  }
}

TEST(parse_json, refuses_a_number_that_no_double_holds) {
  expect_refusal("{\"a\": 1,\n \"b\": 1e999}", "r.json:2:7", "number is too large");
}

TEST(parse_json, refuses_text_that_is_not_utf_8) {
  EXPECT_THROW(parse_json("\"\xff\"", "r.json"), error);
}

TEST(parse_json, refuses_a_key_that_stands_twice_in_one_object) {
  expect_refusal("{\"a\": 1,\n \"b\": {\"c\": 1, \"d\": [2], \"c\": 3}}", "r.json:2:26",
                 "'c' stands twice in this object");
  EXPECT_EQ(parse_json(R"({"a":{"b":1},"b":[{"a":1},{"a":2}]})", "r.json")["b"].size(), 2u);
}

TEST(parse_json, refuses_what_is_nested_deeper_than_64_levels) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_EQ(parse_json(nested(64), "r.json").size(), 1u);
  expect_refusal(nested(65), "r.json:1:65", "nested deeper than 64 levels");
  expect_refusal(nested(100000), "r.json:1:65", "nested deeper than 64 levels");
}

TEST(parse_json, survives_deep_nesting) {
  EXPECT_THROW(parse_json(std::string(200000, '['), "r.json"), error);
}

}  // namespace
}  // namespace gpubench
