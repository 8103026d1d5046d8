#include <gmock/gmock.h>

#include "import_fixture.hpp"

namespace gpubench::imports {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(GoogleBenchmark, RepetitionsAreSamplesInTheUnitOfTheEntry) {
  const auto run = import_data("google_benchmark.json").run;
  const auto& m = find(run, "google_benchmark:BM_copy/arg0:1024/threads:4", "cpu");
  EXPECT_EQ(m.samples_ns, (std::vector<double>{1500, 1250, 1750}));
  EXPECT_DOUBLE_EQ(m.time_ns->median, 1500);
  EXPECT_FALSE(m.reported->time_ns.mean) << "the samples say it";
  EXPECT_THAT(m.reported->values, Contains(results::reported_value{"hits", 13.5, std::nullopt}));
  EXPECT_EQ(m.rate, results::rates{}) << "the tool may have divided by CPU time";
}

TEST(GoogleBenchmark, AggregatesAloneAreReportedAndNotTakenForSamples) {
  const auto run = import_data("google_benchmark.json").run;
  const auto& m = find(run, "google_benchmark:BM_sort", "cpu");
  EXPECT_TRUE(m.samples_ns.empty());
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.mean, 2e6);
  EXPECT_EQ(m.reported->time_ns.n, 5U);
  EXPECT_FALSE(m.reported->time_ns.median);
  EXPECT_DOUBLE_EQ(*m.rate.items_per_second, 500000);
  EXPECT_THAT(m.reported->values, Contains(results::reported_value{"cv of the time", 0.03, "fraction"}));
}

std::string entries(const std::string& text) {
  return "{\"context\": {}, \"benchmarks\": [" + text + "]}";
}

TEST(GoogleBenchmark, CountersOfAggregatesAreNamedByTheirAggregate) {
  const auto content = read_text(
      "google-benchmark",
      entries(
          R"({"name": "B_mean", "run_name": "B", "run_type": "aggregate", "repetitions": 3, "aggregate_name": "mean",
                  "aggregate_unit": "time", "real_time": 2, "cpu_time": 1, "time_unit": "us", "bytes_per_second": 5e9,
                  "hits": 7},
                 {"name": "B_median", "run_name": "B", "run_type": "aggregate", "repetitions": 3,
                  "aggregate_name": "median", "aggregate_unit": "time", "real_time": 1.5, "cpu_time": 1,
                  "time_unit": "us", "bytes_per_second": 6e9, "hits": 8},
                 {"name": "B_cv", "run_name": "B", "run_type": "aggregate", "repetitions": 3, "aggregate_name": "cv",
                  "aggregate_unit": "percentage", "real_time": 0.25, "cpu_time": 0.5, "time_unit": "us",
                  "bytes_per_second": 0.125, "hits": 0.0625})"));
  const auto& m = content.measurements.at(0);
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.mean, 2000);
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.median, 1500);
  EXPECT_FALSE(m.reported->time_ns.stddev);
  EXPECT_EQ(m.rate, results::rates{}) << "it is work over CPU time";
  using value = results::reported_value;
  EXPECT_THAT(m.reported->values,
              testing::UnorderedElementsAre(
                  value{"mean of cpu_time", 1000, "ns"}, value{"mean of bytes_per_second", 5e9, "B/s"},
                  value{"mean of hits", 7, std::nullopt}, value{"median of cpu_time", 1000, "ns"},
                  value{"median of bytes_per_second", 6e9, "B/s"}, value{"median of hits", 8, std::nullopt},
                  value{"cv of cpu_time", 0.5, "fraction"}, value{"cv of bytes_per_second", 0.125, "fraction"},
                  value{"cv of hits", 0.0625, "fraction"}, value{"cv of the time", 0.25, "fraction"}));
}

TEST(GoogleBenchmark, TheTimeComesBeforeWhatElseAnAggregateSays) {
  const auto content = read_text(
      "google-benchmark", entries(R"({"name": "B_cv", "run_name": "B", "run_type": "aggregate", "aggregate_name": "cv",
                                      "aggregate_unit": "percentage", "real_time": 0.25, "cpu_time": 0.5})"));
  EXPECT_EQ(content.measurements.at(0).reported->values.at(0),
            (results::reported_value{"cv of the time", 0.25, "fraction"}));
}

TEST(GoogleBenchmark, ARateByRealTimeIsOne) {
  const auto content = read_text(
      "google-benchmark", entries(R"({"name": "B/real_time_mean", "run_name": "B/real_time", "run_type": "aggregate",
                                      "aggregate_name": "mean", "real_time": 2, "cpu_time": 1, "time_unit": "us",
                                      "bytes_per_second": 5e9})"));
  EXPECT_DOUBLE_EQ(*content.measurements.at(0).rate.bytes_per_second, 5e9);
}

TEST(GoogleBenchmark, AStatisticOfTheUsersOwnIsKeptBesideSamples) {
  const auto content =
      read_text("google-benchmark", entries(R"({"name": "B", "run_name": "B", "run_type": "iteration", "real_time": 2},
                                     {"name": "B_p99", "run_name": "B", "run_type": "aggregate", "aggregate_name": "p99",
                                      "aggregate_unit": "time", "real_time": 2.5, "time_unit": "ns"})"));
  const auto& m = content.measurements.at(0);
  EXPECT_EQ(m.samples_ns, std::vector<double>{2});
  EXPECT_THAT(m.reported->values, Contains(results::reported_value{"p99 of the time", 2.5, "ns"}));
}

TEST(GoogleBenchmark, FitsOverSizesAreNoMeasurements) {
  const auto content = read_text("google-benchmark",
                                 entries(R"({"name": "B/8", "run_name": "B/8", "run_type": "iteration", "real_time": 2},
                 {"name": "B_BigO", "run_name": "B", "run_type": "aggregate", "aggregate_name": "BigO",
                  "aggregate_unit": "time", "cpu_coefficient": 1.5, "real_coefficient": 1.6, "big_o": "N",
                  "time_unit": "ns"},
                 {"name": "B_RMS", "run_name": "B", "run_type": "aggregate", "aggregate_name": "RMS",
                  "aggregate_unit": "percentage", "rms": 0.02})"));
  ASSERT_EQ(content.measurements.size(), 1U);
  EXPECT_EQ(results::full_name(content.measurements[0]), "google_benchmark:B/arg0:8");
  EXPECT_TRUE(has_note(content.notes, "B_BigO is left out: fitted over the sizes"));
  EXPECT_TRUE(has_note(content.notes, "B_RMS is left out"));
}

TEST(GoogleBenchmark, AnErrorFailsTheMeasurement) {
  const auto run = import_data("google_benchmark.json").run;
  const auto& m = find(run, "google_benchmark:BM_broken", "cpu");
  EXPECT_EQ(m.status, results::measurement_status::failed);
  EXPECT_EQ(m.reason, "no such file");
}

TEST(GoogleBenchmark, TheContextsDateIsConvertedToUtcAndItsHostDropped) {
  const auto result = import_data("google_benchmark.json");
  EXPECT_EQ(result.run.started_at, "2026-03-01T11:30:00Z");
  EXPECT_EQ(result.run.environment.cpu.logical_cpus, 8);
  EXPECT_FALSE(result.run.environment.cpu.usable_cpus);
  EXPECT_EQ(results::to_json(result.run).dump().find("\"box\""), std::string::npos);
  EXPECT_TRUE(has_note(result.notes, "clock was allowed to change"));
}

TEST(GoogleBenchmark, ARateBelow0IsRefusedInRepetitionsAndAggregates) {
  const auto refusal = [](const char* from, const char* to) {
    return refusal_of([&] { read_text("google-benchmark", edited("google_benchmark.json", from, to)); });
  };
  EXPECT_THAT(refusal("\"bytes_per_second\": 7", "\"bytes_per_second\": -7"),
              HasSubstr("benchmarks[0].bytes_per_second is -700000000, below 0"));
  EXPECT_THAT(refusal("\"items_per_second\": 5", "\"items_per_second\": -5"),
              HasSubstr("benchmarks[4].items_per_second is -500000, below 0"));
  const auto counted =
      read_text("google-benchmark", edited("google_benchmark.json", "\"hits\": 12.5", "\"hits\": -12.5"));
  EXPECT_FALSE(counted.measurements.empty()) << "a counter of the user's own may be below 0";
}

TEST(GoogleBenchmark, AnUnknownUnitOfTimeIsPointedAt) {
  EXPECT_THAT(refusal_of([] {
                read_text("google-benchmark",
                          edited("google_benchmark.json", "\"time_unit\": \"us\"", "\"time_unit\": \"cycles\""));
              }),
              HasSubstr("4:264: benchmarks[0].time_unit is 'cycles', not one of ns, us, ms, s"));
}

}  // namespace
}  // namespace gpubench::imports
