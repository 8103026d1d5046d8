#include <gmock/gmock.h>

#include "import_fixture.hpp"

namespace gpubench::imports {
namespace {

TEST(DcgmDiag, AFailureCarriesItsWarningAndAPassItsInfo) {
  const auto run = import_data("dcgm.json").run;
  const auto& failed = find(run, "dcgm_software/category:Deployment", "gpu0");
  EXPECT_EQ(failed.status, results::measurement_status::failed);
  EXPECT_EQ(failed.reason, "Persistence mode is off <b>on GPU 0</b>");
  const auto& passed = find(run, "dcgm_targeted_power/category:Stress", "gpu1");
  EXPECT_EQ(passed.status, results::measurement_status::ok);
  EXPECT_EQ(passed.method.at("info"), "GPU 1 reached 690 W");
  EXPECT_TRUE(passed.reported->values.empty()) << "figures in sentences are not guessed at";
  EXPECT_EQ(find(run, "dcgm_targeted_power/category:Stress", "gpu2").status, results::measurement_status::skipped);
}

TEST(DcgmDiag, TheOlderFormIsReadToo) {
  const auto run = import_data("dcgm_3.json").run;
  const auto& m = find(run, "dcgm_gpu_memory/category:Hardware", "gpu0");
  EXPECT_EQ(m.status, results::measurement_status::ok);
  EXPECT_EQ(m.warnings, std::vector<std::string>{"ECC was reset"});
  EXPECT_EQ(run.provenance->sources[0].tool_version, "3.1.8");
}

TEST(DcgmDiag, AFailureThatConcernsNoGpuAloneStandsInTheSummary) {
  const std::string warning = R"("warnings": [{"warning": "A fatal error: fabric manager is not running"}])";
  const auto run_with = [&](const std::string& results, const std::string& summary) {
    return read_text("dcgm", R"({"DCGM Diagnostic": {"test_categories": [{"category": "Hardware", "tests": [
      {"name": "nvlink", "results": [)" +
                                 results + R"(], "test_summary": {)" + summary + "}}]}]}}")
        .measurements;
  };
  const std::string passed = R"({"entity_group": "GPU", "entity_id": 0, "status": "Pass"})";
  for (const auto& results : {passed, std::string()}) {
    const auto all = run_with(results, R"("status": "Fail", )" + warning);
    ASSERT_EQ(all.size(), results.empty() ? 1u : 2u);
    EXPECT_EQ(all.back().benchmark, "dcgm_nvlink");
    EXPECT_EQ(all.back().device, "node");
    EXPECT_EQ(all.back().status, results::measurement_status::failed);
    EXPECT_EQ(all.back().reason, "A fatal error: fabric manager is not running");
  }
  EXPECT_EQ(run_with(passed, R"("status": "Pass")").size(), 1u)
      << "a summary that repeats the results is no second one";
  EXPECT_EQ(run_with(passed, R"("status": "Skip")").size(), 1u);
  EXPECT_EQ(run_with(passed, R"("status": "Pass", "info": ["all links are up"])").back().method.at("info"),
            "all links are up");
  EXPECT_EQ(read_text("dcgm", R"({"DCGM Diagnostic": {"test_categories": [{"category": "Hardware", "tests": [
      {"name": "nvlink", "test_summary": {"status": "Fail"}}]}]}})")
                .measurements.at(0)
                .reason,
            "DCGM's status is Fail");
  EXPECT_EQ(run_with("", R"("status": "Skip")").back().status, results::measurement_status::skipped);
}

TEST(DcgmDiag, AMissingStatusIsPointedAt) {
  EXPECT_EQ(refusal_of([] { read_text("dcgm", edited("dcgm.json", "\"status\": \"Skip\"", "\"state\": \"Skip\"")); }),
            "7:162: DCGM Diagnostic.test_categories[1].tests[0].results[1].status is missing");
}

}  // namespace
}  // namespace gpubench::imports
