// Cases of copies, optimisers, embeddings, reductions and work on the vector units.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "predictor/operator_case.hpp"
#include "predictor/prediction_case.hpp"
#include "shipped_knowledge.hpp"

namespace gpubench::predictor {
namespace {

using testing::answer_of;
using testing::case_of;
using ::testing::HasSubstr;
using testing::refusal_of;

case_answer sane(const prediction_case& what) {
  case_answer a = answer_of(what);
  EXPECT_TRUE(std::isfinite(a.prediction) && a.prediction > 0) << what.params;
  EXPECT_LT(0, a.low) << what.params;
  EXPECT_LE(a.low, a.prediction) << what.params;
  EXPECT_LE(a.prediction, a.high) << what.params;
  EXPECT_TRUE(a.notes.empty()) << what.params << ": " << a.notes[0];
  return a;
}

double ms(const std::string& params, const std::string& precision = "fp32", const std::string& gpu = "A100-SXM4-80GB") {
  return sane(case_of(gpu, params, precision)).prediction;
}

TEST(copy_case, goes_over_the_link_that_its_kind_names) {
  // PCIe 4 x16 carries 31.5 GB/s, 0.826 of it data; NVLink 300 GB/s, 0.92.
  EXPECT_NEAR(ms("op=copy;kind=host_to_device;bytes=1e9"), 1e3 / 26.0, 0.5);
  EXPECT_NEAR(ms("op=copy;kind=peer;bytes=1e9"), 1e3 / 276.3, 0.1);
  EXPECT_LT(ms("op=copy;kind=d2d;bytes=1e9"), ms("op=copy;kind=peer;bytes=1e9"));
  EXPECT_GT(ms("op=copy;kind=h2d;bytes=1e9;memory=pageable"), 2 * ms("op=copy;kind=h2d;bytes=1e9"));
  EXPECT_GT(ms("op=copy;kind=peer;bytes=1e9;interconnect=pcie"), 5 * ms("op=copy;kind=peer;bytes=1e9"));
  EXPECT_EQ(ms("op=host_to_device;bytes=1e9"), ms("op=memcpy;direction=h2d;bytes=1e9"));
}

TEST(copy_case, answers_in_a_rate_where_asked) {
  const case_answer a = sane(case_of("A100-SXM4-80GB", "op=copy;kind=h2d;bytes=1e9", "", 1, "GB/s"));
  EXPECT_EQ(a.unit, "GB/s");
  EXPECT_NEAR(a.prediction, 26.0, 0.3);
}

TEST(copy_case, refuses_what_cannot_be_and_leaves_the_element_wise_copy_alone) {
  EXPECT_THAT(refusal_of(case_of("T4", "op=copy;kind=host_to_device")), HasSubstr("'bytes' is missing"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=copy;kind=host_to_devise;bytes=8")), HasSubstr("did you mean"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=copy;kind=peer;bytes=8;memory=pinned")), HasSubstr("touches none"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=copy;kind=h2d;bytes=0")), HasSubstr("no size of a copy"));
  ms("op=copy;rows=4096;cols=4096");
}

TEST(optimizer_case, adam_in_mixed_precision_moves_28_bytes_a_parameter) {
  // 2 bytes of gradient read and of weight written, moments and master copy in fp32 read and written.
  const double bytes = 1e9 * 28;
  const double streams = ms("op=copy;rows=1000000;cols=" + std::to_string(static_cast<int>(bytes / 4 / 1e6)), "bf16");
  EXPECT_NEAR(ms("op=optimizer;kind=adamw;parameters=1e9;state=fp32;master=1", "bf16"), streams, 0.02 * streams);
  EXPECT_EQ(ms("op=adamw;parameters=1e9;state=fp32;master", "bf16"),
            ms("op=optimizer;kind=adamw;parameters=1e9;state=fp32;master=1", "bf16"));
}

TEST(optimizer_case, fused_is_faster_and_less_state_too) {
  EXPECT_LT(ms("op=adamw;parameters=1e9;fused=1"), ms("op=adamw;parameters=1e9"));
  EXPECT_LT(ms("op=sgd;parameters=1e9"), ms("op=adam;parameters=1e9"));
  EXPECT_LT(ms("op=adamw;parameters=1e9;state=int8", "bf16"), ms("op=adamw;parameters=1e9;state=fp32", "bf16"));
  EXPECT_GT(ms("op=lamb;parameters=1e9;fused=1"), ms("op=adamw;parameters=1e9;fused=1"));
}

TEST(optimizer_case, refuses_what_cannot_be) {
  EXPECT_THAT(refusal_of(case_of("T4", "op=optimizer;kind=adamw")), HasSubstr("'parameters' is missing"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=optimizer;kind=adamm;parameters=1e6")), HasSubstr("did you mean 'adam"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=adamw;parameters=1e10", "fp32")), HasSubstr("the GPU has"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=adamw;parameters=1e6;state=fp99")), HasSubstr("state=fp99"));
}

TEST(embedding_case, reads_each_wanted_row_once_and_clears_the_gradient_of_all) {
  EXPECT_NEAR(distinct_rows(1e6, 100), 100, 1e-6);
  EXPECT_NEAR(distinct_rows(10, 1e9), 10, 1e-3);
  EXPECT_NEAR(distinct_rows(2, 2), 1.5, 1e-12);
  EXPECT_NEAR(distinct_rows(5, 1), 1, 1e-6);
  EXPECT_LT(ms("op=embedding;tokens=65536;hidden=4096;vocab=1000", "bf16"),
            ms("op=embedding;tokens=65536;hidden=4096;vocab=1000000", "bf16"));
  EXPECT_GT(ms("op=embedding;tokens=64;hidden=4096;vocab=128256;backward=1", "bf16"),
            10 * ms("op=embedding;tokens=64;hidden=4096;vocab=128256", "bf16"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=embedding;tokens=64;hidden=8;backward=1")), HasSubstr("'vocab' is missing"));
}

TEST(reduction_case, reads_once_what_a_copy_reads_and_writes) {
  const double sum = ms("op=sum;rows=16384;cols=16384", "bf16");
  EXPECT_NEAR(sum, ms("op=copy;rows=16384;cols=8192", "bf16"), 0.05 * sum);
  EXPECT_EQ(sum, ms("op=reduction;kind=sum;rows=16384;cols=16384;axis=cols", "bf16"));
  EXPECT_GT(ms("op=argmax;rows=16384;cols=16384", "bf16"), 0);
  EXPECT_THAT(refusal_of(case_of("T4", "op=reduction;kind=median;rows=8;cols=8")), HasSubstr("kind=median"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=sum;rows=8;cols=8;axis=diagonal")), HasSubstr("axis=diagonal"));
}

TEST(vector_case, work_of_every_kind_is_predicted) {
  for (const char* params :
       {"op=stencil;nx=512;ny=512;nz=512;radius=4", "op=stencil;n=256;order=2;shape=box;steps=100",
        "op=md;atoms=1000000;neighbours=78", "op=lennard_jones;atoms=32000;neighbors=55;steps=100",
        "op=path_tracing;rays=2073600;bounces=4;box_tests=60;triangle_tests=10",
        "op=path_tracing;rays=1e9;instructions_per_ray=900;bytes_per_ray=2000;coherent", "op=sha256d;hashes=1e9",
        "op=hash;algorithm=blake2b;hashes=1e9", "op=hash;algorithm=equihash;hashes=100;n=144;k=5",
        "op=ethash;hashes=1e6", "op=scrypt;hashes=1e6"}) {
    for (const char* gpu : {"T4", "A100-SXM4-80GB", "H100-SXM5-80GB", "RTX 5090", "MI300X"}) ms(params, "fp32", gpu);
  }
}

TEST(vector_case, rates_are_work_over_time) {
  const double one = ms("op=sha256d;hashes=1e9");
  const case_answer rate = sane(case_of("A100-SXM4-80GB", "op=sha256d;hashes=1e9", "", 1, "MH/s"));
  EXPECT_NEAR(rate.prediction, 1e9 / (one * 1e-3) / 1e6, 1e-3 * rate.prediction);
  const case_answer steps = sane(case_of("A100-SXM4-80GB", "op=md;atoms=1e6;neighbours=78", "fp64", 1, "atom-steps/s"));
  EXPECT_NEAR(steps.prediction, 1e6 / (ms("op=md;atoms=1e6;neighbours=78", "fp64") * 1e-3), 1e-3 * steps.prediction);
}

TEST(vector_case, a_stencil_in_fp64_moves_twice_the_bytes) {
  const double ratio = ms("op=stencil;n=1024;radius=1", "fp64") / ms("op=stencil;n=1024;radius=1", "fp32");
  EXPECT_GT(ratio, 1.8);
  EXPECT_LT(ratio, 2.4);
}

TEST(vector_case, refuses_what_cannot_be) {
  EXPECT_THAT(refusal_of(case_of("T4", "op=stencil;nx=8;nz=8", "fp32")), HasSubstr("'ny' is missing"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=stencil;n=8;order=3", "fp32")), HasSubstr("order=3"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=stencil;n=8", "fp8")), HasSubstr("not computed in fp8"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=md;atoms=50;neighbours=78", "fp32")),
              HasSubstr("as many as there are atoms"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=md;atoms=500;neighbours=78", "bf16")), HasSubstr("not computed in bf16"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=path_tracing;rays=500", "fp32")), HasSubstr("what a ray costs"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=hash;algorithm=sha257;hashes=1")), HasSubstr("did you mean"));
  EXPECT_THAT(refusal_of(case_of("T4", "op=hash;algorithm=equihash;hashes=1;n=200;k=8")),
              HasSubstr("whole number of bits"));
}

TEST(vector_case, hashing_says_that_a_floating_point_type_changes_nothing) {
  const case_answer a = answer_of(case_of("T4", "op=sha256;hashes=1e9", "bf16"));
  ASSERT_EQ(a.notes.size(), 1U);
  EXPECT_THAT(a.notes[0], HasSubstr("bf16"));
}

}  // namespace
}  // namespace gpubench::predictor
