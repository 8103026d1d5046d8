#include "results/run.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <limits>

#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::results {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class run_file : public testing::Test {
 protected:
  // Exit status of validate_schema.py.
  static int validate(const fs::path& file) {
    const std::string source = GPUBENCH_SOURCE_DIR;
    const auto command = "python3 '" + source + "/tests/results/validate_schema.py' '" + source +
                         "/results/schema/gpubench.run-1.json' '" + file.string() + "'";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  temporary_folder made_;
  const fs::path& directory_ = made_.path();
  fs::path path_ = directory_ / "run.json";
};

// Text of the refusal of a run whose JSON was changed.
template <class Change>
std::string refusal_after(Change change) {
  auto document = to_json(sample_run());
  change(document);
  try {
    run_from_json(document, "run.json");
    return "accepted";
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), error_kind::input);
    EXPECT_EQ(failure.where().file, "run.json");
    return failure.what();
  }
}

TEST_F(run_file, is_read_as_it_was_written) {
  run_writer writer(path_, sample_run());
  EXPECT_EQ(load_run(path_), sample_run());
  EXPECT_EQ(validate(path_), 0);
}

TEST_F(run_file, keeps_every_digit) {
  auto r = sample_run();
  auto& m = r.measurements[0];
  for (auto& sample : m.samples_ns) sample *= 1.0 / 3.0;
  m.samples_ns.push_back(std::numeric_limits<double>::denorm_min());
  complete(m);
  run_writer writer(path_, r);
  EXPECT_EQ(load_run(path_).measurements[0].samples_ns, m.samples_ns);
}

TEST_F(run_file, fits_the_schema_with_everything_unknown) {
  run r;
  r.id = "x";
  r.started_at = "2026-11-22T10:04:05Z";
  r.tool_version = "0.1.0";
  r.suite = "custom";
  run_writer writer(path_, r);
  EXPECT_EQ(load_run(path_), r);
  EXPECT_EQ(validate(path_), 0);
  EXPECT_EQ(read_file(path_).find(": 0,"), std::string::npos);  // unknown is never 0
}

TEST_F(run_file, writes_unknown_for_values_that_no_system_has) {
  auto r = sample_run();
  r.environment.memory_bytes = 0;
  r.environment.cpu.sockets = 0;
  r.environment.cpu.measured_clock_hertz = std::numeric_limits<double>::quiet_NaN();
  r.environment.cpu.model = "bad \xff bytes";
  r.measurements[0].verification->error = std::numeric_limits<double>::quiet_NaN();
  r.measurements[0].status = measurement_status::failed;
  r.measurements[0].rate = {};
  run_writer writer(path_, r);
  EXPECT_EQ(validate(path_), 0);
  const auto read = load_run(path_);
  EXPECT_FALSE(read.environment.memory_bytes);
  EXPECT_FALSE(read.environment.cpu.sockets);
  EXPECT_FALSE(read.environment.cpu.measured_clock_hertz);
  EXPECT_THAT(*read.environment.cpu.model, HasSubstr("bad"));
  EXPECT_FALSE(read.measurements[0].verification->passed());
}

TEST_F(run_file, that_breaks_the_schema_is_noticed) {
  auto document = to_json(sample_run());
  document["measurements"][0]["undescribed"] = 1;
  write_file_atomically(path_, document.dump());
  EXPECT_EQ(validate(path_), 1);
  document = to_json(sample_run());
  document["measurements"][0]["samples_ns"] = json::array();
  write_file_atomically(path_, document.dump());
  EXPECT_EQ(validate(path_), 1);
}

TEST_F(run_file, of_version_1_stays_readable) {
  const fs::path stored = fs::path(GPUBENCH_TEST_DATA_DIR) / "run-1.json";
  EXPECT_EQ(validate(stored), 0);
  const auto r = load_run(stored);
  EXPECT_EQ(r.suite, "quick");
  EXPECT_EQ(r.environment.cpu.l2_bytes, 2097152);
  ASSERT_EQ(r.measurements.size(), 3U);
  EXPECT_EQ(full_name(r.measurements[0]), "gemm_fp32/m:1024/n:1024/k:1024/layout:row");
  EXPECT_EQ(r.measurements[0].time_ns->n, 7U);
  EXPECT_DOUBLE_EQ(r.measurements[0].peak->fraction, 0.83);
  EXPECT_EQ(r.measurements[1].status, measurement_status::skipped);
  EXPECT_EQ(r.measurements[1].reason, "no NVIDIA driver");
}

TEST_F(run_file, grows_with_every_measurement) {
  auto head = sample_run();
  head.measurements.clear();
  head.finished_at.reset();
  run_writer writer(path_, head);
  EXPECT_EQ(load_run(path_).measurements.size(), 0U);
  writer.add(sample_measurement(8));
  writer.add(sample_without_time(measurement_status::failed));
  const auto kept = load_run(path_).measurements;
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(full_name(kept[0]), "gemm_fp32/m:8/n:8/k:8/layout:row");
  EXPECT_EQ(kept[1].status, measurement_status::failed);
  EXPECT_FALSE(load_run(path_).finished_at);
  writer.finish();
  EXPECT_TRUE(load_run(path_).finished_at);
  EXPECT_EQ(validate(path_), 0);
}

TEST_F(run_file, takes_no_measurement_that_could_not_be_read) {
  run_writer writer(path_, sample_run());
  auto broken = sample_measurement();
  broken.samples_ns[0] = std::numeric_limits<double>::infinity();
  EXPECT_THROW(writer.add(broken), error);
  EXPECT_EQ(load_run(path_), sample_run());
}

TEST_F(run_file, survives_the_death_of_its_writer) {
  auto head = sample_run();
  head.measurements.clear();
  run_writer writer(path_, head);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    for (std::int64_t size = 1;; ++size) writer.add(sample_measurement(size % 1000 + 1));
  }
  while (load_run(path_).measurements.size() < 5) ::usleep(1000);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_GE(load_run(path_).measurements.size(), 5U);
}

TEST_F(run_file, that_cannot_be_written_is_an_error_and_the_old_one_stays) {
  run_writer writer(path_, sample_run());
  EXPECT_THROW(run_writer(directory_ / "missing" / "run.json", sample_run()), error);
  EXPECT_THROW(run_writer(directory_, sample_run()), error);
  // Taking the directory away makes the next write fail, also for a user whom no permission stops.
  const auto moved = directory_.string() + ".moved";
  fs::rename(directory_, moved);
  EXPECT_THROW(writer.add(sample_measurement()), error);
  fs::rename(moved, directory_);
  EXPECT_EQ(load_run(path_), sample_run());
}

TEST_F(run_file, on_a_full_disk_is_an_io_error) {
  struct stat device {};
  if (::stat("/dev/full", &device) != 0 || !S_ISCHR(device.st_mode)) GTEST_SKIP() << "there is no /dev/full here";
  try {
    run_writer writer("/dev/full", sample_run());
    FAIL();
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), error_kind::io);
    EXPECT_THAT(failure.hint(), HasSubstr("disk space"));
  }
}

TEST_F(run_file, that_is_empty_or_truncated_is_refused_by_name) {
  const auto refusal = [&](const std::string& content) -> std::string {
    write_file_atomically(path_, content);
    try {
      load_run(path_);
      return "accepted";
    } catch (const error& failure) {
      return failure.what();
    }
  };
  EXPECT_EQ(refusal(""), "the file is empty");
  const auto whole = to_json(sample_run()).dump(1);
  for (std::size_t length = 1; length + 1 < whole.size(); length += 97)
    EXPECT_EQ(refusal(whole.substr(0, length)), "the JSON text ends in the middle") << length;
}

TEST(run_from_json, refuses_other_files_and_newer_versions) {
  EXPECT_EQ(refusal_after([](json& d) { d["schema"] = "gpubench.run/2"; }),
            "schema gpubench.run/2 is newer than this program, which reads up to 1");
  EXPECT_EQ(refusal_after([](json& d) { d["schema"] = "other/1"; }),
            "not a gpubench run file: its schema is 'other/1'");
  EXPECT_EQ(refusal_after([](json& d) { d.erase("schema"); }), "not a gpubench run file: it names no schema");
  EXPECT_EQ(refusal_after([](json& d) { d = json::array(); }), "not a gpubench run file: it names no schema");
  for (const auto* schema : {"gpubench.run/0", "gpubench.run/", "gpubench.run/1.5", "gpubench.run/x"})
    EXPECT_THAT(refusal_after([&](json& d) { d["schema"] = schema; }), HasSubstr("no known version")) << schema;
}

TEST(run_from_json, ignores_unknown_fields_and_takes_absent_for_unknown) {
  auto document = to_json(sample_run());
  document["future"] = {1, 2};
  document["measurements"][0]["future"] = "x";
  document["environment"]["cpu"].erase("model");
  auto expected = sample_run();
  expected.environment.cpu.model.reset();
  EXPECT_EQ(run_from_json(document, "run.json"), expected);
}

TEST(run_from_json, names_the_field_that_is_wrong) {
  const auto first = [](json& d) -> json& { return d["measurements"][0]; };
  EXPECT_EQ(refusal_after([](json& d) { d.erase("id"); }), "id is missing");
  EXPECT_EQ(refusal_after([](json& d) { d["id"] = ""; }), "id is an empty string");
  EXPECT_EQ(refusal_after([](json& d) { d["suite"] = nullptr; }), "suite is null, not a string");
  EXPECT_EQ(refusal_after([](json& d) { d["measurements"] = "x"; }), "measurements is of type string, not an array");
  EXPECT_EQ(refusal_after([](json& d) { d["measurements"][2] = 1; }),
            "measurements[2] is of type number, not an object");
  EXPECT_EQ(refusal_after([&](json& d) { first(d)["samples_ns"] = "x"; }),
            "measurements[0].samples_ns is of type string, not an array");
  EXPECT_EQ(refusal_after([&](json& d) { first(d)["samples_ns"][3] = nullptr; }),
            "measurements[0].samples_ns[3] is null, not a number");
  EXPECT_EQ(refusal_after([&](json& d) { first(d)["samples_ns"][3] = -5; }),
            "measurements[0].samples_ns[3] is -5, below 0");
  EXPECT_EQ(refusal_after([&](json& d) { first(d)["time_ns"]["median"] = 7; }),
            "measurements[0] cannot be used: time_ns.median is 7, but the samples give 1000.3");
  EXPECT_EQ(refusal_after([&](json& d) { first(d)["parameters"]["m"] = 1.5; }),
            "measurements[0].parameters.m is of type number, not a whole number");
  EXPECT_EQ(refusal_after([&](json& d) { first(d)["status"] = "fine"; }),
            "measurements[0].status is 'fine', not one of ok, skipped, failed");
  EXPECT_THAT(refusal_after([&](json& d) { first(d)["stopped_by"] = "boredom"; }), HasSubstr("converged"));
  EXPECT_EQ(refusal_after([](json& d) { d["environment"]["memory_bytes"] = 0; }),
            "environment.memory_bytes is 0, but must be above 0");
  EXPECT_EQ(refusal_after([](json& d) { d["environment"]["cpu"]["usable_cpus"] = 99999999999; }),
            "environment.cpu.usable_cpus is 99999999999, outside 1 to 2147483647");
  EXPECT_EQ(refusal_after([](json& d) { d["environment"]["gpus"][0]["ecc"] = "on"; }),
            "environment.gpus[0].ecc is of type string, not true or false");
  EXPECT_EQ(refusal_after([](json& d) { d["environment"]["variables"]["A"] = 1; }),
            "environment.variables.A is of type number, not a string");
}

TEST(run_from_json, names_a_wrong_field_of_what_only_gpus_have) {
  const auto collective = [](json& d) -> json& { return d["measurements"][3]; };
  EXPECT_EQ(refusal_after([&](json& d) { collective(d)["phase"] = "nap"; }),
            "measurements[3].phase is 'nap', not one of normal, burst, soak");
  EXPECT_EQ(refusal_after([&](json& d) { collective(d)["host_ns"][1] = -1; }),
            "measurements[3].host_ns[1] is -1, below 0");
  EXPECT_EQ(refusal_after([&](json& d) {
              collective(d)["telemetry"]["throttled_samples"] = {2, 2};
            }),
            "measurements[3].telemetry.throttled_samples[1] is not above the one before");
  EXPECT_EQ(refusal_after([&](json& d) { collective(d)["telemetry"]["samples_by_throttle"]["x"] = 0; }),
            "measurements[3].telemetry.samples_by_throttle.x is 0, outside 1 to 9223372036854775807");
  EXPECT_EQ(refusal_after([&](json& d) { collective(d)["method"]["cache_state"] = 1; }),
            "measurements[3].method.cache_state is of type number, not a string");
  EXPECT_EQ(refusal_after([](json& d) { d["environment"]["gpus"][1]["mig_compute_share"] = 1.5; }),
            "environment.gpus[1].mig_compute_share is a share above 1");
}

TEST(run_from_json, refuses_a_check_that_contradicts_itself_or_the_status) {
  const auto with_check = [](json error, bool passed) {
    return refusal_after([&](json& d) {
      auto& check = d["measurements"][0]["verification"];
      check["error"] = std::move(error);
      check["tolerance"] = 1e-6;
      check["passed"] = passed;
    });
  };
  EXPECT_EQ(
      with_check(1e9, false),
      "measurements[0].verification has an error of 1000000000, above the tolerance, 1e-06, but the status is ok");
  EXPECT_THAT(with_check(nullptr, false), HasSubstr("has an error of inf, above the tolerance"));
  EXPECT_EQ(with_check(0, false),
            "measurements[0].verification.passed is false, but the error, 0, is within the tolerance, 1e-06");
  EXPECT_EQ(with_check(1e9, true),
            "measurements[0].verification.passed is true, but the error, 1000000000, is above the tolerance, 1e-06");
}

TEST(run_from_json, refuses_integers_that_do_not_fit) {
  EXPECT_THAT(refusal_after([](json& d) { d["measurements"][0]["parameters"]["m"] = 18446744073709551615ULL; }),
              HasSubstr("parameters.m is 18446744073709551615, outside"));
}

// Whatever a field becomes, the answer is a run or an input error, never a crash.
TEST(run_from_json, survives_every_field_turned_into_something_else) {
  const auto original = to_json(sample_run());
  const auto flat = original.flatten();
  const json replacements[] = {nullptr, -1, 1e308, "x", true, json::array(), json::object(), {{"a", 1}}};
  int refused = 0;
  for (const auto& item : flat.items()) {
    for (const auto& replacement : replacements) {
      auto document = original;
      document[json::json_pointer(item.key())] = replacement;
      try {
        run_from_json(document, "run.json");
      } catch (const error& failure) {
        EXPECT_EQ(failure.kind(), error_kind::input) << item.key();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace gpubench::results
