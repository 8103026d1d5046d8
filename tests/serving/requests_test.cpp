#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "serving/generated_requests.hpp"
#include "serving/latency_histogram.hpp"

namespace gpubench::serving {
namespace {

std::vector<request> draw(request_mix mix, std::int64_t n, std::uint64_t seed = 5) {
  std::vector<request> all(static_cast<std::size_t>(n));
  EXPECT_EQ(generated_requests(std::move(mix), seed, n).read(all), all.size());
  return all;
}

TEST(generated_requests, arrivals_have_the_rate_and_the_variation_asked_for) {
  for (const double cv : {0.0, 0.5, 1.0, 3.0}) {
    const auto all = draw({4, cv, length_distribution::fixed(1), length_distribution::fixed(1)}, 200'000);
    double sum = 0, squares = 0, last = 0;
    for (const request& r : all) {
      const double interval = r.arrival_seconds - last;
      EXPECT_GE(interval, 0);
      last = r.arrival_seconds;
      sum += interval;
      squares += interval * interval;
    }
    const double mean = sum / 200'000;
    EXPECT_NEAR(mean, 0.25, 0.25 * 0.03) << cv;
    EXPECT_NEAR(std::sqrt(std::max(0.0, squares / 200'000 - mean * mean)) / mean, cv, 0.03 * cv + 1e-6) << cv;
  }
}

TEST(generated_requests, lengths_have_the_mean_and_the_variation_asked_for) {
  const auto all =
      draw({1, 1, length_distribution::lognormal(1000, 1.5), length_distribution::exponential(200)}, 200'000);
  double prompts = 0, squares = 0, outputs = 0;
  for (const request& r : all) {
    prompts += r.prompt_tokens;
    squares += static_cast<double>(r.prompt_tokens) * r.prompt_tokens;
    outputs += r.output_tokens;
  }
  prompts /= 200'000;
  EXPECT_NEAR(prompts, 1000, 20);
  EXPECT_NEAR(std::sqrt(squares / 200'000 - prompts * prompts) / prompts, 1.5, 0.08);
  EXPECT_NEAR(outputs / 200'000, 200.5, 2);
}

TEST(generated_requests, empirical_lengths_come_from_their_list) {
  const auto values = length_distribution::empirical({3, 5, 5, 11});
  EXPECT_EQ(values.mean_tokens(), 6);
  double sum = 0;
  for (const request& r : draw({1, 1, values, length_distribution::fixed(1)}, 100'000)) {
    EXPECT_TRUE(r.prompt_tokens == 3 || r.prompt_tokens == 5 || r.prompt_tokens == 11);
    sum += r.prompt_tokens;
  }
  EXPECT_NEAR(sum / 100'000, 6, 0.05);
}

TEST(generated_requests, another_rate_sees_the_same_requests_faster) {
  const auto lengths = length_distribution::lognormal(100, 1);
  const auto slow = draw({1, 2, lengths, lengths}, 1000), fast = draw({4, 2, lengths, lengths}, 1000);
  for (std::size_t i = 0; i < slow.size(); ++i) {
    EXPECT_DOUBLE_EQ(slow[i].arrival_seconds, 4 * fast[i].arrival_seconds);
    EXPECT_EQ(slow[i].prompt_tokens, fast[i].prompt_tokens);
    EXPECT_EQ(slow[i].output_tokens, fast[i].output_tokens);
  }
}

TEST(generated_requests, impossible_mixes_are_refused) {
  const auto one = length_distribution::fixed(1);
  EXPECT_THROW(generated_requests({0, 1, one, one}, 1, 1), error);
  EXPECT_THROW(generated_requests({-1, 1, one, one}, 1, 1), error);
  EXPECT_THROW(generated_requests({1, -1, one, one}, 1, 1), error);
  EXPECT_THROW(length_distribution::lognormal(0, 1), error);
  EXPECT_THROW(length_distribution::lognormal(10, -1), error);
  EXPECT_THROW(length_distribution::empirical({}), error);
  EXPECT_THROW(length_distribution::empirical({1, 0}), error);
}

TEST(latency_histogram, quantiles_are_within_a_fifth_of_a_percent) {
  latency_histogram h;
  for (int i = 1; i <= 100'000; ++i) h.add(1e-4 * i);
  for (const double q : {0.01, 0.5, 0.95, 0.99}) EXPECT_NEAR(h.quantile_seconds(q) / (10 * q), 1, 0.002) << q;
  EXPECT_NEAR(h.mean_seconds(), 5.00005, 1e-9);
  EXPECT_EQ(h.count(), 100'000);
}

TEST(latency_histogram, nothing_counted_has_no_quantile) {
  const latency_histogram h;
  EXPECT_TRUE(std::isnan(h.quantile_seconds(0.5)));
  EXPECT_TRUE(std::isnan(h.mean_seconds()));
}

TEST(latency_histogram, extremes_stay_countable) {
  latency_histogram h;
  h.add(0);
  h.add(1e300);
  EXPECT_EQ(h.count(), 2);
  EXPECT_LE(h.quantile_seconds(0.25), 1.01e-9);
  EXPECT_GE(h.quantile_seconds(1), 1e10);
}

}  // namespace
}  // namespace gpubench::serving
