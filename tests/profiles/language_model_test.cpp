#include "profiles/language_model.hpp"

#include "models/serving_step.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

using models::precision;
using testing::HasSubstr;

const std::vector<language_model>& shipped_models() {
  static const auto models = load_language_models(test::shipped());
  return models;
}

models::transformer shape_of(const std::string& name) {
  return find_language_model(shipped_models(), name).shape;
}

double kv_bytes(const std::string& name) {
  return models::kv_bytes_per_token(shape_of(name), precision::bf16);
}

TEST(language_models, are_all_readable) {
  EXPECT_TRUE(validate_language_models(test::shipped()).empty());
  EXPECT_GE(shipped_models().size(), 40U);
}

TEST(language_models, have_the_published_number_of_parameters) {
  for (const auto& model : shipped_models()) {
    const double total = models::parameter_count(model.shape) / model.published_parameters;
    // Names round to whole billions, and some totals count an image encoder or heads that predict further tokens.
    EXPECT_NEAR(total, 1, model.name.rfind("qwen3.5-", 0) == 0 ? 0.06 : 0.02) << model.name;
    if (!model.published_active_parameters) continue;
    const double active = models::active_parameter_count(model.shape) / *model.published_active_parameters;
    EXPECT_NEAR(active, 1, 0.1) << model.name;
  }
}

TEST(language_models, have_exactly_the_parameters_that_are_published_exactly) {
  const auto exact = [](const std::string& name) { return models::parameter_count(shape_of(name)); };
  EXPECT_EQ(exact("llama3.1-8b"), 8030261248);
  EXPECT_EQ(exact("llama3.1-70b"), 70553706496);
  EXPECT_EQ(exact("gemma3-1b"), 999885952);
  EXPECT_EQ(exact("qwen3-32b"), 32762123264);
  EXPECT_EQ(exact("mixtral-8x7b"), 46702792704);
  EXPECT_EQ(exact("gpt-oss-120b"), 116829156672);
}

TEST(language_models, keep_what_their_attention_needs_of_each_token) {
  // serving_models.csv of the calibration files, and by hand.
  EXPECT_EQ(kv_bytes("llama3.1-8b"), 131072);
  EXPECT_EQ(kv_bytes("llama3.1-70b"), 327680);
  EXPECT_EQ(kv_bytes("qwen3-32b"), 262144);
  EXPECT_EQ(kv_bytes("qwen3-235b-a22b"), 192512);
  EXPECT_EQ(kv_bytes("minimax-m2.5"), 253952);
  EXPECT_EQ(kv_bytes("deepseek-r1"), 70272);
  EXPECT_EQ(kv_bytes("gpt-oss-120b"), 2 * 36864);  // half of the layers stop at their window
  EXPECT_EQ(kv_bytes("qwen3.5-27b"), 16 * 2 * 4 * 256 * 2);
}

TEST(language_models, are_found_by_any_of_their_names) {
  const auto named = [](const std::string& name) { return find_language_model(shipped_models(), name).name; };
  EXPECT_EQ(named("meta-llama/Llama-3.1-8B-Instruct"), "llama3.1-8b");
  EXPECT_EQ(named("llama3.1-8b"), "llama3.1-8b");
  EXPECT_EQ(named("Llama-3.1-8B"), "llama3.1-8b");
  EXPECT_EQ(named("LLAMA3.1_8B"), "llama3.1-8b");
  EXPECT_EQ(named("bert_large"), "bert_large");
  EXPECT_EQ(named("Qwen/Qwen3-32B"), "qwen3-32b");
  EXPECT_EQ(named("google/gemma-3-27b-it"), "gemma3-27b");
  EXPECT_EQ(named("openai/gpt-oss-120b"), "gpt-oss-120b");
  EXPECT_EQ(named("MiniMaxAI/MiniMax-M2.5"), "minimax-m2.5");
  EXPECT_EQ(named("deepseek-ai/DeepSeek-V3"), "deepseek-v3");
  EXPECT_EQ(named("nvidia/Llama-3.3-70B-Instruct-FP8"), "llama3.3-70b");
}

TEST(language_models, store_weights_as_their_name_says) {
  const auto fp8 = shape_of("Qwen/Qwen3-235B-A22B-FP8");
  EXPECT_EQ(fp8.matrices.type, precision::fp8);
  EXPECT_EQ(fp8.expert_weights.type, precision::fp8);
  EXPECT_FALSE(shape_of("Qwen/Qwen3-235B-A22B").matrices.type);
  EXPECT_EQ(shape_of("gpt-oss-20b").expert_weights.type, precision::fp4);
  EXPECT_FALSE(shape_of("gpt-oss-20b").matrices.type);
  EXPECT_EQ(shape_of("kimi-k2.5").expert_weights.type, precision::fp4);
}

TEST(language_models, are_suggested_for_a_misspelt_name) {
  try {
    find_language_model(shipped_models(), "llama3.1-9b");
    FAIL();
  } catch (const error& refused) {
    EXPECT_EQ(refused.kind(), error_kind::usage);
    EXPECT_THAT(refused.hint(), HasSubstr("llama3.1-8b"));
    EXPECT_THAT(refused.hint(), HasSubstr("config.json"));
  }
}

TEST(language_models, say_how_they_attend) {
  EXPECT_EQ(attention_of(shape_of("llama3-8b")), "grouped-query");
  EXPECT_EQ(attention_of(shape_of("deepseek-v3")), "latent");
  EXPECT_EQ(attention_of(shape_of("glm-5")), "latent, sparse over 2048 keys");
  EXPECT_EQ(attention_of(shape_of("gemma3-27b")), "grouped-query, sliding window of 1024 but for one layer in 6");
  EXPECT_EQ(attention_of(shape_of("llama4-scout")), "grouped-query, chunks of 8192 but for one layer in 4");
  EXPECT_EQ(attention_of(shape_of("qwen3.5-27b")), "grouped-query, linear but for one layer in 4");
}

TEST(language_models, all_serve) {
  for (const auto& model : shipped_models()) {
    models::serving_step step;
    step.model = model.shape;
    step.sequences = 8;
    step.kv_len = 10'000;
    double decode = 0, prefill = 0;
    for (const auto& op : models::serving_operators(step))
      decode += op.count * models::work_of(op.shape, op.precision).bytes;
    step.sequences = 1;
    step.tokens = step.kv_len = 1000;
    for (const auto& op : models::serving_operators(step))
      prefill += op.count * models::work_of(op.shape, op.precision).flop;
    // A decode step reads active weights at least, of half a byte; prefill multiplies each token with them twice, but
    // for the output head, which sees the last token.
    const double active = models::matrix_parameter_count(model.shape);
    const double layers =
        active - static_cast<double>(model.shape.vocabulary) * static_cast<double>(model.shape.hidden);
    EXPECT_GT(decode, 0.4 * active) << model.name;
    EXPECT_GT(prefill, 2e3 * layers) << model.name;
    EXPECT_LT(prefill, 3e3 * active) << model.name;
  }
}

TEST(language_models, of_an_overlay_replace_shipped_ones) {
  const temporary_folder overlay;
  overlay.write("models/mine.json", R"({"name": "llama3-8b", "title": "Mine", "source": "me", "date": "2026-11-01",
    "published_parameters": 1e9, "config": {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100}})");
  const auto known = load_language_models(test::shipped(), {overlay.path()});
  EXPECT_EQ(known.size(), shipped_models().size());
  EXPECT_EQ(find_language_model(known, "llama3-8b").title, "Mine");
}

TEST(language_models, that_are_wrong_are_named) {
  const temporary_folder overlay;
  const auto file = overlay.write("models/mine.json", R"({"name": "mine", "title": "Mine", "source": "me"})");
  const auto findings = validate_language_models(overlay.path());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].where().file, file.string());
  EXPECT_THAT(findings[0].what(), HasSubstr("published_parameters"));
}

}  // namespace
}  // namespace gpubench::profiles
