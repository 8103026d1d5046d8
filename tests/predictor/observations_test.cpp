#include "predictor/observations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "shipped_knowledge.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::known;

observation_set read(const std::string& text) {
  observation_set all;
  add_observations(csv_table::parse(text, "ops.csv"), known(), all);
  return all;
}

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    return e.describe();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

TEST(observations, a_table_with_params) {
  const auto all = read("gpu,params,precision,latency_ms\nT4,op=bmm;b=2;m=64;n=64;k=64,fp16,0.02\n");
  ASSERT_EQ(all.rows.size(), 1U);
  EXPECT_EQ(all.rows[0].on->name, "T4");
  EXPECT_EQ(std::get<models::gemm>(all.rows[0].call.shape), (models::gemm{64, 64, 64, 2}));
  EXPECT_EQ(all.rows[0].call.precision, precision::fp16);
  EXPECT_DOUBLE_EQ(all.rows[0].seconds, 20e-6);
}

TEST(observations, a_column_a_parameter_with_an_operator) {
  const auto all = read(
      "op,gpu,dtype,batch,c_in,c_out,kernel_size,hw,stride,pad,latency_us\n"
      "conv2d,V100-PCIe-32GB,fp16,4,8,16,3,32,1,1,50\n");
  ASSERT_EQ(all.rows.size(), 1U);
  const auto& c = std::get<models::convolution>(all.rows[0].call.shape);
  EXPECT_EQ(c.n, 4);
  EXPECT_EQ(c.kernel, 3);
  EXPECT_EQ(c.padding, 1);
  EXPECT_DOUBLE_EQ(all.rows[0].seconds, 50e-6);
}

TEST(observations, without_an_operator_the_sizes_tell_it_and_the_type) {
  const auto products = read("gpu,m,n,k,seconds\nT4,4096,4096,4096,0.02\n");
  EXPECT_TRUE(std::holds_alternative<models::gemm>(products.rows.at(0).call.shape));
  EXPECT_EQ(products.rows[0].call.precision, precision::fp32);
  const auto attention = read(
      "gpu,phase,batch,q_len,kv_len,heads,kv_heads,head_dim,latency_ms\n"
      "H100-SXM5-80GB,prefill,1,4096,4096,32,8,128,1\n");
  EXPECT_TRUE(std::holds_alternative<models::attention>(attention.rows.at(0).call.shape));
  EXPECT_EQ(attention.rows[0].call.precision, precision::bf16);
}

TEST(observations, gpus_go_by_their_names_in_the_catalogue) {
  EXPECT_EQ(
      read("gpu,params,precision,latency_ms\nA100-SXM4-80GB,op=add;rows=4096;cols=4096,fp32,0.2\n").rows.at(0).on->name,
      "A100-SXM4-80GB");
  EXPECT_THAT(refusal("gpu,params,precision,latency_ms\nT44,op=add;rows=4096;cols=4096,fp32,0.2\n"),
              AllOf(HasSubstr("ops.csv:2:1"), HasSubstr("T44"), HasSubstr("did you mean 'T4")));
}

TEST(observations, units_and_times_that_cannot_be) {
  const std::string row = "T4,op=add;rows=4096;cols=4096,fp32,";
  EXPECT_THAT(refusal("gpu,params,precision,latency_ns\n" + row + "5\n"),
              AllOf(HasSubstr("ops.csv:2"), HasSubstr("latency_ms")));
  for (const char* time : {"0", "-1"}) {
    EXPECT_THAT(refusal("gpu,params,precision,latency_ms\n" + row + time + "\n"),
                AllOf(HasSubstr("ops.csv:2"), HasSubstr("positive")));
  }
  EXPECT_THAT(refusal("gpu,params,precision,seconds\n" + row + "5000\n"), HasSubstr("is the unit"));
  EXPECT_THAT(refusal("gpu,params,precision,seconds\n" + row + "fast\n"), HasSubstr("ops.csv:2"));
  EXPECT_THAT(refusal("gpu,params,precision,latency_ms\nT4,op=add;rows=4096;cols=4096,fp23,1\n"),
              AllOf(HasSubstr("is no precision"), HasSubstr("did you mean")));
  EXPECT_THAT(refusal("params,precision,latency_ms\nop=add;rows=4096;cols=4096,fp32,1\n"), HasSubstr("gpu"));
}

TEST(observations, a_rate_above_the_peak_is_dropped_and_said_where) {
  // 2 * 4096^3 FLOP in 1 ms are 137 TFLOP/s; T4's fp16 peak is 65.
  const auto all = read(
      "gpu,params,precision,latency_ms\n"
      "T4,op=linear;m=4096;n=4096;k=4096,fp16,4\n"
      "T4,op=linear;m=4096;n=4096;k=4224,fp16,1\n");
  EXPECT_EQ(all.rows.size(), 1U);
  EXPECT_EQ(all.dropped_rows, 1U);
  ASSERT_EQ(all.dropped.size(), 1U);
  EXPECT_THAT(all.dropped[0], AllOf(HasSubstr("ops.csv:3"), HasSubstr("142 TFLOP/s"), HasSubstr("above the dense peak"),
                                    HasSubstr("T4")));
}

TEST(observations, wrong_units_are_noticed_by_the_roofline) {
  // Microseconds under the name of milliseconds: 4000 ms for what takes 4.
  const auto all = read("gpu,params,precision,latency_ms\nT4,op=linear;m=4096;n=4096;k=4096,fp16,4000\n");
  EXPECT_TRUE(all.rows.empty());
  EXPECT_THAT(all.dropped.at(0), HasSubstr("slower than the roofline"));
}

TEST(observations, arithmetic_that_the_gpu_lacks_is_dropped) {
  const auto all = read("gpu,params,precision,latency_ms\nA100-SXM4-80GB,op=linear;m=4096;n=4096;k=4096,fp8,1\n");
  EXPECT_TRUE(all.rows.empty());
  EXPECT_THAT(all.dropped.at(0), AllOf(HasSubstr("no arithmetic in fp8"), HasSubstr("ops.csv:2")));
}

TEST(observations, winograd_may_count_more_than_the_peak) {
  // 64 x 64 x 3 x 3 on 56 x 56 x 256 images are 59 GFLOP: in 5 ms 11.8 TFLOP/s, above T4's 8.1 in fp32.
  const std::string shape = "T4,op=conv2d;n=256;c_in=64;c_out=64;kernel=3;hw=56;pad=1,fp32,";
  EXPECT_EQ(read("gpu,params,precision,latency_ms\n" + shape + "5\n").rows.size(), 1U);
  EXPECT_EQ(read("gpu,params,precision,latency_ms\n" + shape + "1\n").rows.size(), 0U);
}

TEST(observations, repeated_shapes_become_their_median) {
  const std::string row = "T4,op=add;rows=4096;cols=4096,fp32,";
  const auto all = read("gpu,params,precision,latency_ms\n" + row + "0.9\n" + row + "5\n" + row + "0.7\n" +
                        "P4,op=add;rows=4096;cols=4096,fp32,2\n" + "T4,op=add;rows=4096;cols=4097,fp32,3\n");
  ASSERT_EQ(all.rows.size(), 3U);
  double t4 = 0;
  for (const observation& o : all.rows) {
    if (o.on->name == "T4" && std::get<models::streaming>(o.call.shape).bytes == 3.0 * 4096 * 4096 * 4) t4 = o.seconds;
  }
  EXPECT_DOUBLE_EQ(t4, 0.9e-3);
}

TEST(observations, windows_make_different_shapes) {
  const std::string head = "gpu,params,precision,latency_ms\n";
  const std::string shape = "H100-SXM5-80GB,op=attention;batch=1;q_len=8192;heads=32;head_dim=128";
  EXPECT_EQ(read(head + shape + ",bf16,2\n" + shape + ";window=1024,bf16,1\n").rows.size(), 2U);
}

TEST(observations, a_shape_has_one_fold_on_every_gpu_unless_the_table_has_its_own) {
  std::string text = "gpu,params,precision,latency_ms\n";
  for (const char* gpu : {"T4", "P4"}) {
    for (int rows = 1000; rows < 1200; ++rows)
      text += std::string(gpu) + ",op=add;rows=" + std::to_string(rows) + ";cols=1000,fp32,0.1\n";
  }
  const auto all = read(text);
  std::map<double, int> fold;
  int held_out = 0;
  for (const observation& o : all.rows) {
    const double bytes = std::get<models::streaming>(o.call.shape).bytes;
    EXPECT_TRUE(o.fold >= 0 && o.fold < 10);
    EXPECT_EQ(fold.emplace(bytes, o.fold).first->second, o.fold);
    held_out += o.fold == 0 ? 1 : 0;
  }
  EXPECT_EQ(all.rows.size(), 400U);
  EXPECT_NEAR(held_out, 40, 25);
  EXPECT_EQ(read("gpu,params,precision,latency_ms,fold\nT4,op=add;rows=4096;cols=4096,fp32,1,7\n").rows.at(0).fold, 7);
}

TEST(observations, the_fold_is_fnv_1a_modulo_ten) {
  // FNV-1a, 32 bit: "" is 2166136261, "a" is 0xe40c292c = 3826002220.
  EXPECT_EQ(fold_of(""), 1);
  EXPECT_EQ(fold_of("a"), 0);
}

TEST(observations, conditions_choose_rows) {
  observation_set some;
  some.conditions = {{"framework", "vllm"}};
  add_observations(csv_table::parse("framework,gpu,params,precision,latency_ms\n"
                                    "vllm,T4,op=add;rows=4096;cols=4096,fp32,1\n"
                                    "trt,T4,op=add;rows=4096;cols=4097,fp32,1\n",
                                    "ops.csv"),
                   known(), some);
  EXPECT_EQ(some.rows.size(), 1U);
}

}  // namespace
}  // namespace gpubench::predictor
