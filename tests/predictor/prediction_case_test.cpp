// Cases of every kind, as the columns of a table give them.
#include "predictor/prediction_case.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "shipped_knowledge.hpp"

namespace gpubench::predictor {
namespace {

using ::testing::AllOf;
using testing::answer_of;
using testing::case_of;
using ::testing::HasSubstr;
using testing::refusal_of;

void expect_sane(const case_answer& a) {
  EXPECT_TRUE(std::isfinite(a.prediction) && a.prediction > 0) << a.prediction;
  EXPECT_LT(0, a.low);
  EXPECT_LE(a.low, a.prediction);
  EXPECT_LE(a.prediction, a.high);
}

TEST(case_reader, reads_columns_and_keeps_the_place_of_bad_rows) {
  const auto cases =
      read_cases(csv_table::parse("case_id,gpu,gpu_count,params,role,anchor_value,extra\n"
                                  "a,T4,2,op=add;rows=1,anchor,1.5,x\n"
                                  "b,,1,op=add;rows=1,,,\n"
                                  "c,T4,half,op=add;rows=1,,,\n"
                                  "d,T4,0,op=add;rows=1,,,\n"
                                  "e,T4,,op=add;rows=1,,-1,\n"
                                  "f,T4,,op=add;rows=1,,,\n",
                                  "cases.csv"));
  ASSERT_EQ(cases.size(), 6U);
  EXPECT_FALSE(cases[0].fault);
  EXPECT_EQ(cases[0].gpu_count, 2);
  EXPECT_TRUE(cases[0].is_anchor);
  EXPECT_EQ(cases[0].anchor_value, 1.5);
  for (std::size_t i = 1; i < 5; ++i) {
    ASSERT_TRUE(cases[i].fault) << i;
    EXPECT_EQ(cases[i].id, std::string(1, static_cast<char>('a' + i)));
    EXPECT_THAT(cases[i].fault->describe(), HasSubstr("cases.csv:" + std::to_string(i + 2)));
  }
  EXPECT_FALSE(cases[5].fault);
  EXPECT_FALSE(cases[5].is_anchor);
}

TEST(case_answer, times_come_in_the_unit_asked_for) {
  const double ms = answer_of(case_of("T4", "op=add;rows=4096;cols=4096")).prediction;
  EXPECT_EQ(answer_of(case_of("T4", "op=add;rows=4096;cols=4096")).unit, "ms");
  const case_answer us = answer_of(case_of("T4", "op=add;rows=4096;cols=4096", "bf16", 1, "us"));
  EXPECT_EQ(us.unit, "us");
  EXPECT_NEAR(us.prediction, ms * 1e3, ms);
  EXPECT_NEAR(answer_of(case_of("T4", "op=add;rows=4096;cols=4096", "bf16", 1, "s")).prediction, ms * 1e-3, ms * 1e-5);
}

TEST(case_answer, a_unit_that_the_case_cannot_have_is_said_and_answered_in_milliseconds) {
  for (const char* unit : {"furlongs", "images/s"}) {
    const case_answer a = answer_of(case_of("T4", "op=add;rows=4096;cols=4096", "fp32", 1, unit));
    EXPECT_EQ(a.unit, "ms");
    ASSERT_EQ(a.notes.size(), 1U);
    EXPECT_THAT(a.notes[0], HasSubstr(unit));
  }
}

TEST(case_answer, an_unknown_gpu_and_a_precision_that_it_lacks) {
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-88GB", "op=linear;m=8;n=8;k=8")), HasSubstr("did you mean"));
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB", "op=linear;m=8;n=8;k=8", "fp8")),
              AllOf(HasSubstr("no arithmetic in fp8"), HasSubstr("cases.csv:2")));
  EXPECT_THAT(refusal_of(case_of("T4", "op=linear;m=8;n=8;k=8", "bf17")), HasSubstr("did you mean 'bf16'"));
}

TEST(case_answer, work_that_is_not_named_and_keys_that_nobody_knows) {
  EXPECT_THAT(refusal_of(case_of("T4", "m=8;n=8")), HasSubstr("op="));
  const case_answer a = answer_of(case_of("T4", "op=add;rows=4096;cols=4096;colour=red"));
  ASSERT_EQ(a.notes.size(), 1U);
  EXPECT_THAT(a.notes[0], HasSubstr("colour"));
}

TEST(collective_case, names_however_written) {
  const char* all[] = {"op=all_reduce", "op=AllReduce", "op=all-gather", "op=reduce_scatter",
                       "op=all_to_all", "op=broadcast", "op=send_recv"};
  for (const char* op : all) {
    const case_answer a =
        answer_of(case_of("H100-SXM5-80GB", std::string(op) + ";bytes=1048576;ranks=8;nodes=1", "fp16", 8));
    expect_sane(a);
    EXPECT_TRUE(a.notes.empty()) << a.notes[0];
  }
}

TEST(collective_case, grows_with_bytes_ranks_and_nodes) {
  const auto ms = [](const std::string& params) {
    return answer_of(case_of("H100-SXM5-80GB", "op=all_reduce;" + params, "fp16", 8)).prediction;
  };
  EXPECT_LT(ms("bytes=1048576;ranks=8"), ms("bytes=1073741824;ranks=8"));
  EXPECT_LT(ms("bytes=1073741824;ranks=8;interconnect=nvswitch"), ms("bytes=1073741824;ranks=8;interconnect=pcie"));
  EXPECT_LT(ms("bytes=1073741824;ranks=8;nodes=1"), ms("bytes=1073741824;ranks=16;nodes=2;network_gbps=100"));
}

TEST(collective_case, refuses_what_cannot_be) {
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "op=all_reduce;bytes=1024;ranks=1")), HasSubstr("ranks"));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "op=all_reduce;bytes=1024;ranks=8;nodes=3")), HasSubstr("nodes"));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "op=all_reduce;bytes=1024;ranks=16;nodes=2;network_gbps=0")),
              HasSubstr("network_gbps"));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "op=all_reduce;ranks=8")), HasSubstr("'bytes' is missing"));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "op=all_reduce;bytes=8;ranks=8;interconnect=ethernut")),
              HasSubstr("interconnect"));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "op=all_reduce;bytes=8;ranks=1099511627776")), HasSubstr("ranks"));
}

const std::string bert = "arch=bert;layers=12;hidden=768;heads=12;seq=128;batch=8;";

TEST(network_case, phases_add_up) {
  const auto ms = [](const std::string& phase) {
    const case_answer a = answer_of(case_of("A100-SXM4-80GB", bert + "phase=" + phase, "bf16"));
    expect_sane(a);
    return a.prediction;
  };
  EXPECT_LT(ms("fwd"), ms("fwd+bwd"));
  EXPECT_LT(ms("fwd+bwd"), ms("full_step"));
}

TEST(network_case, rates_are_work_over_the_step) {
  const std::string params = bert + "phase=full_step";
  const double ms = answer_of(case_of("A100-SXM4-80GB", params)).prediction;
  const case_answer sequences = answer_of(case_of("A100-SXM4-80GB", params, "bf16", 1, "sequences/s"));
  EXPECT_EQ(sequences.unit, "sequences/s");
  EXPECT_NEAR(sequences.prediction, 8 / (ms * 1e-3), 1e-6 * sequences.prediction);
  expect_sane(sequences);
  const case_answer tokens = answer_of(case_of("A100-SXM4-80GB", params, "bf16", 1, "tokens/s"));
  EXPECT_NEAR(tokens.prediction, 128 * sequences.prediction, 1e-6 * tokens.prediction);
}

TEST(network_case, splits) {
  const auto ms = [](const std::string& more, int count) {
    const case_answer a = answer_of(case_of("A100-SXM4-80GB",
                                            "arch=gpt2;layers=24;hidden=1024;heads=16;seq=512;global_batch=16;"
                                            "phase=full_step;" +
                                                more,
                                            "bf16", count));
    expect_sane(a);
    return a.prediction;
  };
  const double one = ms("", 1);
  EXPECT_LT(ms("parallel=dp4", 4), one);
  EXPECT_GT(ms("parallel=dp4", 4), one / 4);
  EXPECT_LT(ms("parallel=tp4", 4), one);
  EXPECT_GT(ms("parallel=pp4", 4), one / 4);
  EXPECT_LT(ms("parallel=dp2,tp2", 4), one);
}

TEST(network_case, refuses_what_cannot_be) {
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB", bert + "parallel=dp4", "bf16", 8)), HasSubstr("makes 4 GPUs of 8"));
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB", bert + "parallel=zz4")), HasSubstr("is not a split"));
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB", "arch=bert;layers=12;hidden=768;heads=12;batch=8")),
              HasSubstr("'sequence' is missing"));
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB", "arch=bret;layers=12;hidden=768;heads=12;seq=8;batch=8")),
              HasSubstr("did you mean 'bert'"));
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB", bert + "phase=fwdd")), HasSubstr("phase=fwdd"));
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB", bert, "fp12")), HasSubstr("fp12"));
  EXPECT_THAT(refusal_of(case_of("T4", bert, "bf16")), HasSubstr("no arithmetic in bf16"));
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB",
                                 "arch=gpt2;layers=2;hidden=64;heads=2;seq=8;global_batch=6;parallel=dp4", "bf16", 4)),
              HasSubstr("does not divide by dp4"));
  EXPECT_THAT(refusal_of(case_of("A100-SXM4-80GB", "model=no_such_model;seq=8;batch=1")), HasSubstr("no_such_model"));
}

TEST(network_case, named_models) {
  expect_sane(answer_of(
      case_of("A100-SXM4-80GB", "model=resnet50;img=224;per_gpu_batch=64;phase=full_step", "fp16-amp", 8, "images/s")));
  expect_sane(answer_of(case_of("H100-SXM5-80GB", "model=llama3.1-8b;seq=512;batch=1;phase=fwd", "bf16")));
}

TEST(network_case, mixtures_latents_and_windows_are_lowered_for_training_too) {
  const std::string rest = ";seq=1024;batch=1;phase=";
  for (const char* model : {"gpt-oss-20b", "qwen3-30b-a3b", "gemma3-4b", "mixtral-8x7b", "llama4-scout", "glm-4.5-air"})
    expect_sane(answer_of(case_of("MI355X", std::string("model=") + model + rest + "fwd", "bf16")));
  expect_sane(answer_of(case_of("B200", "model=deepseek-v3;seq=1024;batch=1;parallel=pp16;phase=fwd", "bf16", 16)));
  expect_sane(answer_of(case_of("H100-SXM5-80GB", "model=mixtral-8x7b;seq=1024;batch=8;parallel=tp8;phase=full_step",
                                "bf16", 8, "tokens/s")));
  EXPECT_THAT(refusal_of(case_of("MI355X", "model=qwen3.5-9b;seq=1024;batch=1;phase=fwd", "bf16")),
              HasSubstr("linear attention"));
}

TEST(network_case, a_mixture_takes_less_than_a_dense_model_of_its_size_and_more_than_one_of_its_active_part) {
  const auto ms = [](const std::string& model) {
    return answer_of(case_of("MI355X", "model=" + model + ";seq=4096;batch=4;phase=fwd;attn=flash;compile=1", "bf16"))
        .prediction;
  };
  // 30.5 billion parameters, 3.3 of them used by a token.
  EXPECT_LT(ms("qwen3-30b-a3b"), ms("qwen3-32b"));
  EXPECT_GT(ms("qwen3-30b-a3b"), ms("llama3.2-3b"));
}

TEST(network_case, zero_divides_memory_and_adds_traffic) {
  const std::string step =
      "model=llama3.1-8b;seq=2048;batch=1;phase=full_step;optimizer=adamw;fused_optimizer=1;attn=flash;";
  // 8.03 billion parameters in 16 bits: 2 + 2 + 4 bytes each are 64 GB, and with dp8 and stage 3 an eighth.
  const auto ms = [&](const std::string& more) {
    const case_answer a = answer_of(case_of("H100-SXM5-80GB", step + more, "bf16", 8));
    expect_sane(a);
    return a.prediction;
  };
  // An eighth of the update, and a gather of the weights more.
  EXPECT_NEAR(ms("parallel=dp8;zero=1") / ms("parallel=dp8"), 1, 0.1);
  EXPECT_GT(ms("parallel=dp8;zero=3"), ms("parallel=dp8;zero=2") * 0.9);
  EXPECT_THAT(refusal_of(case_of("L4", step + "parallel=dp8", "bf16", 8)), HasSubstr("zero=3"));
  EXPECT_THAT(refusal_of(case_of("L4", step + "parallel=dp8;zero=1", "bf16", 8)), HasSubstr("L4 has"));
  expect_sane(answer_of(case_of("L4", step + "parallel=dp8;zero=3", "bf16", 8)));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", step + "zero=4", "bf16", 8)), HasSubstr("zero=4"));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", step + "zero=2", "bf16", 1)), HasSubstr("among replicas"));
}

TEST(serving_case, more_requests_take_longer_and_more_gpus_less) {
  const auto ms = [](const std::string& metric, int concurrency, int tensor) {
    const case_answer a = answer_of(
        case_of("H100-SXM5-80GB",
                "serve=llama3.1-8b;metric=" + metric + ";isl=1024;osl=256;concurrency=" + std::to_string(concurrency) +
                    ";tp_size=" + std::to_string(tensor) + ";engine=vllm;engine_version=0.12.0",
                "bf16", tensor));
    expect_sane(a);
    EXPECT_EQ(a.unit, "ms");
    return a.prediction;
  };
  EXPECT_LT(ms("tpot", 1, 1), ms("tpot", 64, 1));
  EXPECT_LT(ms("tpot", 16, 4), ms("tpot", 16, 1));
  EXPECT_LT(ms("ttft", 1, 1), ms("ttft", 64, 1));
  EXPECT_GT(ms("ttft", 1, 1), ms("tpot", 1, 1));
}

TEST(serving_case, refuses_what_cannot_be) {
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "serve=lama3.1-8b;isl=8;osl=8")), HasSubstr("did you mean"));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "serve=llama3.1-8b;osl=8")), HasSubstr("'isl' is missing"));
  EXPECT_THAT(refusal_of(case_of("H100-SXM5-80GB", "serve=llama3.1-8b;isl=8;osl=8;metric=speed")),
              HasSubstr("metric=speed"));
}

TEST(serving_case, an_unknown_precision_and_a_model_without_room_are_refused) {
  const std::string small = "serve=llama3.1-8b;isl=8;osl=8;engine=vllm;engine_version=0.12.0";
  EXPECT_THROW(answer_of(case_of("H100-SXM5-80GB", small, "fp99")), error);
  const std::string large = "serve=deepseek-r1;isl=8;osl=8;engine=vllm;engine_version=0.12.0";
  EXPECT_THROW(answer_of(case_of("L4", large, "fp8")), error);
}

}  // namespace
}  // namespace gpubench::predictor
