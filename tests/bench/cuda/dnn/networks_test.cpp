// Whether cuDNN has engines for every convolution of the networks, with what is fused into them, and for their
// attention.
#include "bench/cuda/module/cudnn_attention.hpp"
#include "bench/cuda/module/network_convolutions.hpp"
#include "models/resnet50.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "described_devices.hpp"
#include "reference/resnet50_parameters.hpp"

namespace gpubench::cuda::dnn {
namespace {

using kernels::storage;

// Each is compiled, which takes a second: in bf16 all, in other types one of each window, stride and what is fused into
// it.
TEST_F(engines, every_fused_convolution_of_resnet50_runs_on_tensor_cores) {
  for (const auto type : {storage::fp16, storage::bf16, storage::tf32}) {
    std::set<std::string> seen;
    for (const auto& layer : models::resnet50_layers(64)) {
      const std::string fused = layer.adds_residual ? "added" : layer.relu ? "relu" : "";
      const std::string kind = std::to_string(layer.shape.kernel) + "/" + std::to_string(layer.shape.stride) + fused;
      if (!seen.insert(type == storage::bf16 ? convolution_key(layer.shape, fused) : kind).second) continue;
      SCOPED_TRACE(layer.name);
      engine_of(h100, fused_convolution(layer.shape, type, layer.adds_residual, layer.relu).operations,
                on_tensor_cores);
    }
  }
}

void expect_training_engines(const std::vector<models::resnet_layer>& layers, storage type, const plan_rules& rules) {
  std::set<std::string> seen;
  for (const auto& layer : layers) {
    if (!seen.insert(convolution_key(layer.shape, "")).second) continue;
    for (const auto pass :
         {convolution_pass::forward, convolution_pass::backward_data, convolution_pass::backward_weights}) {
      if (pass == convolution_pass::backward_data && layer.name == "conv1") continue;
      SCOPED_TRACE(layer.name + " " + std::to_string(static_cast<int>(pass)));
      try {
        plans_for_described_device(h100, plain_convolution(layer.shape, type, pass).operations, rules, 1);
      } catch (const failure& f) {
        ADD_FAILURE() << f.what();
      }
    }
  }
}

TEST_F(engines, every_convolution_of_a_training_step_runs_on_tensor_cores) {
  for (const auto type : {storage::fp16, storage::bf16, storage::tf32}) {
    expect_training_engines(models::resnet50_layers(64), type, on_tensor_cores);
  }
}

TEST_F(engines, every_convolution_of_the_narrow_network_runs_in_every_type) {
  const auto layers = reference::narrowed(models::resnet50_layers(4, 64), 4);
  for (const auto type : {storage::fp16, storage::bf16, storage::tf32}) {
    expect_training_engines(layers, type, on_tensor_cores);
  }
  expect_training_engines(layers, storage::fp32, plain);
}

TEST_F(engines, attention_takes_prompts_of_any_length) {
  for (const std::int64_t length : {2, 513}) {
    engine_of(h100, attention_forward({2, 8, 2, length, length, 64, true}, element::fp16).operations, on_tensor_cores);
    engine_of(h100, attention_forward({2, 32, 8, length, length, 128, true}, element::bf16).operations,
              on_tensor_cores);
  }
}

TEST_F(engines, attention_has_gradients_for_sequences_of_any_length) {
  for (const std::int64_t length : {2, 513}) {
    engine_of(h100, attention_backward({2, 8, 2, length, length, 64, true}, element::bf16).operations, on_tensor_cores);
    engine_of(h100, attention_backward({1, 32, 8, length, length, 128, true}, element::bf16).operations,
              on_tensor_cores);
  }
  engine_of(a100, attention_backward({1, 32, 8, 4096, 4096, 128, true}, element::bf16).operations, on_tensor_cores);
}

}  // namespace
}  // namespace gpubench::cuda::dnn
