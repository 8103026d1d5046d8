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

TEST(DcgmDiag, AMissingStatusIsPointedAt) {
  EXPECT_EQ(refusal_of([] { read_text("dcgm", edited("dcgm.json", "\"status\": \"Skip\"", "\"state\": \"Skip\"")); }),
            "7:162: DCGM Diagnostic.test_categories[1].tests[0].results[1].status is missing");
}

}  // namespace
}  // namespace gpubench::imports
