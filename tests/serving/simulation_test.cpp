// The simulation beside closed forms where they exist, beside a step-by-step simulation written the plain way, and its
// laws.
#include "serving/simulation.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>
#include <vector>

#include "tests/serving/queueing.hpp"
#include "tests/serving/replica_models.hpp"

namespace gpubench::serving {
namespace {

using testing::batch_independent;
using testing::run;
using testing::typical;

request_mix mix_of(double rate, length_distribution prompts, length_distribution outputs, double cv = 1) {
  return {rate, cv, std::move(prompts), std::move(outputs)};
}

TEST(simulation, one_server_of_constant_service_waits_as_m_d_1) {
  const replica_model model = batch_independent(1, 0.01);  // 100 tokens: 1 s
  for (const double load : {0.3, 0.6, 0.85}) {
    const auto mix = mix_of(load, length_distribution::fixed(1), length_distribution::fixed(100));
    const auto found = run(model, mix, 400'000, {.warm_up_requests = 1000});
    const double expected = mg1_mean_wait_seconds({load, 1, 1}, 0);
    EXPECT_NEAR((found.ttft.mean_seconds() - 0.01) / expected, 1, 0.03) << load;
    EXPECT_NEAR(found.tpot.mean_seconds(), 0.01, 1e-9);
  }
}

TEST(simulation, a_batch_of_exponential_services_waits_as_m_m_c) {
  // 1,000 steps of 1 ms a request on average: the wait for a step's end is a two-thousandth of a service.
  for (const auto& [servers, load] : {std::pair{1, 0.7}, {4, 0.8}, {32, 0.9}}) {
    const replica_model model = batch_independent(static_cast<std::size_t>(servers), 0.001);
    const queue q{load * servers, 1, servers};
    const auto mix = mix_of(q.arrival_rate, length_distribution::fixed(1), length_distribution::exponential(1000));
    const auto found = run(model, mix, 1'000'000, {.warm_up_requests = 10'000});
    EXPECT_NEAR((found.ttft.mean_seconds() - 0.0015) / mmc_mean_wait_seconds(q), 1, 0.05) << servers;
    EXPECT_NEAR(found.ttft.quantile_seconds(0.99) / (mmc_wait_quantile_seconds(q, 0.99) + 0.0015), 1, 0.05) << servers;
  }
}

TEST(simulation, replicas_in_round_robin_are_queues_of_their_own) {
  // Lindley's recursion for each: the next waits what this one waited, and was served, less the time between them.
  std::vector<request> all(20'000);
  generated_requests({3.2, 1.5, length_distribution::fixed(1), length_distribution::lognormal(100, 1)}, 3, 20'000)
      .read(all);
  double waits = 0;
  for (std::size_t replica = 0; replica < 4; ++replica) {
    double free_at = 0;
    for (std::size_t i = replica; i < all.size(); i += 4) {
      const double starts = std::max(free_at, all[i].arrival_seconds);
      waits += starts - all[i].arrival_seconds;
      free_at = starts + 0.01 * all[i].output_tokens;
    }
  }
  listed_requests source(all);
  const auto found = simulate(batch_independent(1, 0.01), source, {.replicas = 4, .route = routing::round_robin});
  EXPECT_NEAR(found.ttft.mean_seconds() - 0.01, waits / 20'000, 1e-9);
}

TEST(simulation, littles_law_holds) {
  for (const double rate : {1.0, 5.0, 12.0}) {
    auto model = typical();
    model.first_token_seconds = 0;  // spent outside the replica
    const auto mix = mix_of(rate, length_distribution::lognormal(1000, 1), length_distribution::lognormal(200, 1), 2);
    const auto found = run(model, mix, 50'000, {.replicas = 3});
    EXPECT_NEAR(found.mean_in_system / (found.requests_per_second * found.e2e.mean_seconds()), 1, 1e-6) << rate;
  }
}

/// What the simulation must equal, one step and one sequence at a time.
struct plain_result {
  std::vector<double> ttft, e2e;
};
plain_result simulate_plainly(const replica_model& m, const std::vector<request>& all) {
  struct sequence {
    request r;
    double cached = 0, left = 0, first = 0;
    bool prefill = true;
  };
  plain_result result;
  std::deque<sequence> running;
  std::size_t next = 0;
  std::deque<request> waiting;
  double now = 0, reserved = 0;
  while (next < all.size() || !waiting.empty() || !running.empty()) {
    if (waiting.empty() && running.empty()) now = std::max(now, all[next].arrival_seconds);
    while (next < all.size() && all[next].arrival_seconds <= now) waiting.push_back(all[next++]);
    while (!waiting.empty() && running.size() < m.batch_limit() &&
           reserved + waiting.front().prompt_tokens + waiting.front().output_tokens <= m.kv_capacity_tokens) {
      reserved += waiting.front().prompt_tokens + waiting.front().output_tokens;
      running.push_back({waiting.front()});
      waiting.pop_front();
    }
    std::size_t batch = 0;
    double context = 0;
    for (const sequence& s : running) {
      if (s.prefill) continue;
      ++batch;
      context += s.cached;
    }
    double room = m.step_tokens - static_cast<double>(batch), prompt_seconds = 0;
    bool carries = false;
    for (sequence& s : running) {
      if (!s.prefill || room <= 0) continue;
      const double tokens = std::min(room, s.r.prompt_tokens - s.cached);
      prompt_seconds += tokens * m.prompt_token_seconds + m.prompt_attention_seconds * tokens * (s.cached + tokens / 2);
      s.cached += tokens;
      room -= tokens;
      carries = true;
    }
    const decode_cost& cost = m.decode[batch];
    if (carries) prompt_seconds += cost.prompt_step_seconds;
    now += batch > 0 ? cost.seconds + context * cost.seconds_per_context_token + prompt_seconds
                     : std::max(m.least_prompt_step_seconds, prompt_seconds);
    for (auto s = running.begin(); s != running.end();) {
      if (s->prefill && s->cached == s->r.prompt_tokens) {
        s->prefill = false;
        s->first = now;
        s->left = s->r.output_tokens;
      } else if (s->prefill) {
        ++s;
        continue;
      }
      s->cached += 1;
      s->left -= 1;
      if (s->left == 0) {
        result.ttft.push_back(s->first - s->r.arrival_seconds);
        result.e2e.push_back(now - s->r.arrival_seconds);
        reserved -= s->r.prompt_tokens + s->r.output_tokens;
        s = running.erase(s);
      } else {
        ++s;
      }
    }
  }
  return result;
}

TEST(simulation, skipping_steps_gives_what_stepping_through_them_gives) {
  replica_model model = typical(16);
  model.first_token_seconds = 0;
  model.prompt_attention_seconds = 3e-9;
  model.kv_capacity_tokens = 12'000;
  model.step_tokens = 700;
  for (std::size_t b = 0; b < model.decode.size(); ++b) {
    model.decode[b].seconds_per_context_token = 1e-7 + 1e-9 * static_cast<double>(b);
    model.decode[b].prompt_step_seconds = 1e-3 / static_cast<double>(b + 1);
  }
  for (const double rate : {0.5, 4.0, 40.0}) {
    const auto mix = mix_of(rate, length_distribution::lognormal(900, 0.8), length_distribution::lognormal(60, 1));
    std::vector<request> all(2000);
    generated_requests(mix, 3, 2000).read(all);
    listed_requests source(all);
    const auto found = simulate(model, source, {});
    plain_result plain = simulate_plainly(model, all);
    const auto mean = [](const std::vector<double>& v) {
      double sum = 0;
      for (const double x : v) sum += x;
      return sum / static_cast<double>(v.size());
    };
    ASSERT_EQ(found.ttft.count(), static_cast<std::int64_t>(plain.ttft.size()));
    EXPECT_NEAR(found.ttft.mean_seconds() / mean(plain.ttft), 1, 1e-9) << rate;
    EXPECT_NEAR(found.e2e.mean_seconds() / mean(plain.e2e), 1, 1e-9) << rate;
    std::sort(plain.ttft.begin(), plain.ttft.end());
    EXPECT_NEAR(found.ttft.quantile_seconds(0.9) / plain.ttft[1800], 1, 0.02) << rate;
  }
}

TEST(simulation, a_single_request_takes_its_steps) {
  replica_model model = typical();
  const std::vector<request> one{{5, 4096, 11}};
  listed_requests source(one);
  const auto found = simulate(model, source, {});
  // Two chunks of 2,048 tokens, then ten steps over 4,097, 4,098 ... tokens.
  const double ttft = 0.02 + 4096 * 2e-5;
  const double decode = 10 * (6e-3 + 2e-5) + 4e-8 * (10 * 4097 + 45);
  EXPECT_NEAR(found.ttft.mean_seconds(), ttft, 1e-12);
  EXPECT_NEAR(found.tpot.mean_seconds(), decode / 10, 1e-12);
  EXPECT_NEAR(found.e2e.mean_seconds(), ttft + decode, 1e-12);
  EXPECT_NEAR(found.ttft.quantile_seconds(0.5) / ttft, 1, 0.002);
}

TEST(simulation, cached_prefixes_and_speculation_save_what_they_skip) {
  replica_model model = typical();
  model.prefix_cache_share = 0.5;
  model.tokens_per_step = 2;
  const std::vector<request> one{{0, 2048, 21}};
  listed_requests source(one);
  const auto found = simulate(model, source, {});
  EXPECT_NEAR(found.ttft.mean_seconds(), 0.02 + 1024 * 2e-5, 1e-12);
  EXPECT_NEAR(found.tpot.mean_seconds(), (10 * (6e-3 + 2e-5) + 4e-8 * (10 * 2049 + 2 * 45)) / 20, 1e-12);
}

TEST(simulation, whole_prompts_make_decoding_wait) {
  auto chunked = typical();
  auto whole = chunked;
  whole.policy = prefill_policy::whole;
  const auto mix = mix_of(6, length_distribution::fixed(4000), length_distribution::fixed(200));
  const auto with_chunks = run(chunked, mix, 20'000), with_wholes = run(whole, mix, 20'000);
  EXPECT_GT(with_wholes.e2e.count(), 19'000);
  // Prompts do not share their step's fixed cost with decoding, so that the whole is slower.
  EXPECT_GT(with_wholes.tpot.mean_seconds(), with_chunks.tpot.mean_seconds());
}

TEST(simulation, closed_loop_keeps_its_users_busy) {
  auto model = typical();
  model.first_token_seconds = 0;
  const auto mix = mix_of(1, length_distribution::lognormal(500, 1), length_distribution::lognormal(100, 1));
  const auto found = run(model, mix, 20'000, {.replicas = 2, .closed_loop_users = 50});
  EXPECT_NEAR(found.mean_in_system, 50, 0.5);  // but for the last requests
  EXPECT_EQ(found.e2e.count(), 20'000);
}

TEST(simulation, requests_that_no_cache_holds_are_refused_and_counted) {
  auto model = typical();
  model.kv_capacity_tokens = 1000;
  const std::vector<request> all{{0, 900, 10}, {1, 990, 11}, {2, 10, 10}};
  listed_requests source(all), again(all);
  for (const std::int64_t users : {0, 1}) {
    const auto found = simulate(model, users > 0 ? again : source, {.closed_loop_users = users});
    EXPECT_EQ(found.arrived, 3);
    EXPECT_EQ(found.refused, 1);
    EXPECT_EQ(found.e2e.count(), 2);
  }
}

TEST(simulation, more_replicas_never_worsen_the_wait_for_the_first_token) {
  const auto mix = mix_of(30, length_distribution::lognormal(1000, 1), length_distribution::lognormal(200, 1));
  double before = 1e9;
  for (std::int64_t replicas = 2; replicas <= 12; ++replicas) {
    const double p95 = run(typical(), mix, 40'000, {.replicas = replicas}).ttft.quantile_seconds(0.95);
    EXPECT_LE(p95, before * 1.01) << replicas;
    before = p95;
  }
}

TEST(simulation, a_higher_rate_never_lowers_latency) {
  double before_ttft = 0, before_e2e = 0;
  for (double rate = 2; rate < 40; rate *= 1.3) {
    const auto mix = mix_of(rate, length_distribution::lognormal(1000, 1), length_distribution::lognormal(200, 1));
    const auto found = run(typical(), mix, 40'000, {.replicas = 2});
    EXPECT_GE(found.ttft.quantile_seconds(0.99), before_ttft * 0.99) << rate;
    EXPECT_GE(found.e2e.quantile_seconds(0.99), before_e2e * 0.99) << rate;
    before_ttft = found.ttft.quantile_seconds(0.99);
    before_e2e = found.e2e.quantile_seconds(0.99);
  }
}

TEST(simulation, least_loaded_beats_round_robin_where_lengths_differ) {
  const auto mix = mix_of(36, length_distribution::lognormal(1000, 1), length_distribution::lognormal(300, 3));
  const auto least = run(typical(16), mix, 100'000, {.replicas = 8});
  const auto turns = run(typical(16), mix, 100'000, {.replicas = 8, .route = routing::round_robin});
  EXPECT_LT(least.ttft.quantile_seconds(0.95), turns.ttft.quantile_seconds(0.95));
}

TEST(simulation, an_overloaded_server_serves_at_its_rate_and_its_queue_grows) {
  const auto model = batch_independent(1, 0.01);
  const auto found = run(model, mix_of(2, length_distribution::fixed(1), length_distribution::fixed(100)), 10'000);
  EXPECT_NEAR(found.requests_per_second, 1, 0.01);
  EXPECT_NEAR(static_cast<double>(found.peak_waiting), 5000, 150);
}

TEST(simulation, equal_seeds_agree_to_the_last_bit_and_others_differ) {
  const auto mix = mix_of(8, length_distribution::lognormal(1000, 1), length_distribution::lognormal(200, 1), 2.5);
  const auto a = run(typical(), mix, 5000, {}, 1), b = run(typical(), mix, 5000, {}, 1);
  const auto other = run(typical(), mix, 5000, {}, 2);
  EXPECT_EQ(a.ttft.quantile_seconds(0.95), b.ttft.quantile_seconds(0.95));
  EXPECT_EQ(a.seconds, b.seconds);
  EXPECT_NE(a.seconds, other.seconds);
}

TEST(simulation, models_that_make_no_sense_are_refused) {
  const auto refused = [](auto change) {
    auto model = typical();
    change(model);
    try {
      run(model, mix_of(1, length_distribution::fixed(1), length_distribution::fixed(1)), 1);
      return false;
    } catch (const error& e) {
      return e.kind() == error_kind::usage;
    }
  };
  EXPECT_FALSE(refused([](replica_model&) {}));
  EXPECT_TRUE(refused([](replica_model& m) { m.decode.resize(1); }));
  EXPECT_TRUE(refused([](replica_model& m) { m.decode[3].seconds = -1; }));
  EXPECT_TRUE(refused([](replica_model& m) { m.decode[3].seconds = 0; }));
  EXPECT_TRUE(refused([](replica_model& m) { m.step_tokens = 100; }));
  EXPECT_TRUE(refused([](replica_model& m) { m.prefix_cache_share = 1; }));
  EXPECT_TRUE(refused([](replica_model& m) { m.tokens_per_step = 0.5; }));
  EXPECT_TRUE(refused([](replica_model& m) { m.kv_capacity_tokens = 0; }));
}

}  // namespace
}  // namespace gpubench::serving
