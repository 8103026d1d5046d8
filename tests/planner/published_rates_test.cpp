// Published rates of whole networks beside the sums of their operators and the factor that was fitted between them.
// Source: NVIDIA/DeepLearningExamples, PyTorch, ConvNets ResNet50 v1.5 and BERT README, 2022.
#include "models/resnet50.hpp"
#include "models/transformer.hpp"
#include "planner/device_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;
using profiles::workload_kind;

struct published_rate {
  workload_kind kind;
  const char* gpu;
  precision p;
  std::int64_t units, length;  ///< of a step; tokens of a sequence
  double units_per_second;
};

constexpr published_rate rates[] = {
    {workload_kind::cnn_train, "A100-SXM4-80GB", precision::tf32, 128, 0, 938},
    {workload_kind::cnn_train, "A100-SXM4-80GB", precision::fp16, 256, 0, 2470},
    {workload_kind::cnn_train, "V100-SXM2-16GB", precision::fp32, 112, 0, 367},
    {workload_kind::cnn_train, "V100-SXM2-16GB", precision::fp16, 256, 0, 1200},
    {workload_kind::cnn_train, "V100-SXM2-32GB", precision::fp32, 128, 0, 356},
    {workload_kind::cnn_train, "V100-SXM2-32GB", precision::fp16, 256, 0, 1156},
    {workload_kind::cnn_infer, "V100-SXM2-16GB", precision::fp32, 256, 0, 1261},
    {workload_kind::cnn_infer, "V100-SXM2-16GB", precision::fp16, 256, 0, 3382},
    {workload_kind::cnn_infer, "T4", precision::fp32, 64, 0, 428},
    {workload_kind::cnn_infer, "T4", precision::fp16, 256, 0, 1198},
    {workload_kind::transformer_train, "A100-SXM4-80GB", precision::tf32, 64, 128, 317},
    {workload_kind::transformer_train, "A100-SXM4-80GB", precision::fp16, 64, 128, 580},
    {workload_kind::transformer_train, "A100-SXM4-80GB", precision::tf32, 16, 512, 110},
    {workload_kind::transformer_train, "A100-SXM4-80GB", precision::fp16, 16, 512, 210},
};

const profiles::catalogue& catalogue() {
  static const profiles::catalogue known =
      profiles::load_catalogue(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data");
  return known;
}

std::vector<models::network_operator> step_of(const published_rate& rate) {
  if (rate.kind == workload_kind::cnn_train) return models::resnet50_training_step(rate.units, rate.p);
  if (rate.kind == workload_kind::cnn_infer) return models::resnet50_inference(rate.units, rate.p, false);
  static const models::transformer bert =
      profiles::find_workload(profiles::load_workloads(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data"),
                              "bert-large-train")
          .transformer;
  auto step = models::transformer_forward_backward(bert, rate.units, rate.length, rate.p, {});
  step.push_back(models::adam_step(models::parameter_count(bert)));
  return step;
}

/// Time of the step's operators over the published time.
double predicted_over_measured(const published_rate& rate) {
  profiles::instance whole;
  whole.gpu = rate.gpu;
  whole.gpu_count = 1;
  const device on = device_of(whole, catalogue()).found.value();
  const device_model model(on, testing::shipped().operators());
  const double published_seconds = static_cast<double>(rate.units) / rate.units_per_second;
  return model.time(lowered_step(step_of(rate))).total().seconds / published_seconds;
}

TEST(published_rates, lie_within_the_interval_of_the_factor_of_their_kind) {
  for (const published_rate& rate : rates) {
    const network_efficiency* factor = testing::shipped().find_network(profiles::to_string(rate.kind), false);
    ASSERT_NE(factor, nullptr);
    const double ratio = predicted_over_measured(rate);
    RecordProperty(std::string(profiles::to_string(rate.kind)) + rate.gpu + std::to_string(rate.units) +
                       std::string(models::to_string(rate.p)),
                   std::to_string(ratio));
    const double measured_over_predicted = 1 / (ratio * factor->factor);
    EXPECT_GE(measured_over_predicted, factor->error_low)
        << profiles::to_string(rate.kind) << " " << rate.gpu << " " << models::to_string(rate.p) << " " << ratio;
    EXPECT_LE(measured_over_predicted, factor->error_high)
        << profiles::to_string(rate.kind) << " " << rate.gpu << " " << models::to_string(rate.p) << " " << ratio;
  }
}

TEST(published_rates, are_on_average_what_the_factor_makes_of_the_operators) {
  for (const workload_kind kind :
       {workload_kind::cnn_train, workload_kind::cnn_infer, workload_kind::transformer_train}) {
    double logs = 0;
    int count = 0;
    for (const published_rate& rate : rates) {
      if (rate.kind != kind) continue;
      logs += std::log(predicted_over_measured(rate));
      ++count;
    }
    const double factor = testing::shipped().find_network(profiles::to_string(kind), false)->factor;
    EXPECT_NEAR(std::exp(logs / count) * factor, 1, 0.02) << profiles::to_string(kind);
  }
}

}  // namespace
}  // namespace gpubench::planner
