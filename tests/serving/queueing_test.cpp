// Closed forms beside published tables and numbers worked by hand.
#include "tests/serving/queueing.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::serving {
namespace {

TEST(queueing, erlang_b_agrees_with_its_published_table) {
  // Erlang B table: 1 erlang on 2 lines, 10 on 15, 20 on 30; and a = 4.46 on 10 lines is the classic 1 % load.
  EXPECT_NEAR(erlang_b(1, 2), 0.2, 1e-12);
  EXPECT_NEAR(erlang_b(10, 15), 0.0365, 5e-5);
  EXPECT_NEAR(erlang_b(20, 30), 0.00846, 5e-6);
  EXPECT_NEAR(erlang_b(4.46, 10), 0.01, 5e-5);
}

TEST(queueing, erlang_c_agrees_with_worked_examples) {
  // M/M/2: C = 2 rho^2 / (1 + rho).
  EXPECT_NEAR(erlang_c(1.5, 2), 2 * 0.75 * 0.75 / 1.75, 1e-12);
  // Gross & Harris, Fundamentals of Queueing Theory, the clinic with 3 doctors: 6 patients an hour, 20 minutes each;
  // p0 = 1/9, Lq = 8/9, Wq = 0.148 h.
  EXPECT_NEAR(erlang_c(2, 3), 4.0 / 9, 1e-12);
  EXPECT_NEAR(mmc_mean_wait_seconds({6, 3, 3}), 8.0 / 9 / 6, 1e-12);
}

TEST(queueing, one_server_waits_as_the_textbook_says) {
  const queue q{0.8, 1, 1};
  EXPECT_NEAR(mmc_mean_wait_seconds(q), 4, 1e-12);                    // rho / (mu (1 - rho))
  EXPECT_NEAR(mg1_mean_wait_seconds(q, 0), 2, 1e-12);                 // constant service waits half as long
  EXPECT_NEAR(mg1_mean_wait_seconds(q, 1), 4, 1e-12);                 // exponential service is M/M/1
  EXPECT_NEAR(allen_cunneen_mean_wait_seconds(q, {1, 0}), 2, 1e-12);  // exact for M/G/1
  EXPECT_NEAR(sakasegawa_mean_wait_seconds(q, {1, 0}), 2, 1e-12);
}

TEST(queueing, wait_quantile_inverts_the_tail) {
  const queue q{9, 1, 10};
  const double p95 = mmc_wait_quantile_seconds(q, 0.95);
  EXPECT_NEAR(mmc_wait_tail(q, p95), 0.05, 1e-12);
  // Fewer than 5 % wait at all where there are servers in plenty.
  EXPECT_EQ(mmc_wait_quantile_seconds({1, 1, 10}, 0.95), 0);
}

TEST(queueing, sakasegawa_stays_near_the_exact_wait_of_busy_queues) {
  for (const std::int64_t servers : {2, 5, 20, 100}) {
    const queue q{0.9 * static_cast<double>(servers), 1, servers};
    EXPECT_NEAR(sakasegawa_mean_wait_seconds(q, {}) / mmc_mean_wait_seconds(q), 1, servers < 50 ? 0.1 : 0.15)
        << servers;
  }
}

TEST(queueing, one_line_for_all_servers_waits_less_than_a_line_each) {
  for (std::int64_t servers = 1; servers < 64; servers *= 2) {
    const double load = 0.85 * static_cast<double>(servers);
    EXPECT_LT(mmc_mean_wait_seconds({2 * load, 1, 2 * servers}), mmc_mean_wait_seconds({load, 1, servers}));
  }
}

TEST(queueing, a_queue_with_more_work_than_servers_never_empties) {
  const queue q{3, 1, 3};
  EXPECT_TRUE(std::isinf(mmc_mean_wait_seconds(q)));
  EXPECT_TRUE(std::isinf(sakasegawa_mean_wait_seconds(q, {})));
  EXPECT_TRUE(std::isinf(mg1_mean_wait_seconds({1, 1, 1}, 0)));
  EXPECT_EQ(mmc_wait_tail(q, 1e9), 1);
  EXPECT_EQ(erlang_c(3, 3), 1);
}

}  // namespace
}  // namespace gpubench::serving
