#include "core/error.hpp"
#include "core/file.hpp"
#include "results/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::results {
namespace {

// A mean over 20 repetitions and a rate, without samples: what nccl-tests states.
measurement imported_measurement() {
  measurement m;
  m.benchmark = "all_reduce";
  m.params = {{"bytes", std::int64_t{1048576}}};
  m.backend = "cuda";
  m.device = "gpu0-3";
  m.work.bytes = 1048576;
  m.rate.bytes_per_second = 26e9;
  m.reported = reported_figures{{20, std::nullopt, 40000, 39000, 45000, std::nullopt},
                                {{"p99", 44.5, "us"}, {"score", -3, std::nullopt}}};
  return m;
}

run imported_run() {
  auto value = sample_run();
  value.environment = {};
  value.provenance = import_provenance{
      "2026-11-26T12:00:00Z",
      {{"a.txt", "nccl-tests", "nccl-tests", "2.17.6", "2026-02-03 04:05:06", 1234},
       {"b.txt", "nccl-tests", "nccl-tests", "2.17.6", std::nullopt, 5},
       {"c.json", "nvbandwidth", "nvbandwidth", std::nullopt, std::nullopt, 6, std::string(64, 'a')}}};
  value.measurements = {imported_measurement()};
  return value;
}

TEST(reported, an_imported_run_is_read_as_it_was_written) {
  const auto value = imported_run();
  EXPECT_EQ(run_from_json(to_json(value), "run.json"), value);
}

TEST(reported, an_imported_run_fits_the_schema_and_one_without_figures_does_not) {
  const temporary_folder folder;
  const auto path = folder.path() / "run.json";
  const std::string source = GPUBENCH_SOURCE_DIR;
  const auto validate = [&](const run& value) {
    save_run(path, value);
    const auto command = "python3 '" + source + "/tests/results/validate_schema.py' '" + source +
                         "/results/schema/gpubench.run-1.json' '" + path.string() + "' 2>/dev/null";
    const int status = std::system(command.c_str());
    return WEXITSTATUS(status);
  };
  auto value = imported_run();
  EXPECT_EQ(validate(value), 0);
  value.measurements[0].reported.reset();
  EXPECT_NE(validate(value), 0);
}

TEST(reported, says_no_more_than_the_source) {
  const auto document = to_json(imported_measurement());
  EXPECT_TRUE(document["time_ns"].is_null());
  EXPECT_TRUE(document["samples_ns"].empty());
  EXPECT_FALSE(document["reported"]["time_ns"].contains("median"));
  EXPECT_TRUE(document["reported"]["values"][1]["unit"].is_null());
}

TEST(reported, tools_are_named_once) {
  EXPECT_EQ(tools_of(*imported_run().provenance), "nccl-tests 2.17.6, nvbandwidth");
}

TEST(typical_time, is_the_samples_median_then_the_stated_median_then_the_mean) {
  auto m = imported_measurement();
  EXPECT_EQ(typical_time_ns(m), 40000);
  m.reported->time_ns.median = 39500;
  EXPECT_EQ(typical_time_ns(m), 39500);
  m.samples_ns = {1000, 3000, 2000};
  complete(m);
  EXPECT_EQ(typical_time_ns(m), 2000);
  EXPECT_FALSE(typical_time_ns(measurement{}));
  m = imported_measurement();
  m.reported->time_ns = {};
  EXPECT_FALSE(typical_time_ns(m));
}

TEST(defect_of, names_what_is_wrong_with_stated_figures) {
  EXPECT_EQ(defect_of(imported_measurement()), std::nullopt);
  const auto defect_after = [](auto change) {
    auto m = imported_measurement();
    change(m);
    return defect_of(m).value_or("none");
  };
  EXPECT_EQ(defect_after([](measurement& m) { m.reported->time_ns.mean = -1; }),
            "reported.time_ns.mean is -1, not a time");
  EXPECT_EQ(defect_after([](measurement& m) { m.reported->time_ns.min = 50000; }),
            "reported.time_ns.min is 50000, above the largest, 45000");
  EXPECT_EQ(defect_after([](measurement& m) { m.reported->values[0].value = std::numeric_limits<double>::infinity(); }),
            "reported value 'p99' is not finite");
  EXPECT_EQ(defect_after([](measurement& m) { m.rate.bytes_per_second = -2; }), "a rate is -2, not a rate");
  EXPECT_EQ(defect_after([](measurement& m) { m.reported.reset(); }), "samples_ns is empty, but the status is ok");
  EXPECT_EQ(defect_after([](measurement& m) { m.status = measurement_status::failed; }),
            "rates are given, but there are no samples");
}

TEST(run_from_json, reads_sources_without_a_digest_and_refuses_one_that_is_none) {
  auto document = to_json(imported_run());
  auto& sources = document["provenance"]["sources"];
  EXPECT_TRUE(sources[0]["sha256"].is_null());
  sources[2].erase("sha256");
  EXPECT_FALSE(run_from_json(document, "run.json").provenance->sources[2].sha256);
  sources[2]["sha256"] = "abc";
  try {
    run_from_json(document, "run.json");
    FAIL();
  } catch (const error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("provenance.sources[2].sha256 is not 64 hexadecimal digits"));
  }
}

TEST(run_from_json, refuses_a_provenance_that_it_does_not_know) {
  auto document = to_json(imported_run());
  document["provenance"]["kind"] = "guessed";
  try {
    run_from_json(document, "run.json");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_THAT(e.what(), testing::HasSubstr("provenance.kind is 'guessed'"));
  }
}

}  // namespace
}  // namespace gpubench::results
