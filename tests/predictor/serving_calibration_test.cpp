#include "predictor/serving_calibration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "predictor/serving_engine.hpp"
#include "shipped_knowledge.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::predictor {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const std::string header =
    "gpu,model,engine,engine_version,precision,isl,osl,concurrency,tp_size,tpot_ms,ttft_ms,mode\n";

const std::vector<profiles::language_model>& language_models() {
  static const auto all = profiles::load_language_models(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data");
  return all;
}

/// Servers whose times are those of an engine with `kernel_seconds` and `first_token_seconds`, of this version.
std::string servers(const std::string& version, double kernel_seconds, double first_token_seconds) {
  served_engines truth = shipped_engines();
  for (serving_engine& e : truth.all) {
    e.kernel_seconds = kernel_seconds;
    e.first_token_seconds = first_token_seconds;
  }
  operator_calibration known = uncalibrated();
  known.engines = truth;
  case_context context(testing::known(), known, language_models());
  std::string rows;
  for (const int isl : {256, 1024, 4096}) {
    for (const int concurrency : {1, 2, 4, 8, 16, 32, 64}) {
      const std::string params = "serve=meta-llama/Llama-3.1-8B-Instruct;isl=" + std::to_string(isl) +
                                 ";osl=256;concurrency=" + std::to_string(concurrency) +
                                 ";tp_size=1;engine=vllm;engine_version=0.18";
      const auto time = [&](const char* metric) {
        auto c = testing::case_of("B200", params + ";metric=" + metric);
        c.precision = "bf16";
        return std::to_string(answer(c, context).prediction);
      };
      rows += "B200,meta-llama/Llama-3.1-8B-Instruct,vllm," + version + ",bf16," + std::to_string(isl) + ",256," +
              std::to_string(concurrency) + ",1," + time("tpot") + "," + time("ttft") + ",agg\n";
    }
  }
  return rows;
}

serving_observations read(const std::string& rows) {
  const operator_calibration nothing = uncalibrated();
  case_context context(testing::known(), nothing, language_models());
  serving_observations to;
  add_servers(csv_table::parse(header + rows, "servers.csv"), context, to);
  return to;
}

TEST(serving_calibration, an_engine_s_constants_are_found_again) {
  const auto rows = read(servers("0.25", 8e-6, 0.03));
  ASSERT_EQ(rows.rows.size(), 21U);
  const auto result = calibrate_servers(rows.rows, shipped_engines(), "here", "2026-11-26");
  const serving_engine found = serving_engine_of(result.known, "vllm", "0.25.1");
  EXPECT_TRUE(found.exact);
  EXPECT_NEAR(found.kernel_seconds, 8e-6, 0.3e-6);
  // 21 rows do not quite leave the 0.008 of the version before.
  EXPECT_NEAR(found.first_token_seconds, 0.03, 0.006);
  EXPECT_THAT(found.gpus, ::testing::ElementsAre("B200"));
  ASSERT_EQ(result.errors.size(), 2U);
  EXPECT_LT(result.errors[0].mean, 0.03);
  EXPECT_GT(result.errors[0].before, result.errors[0].mean);
}

TEST(serving_calibration, what_rests_on_many_servers_is_moved_a_little_and_keeps_its_gpus) {
  const serving_engine before = serving_engine_of(shipped_engines(), "vllm", "0.18");
  const auto result =
      calibrate_servers(read(servers("0.18", 8e-6, 0.03)).rows, shipped_engines(), "here", "2026-11-26");
  const serving_engine found = serving_engine_of(result.known, "vllm", "0.18");
  EXPECT_GT(found.first_token_seconds, before.first_token_seconds);
  EXPECT_LT(found.first_token_seconds, 0.02);
  EXPECT_EQ(found.rows, before.rows + 21);
  EXPECT_THAT(found.gpus, ::testing::ElementsAre("H100-SXM5-80GB", "B200"));
}

TEST(serving_calibration, a_version_of_few_servers_is_named_and_left_out) {
  auto rows = read(servers("0.25", 8e-6, 0.03)).rows;
  rows.resize(3);
  const auto result = calibrate_servers(rows, shipped_engines(), "here", "2026-11-26");
  EXPECT_EQ(result.known.all.size(), shipped_engines().all.size());
  EXPECT_TRUE(result.known.origin.source.empty());
  EXPECT_THAT(result.skipped, ::testing::ElementsAre(HasSubstr("vllm 0.25: 3 of 8")));
}

TEST(serving_calibration, a_new_version_stands_beside_the_known_ones) {
  const auto rows = read(servers("0.25.1", 3e-6, 0.01));
  const auto result = calibrate_servers(rows.rows, shipped_engines(), "here", "2026-11-26");
  EXPECT_EQ(result.known.all.size(), shipped_engines().all.size() + 1);
  EXPECT_FALSE(serving_engine_of(shipped_engines(), "vllm", "0.25").exact);
  EXPECT_TRUE(serving_engine_of(result.known, "vllm", "0.25.1").exact);
  EXPECT_EQ(serving_engine_of(result.known, "vllm", "0.18").kernel_seconds,
            serving_engine_of(shipped_engines(), "vllm", "0.18").kernel_seconds);
}

TEST(serving_calibration, what_was_fitted_is_read_back) {
  const auto result =
      calibrate_servers(read(servers("0.25", 3e-6, 0.01)).rows, shipped_engines(), "here", "2026-11-26");
  const temporary_folder folder;
  save_engines(folder.path(), result.known);
  const served_engines again = load_engines(folder.path(), shipped_engines());
  ASSERT_EQ(again.all.size(), result.known.all.size());
  const serving_engine a = serving_engine_of(result.known, "vllm", "0.25"),
                       b = serving_engine_of(again, "vllm", "0.25");
  EXPECT_NEAR(a.kernel_seconds, b.kernel_seconds, 1e-5 * a.kernel_seconds);
  EXPECT_EQ(a.most_running_requests, b.most_running_requests);
  EXPECT_EQ(a.gpus, b.gpus);
  EXPECT_THAT(again.origin.source, HasSubstr("AIConfigurator"));
  EXPECT_THAT(again.origin.source, HasSubstr("; here"));
  folder.write(engines_file, "source = \"x\"\ndate = \"2026\"\n[[engine]]\nname = \"vllm\"\nversion = \"new\"\n");
  try {
    load_engines(folder.path(), shipped_engines());
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_THAT(e.describe(), HasSubstr("servers.toml:5"));
  }
}

TEST(serving_calibration, rows_that_cannot_be_true_are_dropped_and_others_named) {
  const std::string model = "H100,meta-llama/Llama-3.1-8B-Instruct,vllm,0.18,bf16,1024,256,";
  // 16 GB of weights in 2 ms are 8 TB/s, of a memory of 3.35.
  const auto rows = read(model + "1,1,2,20,agg\n" + model + "1,1,7,20,agg\n" + model + "1,1,7,20,disagg\n");
  EXPECT_EQ(rows.rows.size(), 1U);
  ASSERT_EQ(rows.dropped.size(), 1U);
  EXPECT_THAT(rows.dropped[0], HasSubstr("servers.csv:2"));
  EXPECT_THAT(rows.dropped[0], HasSubstr("TB/s of weights"));
  EXPECT_EQ(rows.passed_over, 1U);
  EXPECT_THROW(read(model + "1,1,-3,20,agg\n"), error);
  EXPECT_THROW(read(model + "1,1,7,1e9,agg\n"), error);
  EXPECT_THROW(read("H100,nobody/knows,vllm,0.18,bf16,1024,256,1,1,7,20,agg\n"), error);
}

}  // namespace
}  // namespace gpubench::predictor
