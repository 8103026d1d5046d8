#include "comparison/noise_profile.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "sample_side.hpp"

namespace gpubench::comparison {
namespace {

class noise_profile_file : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  noise_profile written_and_read(const noise_profile& profile) {
    std::ofstream(path_) << to_json(profile);
    return load_noise_profile(path_);
  }

 private:
  std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) / "gpubench_noise_profile_test.json";
};

TEST_F(noise_profile_file, holds_all_that_is_known_and_nothing_else) {
  noise_profile profile;
  profile.made_at = "2026-11-27T20:00:00Z";
  profile.tool_version = "0.1.0";
  profile.environment = sample_run("run", {}).environment;
  profile.timer = timer_check{20, 18};
  profile.same_code = false_alarm_check{9, 0};
  profile.benchmarks[{"host", "cpu", "load"}] = {
      {0.02, 0.001, 0.015}, quantile_noise{0.0004, 0.0002, 0.0001}, 10, 0.03};
  profile.benchmarks[{"cuda", "gpu0", "gemm"}] = {{0.01}, std::nullopt, 2, std::nullopt};
  EXPECT_EQ(written_and_read(profile), profile);
}

}  // namespace
}  // namespace gpubench::comparison
