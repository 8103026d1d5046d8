#include "serving/sizing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "serving/mean_field.hpp"
#include "tests/serving/replica_models.hpp"

namespace gpubench::serving {
namespace {

using testing::run;
using testing::typical;

TEST(mean_field, agrees_with_the_simulation_of_a_closed_loop) {
  for (const std::int64_t users : {1, 4, 16, 64}) {
    for (const std::uint32_t output : {50U, 400U}) {
      auto model = typical();
      model.prompt_attention_seconds = 2e-9;
      const auto expected = mean_field_at(model, 1000, output, static_cast<std::size_t>(users));
      const request_mix mix{1, 1, length_distribution::fixed(1000), length_distribution::exponential(output)};
      const auto found = run(model, mix, 20'000, {.warm_up_requests = 1000, .closed_loop_users = users});
      EXPECT_NEAR(found.requests_per_second / expected.requests_per_second, 1, 0.1) << users << " " << output;
      const request_mix even{1, 1, length_distribution::fixed(1000), length_distribution::fixed(output)};
      const auto same = run(model, even, 20'000, {.warm_up_requests = 1000, .closed_loop_users = users});
      EXPECT_NEAR(same.tpot.mean_seconds() / expected.tpot_seconds, 1, 0.1) << users << " " << output;
    }
  }
}

TEST(mean_field, capacity_is_the_most_that_keeps_every_limit) {
  const auto model = typical();
  const std::vector<latency_limit> limits{{latency_metric::tpot, 0.95, 0.012}};
  const auto found = mean_field_capacity(model, 1000, 200, limits);
  ASSERT_TRUE(found);
  const auto b = static_cast<std::size_t>(found->running);
  EXPECT_LE(mean_field_at(model, 1000, 200, b).tpot_seconds, 0.012);
  EXPECT_GT(mean_field_at(model, 1000, 200, b + 1).tpot_seconds, 0.012);
  EXPECT_FALSE(mean_field_capacity(model, 1000, 200, {{latency_metric::tpot, 0.95, 0.005}}));
  EXPECT_EQ(mean_field_capacity(model, 4000, 1000, {})->running, 80);  // the cache holds 400,000 tokens
  EXPECT_FALSE(mean_field_capacity(model, 400'000, 1, {}));
}

traffic chat(double rate) {
  return {{rate, 1, length_distribution::lognormal(800, 1), length_distribution::lognormal(150, 1)}, 11};
}

const std::vector<latency_limit> usual{{latency_metric::ttft, 0.95, 0.3}, {latency_metric::tpot, 0.95, 0.015}};
const model_error unsure{0.78, 1.28, 0.66, 2.6};

TEST(sizing, gives_the_fewest_replicas_that_keep_the_limits) {
  const traffic arrivals = chat(60);
  sizing size(typical(), unsure, {.arrivals = &arrivals, .limits = usual});
  const auto replicas = size.fewest_replicas();
  ASSERT_TRUE(replicas);
  EXPECT_GT(*replicas, 1);
  EXPECT_TRUE(size.keeps(*replicas, 0.95));
  EXPECT_FALSE(size.keeps(*replicas - 1, 0.95));
  EXPECT_GE(size.probability_kept(*replicas), 0.95);
  EXPECT_LT(size.probability_kept(*replicas - 1), 0.95);
  EXPECT_GE(size.headroom(*replicas), -0.01);
  EXPECT_LT(size.headroom(*replicas - 1), 0);
}

TEST(sizing, sure_models_need_no_more_replicas_than_unsure_ones) {
  const traffic arrivals = chat(60);
  sizing sure(typical(), {}, {.arrivals = &arrivals, .limits = usual});
  sizing doubtful(typical(), unsure, {.arrivals = &arrivals, .limits = usual});
  EXPECT_LE(*sure.fewest_replicas(), *doubtful.fewest_replicas());
}

TEST(sizing, a_looser_limit_never_lowers_the_chance_to_keep_it) {
  const traffic arrivals = chat(60);
  double before = 0;
  for (double tpot = 0.006; tpot < 0.03; tpot *= 1.15) {
    sizing size(typical(), unsure, {.arrivals = &arrivals, .limits = {{latency_metric::tpot, 0.95, tpot}}});
    const double kept = size.probability_kept(6);
    EXPECT_GE(kept, before) << tpot;
    before = kept;
  }
  EXPECT_GE(before, 0.95);
}

TEST(sizing, no_number_of_replicas_beats_the_time_of_a_request_alone) {
  const traffic arrivals = chat(5);
  sizing size(typical(), unsure, {.arrivals = &arrivals, .limits = {{latency_metric::tpot, 0.95, 0.005}}});
  EXPECT_FALSE(size.fewest_replicas());
}

TEST(sizing, limits_on_tokens_alone_still_leave_no_queue_that_grows) {
  const traffic arrivals = chat(60);
  sizing size(typical(), {}, {.arrivals = &arrivals, .limits = {{latency_metric::tpot, 0.95, 10}}});
  const auto replicas = size.fewest_replicas();
  ASSERT_TRUE(replicas);
  EXPECT_LE(size.utilisation(*replicas), 0.97);
  EXPECT_GE(size.simulate(*replicas, 0.5).requests_per_second, 0.9 * 60);
}

TEST(sizing, the_models_error_has_the_quantiles_that_its_interval_says) {
  const auto model = typical();
  EXPECT_NEAR(model_at(model, unsure, 0.95).decode[1].seconds / model.decode[1].seconds, 1.28, 1e-9);
  EXPECT_NEAR(model_at(model, unsure, 0.05).decode[1].seconds / model.decode[1].seconds, 0.78, 1e-9);
  EXPECT_NEAR(model_at(model, unsure, 0.5).first_token_seconds, model.first_token_seconds, 1e-12);
  EXPECT_NEAR(model_at(model, unsure, 0.95).first_token_seconds / model.first_token_seconds, 2.6, 1e-9);
}

TEST(traffic, a_trace_is_replayed_at_the_rate_asked_for) {
  auto recorded = std::make_shared<trace>();
  recorded->requests = {{0, 10, 1}, {1, 20, 2}, {4, 30, 6}};
  const traffic arrivals(recorded, 5.0);
  EXPECT_EQ(arrivals.mean_prompt_tokens(), 20);
  EXPECT_EQ(arrivals.mean_output_tokens(), 3);
  std::vector<request> all(3);
  EXPECT_EQ(arrivals.requests(99, 2)->read(all), 3U);
  EXPECT_DOUBLE_EQ(all[2].arrival_seconds, 4 / 20.0);  // 0.5/s recorded, 10/s now
  EXPECT_EQ(traffic(recorded, {}).rate_per_second(), 0.5);
}

}  // namespace
}  // namespace gpubench::serving
