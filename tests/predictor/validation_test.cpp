#include "predictor/validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <list>

#include "shipped_knowledge.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::predictor {
namespace {

using ::testing::HasSubstr;

class judged {
 public:
  void add(const std::string& family, const std::string& gpu, const std::string& params, double measured,
           double predicted, const std::string& unit = "ms", double width = 1.2) {
    truth t;
    t.family = family;
    t.what = testing::case_of(gpu, params, "bf16", 1, unit);
    t.value = measured;
    truths_.push_back(t);
    case_answer a;
    a.prediction = predicted;
    a.low = predicted / width;
    a.high = predicted * width;
    a.unit = unit;
    rows_.push_back({&truths_.back(), a});
  }
  std::vector<family_score> scores() const { return score(rows_); }

 private:
  std::list<truth> truths_;
  std::vector<judged_truth> rows_;
};

TEST(validation, errors_of_hand_computed_rows) {
  judged all;
  all.add("f", "T4", "a", 10, 11);    // + 10 %
  all.add("f", "T4", "b", 10, 8);     // - 20 %, 8 * 1.2 = 9.6 misses 10
  all.add("f", "T4", "c", 10, 10);    // 0
  all.add("f", "T4", "d", 10, 14);    // + 40 %, 14 / 1.2 = 11.7 misses 10
  all.add("f", "T4", "e", 10, 10.5);  // + 5 %
  const auto scores = all.scores();
  ASSERT_EQ(scores.size(), 1U);
  EXPECT_EQ(scores[0].rows, 5U);
  EXPECT_NEAR(scores[0].mean_error, 0.15, 1e-9);
  EXPECT_NEAR(scores[0].median_error, 0.10, 1e-9);
  // Of 0, 5, 10, 20, 40 %: 0.9 * 4 = 3.6, 20 + 0.6 * 20.
  EXPECT_NEAR(scores[0].p90_error, 0.32, 1e-9);
  EXPECT_NEAR(scores[0].bias, 0.05, 1e-9);
  EXPECT_NEAR(scores[0].coverage.value(), 0.6, 1e-9);
  EXPECT_FALSE(scores[0].kendall_tau);
  EXPECT_FALSE(scores[0].regret);
}

TEST(validation, rates_count_as_the_times_they_stand_for) {
  judged all;
  all.add("f", "T4", "a", 100, 80, "images/s");  // predicted a quarter more time
  EXPECT_NEAR(all.scores()[0].mean_error, 0.25, 1e-9);
  EXPECT_NEAR(all.scores()[0].bias, 0.25, 1e-9);
}

TEST(validation, families_are_never_pooled) {
  judged all;
  all.add("a", "T4", "x", 10, 10);
  all.add("b", "T4", "x", 10, 20);
  const auto scores = all.scores();
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[0].mean_error, 0);
  EXPECT_EQ(scores[1].mean_error, 1);
}

TEST(validation, order_of_gpus_and_what_a_wrong_choice_costs) {
  judged all;
  // Measured T4 < L4 < P4; predicted L4 < T4 < P4: one of three pairs is turned, and L4 takes a quarter more time.
  all.add("f", "T4", "x", 8, 9);
  all.add("f", "L4", "x", 10, 7);
  all.add("f", "P4", "x", 20, 21);
  const auto s = all.scores()[0];
  EXPECT_NEAR(s.kendall_tau.value(), 1.0 / 3, 1e-9);
  EXPECT_NEAR(s.regret.value(), 0.25, 1e-9);
}

TEST(validation, rates_rank_the_other_way_round) {
  judged all;
  all.add("f", "T4", "x", 100, 110, "images/s");
  all.add("f", "A100-SXM4-80GB", "x", 900, 800, "images/s");
  EXPECT_EQ(all.scores()[0].kendall_tau, 1);
  EXPECT_EQ(all.scores()[0].regret, 0);
}

TEST(validation, repeated_measurements_of_one_gpu_are_no_pair) {
  judged all;
  all.add("f", "T4", "x", 10, 11);
  all.add("f", "T4", "x", 12, 11);
  EXPECT_FALSE(all.scores()[0].kendall_tau);
  EXPECT_FALSE(all.scores()[0].regret) << "there was nothing to choose";
}

TEST(validation, the_shipped_truths_and_bounds_load_and_each_can_be_predicted) {
  const std::string directory = std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data";
  const auto truths = load_truths(directory);
  EXPECT_GT(truths.size(), 20U);
  std::set<std::string> families;
  for (const truth& t : truths) {
    families.insert(t.family);
    // Intervals between checkpoints hang on no GPU.
    if (t.family == "checkpoint_interval") continue;
    EXPECT_NE(testing::known().find_gpu(t.what.gpu), nullptr) << t.what.gpu;
  }
  for (const family_bound& bound : load_truth_bounds(directory))
    EXPECT_TRUE(families.count(bound.family)) << bound.family;
}

class truth_files : public ::testing::Test {
 protected:
  template <class Load>
  std::string refusal(const std::string& name, const std::string& text, Load load) const {
    std::ofstream(directory_ / name) << text;
    try {
      load(directory_);
    } catch (const error& e) {
      return e.describe();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
  }

  temporary_folder made_;
  const std::filesystem::path& directory_ = made_.path();
};

TEST_F(truth_files, values_and_counts_are_positive) {
  const std::string head = "truth_id,family,gpu,gpu_count,params,precision,value,unit,source,date\n";
  const auto load = [](const auto& d) { load_truths(d); };
  EXPECT_THAT(refusal("truths.csv", head + "a,f,T4,1,op=add,fp32,0,ms,s,2026\n", load), HasSubstr("truths.csv:2:22"));
  EXPECT_THAT(refusal("truths.csv", head + "a,f,T4,0,op=add,fp32,1,ms,s,2026\n", load), HasSubstr("truths.csv:2:8"));
  EXPECT_THAT(refusal("truths.csv", head + "a,f,T4,1.5,op=add,fp32,1,ms,s,2026\n", load), HasSubstr("truths.csv:2:8"));
  EXPECT_THAT(refusal("truths.csv", head + "a,f,T4,1,op=add,fp32,1,ms,,2026\n", load), HasSubstr("truths.csv:2"));
}

TEST_F(truth_files, bounds_are_positive) {
  const auto load = [](const auto& d) { load_truth_bounds(d); };
  EXPECT_THAT(refusal("truth_bounds.csv", "family,most_mean_error_percent\nf,-1\n", load),
              HasSubstr("truth_bounds.csv:2"));
  EXPECT_THAT(refusal("truth_bounds.csv", "family,bound\nf,1\n", load), HasSubstr("most_mean_error_percent"));
}

}  // namespace
}  // namespace gpubench::predictor
