#include "bench/cuda/module/host_placement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/temporary_folder.hpp"

namespace gpubench::cuda {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(cpu_list, is_read_as_the_kernel_writes_it) {
  EXPECT_THAT(parse_cpu_list("0"), ElementsAre(0));
  EXPECT_THAT(parse_cpu_list("0-3,8"), ElementsAre(0, 1, 2, 3, 8));
  EXPECT_THAT(parse_cpu_list("8,0-1,1"), ElementsAre(0, 1, 8));
  EXPECT_EQ(parse_cpu_list("0-55,112-167").size(), 112u);
}

TEST(cpu_list, malformed_ones_are_empty) {
  for (const char* text : {"", "x", "-1", "3-1", "1-", "0,", "0;1", "0-3x", "0-99999999", "1024"}) {
    EXPECT_THAT(parse_cpu_list(text), IsEmpty()) << text;
  }
}

TEST(cpu_list, is_written_as_it_was_read) {
  for (const char* text : {"", "0", "0-3,8", "1,3,5-6", "0-55,112-167"}) {
    EXPECT_EQ(cpu_list_text(parse_cpu_list(text)), text);
  }
}

class recorded_tree : public ::testing::Test {
 protected:
  void put(const std::string& file, const std::string& text) { made.write(file, text); }

  temporary_folder made;
  const fs::path& root = made.path();
};

TEST_F(recorded_tree, the_side_of_a_gpu_is_its_node_and_that_nodes_cpus) {
  put("bus/pci/devices/0000:1b:00.0/numa_node", "1\n");
  put("bus/pci/devices/0000:1b:00.0/local_cpulist", "52-103,156-207\n");
  const auto found = host_near(root, "0000:1B:00.0");
  EXPECT_EQ(found.numa_node, 1);
  EXPECT_EQ(cpu_list_text(found.cpus), "52-103,156-207");
  EXPECT_TRUE(found.numa_problem.empty());
  EXPECT_TRUE(found.cpu_problem.empty());
}

TEST_F(recorded_tree, a_gpu_without_a_node_leaves_the_thread_where_it_is) {
  put("bus/pci/devices/0000:00:04.0/numa_node", "-1\n");
  put("bus/pci/devices/0000:00:04.0/local_cpulist", "0-25\n");
  const auto found = host_near(root, "0000:00:04.0");
  EXPECT_FALSE(found.numa_node.has_value());
  EXPECT_THAT(found.cpus, IsEmpty());
  EXPECT_EQ(found.numa_problem, "not set: the kernel knows no NUMA node of the GPU (-1)");
  EXPECT_THAT(found.cpu_problem, StartsWith("not set: "));
}

TEST_F(recorded_tree, a_missing_tree_is_named) {
  const auto found = host_near(root, "0000:1B:00.0");
  EXPECT_FALSE(found.numa_node.has_value());
  EXPECT_THAT(found.numa_problem, StartsWith("not set: no "));
  EXPECT_THAT(found.numa_problem, HasSubstr("0000:1b:00.0/numa_node"));
}

TEST_F(recorded_tree, a_node_without_cpus_is_recorded_all_the_same) {
  put("bus/pci/devices/0009:01:00.0/numa_node", "4\n");
  put("bus/pci/devices/0009:01:00.0/local_cpulist", "\n");
  const auto found = host_near(root, "0009:01:00.0");
  EXPECT_EQ(found.numa_node, 4);
  EXPECT_THAT(found.cpu_problem, StartsWith("not set: no CPUs in "));
}

TEST_F(recorded_tree, host_memory_is_what_the_kernel_says) {
  put("proc/meminfo", "MemTotal:       65842164 kB\nMemFree:  1 kB\nMemAvailable:   60000000 kB\n");
  const auto found = host_memory_of(root);
  EXPECT_EQ(found.total, 65842164.0 * 1024);
  EXPECT_EQ(found.available, 60000000.0 * 1024);
  EXPECT_FALSE(host_memory_of(root / "nowhere").total.has_value());
}

TEST_F(recorded_tree, a_containers_limit_counts_where_it_is_lower) {
  put("proc/meminfo", "MemTotal: 65842164 kB\nMemAvailable: 60000000 kB\n");
  put("sys/fs/cgroup/memory.max", "4294967296\n");
  put("sys/fs/cgroup/memory.current", "1073741824\n");
  EXPECT_EQ(host_memory_of(root).total, 4294967296.0);
  EXPECT_EQ(host_memory_of(root).available, 3221225472.0);
  put("sys/fs/cgroup/memory.stat", "anon 7\ninactive_file 1000000000\n");
  EXPECT_EQ(host_memory_of(root).available, 4221225472.0);
  put("sys/fs/cgroup/memory.current", "9000000000\n");
  EXPECT_EQ(host_memory_of(root).available, 0.0);
  put("sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(host_memory_of(root).total, 65842164.0 * 1024);
}

std::vector<int> cpus_of_this_thread() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  std::vector<int> result;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) result.push_back(cpu);
  }
  return result;
}

TEST(near_cpus_only, keeps_the_thread_there_and_lets_it_go_again) {
  const auto before = cpus_of_this_thread();
  ASSERT_FALSE(before.empty());
  near_host where;
  where.cpus = {before.back(), CPU_SETSIZE - 1};  // a CPU that the process may not use is left out
  {
    const near_cpus_only near(where);
    EXPECT_EQ(near.outcome(), std::to_string(before.back()));
    EXPECT_THAT(cpus_of_this_thread(), ElementsAre(before.back()));
  }
  EXPECT_EQ(cpus_of_this_thread(), before);
}

TEST(near_cpus_only, says_why_it_did_nothing) {
  const auto before = cpus_of_this_thread();
  near_host where;
  where.cpu_problem = "not set: unknown";
  {
    const near_cpus_only near(where);
    EXPECT_EQ(near.outcome(), "not set: unknown");
  }
  where.cpus = {CPU_SETSIZE - 1};
  const near_cpus_only near(where);
  EXPECT_THAT(near.outcome(), HasSubstr("may use none of the GPU's CPUs 1023"));
  EXPECT_EQ(cpus_of_this_thread(), before);
}

}  // namespace
}  // namespace gpubench::cuda
