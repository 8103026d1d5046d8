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

TEST(GoogleBenchmark, AnUnknownUnitOfTimeIsPointedAt) {
  EXPECT_THAT(refusal_of([] {
                read_text("google-benchmark",
                          edited("google_benchmark.json", "\"time_unit\": \"us\"", "\"time_unit\": \"cycles\""));
              }),
              HasSubstr("4:264: benchmarks[0].time_unit is 'cycles', not one of ns, us, ms, s"));
}

}  // namespace
}  // namespace gpubench::imports
