#include "on_device.hpp"

namespace gpubench::bench {
namespace {

results::parameters small_layer(const char* length_name, std::int64_t batch, std::int64_t length, std::int64_t heads,
                                std::int64_t kv_heads, std::int64_t head_dim) {
  return {{"batch", batch},       {length_name, length},  {"hidden", std::int64_t{512}}, {"heads", heads},
          {"kv_heads", kv_heads}, {"head_dim", head_dim}, {"ffn", std::int64_t{1408}}};
}

class networks_on_device : public on_device {};

TEST_F(networks_on_device, decoder_layers_are_right_over_prompts_of_any_length) {
  for (const char* name : {"transformer_layer_prefill_bf16", "transformer_layer_prefill_fp16"}) {
    for (const std::int64_t length : {2, 100, 513})
      expect_right(named(name), small_layer("length", 2, length, 8, 2, 64));
    expect_right(named(name), small_layer("length", 1, 256, 4, 4, 128));
  }
}

TEST_F(networks_on_device, decoder_layers_are_right_over_caches_of_any_length_and_shared_heads) {
  for (const char* name : {"transformer_layer_decode_bf16", "transformer_layer_decode_fp16"}) {
    for (const std::int64_t kv_len : {1, 5, 33, 1000, 5003}) {
      expect_right(named(name), small_layer("kv_len", 3, kv_len, 8, 2, 64));
    }
    for (const std::int64_t kv_heads : {8, 4, 1})
      expect_right(named(name), small_layer("kv_len", 1, 777, 8, kv_heads, 128));
    expect_right(named(name), small_layer("kv_len", 300, 50, 2, 1, 256));
  }
}

TEST_F(networks_on_device, decoder_layers_learn_with_right_gradients_and_updates) {
  const auto& step = named("transformer_layer_training_bf16");
  for (const std::int64_t length : {2, 100, 513}) expect_right(step, small_layer("length", 2, length, 8, 2, 64));
  expect_right(step, small_layer("length", 3, 256, 4, 4, 128));
  expect_right(step, small_layer("length", 1, 1000, 8, 1, 64));
  // Threads with one to eight packs of a row in the normalisations' gradients, some of them only in part.
  for (const std::int64_t hidden : {2056, 4104, 12288}) {
    auto values = small_layer("length", 1, 64, 8, 2, 64);
    values[2].second = hidden;
    expect_right(step, values);
  }
}

TEST_F(networks_on_device, resnet50_is_right_on_small_images) {
  for (const char* name : {"resnet50_inference_fp16", "resnet50_inference_bf16", "resnet50_inference_tf32"}) {
    expect_right(named(name), {{"n", std::int64_t{3}}, {"image_size", std::int64_t{64}}});
  }
}

TEST_F(networks_on_device, resnet50_learns_with_right_gradients) {
  for (const char* name :
       {"resnet50_training_step_fp16", "resnet50_training_step_bf16", "resnet50_training_step_tf32"}) {
    // Its check takes the steps that are missing, and so passes at once.
    expect_right(named(name), {{"n", std::int64_t{8}}, {"image_size", std::int64_t{64}}}, true);
  }
}

TEST_F(networks_on_device, a_whole_model_is_right) {
  expect_right(named("llama3_8b_decode_bf16"), {{"batch", std::int64_t{2}}, {"kv_len", std::int64_t{100}}});
  expect_right(named("llama3_8b_prefill_bf16"), {{"batch", std::int64_t{2}}, {"length", std::int64_t{64}}});
}

}  // namespace
}  // namespace gpubench::bench
