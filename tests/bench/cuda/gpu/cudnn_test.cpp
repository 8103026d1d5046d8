#include "on_device.hpp"

namespace gpubench::bench {
namespace {

/// Small and odd sizes of what runs on cuDNN, on the first GPU; skips where there is none.
class cudnn_on_device : public on_device {};

results::parameters layer(std::int64_t n, std::int64_t c_in, std::int64_t size, std::int64_t c_out, std::int64_t kernel,
                          std::int64_t stride, std::int64_t padding) {
  return {{"n", n},         {"c_in", c_in},     {"height", size},   {"width", size + 2},
          {"c_out", c_out}, {"kernel", kernel}, {"stride", stride}, {"padding", padding}};
}

TEST_F(cudnn_on_device, convolutions_are_right_in_every_pass_and_type) {
  for (const char* pass : {"forward", "backward_data", "backward_weights"}) {
    for (const char* type : {"fp32", "tf32", "fp16", "bf16"}) {
      const std::string name = std::string("convolution_") + pass + "_" + type;
      expect_right(name, layer(4, 64, 28, 128, 3, 2, 1));
      expect_right(name, layer(3, 32, 17, 48, 1, 1, 0));
      expect_right(name, layer(2, 3, 64, 64, 7, 2, 3));
    }
  }
}

TEST_F(cudnn_on_device, normalisations_are_right_in_every_type) {
  const results::parameters images{
      {"n", std::int64_t{8}}, {"c", std::int64_t{64}}, {"height", std::int64_t{14}}, {"width", std::int64_t{14}}};
  const results::parameters tokens{{"tokens", std::int64_t{100}}, {"hidden", std::int64_t{768}}};
  for (const char* pass : {"forward", "backward"}) {
    for (const char* type : {"fp32", "fp16", "bf16"}) {
      expect_right(std::string("batch_norm_") + pass + "_" + type, images);
      expect_right(std::string("layer_norm_") + pass + "_" + type, tokens);
      expect_right(std::string("rms_norm_") + pass + "_" + type, tokens);
    }
  }
}

TEST_F(cudnn_on_device, softmax_and_pooling_are_right_in_every_type) {
  for (const char* type : {"fp32", "fp16", "bf16"}) {
    expect_right(std::string("softmax_forward_") + type, {{"rows", std::int64_t{77}}, {"columns", std::int64_t{1001}}});
    expect_right(std::string("softmax_forward_") + type, {{"rows", std::int64_t{4}}, {"columns", std::int64_t{40000}}});
    expect_right(std::string("max_pooling_forward_") + type, {{"n", std::int64_t{3}},
                                                              {"c", std::int64_t{64}},
                                                              {"height", std::int64_t{15}},
                                                              {"width", std::int64_t{18}},
                                                              {"window", std::int64_t{3}},
                                                              {"stride", std::int64_t{2}},
                                                              {"padding", std::int64_t{1}}});
  }
}

TEST_F(cudnn_on_device, attention_is_right_with_shared_heads_masks_and_odd_lengths) {
  const auto shape = [](std::int64_t heads, std::int64_t kv_heads, std::int64_t q_len, std::int64_t kv_len,
                        std::int64_t head_dim, const char* mask) {
    return results::parameters{{"batch", std::int64_t{2}}, {"heads", heads},   {"kv_heads", kv_heads},
                               {"q_len", q_len},           {"kv_len", kv_len}, {"head_dim", head_dim},
                               {"mask", std::string(mask)}};
  };
  for (const char* type : {"fp16", "bf16"}) {
    for (const char* pass : {"forward", "backward"}) {
      const std::string name = std::string("attention_") + pass + "_" + type;
      expect_right(name, shape(8, 8, 256, 256, 64, "none"));
      expect_right(name, shape(8, 2, 256, 256, 128, "causal"));
      expect_right(name, shape(8, 2, 200, 200, 128, "causal"));
      expect_right(name, shape(8, 2, 128, 384, 128, "causal"));
    }
    expect_right(std::string("attention_decode_") + type, shape(32, 8, 1, 1000, 128, "none"));
  }
}

}  // namespace
}  // namespace gpubench::bench
