#include "planner/listed_operators.hpp"

#include "core/error.hpp"
#include "models/operators.hpp"
#include "planner/performance.hpp"
#include "planner/step_breakdown.hpp"
#include "planner/system_planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;
using ::testing::HasSubstr;

const std::string data_directory = std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data";

const profiles::catalogue& known() {
  static const profiles::catalogue all = profiles::load_catalogue(data_directory);
  return all;
}

const calibration& efficiencies() {
  static const calibration all = [] {
    calibration shipped = calibration::load(data_directory);
    shipped.use_operators(predictor::load_operator_calibration(data_directory));
    return shipped;
  }();
  return all;
}

profiles::workload list_of(std::vector<profiles::listed_operator> operators) {
  profiles::workload what;
  what.name = "mine";
  what.kind = profiles::workload_kind::operators;
  what.unit = "frame";
  what.total_units = 1000;
  what.precision = what.fallback_precision = precision::bf16;
  what.operators = std::move(operators);
  what.units_per_step = 2;
  what.device_memory_bytes = 1e9;
  return what;
}

profiles::listed_operator one(const std::string& params, double count = 1,
                              std::optional<precision> type = std::nullopt) {
  return {"layer", params, type, count, {"mine.toml", 7, 1}};
}

profiles::instance gpus(const char* name, int count) {
  profiles::instance bare;
  bare.type = bare.gpu = name;
  bare.gpu_count = count;
  return bare;
}

step_breakdown step_of(const profiles::workload& what, const char* gpu = "H100-SXM5-80GB", int count = 1) {
  return break_down_step(known(), efficiencies(), what, gpus(gpu, count));
}

TEST(listed_operators, a_list_takes_as_long_as_its_operators_each_as_often_as_it_says) {
  const auto step = step_of(list_of({one("op=linear;m=4096;n=4096;k=4096", 3), one("op=gelu;rows=4096;cols=4096")}));
  ASSERT_EQ(step.lines.size(), 2U);
  EXPECT_EQ(step.lines[0].shape, "op=linear;m=4096;n=4096;k=4096");
  EXPECT_EQ(step.lines[0].count, 3);
  EXPECT_NEAR(step.step.seconds, 3 * step.lines[0].each.seconds + step.lines[1].each.seconds, 1e-12);
  EXPECT_NEAR(step.units_per_second, 2 / step.step.seconds, 1e-6);
  EXPECT_LT(step.step.low, step.step.seconds);
  EXPECT_GT(step.step.high, step.step.seconds);
}

TEST(listed_operators, are_timed_as_a_case_of_a_captured_kernel_is) {
  const auto step = step_of(list_of({one("op=linear;m=4096;n=4096;k=4096")}));
  const predictor::gpu_model model(predictor::traits_of_gpu("H100-SXM5-80GB", known()), efficiencies().operators());
  const auto alone = model.time({models::gemm{4096, 4096, 4096}, precision::bf16, predictor::launch::captured});
  EXPECT_DOUBLE_EQ(step.step.seconds, alone.seconds);
}

TEST(listed_operators, every_device_runs_the_list_by_itself) {
  const auto what = list_of({one("op=linear;m=4096;n=4096;k=4096")});
  EXPECT_NEAR(step_of(what, "H100-SXM5-80GB", 8).units_per_second, 8 * step_of(what).units_per_second, 1e-3);
}

TEST(listed_operators, steps_that_need_one_another_are_no_faster_on_more_devices) {
  auto what = list_of({one("op=linear;m=4096;n=4096;k=4096")});
  what.most_devices = 1;
  EXPECT_NEAR(step_of(what, "H100-SXM5-80GB", 8).units_per_second, step_of(what).units_per_second, 1e-3);
  what.most_devices = 3;
  EXPECT_NEAR(step_of(what, "H100-SXM5-80GB", 8).units_per_second, 3 * step_of(what).units_per_second, 1e-3);
}

TEST(listed_operators, grids_particles_rays_and_hashes_are_work_too) {
  for (const char* params :
       {"op=stencil;n=256;order=8", "op=md;atoms=100000;neighbours=55",
        "op=path_tracing;rays=1000000;box_tests=40;triangle_tests=8", "op=sha256;hashes=1000000"}) {
    EXPECT_GT(step_of(list_of({one(params, 1, precision::fp32)})).step.seconds, 0) << params;
  }
}

TEST(listed_operators, what_cannot_be_is_refused_at_its_line) {
  for (const auto& [params, complaint] : {std::pair{"m=4096;n=4096;k=4096", "name no operator"},
                                          {"op=linear;m=4096;n=4096", "k"},
                                          {"op=linear;m=4096;n=4096;k=4096;colour=red", "not understood: colour"},
                                          {"op=all_reduce;bytes=1e6;ranks=8", "is no work of one device"}}) {
    try {
      step_of(list_of({one(params)}));
      ADD_FAILURE() << params;
    } catch (const error& e) {
      EXPECT_THAT(e.describe(), HasSubstr("mine.toml:7")) << params;
      EXPECT_THAT(e.describe(), HasSubstr(complaint)) << params;
    }
  }
}

TEST(listed_operators, a_device_that_lacks_the_type_or_the_memory_says_so) {
  const auto refused = [](const profiles::workload& what, const char* gpu) {
    try {
      step_of(what, gpu);
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::infeasible);
      return std::string(e.what());
    }
    return std::string();
  };
  auto large = list_of({one("op=linear;m=4096;n=4096;k=4096")});
  large.device_memory_bytes = 200e9;
  EXPECT_THAT(refused(large, "H100-SXM5-80GB"), HasSubstr("80 GiB"));
  const auto state = list_of({one("op=adamw;parameters=1e11")});
  EXPECT_THAT(refused(state, "H100-SXM5-80GB"), HasSubstr("weights, gradients and state need"));
}

}  // namespace
}  // namespace gpubench::planner
