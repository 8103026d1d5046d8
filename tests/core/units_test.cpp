#include "core/units.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gpubench {
namespace {

template <class Function>
void expect_usage_error(Function function, const std::string& text) {
  try {
    function(text);
    ADD_FAILURE() << "accepted '" << text << "'";
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), error_kind::usage);
    EXPECT_NE(std::string(failure.what()).find("'" + text + "'"), std::string::npos) << failure.what();
    EXPECT_FALSE(failure.hint().empty());
  }
}

TEST(durations, reach_down_to_microseconds) {
  EXPECT_DOUBLE_EQ(parse_duration("250us").count(), 250e-6);
  EXPECT_DOUBLE_EQ(parse_duration("1ms500us").count(), 1.5e-3);
}

TEST(parse_duration, understands_units_and_their_sums) {
  EXPECT_DOUBLE_EQ(parse_duration("90s").count(), 90);
  EXPECT_DOUBLE_EQ(parse_duration("250ms").count(), 0.25);
  EXPECT_DOUBLE_EQ(parse_duration("15m").count(), 900);
  EXPECT_DOUBLE_EQ(parse_duration("15 min").count(), 900);
  EXPECT_DOUBLE_EQ(parse_duration("24h").count(), 86400);
  EXPECT_DOUBLE_EQ(parse_duration("2d").count(), 172800);
  EXPECT_DOUBLE_EQ(parse_duration("1h30m").count(), 5400);
  EXPECT_DOUBLE_EQ(parse_duration(" 1h 30m ").count(), 5400);
  EXPECT_DOUBLE_EQ(parse_duration("0.5h").count(), 1800);
}

TEST(parse_duration, refuses_everything_else) {
  for (const auto* text : {"",      "  ",  "h",   "abc",  "-5s",   "0",      "24",     "0s",        "5 weeks", "1e3s",
                           "1..5s", "nan", "inf", "1h30", "30 1h", "1h-30m", "101d5y", "40000000d", "0x10",    "5s;"})
    expect_usage_error([](const std::string& t) { return parse_duration(t); }, text);
}

TEST(parse_bytes, tells_decimal_from_binary) {
  EXPECT_DOUBLE_EQ(parse_bytes("4096"), 4096);
  EXPECT_DOUBLE_EQ(parse_bytes("80GB"), 80e9);
  EXPECT_DOUBLE_EQ(parse_bytes("80 GiB"), 80.0 * 1073741824);
  EXPECT_DOUBLE_EQ(parse_bytes("1.5kib"), 1536);
  EXPECT_DOUBLE_EQ(parse_bytes("512M"), 512e6);
  EXPECT_DOUBLE_EQ(parse_bytes("2TB"), 2e12);
}

TEST(parse_bytes, refuses_everything_else) {
  for (const auto* text : {"", "GB", "-1GB", "0", "0GiB", "12 parsecs", "1GB2", "9999999TB", "nan", "1,5GB"})
    expect_usage_error([](const std::string& t) { return parse_bytes(t); }, text);
}

TEST(format_si, chooses_the_prefix_after_rounding) {
  EXPECT_EQ(format_si(2.5e9, "B/s"), "2.50 GB/s");
  EXPECT_EQ(format_si(0, "B/s"), "0 B/s");
  EXPECT_EQ(format_si(999.4, "B"), "999 B");
  EXPECT_EQ(format_si(999.6, "B"), "1.00 kB");
  EXPECT_EQ(format_si(9.996e3, "B"), "10.0 kB");
  EXPECT_EQ(format_si(-3.2e-3, "s"), "-3.20 ms");
  EXPECT_EQ(format_si(5e-6, "s"), "5.00 µs");
  EXPECT_EQ(format_si(1e-12, "s"), "1e-12 s");
  EXPECT_EQ(format_si(1.23e15, "FLOP/s", 2), "1.2 PFLOP/s");
}

TEST(format_bytes, is_binary_and_never_exponential) {
  EXPECT_EQ(format_bytes(85899345920.0), "80 GiB");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1023 * gib), "1023 GiB");
  EXPECT_EQ(format_bytes(999.7 * mib), "1000 MiB");
  EXPECT_EQ(format_bytes(123456 * 1024 * gib), "123456 TiB");
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(-2 * gib), "-2 GiB");
}

TEST(format_duration, suits_the_length) {
  EXPECT_EQ(format_duration(0), "0 s");
  EXPECT_EQ(format_duration(0.412), "412 ms");
  EXPECT_EQ(format_duration(59.96), "60.0 s");
  EXPECT_EQ(format_duration(300), "5.00 min");
  EXPECT_EQ(format_duration(19.8 * 3600), "19.8 h");
  EXPECT_EQ(format_duration(412.0 * 86400), "412 days");
}

TEST(format_number, groups_thousands) {
  EXPECT_EQ(format_number(16400), "16,400");
  EXPECT_EQ(format_number(0.53, 2), "0.53");
  EXPECT_EQ(format_number(-1234567, 4), "-1,235,000");
  EXPECT_EQ(format_number(999.9), "1,000");
  EXPECT_EQ(format_number(100), "100");
  EXPECT_EQ(format_number(0), "0");
}

TEST(format_number, survives_absurd_values) {
  EXPECT_EQ(format_number(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(format_number(std::numeric_limits<double>::denorm_min()), "0");
  EXPECT_EQ(format_si(std::numeric_limits<double>::infinity(), "B"), "inf B");
  EXPECT_GT(format_number(1e300).size(), 300U);
}

TEST(parse_date, counts_days_and_knows_the_calendar) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("2000-03-01"), 11017);
  EXPECT_EQ(*parse_date("2024-03-01") - *parse_date("2024-02-28"), 2);  // a leap year
  EXPECT_EQ(parse_date("2026-11"), parse_date("2026-11-01"));
  EXPECT_EQ(parse_date("2026"), parse_date("2026-01-01"));
  for (const auto* text : {"", "2026-13", "2026-02-29", "2026-1-1", "26-01-01", "2026-01-01-01", "2026-00", "20x6"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(format_utc, is_iso_8601) {
  EXPECT_EQ(format_utc(std::chrono::system_clock::from_time_t(951782400)), "2000-02-29T00:00:00Z");
  EXPECT_EQ(days_since_epoch(std::chrono::system_clock::from_time_t(-1)), -1);
}

TEST(parse_utc_seconds, takes_iso_8601_and_what_logs_write) {
  constexpr double moment = 1'700'158'546;  // 2023-11-16 18:15:46
  EXPECT_EQ(parse_utc_seconds("2023-11-16T18:15:46Z"), moment);
  EXPECT_EQ(parse_utc_seconds("2023-11-16 18:15:46"), moment);
  EXPECT_EQ(parse_utc_seconds("2023-11-16 18:15:46.5"), moment + 0.5);
  EXPECT_EQ(parse_utc_seconds("2023-11-16T18:15Z"), moment - 46);
  for (const char* text : {"", "2023-11-16", "2023-11-16T24:00:00", "2023-11-16T18:60", "2023-02-30T01:00:00",
                           "2023-11-16T18:15:61", "2023-11-16T18:15:46+01:00", "2023-11-16x18:15:46", "18:15:46"})
    EXPECT_FALSE(parse_utc_seconds(text)) << text;
}

}  // namespace
}  // namespace gpubench
