#include <gmock/gmock.h>

#include "import_fixture.hpp"
#include "tests/temporary_folder.hpp"

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

/// The devices of rows with these members more, on a machine with three GPUs.
std::vector<std::string> devices_of(const std::vector<std::string>& members) {
  std::string text;
  for (const auto& more : members)
    text += std::string(text.empty() ? "[" : ",") + R"({"n_prompt": 8, "n_gen": 0, "avg_ns": 5, "cpu_info": "C",)" +
            R"("gpu_info": "NVIDIA L4, NVIDIA L4, NVIDIA T4")" + more + "}";
  const auto content = read_text("llama-bench", text + "]");
  EXPECT_EQ(content.environment.gpus.size(), 3U);
  EXPECT_EQ(content.environment.gpus.at(2).name, "NVIDIA T4");
  EXPECT_EQ(content.environment.gpus.at(2).index, 2);
  std::vector<std::string> devices;
  for (const auto& m : content.measurements) devices.push_back(m.device);
  return devices;
}

TEST(LlamaBench, ARowIsOfTheGpusThatItRanOn) {
  EXPECT_EQ(devices_of({R"(, "devices": "auto")", R"(, "devices": "CUDA1")", R"(, "devices": "CUDA0/CUDA1")",
                        R"(, "devices": "CUDA2/CUDA0")", R"(, "devices": "none")", R"(, "n_gpu_layers": 0)",
                        R"(, "split_mode": "none", "main_gpu": 2)", R"(, "split_mode": "layer", "main_gpu": 2)",
                        R"(, "devices": "CUDA1/CUDA2", "split_mode": "none", "main_gpu": 1)"}),
            (std::vector<std::string>{"gpu0-2", "gpu1", "gpu0-1", "gpu0+2", "cpu", "cpu", "gpu2", "gpu0-2", "gpu2"}));
  // More than there are, of two back-ends, of another machine.
  EXPECT_EQ(devices_of({R"(, "devices": "CUDA3")", R"(, "devices": "CUDA0/Vulkan1")", R"(, "devices": "RPC0")"}),
            std::vector<std::string>(3, "unknown"));
  EXPECT_THAT(refusal_of([] { devices_of({R"(, "split_mode": "none", "main_gpu": 3)"}); }),
              HasSubstr("main_gpu '3' is none of 3 GPUs"));
}

TEST(LlamaBench, ATimeOfZeroIsNamedAndNoTime) {
  const auto content = read_text("llama-bench", R"([{"n_prompt": 8, "n_gen": 0, "avg_ns": 0}])");
  EXPECT_FALSE(content.measurements.at(0).reported->time_ns.mean);
  EXPECT_TRUE(has_note(content.notes, "llama_bench_prompt/n_prompt:8/n_gen:0: a time of 0"));
}

TEST(LlamaBench, RowsOfOtherMachinesAreRefusedAndOtherBuildsKept) {
  EXPECT_THAT(refusal_of([] {
                read_text("llama-bench",
                          edited("llama_bench.jsonl", "\"cpu_info\": \"Some CPU\"", "\"cpu_info\": \"A\""));
              }),
              HasSubstr("cpu_info"));
  const auto content = read_text("llama-bench", edited("llama_bench.json", "4719", "4720"));
  EXPECT_EQ(content.tool_version, "4720 (abc1234)");
  EXPECT_EQ(content.measurements.at(0).method.count("build"), 0U);
  EXPECT_EQ(content.measurements.at(1).method.at("build"), "4719 (abc1234)");
}

TEST(LlamaBench, TheBackEndIsTheOneThatTheFileStates) {
  const auto backend = [](const std::string& stated) {
    return read_text("llama-bench", edited("llama_bench.json", "\"backends\": \"CUDA\"", stated))
        .measurements[0]
        .backend;
  };
  EXPECT_EQ(backend("\"backends\": \"CUDA\""), "cuda");
  EXPECT_EQ(backend("\"backends\": \"ROCm\""), "rocm");
  EXPECT_EQ(backend("\"backends\": \"SYCL,CPU\""), "sycl");
  EXPECT_EQ(backend("\"backends\": \"Metal,BLAS\""), "metal");
  EXPECT_EQ(backend("\"backends\": \"CUDA,Vulkan\", \"devices\": \"Vulkan0\""), "vulkan");
  EXPECT_EQ(backend("\"backends\": \"CUDA,Vulkan\", \"devices\": \"auto\""), "cuda+vulkan");
  EXPECT_EQ(backend("\"cuda\": false, \"vulkan\": true"), "vulkan") << "versions before 'backends'";
  EXPECT_EQ(backend("\"backends\": \"ROCm\", \"devices\": \"none\""), "host");
}

TEST(LlamaBench, WrongCellsAndMembersArePointedAt) {
  EXPECT_EQ(refusal_of([] { read_text("llama-bench", edited("llama_bench.csv", "\"512\"", "\"many\"")); }).substr(0, 2),
            "2:");
  EXPECT_THAT(refusal_of([] { read_text("llama-bench", edited("llama_bench.json", "\"n_gen\": 0", "\"n_gen\": -1")); }),
              HasSubstr("[0].n_gen '-1' is not a whole number from 0 on"));
  EXPECT_THAT(refusal_of([] { read_text("llama-bench", edited("llama_bench.csv", "\"512\"", "\"512.5\"")); }),
              HasSubstr(": n_prompt '512.5' is not a whole number from 0 on"));
  EXPECT_THAT(
      refusal_of([] { read_text("llama-bench", edited("llama_bench.json", "\"n_prompt\": 512", "\"n_prompt\": 0")); }),
      HasSubstr("[0].n_prompt and n_gen are 0: no token was processed"));
  EXPECT_THAT(refusal_of([] { read_text("llama-bench", edited("llama_bench.csv", "\"512\"", "\"0\"")); }),
              HasSubstr(": n_prompt and n_gen are 0: no token was processed"));
  EXPECT_THAT(refusal_of([] { read_text("llama-bench", edited("llama_bench.json", "\"n_gen\": 0", "\"n\": 0")); }),
              HasSubstr(": n_gen is missing"));
}

TEST(LlamaBench, ATimeThatCannotBeIsPointedAtInItsLine) {
  const temporary_folder made;
  const std::string test = R"({"n_prompt": 8, "n_gen": 0, "cpu_info": "C", "gpu_info": "NVIDIA L4", "avg_ns": 5000)";
  const auto file = made.write("tests.jsonl", test + "}\n\n" + test + ", \"stddev_ns\": 1e30}\n");
  EXPECT_THAT(refusal_of([&] { import_files("llama-bench", {file}, {}, "2026-11-26T12:00:00Z"); }),
              HasSubstr("3:71: llama_bench_prompt/n_prompt:8/n_gen:0: a time of 1e+30 ns"));
}

}  // namespace
}  // namespace gpubench::imports
