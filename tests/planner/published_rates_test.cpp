// Published rates of whole networks beside the sums of their operators and the factor that was fitted between them.
// Source: NVIDIA/DeepLearningExamples, PyTorch, ConvNets ResNet50 v1.5 and BERT README, 2022.
#include "models/resnet50.hpp"
#include "models/transformer.hpp"
#include "planner/device_model.hpp"
#include "planner/training.hpp"

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

/// Eight A100 of a node, sequences a second: truths bert_training-3, -4, -7 and -8 of the catalogue.
TEST(published_rates, of_eight_devices_lie_within_the_interval_of_the_plan) {
  struct rate {
    precision p;
    std::int64_t sequences, length;
    double sequences_per_second;
  };
  for (const rate& r : {rate{precision::tf32, 64, 128, 2505}, rate{precision::fp16, 64, 128, 4591},
                        rate{precision::tf32, 16, 512, 860}, rate{precision::fp16, 16, 512, 1657}}) {
    profiles::workload what = profiles::find_workload(
        profiles::load_workloads(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data"), "bert-large-train");
    what.sequence_length = r.length;
    what.global_batch_sequences = 0;
    profiles::instance node;
    node.gpu = "A100-SXM4-80GB";
    node.gpu_count = 8;
    node.gpu_interconnect = profiles::interconnect::nvswitch;
    const device on = device_of(node, catalogue()).found.value();
    device_model model(on, testing::shipped().operators());
    const network_efficiency* factor = testing::shipped().find_network("transformer-train", false);
    system_under_plan system;
    system.device = &on;
    system.model = &model;
    system.correction = {factor->factor, factor->error_low, factor->error_high, {}};
    system.links = fabric_of(node, on.gpu, 1);
    step_library steps(what);
    layout split;
    split.precision = r.p;
    split.data_parallel = 8;
    split.micro_batch = r.sequences;
    const estimate step = estimate_training(system, steps, split).time;
    const double published = 8 * static_cast<double>(r.sequences) / r.sequences_per_second;
    RecordProperty(std::to_string(r.length) + std::string(models::to_string(r.p)),
                   std::to_string(step.seconds / published));
    EXPECT_GE(published, step.low) << r.length << " " << step.seconds / published;
    EXPECT_LE(published, step.high) << r.length << " " << step.seconds / published;
  }
}

}  // namespace
}  // namespace gpubench::planner
