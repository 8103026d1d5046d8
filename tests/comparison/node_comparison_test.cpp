#include "comparison/node_comparison.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>

namespace gpubench::comparison {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

/// Machines of one kind whose times all come from one distribution, until a test makes one of them slow.
class fleet {
 public:
  fleet(int nodes, int gpus, std::uint64_t seed = 1) : gpus_(gpus), random_(seed) {
    for (int i = 0; i < nodes; ++i) {
      auto& node = nodes_.emplace_back();
      node.name = fmt::format("node-{}", i);
      auto& head = node.figures.head;
      head.id = fmt::format("run-{}", i);
      head.started_at = "2026-11-27T00:00:00Z";
      head.tool_version = "0.1.0";
      head.environment.cpu.model = "Xeon";
      head.environment.gpu_driver_version = "550.54";
      for (int gpu = 0; gpu < gpus; ++gpu) {
        results::gpu_environment one;
        one.index = gpu;
        one.name = "H100";
        head.environment.gpus.push_back(one);
      }
    }
  }

  /// Benchmarks of a CPU and of each GPU, of 1 ms each with this deviation.
  fleet& measure(int benchmarks, double deviation, const char* of_the_cpu = "stream/n") {
    for (auto& node : nodes_)
      for (int b = 0; b < benchmarks; ++b) {
        add(node, "host", "cpu", fmt::format("{}:{}", of_the_cpu, b), deviation);
        for (int gpu = 0; gpu < gpus_; ++gpu)
          add(node, "cuda", fmt::format("gpu{}", gpu), fmt::format("gemm/m:{}", b), deviation);
      }
    return *this;
  }

  fleet& measure_links(double deviation) {
    for (auto& node : nodes_)
      for (int from = 0; from < gpus_; ++from)
        for (int to = 0; to < gpus_; ++to)
          if (from != to)
            add(node, "cuda", fmt::format("gpu{}", from), fmt::format("copy/peer:{}/bytes:8", to), deviation);
    return *this;
  }

  /// Multiplies the times that a predicate names.
  template <class Predicate>
  fleet& slow(std::size_t node, double factor, const Predicate& is_slow) {
    for (auto& figure : nodes_[node].figures.measured)
      if (is_slow(figure)) figure.time_ns *= factor;
    return *this;
  }

  std::vector<measured_node>& nodes() { return nodes_; }
  node_comparison compared(const node_criteria& by = {}) const { return compare_nodes(nodes_, by); }

  double noisy(double deviation) { return 1e6 * std::exp(std::normal_distribution<double>(0, deviation)(random_)); }

 private:
  void add(measured_node& node, const char* backend, const std::string& device, const std::string& name,
           double deviation) {
    node.figures.measured.push_back({backend, device, name, noisy(deviation), {}});
  }

  int gpus_;
  std::mt19937_64 random_;
  std::vector<measured_node> nodes_;
};

const auto everything = [](const results::measured_figure&) { return true; };
const auto on = [](std::string device) {
  return [device](const results::measured_figure& f) { return f.device == device; };
};

std::vector<std::string> names_of(const node_comparison& found) {
  std::vector<std::string> names;
  for (const auto& part : found.slow)
    names.push_back(fmt::format("{} {}{}{}", to_string(part.is), part.node, part.part.empty() ? "" : " ", part.part));
  return names;
}

TEST(node_comparison, a_node_ten_percent_slower_than_eight_peers_of_one_percent_is_found_by_one_benchmark) {
  int found = 0;
  constexpr int fleets = 200;
  for (int seed = 0; seed < fleets; ++seed) {
    fleet all(9, 0, static_cast<std::uint64_t>(seed));
    const auto result = all.measure(1, 0.01).slow(4, 1.1, everything).compared();
    EXPECT_LE(result.slow.size(), 1U);
    if (names_of(result) == std::vector<std::string>{"node node-4"}) ++found;
  }
  EXPECT_GE(found, fleets * 98 / 100);
}

TEST(node_comparison, figures_are_in_nanoseconds_and_fractions) {
  fleet all(9, 0);
  const auto result = all.measure(1, 0.001).slow(4, 1.5, everything).compared();
  ASSERT_THAT(result.slow, SizeIs(1));
  const auto& figure = result.slow[0].figures.at(0);
  EXPECT_EQ(figure.benchmark, "stream/n:0");
  EXPECT_NEAR(figure.time_ns.value(), 1.5e6, 1e4);
  EXPECT_NEAR(figure.median_ns.value(), 1e6, 1e4);
  EXPECT_NEAR(figure.slower, 0.5, 0.01);
  EXPECT_NEAR(figure.spread, 0.001, 0.001);
  EXPECT_EQ(figure.peers, 8U);
  EXPECT_GT(figure.modified_z.value(), 3.5);
  EXPECT_LT(figure.adjusted_p, 0.01);
}

// The chance that any of equal nodes is named is that of the criteria, whatever the floor.
TEST(node_comparison, of_equal_nodes_hardly_ever_one_is_named) {
  node_criteria without_floor;
  without_floor.threshold = 0;
  without_floor.least_modified_z = 0;
  without_floor.false_discovery_rate = 0.05;
  int alarms = 0, usual_alarms = 0;
  constexpr int fleets = 600;
  for (int seed = 0; seed < fleets; ++seed) {
    fleet all(8, 4, static_cast<std::uint64_t>(seed));
    all.measure(6, 0.02).measure_links(0.02);
    if (!all.compared(without_floor).slow.empty()) ++alarms;
    if (!all.compared().slow.empty()) ++usual_alarms;
  }
  EXPECT_LE(alarms, fleets * 0.05 * 1.3);
  EXPECT_LE(usual_alarms, fleets * 0.01 * 1.3);
  EXPECT_GT(alarms, 0);
}

TEST(node_comparison, an_outlier_below_the_floor_is_not_named_however_sure) {
  fleet all(12, 0);
  all.measure(5, 1e-6).slow(3, 1.001, everything);
  EXPECT_THAT(all.compared().slow, IsEmpty());
  node_criteria finer;
  finer.threshold = 0.0005;
  EXPECT_THAT(names_of(all.compared(finer)), ElementsAre("node node-3"));
}

TEST(node_comparison, a_small_excess_in_every_benchmark_is_found_by_all_together) {
  fleet all(10, 0);
  const auto result = all.measure(30, 0.02).slow(7, 1.05, everything).compared();
  ASSERT_THAT(names_of(result), ElementsAre("node node-7"));
  const auto& figures = result.slow[0].figures;
  const auto summary =
      std::find_if(figures.begin(), figures.end(), [](const slow_figure& f) { return f.benchmark == all_benchmarks; });
  ASSERT_NE(summary, figures.end());
  EXPECT_FALSE(summary->time_ns);
  EXPECT_NEAR(summary->slower, 0.05, 0.02);
}

TEST(node_comparison, a_slow_gpu_is_told_from_a_slow_node) {
  fleet one_gpu(4, 8);
  EXPECT_THAT(names_of(one_gpu.measure(5, 0.01).slow(2, 1.2, on("gpu5")).compared()), ElementsAre("gpu node-2 gpu5"));
  fleet all_gpus(5, 8);
  const auto is_on_gpu = [](const results::measured_figure& f) { return f.device != "cpu"; };
  EXPECT_THAT(names_of(all_gpus.measure(5, 0.01).slow(1, 1.2, is_on_gpu).compared()), ElementsAre("node node-1"));
}

TEST(node_comparison, a_cpu_is_no_peer_of_gpus_whose_benchmarks_have_the_same_names) {
  const auto is_cpu = on("cpu");
  for (const int gpus : {1, 4}) {
    fleet all(8, gpus);
    all.measure(5, 0.002, "gemm/m");
    for (std::size_t node = 0; node < 8; ++node) all.slow(node, 40, is_cpu);
    EXPECT_THAT(all.compared().slow, IsEmpty()) << gpus;
    EXPECT_THAT(names_of(all.slow(2, 1.3, on("gpu0")).compared()), ElementsAre("gpu node-2 gpu0")) << gpus;
  }
  fleet all(8, 4);
  all.measure(2, 0.002, "gemm/m");
  for (std::size_t node = 0; node < 8; ++node) all.slow(node, 40, is_cpu).slow(node, 1.05, on("gpu0"));
  EXPECT_THAT(all.compared().slow_indices, SizeIs(1));
}

TEST(node_comparison, what_a_cpu_could_do_is_no_fault_of_gpus_that_none_could_do_it_on) {
  fleet all(6, 2);
  all.measure(2, 0.01, "gemm/m");
  for (auto& node : all.nodes()) {
    auto& measured = node.figures.measured;
    measured.erase(std::remove_if(measured.begin(), measured.end(),
                                  [](const auto& f) { return f.device != "cpu" && f.name == "gemm/m:1"; }),
                   measured.end());
  }
  all.nodes()[3].figures.failed.push_back({"gpu1", "gemm/m:1", "out of memory"});
  EXPECT_THAT(all.compared().faulty, IsEmpty());
}

TEST(node_comparison, what_all_boards_have_slow_at_one_index_is_held_against_no_node) {
  fleet all(8, 8);
  all.measure(2, 0.002);
  for (std::size_t node = 0; node < 8; ++node) all.slow(node, 1.05, on("gpu0"));
  const auto result = all.compared();
  EXPECT_THAT(result.slow, IsEmpty());
  ASSERT_THAT(result.slow_indices, SizeIs(1));
  EXPECT_EQ(result.slow_indices[0].part, "gpu0");
  EXPECT_NEAR(result.slow_indices[0].slower, 0.05, 0.003);
  EXPECT_EQ(result.slow_indices[0].benchmarks, 2U);
}

TEST(node_comparison, a_gpu_slower_than_those_at_its_own_slow_index_is_named) {
  fleet all(8, 8);
  all.measure(2, 0.002);
  for (std::size_t node = 0; node < 8; ++node) all.slow(node, 1.05, on("gpu0"));
  const auto result = all.slow(3, 1.04, on("gpu0")).compared();
  EXPECT_THAT(names_of(result), ElementsAre("gpu node-3 gpu0"));
  const auto& figure = result.slow.at(0).figures.at(0);
  EXPECT_NEAR(figure.slower, 0.04, 0.005);
  ASSERT_TRUE(figure.time_ns);
  EXPECT_NEAR(*figure.time_ns, 1.05 * 1.04 * 1e6, 1e4);
  ASSERT_TRUE(figure.median_ns);
  EXPECT_NEAR(*figure.median_ns, 1.05e6, 1e4);
}

TEST(node_comparison, a_bare_majority_with_a_slow_gpu_of_one_index_is_named_and_not_explained_away) {
  fleet all(5, 8);
  all.measure(2, 0.002);
  for (const std::size_t node : {0, 2, 3}) all.slow(node, 1.2, on("gpu0"));
  const auto result = all.compared();
  EXPECT_THAT(result.slow_indices, IsEmpty());
  EXPECT_THAT(names_of(result), UnorderedElementsAre("gpu node-0 gpu0", "gpu node-2 gpu0", "gpu node-3 gpu0"));
}

TEST(node_comparison, one_node_in_ten_without_it_leaves_a_slow_index_that_of_the_boards) {
  fleet all(10, 8);
  all.measure(2, 0.002);
  for (std::size_t node = 1; node < 10; ++node) all.slow(node, 1.2, on("gpu0"));
  const auto result = all.compared();
  EXPECT_THAT(result.slow, IsEmpty());
  ASSERT_THAT(result.slow_indices, SizeIs(1));
  EXPECT_EQ(result.slow_indices[0].part, "gpu0");
}

TEST(node_comparison, a_gpu_that_fails_where_its_peers_do_not_is_named) {
  fleet all(6, 2);
  all.measure(3, 0.01);
  auto& broken = all.nodes()[4].figures;
  const auto is_gone = [](const results::measured_figure& f) { return f.device == "gpu1" && f.name == "gemm/m:2"; };
  broken.measured.erase(std::find_if(broken.measured.begin(), broken.measured.end(), is_gone));
  broken.failed.push_back({"gpu1", "gemm/m:2", "wrong result"});
  for (auto& node : all.nodes()) node.figures.failed.push_back({"gpu0", "gemm_fp4/m:8", "not supported"});
  const auto result = all.compared();
  ASSERT_THAT(result.faulty, SizeIs(1));  // what nobody can do is no fault
  EXPECT_EQ(result.faulty[0].node, "node-4");
  EXPECT_EQ(result.faulty[0].part, "gpu1");
  ASSERT_THAT(result.faulty[0].figures, SizeIs(1));
  EXPECT_EQ(result.faulty[0].figures[0].reason, "wrong result");
}

TEST(node_comparison, the_gpus_of_one_node_are_peers_of_each_other) {
  fleet all(1, 8);
  EXPECT_THAT(names_of(all.measure(5, 0.01).slow(0, 1.15, on("gpu3")).compared()), ElementsAre("gpu node-0 gpu3"));
}

TEST(node_comparison, a_slow_link_between_gpus_is_named_and_all_links_of_a_gpu_name_the_gpu) {
  fleet link(1, 8);
  const auto is_link = [](const results::measured_figure& f) {
    return f.device == "gpu2" && f.name == "copy/peer:6/bytes:8";
  };
  EXPECT_THAT(names_of(link.measure_links(0.01).slow(0, 1.5, is_link).compared()),
              ElementsAre("link node-0 gpu2 to gpu6"));
  fleet gpu(2, 8);
  const auto is_of_gpu = [](const results::measured_figure& f) {
    return f.device == "gpu2" || f.name.find("peer:2/") != std::string::npos;
  };
  EXPECT_THAT(names_of(gpu.measure_links(0.01).slow(1, 1.5, is_of_gpu).compared()), ElementsAre("gpu node-1 gpu2"));
}

// Far GPUs of each node are linked by half as many lanes: the same links of other nodes are the peers.
TEST(node_comparison, links_are_held_against_the_same_place_of_other_nodes) {
  fleet all(6, 4);
  all.measure_links(0.01);
  const auto is_far = [](const results::measured_figure& f) {
    return f.device == "gpu0" && f.name == "copy/peer:3/bytes:8";
  };
  for (std::size_t node = 0; node < 6; ++node) all.slow(node, 2, is_far);
  EXPECT_THAT(all.compared().slow, IsEmpty());
  EXPECT_THAT(names_of(all.slow(3, 1.5, is_far).compared()), ElementsAre("link node-3 gpu0 to gpu3"));
}

/// One run of a rank on each of some hosts, every pair of which exchanged data.
measured_node pairs_run(int hosts, int ranks_a_host, const std::function<double(int, int)>& factor) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> noise(0, 0.01);
  measured_node run;
  run.name = "collective";
  run.figures.head.id = "collective";
  const int ranks = hosts * ranks_a_host;
  for (int rank = 0; rank < ranks; ++rank)
    run.figures.head.ranks.push_back({rank, fmt::format("host-{}", rank / ranks_a_host), {}, {}});
  results::measured_figure figure{"host", "cpu", "pair_exchange/bytes:8/round:0", 1e6, {}};
  for (int a = 0; a < ranks; ++a)
    for (int b = a + 1; b < ranks; ++b) {
      const double base = a / ranks_a_host == b / ranks_a_host ? 1e4 : 1e6;
      figure.pairs.push_back({a, b, base * std::exp(noise(random)) * factor(a, b)});
    }
  run.figures.measured.push_back(figure);
  return run;
}

TEST(node_comparison, of_ranks_on_several_hosts_the_host_or_the_link_is_named) {
  const auto slow_host = pairs_run(6, 1, [](int a, int b) { return a == 2 || b == 2 ? 3.0 : 1.0; });
  EXPECT_THAT(names_of(compare_nodes({slow_host}, {})), ElementsAre("node host-2"));
  const auto slow_link = pairs_run(6, 1, [](int a, int b) { return a == 2 && b == 4 ? 3.0 : 1.0; });
  EXPECT_THAT(names_of(compare_nodes({slow_link}, {})), ElementsAre("link host-2 and host-4"));
  const auto equal = pairs_run(6, 1, [](int, int) { return 1.0; });
  EXPECT_THAT(compare_nodes({equal}, {}).slow, IsEmpty());
}

TEST(node_comparison, pairs_within_hosts_are_no_peers_of_those_between_them) {
  const auto equal = pairs_run(3, 4, [](int, int) { return 1.0; });
  EXPECT_THAT(compare_nodes({equal}, {}).slow, IsEmpty());
  // The network card of one rank.
  const auto slow_card = pairs_run(3, 4, [](int a, int b) { return (a == 5 || b == 5) && a / 4 != b / 4 ? 2.0 : 1.0; });
  EXPECT_THAT(names_of(compare_nodes({slow_card}, {})), ElementsAre("rank host-1 rank 5"));
}

TEST(node_comparison, runs_over_two_nodes_each_make_a_link) {
  std::vector<measured_node> runs;
  for (int a = 0; a < 5; ++a)
    for (int b = a + 1; b < 5; ++b) {
      measured_node run;
      run.name = fmt::format("{}-{}", a, b);
      run.figures.head.id = run.name;
      run.figures.head.ranks = {{0, fmt::format("host-{}", a), {}, {}}, {1, fmt::format("host-{}", b), {}, {}}};
      const double factor = a == 1 && b == 3 ? 1.4 : 1 + 0.002 * (a + 3 * b);
      run.figures.measured.push_back({"host", "cpu", "all_reduce/bytes:8", 1e6 * factor, {}});
      runs.push_back(run);
    }
  EXPECT_THAT(names_of(compare_nodes(runs, {})), ElementsAre("link host-1 and host-3"));
}

TEST(node_comparison, what_differs_in_environment_is_no_peer_and_said) {
  fleet all(9, 2);
  all.measure(3, 0.01).slow(8, 2, everything);
  all.nodes()[8].figures.head.environment.gpu_driver_version = "535.01";
  const auto result = all.compared();
  EXPECT_THAT(result.slow, IsEmpty());
  ASSERT_THAT(result.groups, SizeIs(2));
  EXPECT_THAT(result.groups[0].nodes, SizeIs(8));
  EXPECT_THAT(result.groups[1].differences, ElementsAre(difference{"driver", "550.54", "535.01", true}));
  EXPECT_GT(result.alone, 0U);
  node_criteria lenient;
  lenient.allowed.insert("driver");
  EXPECT_THAT(names_of(all.compared(lenient)), ElementsAre("node node-8"));
}

TEST(node_comparison, a_node_that_lacks_a_gpu_is_no_peer) {
  fleet all(6, 4);
  all.nodes()[2].figures.head.environment.gpus.pop_back();
  const auto result = all.measure(1, 0.01).compared();
  ASSERT_THAT(result.groups, SizeIs(2));
  EXPECT_THAT(result.groups[1].differences, ElementsAre(difference{"gpus", "4", "3", true}));
}

TEST(node_comparison, with_less_than_four_peers_there_is_no_verdict) {
  fleet all(4, 0);
  const auto result = all.measure(3, 0.01).slow(0, 5, everything).compared();
  EXPECT_THAT(result.slow, IsEmpty());
  EXPECT_EQ(result.compared, 0U);
  EXPECT_EQ(result.alone, 12U);
}

TEST(node_comparison, nodes_stand_in_the_order_of_their_typical_excess) {
  fleet all(6, 0);
  all.measure(5, 0.002).slow(2, 1.02, everything).slow(5, 1.3, everything);
  all.nodes()[5].figures.failed.push_back({"cpu", "gemm", "wrong result"});
  const auto result = all.compared();
  ASSERT_THAT(result.standings, SizeIs(6));
  EXPECT_EQ(result.standings[0].node, 5U);
  EXPECT_EQ(result.standings[1].node, 2U);
  EXPECT_NEAR(result.standings[0].excess.value(), 0.3, 0.02);
  EXPECT_EQ(result.standings[0].compared, 5U);
  EXPECT_EQ(result.standings[0].slow, 5U);
  EXPECT_EQ(result.standings[0].failed, 1U);
  EXPECT_EQ(result.standings[5].slow, 0U);
}

TEST(node_comparison, a_run_that_stands_twice_is_refused) {
  fleet all(5, 0);
  all.nodes()[3].figures.head.id = "run-1";
  EXPECT_THROW(all.compared(), error);
}

}  // namespace
}  // namespace gpubench::comparison
