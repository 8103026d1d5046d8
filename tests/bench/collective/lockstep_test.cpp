#include "bench/collective/lockstep.hpp"

#include "bench/clock.hpp"
#include "bench/collective/host_buffers.hpp"
#include "bench/registry.hpp"
#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <optional>

#include "thread_world.hpp"

namespace gpubench::collective {
namespace {

using results::measurement_status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What one rank of the scripted transport does.
struct script {
  double ns = 1000;
  std::optional<std::string> unavailable;
  std::string prepare_fails, sample_fails;
  bool unsupported = false;
  std::uint64_t wrong = 0;
};

class scripted_collective final : public prepared_collective {
 public:
  explicit scripted_collective(const script& s) : script_(s) {}
  double sample_ns() override {
    if (!script_.sample_fails.empty()) throw error(error_kind::device, script_.sample_fails);
    return script_.ns;
  }
  results::verification verify() override { return {"wrong elements", static_cast<double>(script_.wrong), 0}; }
  std::map<std::string, std::string> method() override { return {{"library", "scripted"}}; }

 private:
  script script_;
};

class scripted_transport final : public transport {
 public:
  explicit scripted_transport(const script& s) : script_(s) {}
  std::string backend() const override { return "host"; }
  std::string device() const override { return "cpu"; }
  std::optional<std::string> unavailable(const collective_case&) const override { return script_.unavailable; }
  std::unique_ptr<prepared_collective> prepare(const collective_case&) override {
    if (script_.unsupported) throw bench::unsupported_case("no such algorithm");
    if (!script_.prepare_fails.empty()) throw error(error_kind::out_of_device_memory, script_.prepare_fails);
    return std::make_unique<scripted_collective>(script_);
  }
  void forget() override { told_to_forget = true; }

  bool told_to_forget = false;

 private:
  script script_;
};

const collective_case all_reduce_of_a_mebibyte{
    collective_kind::all_reduce, element_type::fp32, reduction::sum, placement::out_of_place, 1 << 20, 3, 0, {}, {}};

struct outcome {
  collective_result result;
  bool told_to_forget = false;
  std::optional<std::string> thrown;
};

outcome measure_scripted(const std::vector<script>& scripts, int silent = -1) {
  outcome found;
  thread_world world(static_cast<int>(scripts.size()), silent);
  std::atomic<int> ended{0};
  world.run([&](messenger& between) {
    scripted_transport moves(scripts[static_cast<std::size_t>(between.rank())]);
    progress_watch watch(std::chrono::hours(1), [](const std::string&) {});
    surroundings with{between, moves, watch, {}, bench::steady_now, {}, {"a", "b", "c"}};
    with.policy.warmup_time = bench::seconds(0);
    with.policy.min_time = bench::seconds(0);
    try {
      auto result = measure(all_reduce_of_a_mebibyte, with);
      ++ended;
      if (between.is_root()) {
        found.result = std::move(result);
        found.told_to_forget = moves.told_to_forget;
      }
    } catch (const error& e) {
      found.thrown = e.what();
      std::_Exit(e.kind() == error_kind::collective &&
                         std::string(e.what()).find("rank 1 did not answer in time") != std::string::npos
                     ? 0
                     : 1);
    }
  });
  EXPECT_EQ(ended, static_cast<int>(scripts.size()));
  return found;
}

TEST(lockstep, a_sample_is_the_time_of_the_slowest_rank) {
  const auto found = measure_scripted({{}, {2500, {}, {}, {}, false, 0}, {}});
  const auto& m = found.result.measurement;
  EXPECT_EQ(m.status, measurement_status::ok) << m.reason;
  EXPECT_EQ(m.benchmark, "all_reduce");
  ASSERT_TRUE(m.time_ns.has_value());
  EXPECT_EQ(m.time_ns->median, 2500);
  EXPECT_GE(m.samples_ns.size(), 10u);
  EXPECT_THAT(found.result.rank_median_ns, ElementsAre(1000, 2500, 1000));
  // 1 MiB in 2.5 us, and 4/3 of that on the bus of 3 ranks.
  EXPECT_DOUBLE_EQ(m.rate.bytes_per_second.value_or(0), 1048576 / 2.5e-6);
  EXPECT_DOUBLE_EQ(m.rate.busbw_bytes_per_second.value_or(0), 1048576 / 2.5e-6 * 4 / 3);
  EXPECT_EQ(m.method.at("library"), "scripted");
  EXPECT_EQ(m.method.at("launches_per_sample"), "20");
  ASSERT_TRUE(m.verification.has_value());
  EXPECT_TRUE(m.verification->passed());
  EXPECT_FALSE(found.told_to_forget);
}

TEST(lockstep, one_wrong_rank_voids_the_rate_and_is_named) {
  const auto found = measure_scripted({{}, {}, {1000, {}, {}, {}, false, 7}});
  const auto& m = found.result.measurement;
  EXPECT_EQ(m.status, measurement_status::failed);
  EXPECT_THAT(m.reason, HasSubstr("wrong result on rank 2: 7 wrong elements"));
  EXPECT_FALSE(m.samples_ns.empty());
  EXPECT_EQ(m.rate, results::rates{});
  EXPECT_TRUE(found.told_to_forget);
}

TEST(lockstep, what_one_rank_cannot_do_is_skipped_on_all) {
  script cannot;
  cannot.unavailable = "too little memory";
  const auto first = measure_scripted({{}, cannot, {}});
  const auto& m = first.result.measurement;
  EXPECT_EQ(m.status, measurement_status::skipped);
  EXPECT_EQ(m.reason, "rank 1 on b: too little memory");
  EXPECT_TRUE(m.samples_ns.empty());
  EXPECT_FALSE(first.told_to_forget) << "nothing was made that must be forgotten";

  script unsupported;
  unsupported.unsupported = true;
  for (const auto& scripts :
       {std::vector{unsupported, unsupported, unsupported}, std::vector{script(), unsupported, script()}}) {
    const auto second = measure_scripted(scripts);
    EXPECT_EQ(second.result.measurement.status, measurement_status::skipped);
    EXPECT_THAT(second.result.measurement.reason, HasSubstr("no such algorithm"));
    EXPECT_TRUE(second.told_to_forget) << "a refused communicator's identity is not used again";
  }
}

TEST(lockstep, a_rank_that_fails_ends_the_case_on_all_and_is_named) {
  script no_memory;
  no_memory.prepare_fails = "out of device memory";
  script broken;
  broken.sample_fails = "an illegal memory access";
  for (const auto& [bad, text] : {std::pair{no_memory, "rank 2 on c: out of device memory"},
                                  std::pair{broken, "rank 2 on c: an illegal memory access"}}) {
    const auto found = measure_scripted({{}, {}, bad});
    EXPECT_EQ(found.result.measurement.status, measurement_status::failed);
    EXPECT_EQ(found.result.measurement.reason, text);
    EXPECT_EQ(found.result.measurement.rate, results::rates{});
    EXPECT_TRUE(found.told_to_forget);
  }
}

TEST(lockstep_death, a_rank_that_falls_silent_is_named) {
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(measure_scripted({{}, {}, {}}, 1), ::testing::ExitedWithCode(0), "");
}

/// Rank 1 of 3, to whom nobody comes any more, to one kind of meeting.
class left_alone final : public messenger {
 public:
  explicit left_alone(bool at_a_barrier) : at_a_barrier_(at_a_barrier) {}
  int rank() const override { return 1; }
  int ranks() const override { return 3; }
  int local_rank() const override { return 1; }
  void barrier() override { wait(); }
  void broadcast(void* data, std::size_t bytes) override {
    if (!at_a_barrier_ || noticed) wait();
    std::memset(data, 1, bytes);  // go on
  }
  std::vector<int> gather(const void*, std::size_t, void*) override { return {}; }

  std::atomic<bool> noticed{false};

 private:
  /// Until the watch has noticed.
  void wait() const {
    for (int i = 0; i < 1000 && !noticed; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    throw error(error_kind::collective, "the test ends");
  }
  bool at_a_barrier_;
};

TEST(lockstep, a_rank_that_waits_says_for_whom) {
  for (const bool at_a_barrier : {false, true}) {
    left_alone between(at_a_barrier);
    std::string named;
    scripted_transport moves({});
    {
      progress_watch watch(std::chrono::milliseconds(50), [&](const std::string& step) {
        named = step;
        between.noticed = true;
      });
      surroundings with{between, moves, watch, {}, bench::steady_now, {}, {}};
      EXPECT_THROW(measure(all_reduce_of_a_mebibyte, with), error);
    }
    const std::string who = at_a_barrier ? "for another rank in " : "for rank 0 in ";
    EXPECT_EQ(named, who + describe(all_reduce_of_a_mebibyte));
  }
}

TEST(lockstep, parameters_name_what_was_measured) {
  auto what = all_reduce_of_a_mebibyte;
  EXPECT_EQ(results::to_string(parameters_of(what)),
            "bytes=1048576 ranks=3 type=fp32 operation=sum placement=out_of_place");
  what.kind = collective_kind::broadcast;
  what.algorithm = "Ring";
  EXPECT_EQ(results::to_string(parameters_of(what)),
            "bytes=1048576 ranks=3 type=fp32 placement=out_of_place algorithm=Ring");
}

TEST(messenger, texts_reach_every_rank) {
  thread_world world(3);
  std::atomic<int> right{0};
  world.run([&](messenger& between) {
    if (broadcast_text(between, between.is_root() ? "from the root" : "") == "from the root") ++right;
    const auto all = gather_texts(between, "rank " + std::to_string(between.rank()), "names");
    if (between.is_root()) {
      EXPECT_THAT(all, ElementsAre("rank 0", "rank 1", "rank 2"));
    }
  });
  EXPECT_EQ(right, 3);
}

TEST(messenger, ranks_are_listed_in_words) {
  EXPECT_EQ(rank_list({2}), "rank 2");
  EXPECT_EQ(rank_list({0, 2}), "ranks 0 and 2");
  EXPECT_EQ(rank_list({0, 2, 5}), "ranks 0, 2 and 5");
  EXPECT_EQ(rank_list({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), "ranks 0, 1, 2, 3, 4, 5, 6, 7 and 2 more");
}

TEST(watch, a_step_that_does_not_end_is_named_once) {
  std::atomic<int> calls{0};
  std::string named;
  {
    progress_watch watch(std::chrono::milliseconds(50), [&](const std::string& what) {
      named = what;
      ++calls;
    });
    watch.step("all_reduce");
    for (int i = 0; i < 500 && calls == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(named, "all_reduce");
}

TEST(watch, steps_that_end_and_rest_are_no_alarm) {
  std::atomic<int> calls{0};
  progress_watch watch(std::chrono::milliseconds(400), [&](const std::string&) { ++calls; });
  for (int i = 0; i < 12; ++i) {
    watch.step("short");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  watch.rest();
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_EQ(calls, 0);
}

/// Buffers as they are before anything ran: nothing passes, but for what a rank already holds in place.
TEST(host_buffers, are_wrong_until_a_collective_ran) {
  for (const auto& kind : kinds) {
    for (const auto& where : placements) {
      if (where.value == placement::in_place && !can_be_in_place(kind.value)) continue;
      collective_case what = all_reduce_of_a_mebibyte;
      what.kind = kind.value;
      what.where = where.value;
      what.bytes = rounded_size(what.kind, what.type, what.ranks, 30000);
      for (int rank = 0; rank < what.ranks; ++rank) {
        if (!kernels::receives(what.layout(), rank)) continue;
        if (kind.value == collective_kind::broadcast && where.value == placement::in_place && rank == 0) continue;
        const host_buffers buffers(what, rank);
        EXPECT_GT(buffers.wrong_elements(), kernels::receive_elements(what.layout()) / 2) << kind.name << ' ' << rank;
      }
    }
  }
}

}  // namespace
}  // namespace gpubench::collective
