#include "predictor/operator_case.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::predictor {
namespace {

using models::precision;
using ::testing::HasSubstr;

operator_call from(std::string_view text, precision p = precision::bf16) {
  return operator_from(case_parameters::parse(text, {"cases.csv", 2, 1}), p);
}

std::string refusal(std::string_view text, precision p = precision::bf16) {
  try {
    from(text, p);
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    return e.describe();
  }
  ADD_FAILURE() << text << " was taken";
  return {};
}

TEST(operator_case, a_linear_layer_is_one_product) {
  const operator_call call = from("op=linear;m=3;n=5;k=7;bias=1");
  EXPECT_EQ(std::get<models::gemm>(call.shape), (models::gemm{3, 5, 7, 1}));
  EXPECT_EQ(call.precision, precision::bf16);
  EXPECT_EQ(call.how, launch::captured);
}

TEST(operator_case, narrow_linear_layers_write_16_bits_and_bare_products_do_not) {
  EXPECT_EQ(std::get<models::gemm>(from("op=linear;m=1;n=2;k=3", precision::fp8).shape).output, precision::bf16);
  EXPECT_FALSE(std::get<models::gemm>(from("op=linear;m=1;n=2;k=3;quantise=0", precision::fp8).shape).output);
  EXPECT_FALSE(std::get<models::gemm>(from("op=bmm;b=4;m=1;n=2;k=3", precision::fp8).shape).output);
}

TEST(operator_case, a_batched_product_takes_its_batch_under_either_name) {
  EXPECT_EQ(std::get<models::gemm>(from("op=bmm;b=9;m=1;n=2;k=3").shape).batch, 9);
  EXPECT_EQ(std::get<models::gemm>(from("op=bmm;batch=9;m=1;n=2;k=3").shape).batch, 9);
  EXPECT_THAT(refusal("op=bmm;m=1;n=2;k=3"), HasSubstr("'batch' is missing"));
}

TEST(operator_case, convolutions_by_either_naming) {
  const auto c = std::get<models::convolution>(
      from("op=conv2d;n=2;c_in=3;c_out=4;kernel=3;hw=32;stride=2;pad=1;layout=nchw").shape);
  EXPECT_EQ(c.n, 2);
  EXPECT_EQ(c.height, 32);
  EXPECT_EQ(c.stride, 2);
  EXPECT_EQ(c.padding, 1);
  EXPECT_EQ(c.pass, models::pass::forward);
  EXPECT_EQ(std::get<models::convolution>(
                from("op=conv2d;batch=2;c_in=3;c_out=4;kernel_size=1;hw=8;pass=backward_weights").shape)
                .pass,
            models::pass::backward_weights);
  EXPECT_THAT(refusal("op=conv2d;n=2;c_in=3;c_out=4;kernel=7;hw=3"), HasSubstr("smaller than the kernel"));
  EXPECT_THAT(refusal("op=conv2d;n=2;c_in=3;c_out=4;kernel=7;hw=30;pass=backwards_data"),
              HasSubstr("did you mean 'backward_data'"));
}

TEST(operator_case, padding_is_a_whole_number) {
  EXPECT_THAT(refusal("op=conv2d;n=2;c_in=3;c_out=4;kernel=3;hw=32;pad=0.5"), HasSubstr("pad=0.5"));
  EXPECT_THAT(refusal("op=conv2d;n=2;c_in=3;c_out=4;kernel=3;hw=32;pad=1e300"), HasSubstr("pad=1e300"));
}

TEST(operator_case, attention_phases) {
  const auto prompt =
      std::get<models::attention>(from("op=attention;phase=prefill;batch=2;q_len=128;heads=8;head_dim=64").shape);
  EXPECT_EQ(prompt.kv_len, 128);
  EXPECT_EQ(prompt.kv_heads, 8);
  EXPECT_TRUE(prompt.causal);
  const auto step = std::get<models::attention>(
      from("op=attention;phase=decode;batch=2;kv_len=999;heads=8;kv_heads=2;head_dim=64").shape);
  EXPECT_EQ(step.q_len, 1);
  EXPECT_EQ(step.kv_len, 999);
  EXPECT_EQ(step.kv_heads, 2);
}

TEST(operator_case, attention_that_cannot_be_is_refused) {
  EXPECT_THAT(refusal("op=attention;q_len=64;kv_len=32;heads=8;head_dim=64"), HasSubstr("more than kv_len"));
  EXPECT_THAT(refusal("op=attention;q_len=64;heads=8;kv_heads=16;head_dim=64"), HasSubstr("more than heads"));
  EXPECT_THAT(refusal("op=attention;q_len=64;heads=8;kv_heads=3;head_dim=64"), HasSubstr("does not divide"));
  EXPECT_THAT(refusal("op=attention;phase=prefil;q_len=64;heads=8;head_dim=64"), HasSubstr("did you mean 'prefill'"));
}

TEST(operator_case, element_wise_traffic_is_tensors_times_elements) {
  const auto add = std::get<models::streaming>(from("op=add;rows=10;cols=20", precision::fp32).shape);
  EXPECT_DOUBLE_EQ(add.bytes, 3 * 200 * 4);
  EXPECT_DOUBLE_EQ(add.flop, 200);
  const auto gelu = std::get<models::streaming>(from("op=gelu;rows=10;cols=20", precision::fp16).shape);
  EXPECT_DOUBLE_EQ(gelu.bytes, 2 * 200 * 2);
  EXPECT_GT(gelu.flop, add.flop);
  for (const elementwise_operator& op : elementwise_operators())
    EXPECT_GT(std::get<models::streaming>(from("op=" + std::string(op.name) + ";rows=8;cols=8").shape).bytes, 0);
}

TEST(operator_case, rows) {
  using kind = models::row_operation::kind;
  const auto softmax = std::get<models::row_operation>(from("op=softmax;rows=10;cols=20").shape);
  EXPECT_EQ(softmax.what, kind::softmax);
  EXPECT_EQ(softmax.cols, 20);
  EXPECT_EQ(std::get<models::row_operation>(from("op=layernorm;rows=10;cols=20").shape).what, kind::layer_norm);
  EXPECT_EQ(std::get<models::row_operation>(from("op=rmsnorm;rows=10;cols=20").shape).what, kind::rms_norm);
}

TEST(operator_case, a_lone_fp32_operator_is_an_eager_call_unless_it_says_otherwise) {
  EXPECT_EQ(from("op=add;rows=1;cols=2", precision::fp32).how, launch::eager);
  EXPECT_EQ(from("op=add;rows=1;cols=2;launch=captured", precision::fp32).how, launch::captured);
  EXPECT_EQ(from("op=add;rows=1;cols=2;launch=eager").how, launch::eager);
  EXPECT_EQ(from("op=attention;q_len=64;heads=8;head_dim=64", precision::fp32).how, launch::captured);
  EXPECT_THAT(refusal("op=add;rows=1;cols=2;launch=egaer"), HasSubstr("did you mean 'eager'"));
}

TEST(operator_case, an_unknown_operator_names_the_nearest_or_all) {
  EXPECT_THAT(refusal("op=sofmax;rows=1;cols=2"), HasSubstr("did you mean 'softmax'"));
  EXPECT_THAT(refusal("op=qqqqqqqq;rows=1;cols=2"), HasSubstr("conv2d"));
}

}  // namespace
}  // namespace gpubench::predictor
