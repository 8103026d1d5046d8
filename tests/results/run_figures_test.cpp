#include "results/run_figures.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/results/sample_run.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::results {
namespace {

class run_figures_of_a_file : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) const { return folder_.write("run.json", text); }
  std::string problem_of(const std::string& text) const {
    try {
      load_run_figures(write(text));
    } catch (const error& e) {
      return e.describe();
    }
    return "none";
  }

 private:
  temporary_folder folder_;
};

run run_of_ranks() {
  run whole = sample_run();
  whole.ranks = {{0, "host-a", "eth0", 1.25e9}, {1, "host-b", std::nullopt, std::nullopt}};
  auto exchange = sample_measurement();
  exchange.benchmark = "pair_exchange";
  exchange.pairs = {{0, 1, 1234.5}};
  whole.measurements.push_back(exchange);
  return whole;
}

TEST_F(run_figures_of_a_file, are_those_of_the_whole_run) {
  const run whole = run_of_ranks();
  const auto expected = figures_of(whole);
  const auto fast = load_run_figures(write(to_json(whole).dump(1)));
  EXPECT_EQ(fast.head, expected.head);
  EXPECT_EQ(fast.measured, expected.measured);
  EXPECT_EQ(fast.failed, expected.failed);
  ASSERT_FALSE(fast.measured.empty());
  EXPECT_EQ(fast.measured.back().pairs, (std::vector<pair_time>{{0, 1, 1234.5}}));
  EXPECT_DOUBLE_EQ(fast.measured.front().time_ns, 1000.3);
  ASSERT_FALSE(fast.failed.empty());
}

TEST_F(run_figures_of_a_file, ranks_and_pairs_come_back_through_the_ordinary_reader) {
  const run whole = run_of_ranks();
  EXPECT_EQ(load_run(write(to_json(whole).dump())), whole);
}

TEST_F(run_figures_of_a_file, what_is_wrong_is_said_as_by_the_ordinary_reader) {
  const std::string good = to_json(run_of_ranks()).dump(1);
  EXPECT_THAT(problem_of(good.substr(0, good.size() / 2)), testing::HasSubstr("run.json:"));
  EXPECT_THAT(problem_of("{}"), testing::HasSubstr("not a gpubench run file"));
  auto bad = to_json(run_of_ranks());
  bad["ranks"][1]["node"] = 7;
  EXPECT_THAT(problem_of(bad.dump(1)), testing::HasSubstr("ranks[1].node"));
  bad = to_json(run_of_ranks());
  bad["measurements"].back()["pairs"][0]["ranks"] = {0, 1, 2};
  EXPECT_THAT(problem_of(bad.dump(1)), testing::HasSubstr("is no pair"));
  bad = to_json(run_of_ranks());
  bad["measurements"][0]["status"] = "fine";
  EXPECT_THAT(problem_of(bad.dump(1)), testing::HasSubstr("measurements[0].status"));
}

TEST_F(run_figures_of_a_file, times_that_cannot_be_are_named) {
  const auto changed = [&](const char* place, const json& value) {
    auto document = to_json(run_of_ranks());
    document[json::json_pointer(place)] = value;
    return problem_of(document.dump(1));
  };
  for (const double time : {-5.0, 0.0}) {
    EXPECT_THAT(changed("/measurements/0/time_ns/median", time), testing::HasSubstr("run.json")) << time;
    EXPECT_THAT(changed("/measurements/0/time_ns/min", time), testing::HasSubstr("run.json")) << time;
  }
  EXPECT_THAT(changed("/measurements/0/time_ns/median", nullptr), testing::HasSubstr("time_ns.median"));
  EXPECT_THAT(changed("/measurements/0/samples_ns/1", -5.0), testing::HasSubstr("samples_ns[1]"));
  EXPECT_THAT(changed("/measurements/0/samples_ns/1", nullptr), testing::HasSubstr("samples_ns[1]"));
  auto whole = run_of_ranks();
  auto& m = whole.measurements.front();
  m.samples_ns.front() = 0;
  m.time_ns = summarize(m.samples_ns);
  EXPECT_THAT(problem_of(to_json(whole).dump(1)), testing::HasSubstr("a sample takes 0 ns, which cannot be"));
}

TEST_F(run_figures_of_a_file, figures_that_do_not_follow_from_the_samples_are_refused) {
  const auto changed = [&](const char* place, const json& value) {
    auto document = to_json(run_of_ranks());
    document[json::json_pointer(place)] = value;
    return problem_of(document.dump(1));
  };
  for (const char* figure : {"median", "mean", "min", "max", "stddev", "p5", "p95"}) {
    const auto place = std::string("/measurements/0/time_ns/") + figure;
    EXPECT_THAT(changed(place.c_str(), 700.5), testing::HasSubstr(std::string("time_ns.") + figure + " is 700.5, but"));
  }
  EXPECT_THAT(changed("/measurements/0/time_ns/n", 900), testing::HasSubstr("time_ns.n is 900, but there are"));
  EXPECT_THAT(changed("/measurements/0/time_ns", nullptr),
              testing::HasSubstr("time_ns is null, but there are samples"));
  EXPECT_THAT(changed("/measurements/0/samples_ns", json::array()), testing::HasSubstr("there are no samples"));
  EXPECT_THAT(changed("/measurements/0/rates/bytes_per_second", 1.5),
              testing::HasSubstr("rates do not follow from work and median time"));
}

TEST_F(run_figures_of_a_file, a_wrong_answer_that_passes_for_right_is_refused_at_its_place) {
  json document = to_json(sample_run());
  auto& check = document["measurements"][0]["verification"];
  check["error"] = 1e9;
  EXPECT_THAT(problem_of(document.dump(1)), testing::HasSubstr("verification.passed is true, but the error"));
  check["passed"] = false;
  const auto problem = problem_of(document.dump(1));
  EXPECT_THAT(problem, testing::HasSubstr("above the tolerance"));
  EXPECT_THAT(problem, testing::ContainsRegex("run.json:[0-9]+:[0-9]+"));
}

TEST_F(run_figures_of_a_file, of_many_files_those_that_are_runs_come_in_their_order) {
  const auto good = write(to_json(run_of_ranks()).dump(1));
  const auto folder = good.parent_path();
  write_file_atomically(folder / "other.json", "{\"schema\": \"gpubench.link/1\"}");
  write_file_atomically(folder / "text.json", "no JSON");
  const auto found = load_candidates({{folder / "other.json", false}, {good, false}, {folder / "text.json", false}});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_FALSE(found[0]);
  ASSERT_TRUE(found[1]);
  EXPECT_EQ(found[1]->measured.size(), figures_of(run_of_ranks()).measured.size());
  EXPECT_FALSE(found[2]);
  write_file_atomically(folder / "half.json", to_json(run_of_ranks()).dump(1).substr(0, 900));
  EXPECT_THROW(load_candidates({{folder / "half.json", false}}), error);
  EXPECT_THROW(load_candidates({{good, true}, {folder / "other.json", true}}), error);
}

}  // namespace
}  // namespace gpubench::results
