#include "planner/slices.hpp"

#include "core/units.hpp"
#include "planner/recommend.hpp"
#include "planner/system_planner.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

const profiles::catalogue& known() {
  static const profiles::catalogue loaded =
      profiles::load_catalogue(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data");
  return loaded;
}

TEST(slices, an_a100_has_seven_of_fourteen_multiprocessors_and_an_eighth_of_the_memory) {
  const std::vector<gpu_slice> all = slices_of(known().gpu("A100-SXM4-40GB"));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "MIG 1g.5gb");
  EXPECT_EQ(all[0].most, 7);
  EXPECT_EQ(all[0].device.multiprocessors, 14);
  EXPECT_DOUBLE_EQ(all[0].device.memory_bytes, 5 * gib);
  EXPECT_EQ(all[0].most * *all[0].device.multiprocessors, 98) << "10 of 108 are lost";
  EXPECT_EQ(all[2].name, "MIG 3g.20gb");
  EXPECT_EQ(all[2].device.multiprocessors, 42);
  EXPECT_EQ(slices_of(known().gpu("A30")).front().most, 4);
  EXPECT_TRUE(slices_of(known().gpu("T4")).empty());
}

TEST(slices, share_by_the_name_of_the_profile) {
  const auto& a100 = known().gpu("A100-SXM4-40GB");
  const auto share = share_of_profile(a100, "3g.20gb");
  ASSERT_TRUE(share);
  EXPECT_DOUBLE_EQ(share->compute, 42.0 / 108);
  EXPECT_DOUBLE_EQ(share->memory, 0.5) << "memory and bandwidth are cut in eighths, multiprocessors in sevenths";
  // Profiles that leave no second slice, or are none of slices_of().
  EXPECT_DOUBLE_EQ(share_of_profile(a100, "4g.20gb")->compute, 56.0 / 108);
  EXPECT_DOUBLE_EQ(share_of_profile(a100, "7g.40gb")->memory, 1);
  EXPECT_DOUBLE_EQ(share_of_profile(a100, "1g.10gb")->memory, 0.25);
  EXPECT_DOUBLE_EQ(share_of_profile(a100, "1c.3g.20gb")->compute, 14.0 / 108) << "a compute instance of a slice";
  EXPECT_DOUBLE_EQ(share_of_profile(a100, "1g.5gb+me")->memory, 0.125);
  EXPECT_DOUBLE_EQ(share_of_profile(known().gpu("A30"), "2g.12gb")->memory, 0.5);
  for (const char* none : {"", "whole", "0g.5gb", "9g.5gb", "1g.", "1g.5gb and more"})
    EXPECT_FALSE(share_of_profile(a100, none)) << none;
}

TEST(slices, so_many_of_a_profile_as_the_guide_says_and_none_of_what_a_gpu_does_not_have) {
  const auto most = [](const char* gpu, const char* profile) { return most_slices(known().gpu(gpu), profile); };
  EXPECT_EQ(most("A100-SXM4-40GB", "1g.5gb"), 7);
  EXPECT_EQ(most("A100-SXM4-40GB", "1g.10gb"), 4);
  EXPECT_EQ(most("A100-SXM4-40GB", "2g.10gb"), 3);
  EXPECT_EQ(most("A100-SXM4-80GB", "3g.39gb"), 2) << "as NVML names it to Slurm";
  EXPECT_EQ(most("H100-SXM5-80GB", "1g.10gb+me"), 1);
  EXPECT_EQ(most("H100-SXM5-80GB", "7g.80gb"), 1);
  EXPECT_EQ(most("H100-NVL-94GB", "3g.47gb"), 2);
  EXPECT_EQ(most("H200-SXM-141GB", "1g.18gb"), 7);
  EXPECT_EQ(most("B300", "7g.269gb"), 1);
  EXPECT_EQ(most("B300", "1g.67gb"), 4);
  EXPECT_EQ(most("A30", "2g.12gb"), 2);
  EXPECT_EQ(most("RTX PRO 6000 Blackwell Server", "1g.24gb+gfx"), 4);
  EXPECT_EQ(most("RTX PRO 6000 Blackwell Server", "1g.24gb-me"), 4);
  EXPECT_EQ(most("RTX PRO 6000 Blackwell Server", "1g.24gb+me.all"), 1);
  EXPECT_EQ(most("RTX PRO 4500 Blackwell Server", "1g.16gb"), 2);
  EXPECT_EQ(most("A30", "3g.40gb"), 0);
  EXPECT_EQ(most("H100-SXM5-80GB", "1g.5gb"), 0);
  EXPECT_EQ(most("H100-SXM5-80GB", "3g.20gb"), 0);
  EXPECT_EQ(most("A100-SXM4-40GB", "3g.40gb"), 0);
  EXPECT_EQ(most("L40S", "3g.24gb"), 0);
  EXPECT_EQ(most("MI300X", "3g.40gb"), std::nullopt);
  EXPECT_EQ(most("A30", "whole"), std::nullopt);
}

TEST(slices, of_a_profile_are_as_many_as_are_planned_with) {
  for (const profiles::gpu_spec& gpu : known().gpus)
    for (const gpu_slice& slice : slices_of(gpu))
      EXPECT_EQ(most_slices(gpu, slice.name.substr(4)), slice.most) << gpu.name << " " << slice.name;
}

TEST(slices, together_are_never_more_than_the_whole) {
  int seen = 0;
  for (const profiles::gpu_spec& gpu : known().gpus) {
    for (const gpu_slice& slice : slices_of(gpu)) {
      ++seen;
      EXPECT_LE(slice.most * *slice.device.multiprocessors, *gpu.multiprocessors) << gpu.name << slice.name;
      EXPECT_LE(slice.most * slice.device.memory_bytes, gpu.memory_bytes * (1 + 1e-12)) << gpu.name << slice.name;
      EXPECT_LE(slice.most * *slice.device.memory_bandwidth_bytes_per_second,
                *gpu.memory_bandwidth_bytes_per_second * (1 + 1e-12));
    }
  }
  EXPECT_GT(seen, 10);
}

/// A whole A100 and slices of it, by workload and batch.
double rate_of(const profiles::workload& what, const profiles::gpu_spec& spec) {
  device on;
  on.name = spec.name;
  on.architecture = spec.architecture;
  on.gpu = &spec;
  on.memory_bytes = spec.memory_bytes;
  on.memory_bandwidth_bytes_per_second = *spec.memory_bandwidth_bytes_per_second;
  on.dense_peak_flop_per_second = spec.dense_peak_flop_per_second;
  device_model model(on, testing::shipped().operators());
  system_under_plan system;
  system.device = &on;
  system.model = &model;
  step_library steps(what);
  return plan_workload(system, steps).best.value().units_per_second;
}

TEST(slices, are_never_faster_than_the_whole_and_worth_more_than_their_share_for_small_work) {
  const profiles::gpu_spec& whole = known().gpu("A100-SXM4-80GB");
  profiles::workload what = testing::resnet_training();
  what.kind = profiles::workload_kind::cnn_infer;
  double small_share = 0, large_share = 0;
  for (const std::int64_t batch : {1, 4, 32, 256}) {
    what.batch_per_device = batch;
    const double all = rate_of(what, whole);
    for (const gpu_slice& slice : slices_of(whole)) {
      const double part = rate_of(what, slice.device);
      EXPECT_LE(part, all * (1 + 1e-9)) << slice.name << " " << batch;
      if (slice.most != 7) continue;
      (batch == 1 ? small_share : large_share) = part / all;
    }
  }
  // One image at a time leaves most of an A100 idle; 256 fill it.
  EXPECT_GT(small_share, 2.0 / 7);
  EXPECT_LT(large_share, 1.3 / 7);
}

TEST(slices, a_vgpu_of_a_gpu_without_mig_has_all_of_it_for_a_share_of_the_time) {
  profiles::instance type = testing::gpu_instance("acme", "part", "T4", 1, 0.25);
  const device in_turns = predictor::device_of(type, known()).found.value();
  EXPECT_EQ(in_turns.share, 1);
  EXPECT_EQ(in_turns.time_share, 0.25);
  EXPECT_DOUBLE_EQ(in_turns.memory_bytes, known().gpu("T4").memory_bytes / 4);
  EXPECT_EQ(in_turns.dense_peak(models::precision::fp32), known().gpu("T4").dense_peak(models::precision::fp32));
  type.gpu = "A100-SXM4-80GB";
  const device in_space = predictor::device_of(type, known()).found.value();
  EXPECT_EQ(in_space.share, 0.25);
  EXPECT_EQ(in_space.time_share, 1);
  type.gpu_fraction = 0.05;
  EXPECT_EQ(predictor::device_of(type, known()).found.value().time_share, 0.05) << "smaller than MIG's smallest part";
  // One operator takes the whole GPU's time over the share, small or large.
  device whole = in_turns;
  whole.time_share = 1;
  const device_model part_model(in_turns, testing::shipped().operators());
  const device_model whole_model(whole, testing::shipped().operators());
  for (const std::int64_t size : {64, 4096}) {
    models::gemm shape;
    shape.m = shape.n = shape.k = size;
    const lowered_step::entry one{{"gemm", shape, models::precision::fp16, 1}, 0, 0};
    EXPECT_DOUBLE_EQ(part_model.time(one).seconds, 4 * whole_model.time(one).seconds);
    EXPECT_DOUBLE_EQ(part_model.time(one).high, 4 * whole_model.time(one).high);
  }
}

TEST(slices, replicas_fill_a_gpu_whose_work_does_not) {
  profiles::catalogue c;
  c.gpus.push_back(known().gpu("A100-SXM4-80GB"));
  c.instances.push_back(testing::gpu_instance("acme", "a1", "A100-SXM4-80GB", 1));
  c.prices.push_back(testing::price_of(c.instances[0], 3.0, profiles::price_model::on_demand));
  c.rates.add("USD", {1.0, "2026-10-01", "definition"});
  c.index();
  profiles::workload what = testing::resnet_training();
  what.kind = profiles::workload_kind::cnn_infer;
  what.batch_per_device = 1;
  const auto best = [&] {
    return recommend(c, testing::shipped(), what, {}, {}, testing::on_2026_11_22()).ranked.at(0);
  };
  const candidate sliced = best();
  EXPECT_NE(sliced.split.find("7 replicas on slices MIG 1g.10gb"), std::string::npos) << sliced.split;
  EXPECT_GT(sliced.units_per_second, 1.5 * rate_of(what, c.gpus[0]));
  EXPECT_LE(sliced.memory_per_device_bytes, 10 * gib);
  what.batch_per_device = 256;
  EXPECT_EQ(best().split.find("MIG"), std::string::npos) << "large batches fill the whole";
}

}  // namespace
}  // namespace gpubench::planner
