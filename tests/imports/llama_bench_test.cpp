#include <gmock/gmock.h>

#include "import_fixture.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

TEST(LlamaBench, SamplesAreTimesOfAllTokensOfATest) {
  const auto run = import_data("llama_bench.json").run;
  const auto& m = run.measurements.at(0);
  EXPECT_EQ(m.benchmark, "llama_bench_prompt");
  EXPECT_EQ(m.device, "gpu0");
  EXPECT_EQ(m.samples_ns, (std::vector<double>{49e6, 50e6, 51e6}));
  EXPECT_DOUBLE_EQ(*m.work.items, 512);
  EXPECT_DOUBLE_EQ(*m.rate.items_per_second, 10240);
  EXPECT_EQ(m.method.at("model_filename"), "llama-8b.gguf") << "folders are the user's own";
  EXPECT_EQ(run.started_at, "2026-02-03T04:05:06Z");
  EXPECT_EQ(run.provenance->sources[0].tool_version, "4719 (abc1234)");
}

TEST(LlamaBench, WithoutSamplesTheMeanIsAllThatIsKnown) {
  const auto m = import_data("llama_bench.csv").run.measurements.at(1);
  EXPECT_EQ(m.benchmark, "llama_bench_generation");
  EXPECT_FALSE(m.time_ns);
  EXPECT_DOUBLE_EQ(*m.reported->time_ns.mean, 8e8);
  EXPECT_FALSE(m.reported->time_ns.n);
  EXPECT_FALSE(m.reported->time_ns.median);
  EXPECT_DOUBLE_EQ(*m.rate.items_per_second, 160);
}

TEST(LlamaBench, JsonAndJsonLinesSayTheSame) {
  EXPECT_EQ(import_data("llama_bench.json").run.measurements, import_data("llama_bench.jsonl").run.measurements);
}

TEST(LlamaBench, WrongCellsAndMembersArePointedAt) {
  EXPECT_EQ(refusal_of([] { read_text("llama-bench", edited("llama_bench.csv", "\"512\"", "\"many\"")); }).substr(0, 2),
            "2:");
  EXPECT_THAT(refusal_of([] { read_text("llama-bench", edited("llama_bench.json", "\"n_gen\": 0", "\"n_gen\": -1")); }),
              HasSubstr("[0].n_gen is '-1' is not a whole number"));
}

}  // namespace
}  // namespace gpubench::imports
