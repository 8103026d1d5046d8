#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/liquid_on_device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const device_properties h200 = described_device(9, 0, 141, 50, 132);
const device_properties slice = described_device(8, 0, 1, 5, 14);

std::vector<std::int64_t> sizes(const char* name, gpubench_module_suite suite, const device_properties& where,
                                const char* parameter) {
  std::vector<std::int64_t> result;
  for (const auto& values : named(name).cases(suite, where)) result.push_back(positive_parameter(values, parameter));
  return result;
}

TEST(hpc_applications, are_applications_with_sizes_from_small_to_large) {
  for (const char* name :
       {"md_lennard_jones_fp32", "md_lennard_jones_fp64", "weather_stencil_fp32", "weather_stencil_fp64"}) {
    EXPECT_TRUE(named(name).is_application());
    EXPECT_TRUE(named(name).cases(GPUBENCH_MODULE_QUICK, h200).empty());
  }
  EXPECT_THAT(sizes("md_lennard_jones_fp32", GPUBENCH_MODULE_STANDARD, h200, "atoms"), ElementsAre(2'048'000, 256'000));
  EXPECT_THAT(sizes("md_lennard_jones_fp64", GPUBENCH_MODULE_FULL, h200, "atoms"),
              ElementsAre(2'048'000, 256'000, 32'000, 16'384'000));
  EXPECT_THAT(sizes("weather_stencil_fp32", GPUBENCH_MODULE_STANDARD, h200, "n"), ElementsAre(512));
  EXPECT_THAT(sizes("weather_stencil_fp64", GPUBENCH_MODULE_FULL, h200, "n"), ElementsAre(512, 256, 1024));
  // 2 x 256^3 x 8 bytes are a quarter of a GiB; 512 would need 2.
  EXPECT_THAT(sizes("weather_stencil_fp64", GPUBENCH_MODULE_STANDARD, slice, "n"), ElementsAre(256));
}

TEST(hpc_applications, count_work_in_the_units_of_their_field) {
  const auto atoms = named("md_lennard_jones_fp64").work(make_parameters({{"atoms", 32'000}}));
  EXPECT_STREQ(atoms.item, "atom-step");
  EXPECT_EQ(atoms.items, 320'000);  // ten steps a sample
  EXPECT_NEAR(atoms.flop / atoms.items, 55.25 * 21 + 18, 0.3);
  EXPECT_NEAR(atoms.bytes / atoms.items, 77.63 * 4.4 + 248, 0.1);
  const auto points = named("weather_stencil_fp32").work(make_parameters({{"n", 100}}));
  EXPECT_STREQ(points.item, "grid-point update");
  EXPECT_EQ(points.items, 1e6);
  EXPECT_EQ(points.flop, 50e6);
  EXPECT_EQ(points.bytes, 8e6);
}

TEST(hpc_applications, refuse_what_they_cannot_compute) {
  const auto reason = [](const char* name, const char* parameter, std::int64_t value, const device_properties& where) {
    return named(name).unavailable(make_parameters({{parameter, value}}), where).value_or("");
  };
  EXPECT_THAT(reason("md_lennard_jones_fp32", "atoms", 256, h200), HasSubstr("less than three times the cutoff"));
  EXPECT_THAT(reason("md_lennard_jones_fp32", "atoms", 33'000, h200), HasSubstr("4 k^3"));
  EXPECT_THAT(reason("md_lennard_jones_fp64", "atoms", 16'384'000, slice), HasSubstr("do not fit"));
  EXPECT_THAT(reason("weather_stencil_fp32", "n", 8, h200), HasSubstr("at least 9 points"));
  EXPECT_THAT(reason("weather_stencil_fp32", "n", 4096, h200), HasSubstr("do not fit"));
}

TEST(hpc_applications, sixteen_million_atoms_fit_a_gpu_of_24_gb) {
  EXPECT_LT(liquid_device_bytes(16'384'000, 4), 0.8 * 24e9);
}

}  // namespace
}  // namespace gpubench::cuda
