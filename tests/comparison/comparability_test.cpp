#include "comparison/comparability.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sample_side.hpp"

namespace gpubench::comparison {
namespace {

TEST(machine_differences, leaves_gpu_facts_to_gpus_and_host_libraries_to_the_host) {
  auto base = sample_run("a", {}), fresh = sample_run("b", {});
  fresh.environment.gpu_driver_version = "570.1";
  fresh.environment.gpus[0].power_limit_watts = 60;
  fresh.environment.gpus[0].ecc = false;
  fresh.environment.libraries["openblas"] = "0.3.26";
  fresh.environment.kernel = "6.1";
  const auto keys = [&](const char* device) {
    std::vector<std::string> found;
    for (const auto& d : machine_differences({base}, {fresh}, device))
      if (d.forbids) found.push_back(d.key);
    return found;
  };
  EXPECT_THAT(keys("cpu"), testing::ElementsAre("openblas"));
  EXPECT_THAT(keys("gpu0"), testing::ElementsAre("power_limit", "ecc", "driver"));
}

TEST(comparability, knows_every_key_that_it_gives) {
  results::run base = sample_run("base", {}), fresh = sample_run("new", {});
  fresh.tool_version = "0.2.0";
  fresh.environment.cpu.model = "EPYC";
  base.environment.cpu.microarchitecture = "Genoa";
  fresh.environment.cpu.microarchitecture = "Turin";
  base.environment.cpu.family = 25;
  fresh.environment.cpu.family = 26;
  base.environment.cpu.model_number = fresh.environment.cpu.model_number = 17;
  fresh.environment.cpu.usable_cpus = 4;
  fresh.environment.cpu.governor = "powersave";
  fresh.environment.libraries = {{"openblas", "9"}, {"cublaslt", "13.2"}};
  fresh.environment.gpu_driver_version = "570";
  fresh.environment.variables = {{"OMP_NUM_THREADS", "1"}, {"CUDA_VISIBLE_DEVICES", "1"}};
  auto& gpu = fresh.environment.gpus[0];
  gpu = {};
  gpu.name = "NVIDIA L40S";
  gpu.power_limit_watts = 300;
  gpu.ecc = false;
  for (const auto* device : {"cpu", "gpu0"}) {
    const auto differences = machine_differences({base}, {fresh}, device);
    EXPECT_GE(differences.size(), 6u);
    for (const auto& d : differences) EXPECT_TRUE(!d.forbids || is_difference_key(d.key)) << d.key;
  }
  EXPECT_FALSE(is_difference_key("foo"));
  EXPECT_FALSE(is_difference_key(""));
}

}  // namespace
}  // namespace gpubench::comparison
