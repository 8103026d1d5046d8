#include "capacity/demand_trace.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <sstream>
#include <string>

namespace gpubench::capacity {
namespace {

using ::testing::DoubleEq;
using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

demand_trace read(const std::string& text, const trace_options& options = {}) {
  std::istringstream in(text);
  return read_demand_trace(in, "t.csv", options);
}

/// The refusal's whole text: "error: t.csv:3:1: ..." and the hint.
std::string refusal(const std::string& text, const trace_options& options = {}) {
  try {
    read(text, options);
  } catch (const error& refused) {
    return refused.describe();
  }
  ADD_FAILURE() << "nothing was refused in\n" << text;
  return {};
}

TEST(demand_trace, holds_a_rate_until_the_next_row) {
  const auto trace = read("time_seconds,units_per_second\n0,2\n120,4\n");
  EXPECT_THAT(trace.demand, ElementsAre(2, 2, 4, 4));
  EXPECT_EQ(trace.rows, 2U);
  EXPECT_EQ(trace.spacing_seconds, 120);
}

TEST(demand_trace, spreads_an_amount_over_its_row) {
  // 600 units in two minutes are 5 a second.
  EXPECT_THAT(read("time_minutes,units\n0,600\n2,1200\n").demand, ElementsAre(5, 5, 10, 10));
}

TEST(demand_trace, averages_rows_within_a_minute) {
  EXPECT_THAT(read("time_seconds,units_per_second\n0,1\n30,3\n60,5\n90,5\n").demand, ElementsAre(2, 5));
}

TEST(demand_trace, conserves_what_arrived) {
  // Rows of 45 s with some jitter, none of them on a minute.
  std::string text = "time_seconds,units\n";
  double time = 17, total = 0;
  for (int i = 0; i < 1000; ++i) {
    text += std::to_string(time) + "," + std::to_string(i % 7) + "\n";
    total += i % 7;
    time += 45 + (i % 3) - 1;
  }
  const auto demand = read(text).demand;
  const double arrived = std::accumulate(demand.begin(), demand.end() - 1, 0.0) * step_seconds;
  EXPECT_THAT(arrived, DoubleNear(total, 20));  // all but what lies in the last, partial minute
  EXPECT_LE(arrived, total);
}

TEST(demand_trace, knows_units_by_the_header) {
  trace_options options;
  options.units_per_request = 100;
  EXPECT_THAT(read("time_hours,requests_per_minute\n0,6\n1,6\n", options).demand, Each(DoubleEq(10)));
  EXPECT_THAT(read("time_milliseconds,units_per_hour\n0,3600\n60000,3600\n").demand, Each(DoubleEq(1)));
  EXPECT_THAT(refusal("time_hours,requests_per_minute\n0,6\n1,6\n"), HasSubstr("--units-per-request"));
}

TEST(demand_trace, reads_times_in_words_and_ignores_other_columns) {
  const auto trace =
      read("\xEF\xBB\xBFnote,time,units_per_second\r\na,2026-12-31T23:59:00Z,1\r\n\r\nb,2027-01-01 00:00,2\r\n");
  EXPECT_THAT(trace.demand, ElementsAre(1, 2));
  EXPECT_THAT(refusal("time,units\n2026-12-31,1\n"), HasSubstr("t.csv:2:1: time '2026-12-31' is not a time in UTC"));
}

TEST(demand_trace, refuses_a_gap_or_fills_it_as_asked) {
  const std::string text = "time_minutes,units_per_second\n0,2\n1,2\n5,6\n6,6\n";
  EXPECT_THAT(refusal(text), HasSubstr("t.csv:4:1: a gap: 4.00 min after the row before"));
  trace_options options;
  options.fill = gap_fill::hold;
  EXPECT_THAT(read(text, options).demand, ElementsAre(2, 2, 2, 2, 2, 6, 6));
  options.fill = gap_fill::zero;
  EXPECT_THAT(read(text, options).demand, ElementsAre(2, 2, 0, 0, 0, 6, 6));
  options.fill = gap_fill::linear;
  const auto ramp = read(text, options);
  EXPECT_EQ(ramp.gaps, 1U);
  EXPECT_EQ(ramp.filled_seconds, 180);
  EXPECT_THAT(ramp.demand, ElementsAre(2, 2, DoubleNear(2 + 4.0 / 6, 1e-12), DoubleNear(4, 1e-12),
                                       DoubleNear(6 - 4.0 / 6, 1e-12), 6, 6));
}

TEST(demand_trace, refuses_bad_rows_with_their_place) {
  const std::string head = "time_seconds,units\n0,1\n60,1\n";
  EXPECT_THAT(refusal(head + "60,1\n"), HasSubstr("t.csv:4:1: the time repeats"));
  EXPECT_THAT(refusal(head + "30,1\n"), HasSubstr("t.csv:4:1: the time lies before"));
  EXPECT_THAT(refusal(head + "120,-1\n"), HasSubstr("t.csv:4:5: units -1 is negative"));
  EXPECT_THAT(refusal(head + "120,many\n"), HasSubstr("t.csv:4:5: units 'many' is not a number"));
  EXPECT_THAT(refusal(head + "120,nan\n"), HasSubstr("not a number"));
  EXPECT_THAT(refusal(head + "120\n"), HasSubstr("t.csv:4:1: the row has 1 cells, the header has 2"));
  EXPECT_THAT(refusal(head + "70,1\n"), HasSubstr("only 10.0 s after the row before"));
}

TEST(demand_trace, refuses_a_header_without_units) {
  EXPECT_THAT(refusal("time,load\n"), HasSubstr("t.csv:1:1: the trace has no column of demand"));
  EXPECT_THAT(refusal("t,units\n"), HasSubstr("time_milliseconds"));
  EXPECT_THAT(refusal("time_seconds,units,requests\n"), HasSubstr("t.csv:1:20: 'requests' is a second column"));
  EXPECT_THAT(refusal(""), HasSubstr("the trace is empty"));
  EXPECT_THAT(refusal("time_seconds,units\n0,1\n"), HasSubstr("fewer than two rows"));
}

TEST(demand_trace, suspects_the_unit_of_times_that_lie_days_apart) {
  EXPECT_THAT(refusal("time_seconds,units\n0,1\n3600000,1\n"), HasSubstr("is time_seconds the unit of the times?"));
}

TEST(demand_trace, refuses_a_line_without_end_before_it_fills_the_memory) {
  EXPECT_THAT(refusal("time_seconds,units\n0,1\n" + std::string(2 << 20, '7')),
              HasSubstr("t.csv:3:1: the line is longer"));
}

TEST(demand_trace, ends_reading_with_the_horizon) {
  trace_options options;
  options.max_steps = 3;
  const auto trace = read("time_minutes,units_per_second\n0,1\n1,1\n2,1\n3,1\nnot read\n", options);
  EXPECT_TRUE(trace.is_cut);
  EXPECT_THAT(trace.demand, ElementsAre(1, 1, 1));
}

}  // namespace
}  // namespace gpubench::capacity
