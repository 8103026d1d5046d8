#include "serving/trace.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/temporary_folder.hpp"

namespace gpubench::serving {
namespace {

using ::testing::HasSubstr;

std::filesystem::path file_with(const std::string& text) {
  static const temporary_folder folder;
  return folder.write("trace.csv", text);
}

/// The error that a trace meets, as the user reads it without its path; empty where there is none.
std::string complaint(const std::string& text, double gap = 3600) {
  const auto path = file_with(text);
  try {
    load_trace(path, gap);
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    std::string said = e.describe();
    const auto at = said.find(path.string());
    return at == std::string::npos ? said : said.substr(at + path.string().size());
  }
  return {};
}

TEST(trace, reads_requests_in_the_unit_that_the_header_names) {
  for (const char* text :
       {"time_seconds,prompt_tokens,output_tokens\n10,100,5\n10.25,200,6\n",
        "output_tokens,time_ms,prompt_tokens,user\n5,10000,100,a\n6,10250,200,\"b,c\"\n",
        "\xEF\xBB\xBFTIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.5000000,100,5\r\n"
        "2023-11-16 18:15:46.7500000,200,6\r\n",
        "time,input tokens,completion_tokens\n10,\"100\",5\n\n10.25,200,6"}) {
    const trace found = load_trace(file_with(text));
    ASSERT_EQ(found.requests.size(), 2U) << text;
    EXPECT_EQ(found.requests[0].arrival_seconds, 0);
    EXPECT_NEAR(found.requests[1].arrival_seconds, 0.25, 1e-6) << text;
    EXPECT_EQ(found.requests[1].prompt_tokens, 200U);
    EXPECT_EQ(found.requests[1].output_tokens, 6U);
    EXPECT_TRUE(found.is_whole);
    EXPECT_NEAR(found.rate_per_second(), 4, 1e-4);
  }
}

TEST(trace, says_where_and_what_is_wrong) {
  const std::string header = "time_seconds,prompt_tokens,output_tokens\n";
  EXPECT_THAT(complaint(""), HasSubstr("the trace is empty"));
  EXPECT_THAT(complaint(header), HasSubstr("no request"));
  EXPECT_THAT(complaint("when,prompt_tokens,output_tokens\n1,1,1\n"),
              HasSubstr(":1:1: column 'time_seconds' is missing"));
  EXPECT_THAT(complaint("time,prompt_tokens,out\n1,1,1\n"), HasSubstr("column 'output_tokens' is missing"));
  EXPECT_THAT(complaint(header + "1,10,10\n0.5,10,10\n"), HasSubstr(":3:1: time 0.5 is before"));
  EXPECT_THAT(complaint(header + "1,10,10\n0.5,10,10\n"), HasSubstr("sort the trace by time"));
  EXPECT_THAT(complaint(header + "1,0,10\n"), HasSubstr(":2:3: prompt_tokens '0' is not a whole number"));
  EXPECT_THAT(complaint(header + "1,10,-3\n"), HasSubstr(":2:6: output_tokens '-3'"));
  EXPECT_THAT(complaint(header + "1,10,2.5\n"), HasSubstr("'2.5' is not a whole number"));
  EXPECT_THAT(complaint(header + "1,99000000,2\n"), HasSubstr("not in characters or bytes"));
  EXPECT_THAT(complaint(header + "1,10\n"), HasSubstr("the line has 2 cells, the header 3"));
  EXPECT_THAT(complaint(header + "x,10,10\n"), HasSubstr("time 'x' is not a number"));
  EXPECT_THAT(complaint(header + "nan,10,10\n"), HasSubstr("time 'nan' is not a number"));
  EXPECT_THAT(complaint(header + "1,\"10,10\n"), HasSubstr("quoted cell is never closed"));
}

TEST(trace, gaps_and_other_units_are_not_taken_for_idle_time) {
  EXPECT_THAT(complaint("time_s,prompt_tokens,output_tokens\n0,1,1\n7200,1,1\n"),
              HasSubstr(":3:1: 2.00 h without a request"));
  EXPECT_THAT(complaint("time,prompt_tokens,output_tokens\n0,1,1\n7200,1,1\n"), HasSubstr("time_ms"));
  EXPECT_EQ(complaint("time,prompt_tokens,output_tokens\n0,1,1\n7200,1,1\n", 1e4), "");
  EXPECT_THAT(complaint("timestamp,prompt_tokens,output_tokens\n1700158546680,1,1\n"),
              HasSubstr("no number of seconds"));
  EXPECT_EQ(complaint("timestamp,prompt_tokens,output_tokens\n1700158546,1,1\n"), "");
}

TEST(trace, of_a_long_one_the_busiest_stretch_is_kept) {
  std::string text = "time_seconds,prompt_tokens,output_tokens\n";
  double now = 0;
  for (int i = 0; i < 10'000; ++i) {
    now += i >= 6000 && i < 7000 ? 0.01 : 1;
    text += std::to_string(now) + "," + std::to_string(i + 1) + ",1\n";
  }
  const trace found = load_trace(file_with(text), 3600, 800);
  EXPECT_FALSE(found.is_whole);
  EXPECT_EQ(found.requests_in_file, 10'000);
  EXPECT_EQ(found.requests.size(), 800U);
  EXPECT_EQ(found.requests.front().arrival_seconds, 0);
  EXPECT_GE(found.requests.front().prompt_tokens, 6000U);
  EXPECT_LE(found.requests.back().prompt_tokens, 7001U);
  EXPECT_NEAR(found.rate_per_second(), 100, 1);
}

TEST(trace, a_file_that_is_not_there_is_an_io_error) {
  for (const char* path : {"/no/such/trace.csv", "/tmp"}) {
    try {
      load_trace(path);
      FAIL();
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::io);
    }
  }
}

}  // namespace
}  // namespace gpubench::serving
