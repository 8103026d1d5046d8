// Names of GPUs with their memory behind them, as tables of measurements write them.
#include "profiles/catalogue.hpp"

#include <gtest/gtest.h>

#include "data_directory.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::profiles {
namespace {

const catalogue& shipped_catalogue() {
  static const catalogue known = load_catalogue(test::shipped());
  return known;
}

std::string found(std::string_view name) {
  const gpu_spec* gpu = shipped_catalogue().find_gpu(name);
  return gpu ? gpu->name : "";
}

TEST(gpu_names, memory_may_follow) {
  EXPECT_EQ(found("L4-24GB"), "L4");
  EXPECT_EQ(found("L40S-48GB"), "L40S");
  EXPECT_EQ(found("T4-16GB"), "T4");
  EXPECT_EQ(found("RTX-4090-24GB"), "RTX 4090");
  EXPECT_EQ(found("nvidia l4 24gb"), "L4");
  EXPECT_EQ(found("A100-PCIE-40GB"), "A100-PCIe-40GB");
  EXPECT_EQ(found("RTX-PRO-6000-BSE-96GB"), "RTX PRO 6000 Blackwell Server");
  EXPECT_EQ(found("B200-SXM6-180GB"), "B200");
  EXPECT_EQ(found("H200-SXM5-141GB"), "H200-SXM-141GB");
}

TEST(gpu_names, another_memory_is_another_gpu) {
  EXPECT_EQ(found("L4-48GB"), "");
  EXPECT_EQ(found("T4-24GB"), "");
  EXPECT_EQ(found("A100-SXM4-60GB"), "");
  EXPECT_EQ(found("RTX-4090-48GB"), "");
}

TEST(gpu_names, memory_alone_and_other_endings_are_no_gpu) {
  for (const char* name : {"", "GB", "24GB", "-24GB", "gb gb", "L4-GB", "L4-24", "L4-24TB"})
    EXPECT_EQ(found(name), "") << name;
}

TEST(gpu_names, every_name_is_found_by_itself_and_with_its_memory) {
  for (const gpu_spec& gpu : shipped_catalogue().gpus) {
    EXPECT_EQ(found(gpu.name), gpu.name);
    const auto gib = static_cast<int>(gpu.memory_bytes / 1073741824.0 + 0.5);
    if (gpu.name.size() > 2 && gpu.name.substr(gpu.name.size() - 2) == "GB") continue;
    EXPECT_EQ(found(gpu.name + "-" + std::to_string(gib) + "GB"), gpu.name);
  }
}

TEST(gpu_names, files_of_data_sheets_add_and_replace) {
  const temporary_folder own;
  const auto file =
      own.write("new.csv",
                "name,vendor,architecture,memory_gib,memory_bandwidth_gb_per_second,fp32_tflop_per_second,"
                "source,date\nX900,NVIDIA,Blackwell,48,1000,50,data sheet,2026-11-01\n");
  const catalogue known = load_catalogue(test::shipped(), {}, {file});
  ASSERT_NE(known.find_gpu("X900-48GB"), nullptr);
  EXPECT_EQ(known.gpus.size(), shipped_catalogue().gpus.size() + 1);
  const auto wrong =
      own.write("wrong.csv", "name,vendor,memory_gib,source,date\nX900,NVIDIA,lots,data sheet,2026-11-01\n");
  try {
    load_catalogue(test::shipped(), {}, {wrong});
    ADD_FAILURE() << "nothing was refused";
  } catch (const error& e) {
    EXPECT_NE(e.describe().find("wrong.csv:2:13"), std::string::npos) << e.describe();
  }
}

}  // namespace
}  // namespace gpubench::profiles
