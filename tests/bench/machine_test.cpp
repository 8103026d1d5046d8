#include "bench/machine.hpp"

#include "bench/cgroup.hpp"
#include "bench/cpu_discovery.hpp"
#include "bench/microarchitecture.hpp"
#include "bench/variables.hpp"
#include "core/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace gpubench::bench {
namespace {

const std::string data = std::string(GPUBENCH_TEST_DATA_DIR) + '/';

bool has_feature(const results::environment& found, const std::string& name) {
  const auto& features = found.cpu.features;
  return std::find(features.begin(), features.end(), name) != features.end();
}

TEST(machine, reads_an_ec2_instance_limited_by_cgroup_version_2) {
  const auto found = discover_machine(data + "ec2");
  EXPECT_EQ(found.operating_system, "Ubuntu 24.04.1 LTS");
  EXPECT_EQ(found.kernel, "6.8.0-1021-aws");
  EXPECT_EQ(found.hypervisor, "KVM (Nitro)");
  EXPECT_EQ(found.container, std::nullopt);
  ASSERT_TRUE(found.cloud);
  EXPECT_EQ(found.cloud->provider, "aws");
  EXPECT_EQ(found.cloud->instance_type, "c7i.xlarge");
  EXPECT_EQ(found.cloud->source, "DMI");
  EXPECT_EQ(found.cpu.model, "Intel(R) Xeon(R) Platinum 8488C");
  EXPECT_EQ(found.cpu.microarchitecture, "Sapphire Rapids");
  EXPECT_EQ(found.cpu.sockets, 1);
  EXPECT_EQ(found.cpu.physical_cores, 2);
  EXPECT_EQ(found.cpu.logical_cpus, 4);
  EXPECT_EQ(found.cpu.usable_cpus, 3);  // the quota of 3.5, in whole threads
  EXPECT_EQ(found.cgroup_cpu_limit, 3.5);
  EXPECT_EQ(found.cgroup_memory_limit_bytes, 4 * gib);  // of the slice above the service
  EXPECT_EQ(found.memory_bytes, 4 * gib);
  EXPECT_EQ(found.cpu.l1d_bytes, 48 * kib);
  EXPECT_EQ(found.cpu.l2_bytes, 2 * mib);
  EXPECT_EQ(found.cpu.l3_bytes, 105 * mib);
  EXPECT_EQ(found.cpu.governor, "performance");
  EXPECT_TRUE(has_feature(found, "amx_bf16"));
  EXPECT_FALSE(has_feature(found, "hypervisor"));
}

TEST(machine, reads_an_azure_container_limited_by_cgroup_version_1) {
  const auto found = discover_machine(data + "azure-docker");
  ASSERT_TRUE(found.cloud);
  EXPECT_EQ(found.cloud->provider, "azure");
  EXPECT_EQ(found.cloud->instance_type, std::nullopt);
  EXPECT_EQ(found.hypervisor, "Microsoft Hyper-V");
  EXPECT_EQ(found.container, "docker");
  EXPECT_EQ(found.cpu.microarchitecture, "Zen 3 (Milan)");
  EXPECT_EQ(found.cgroup_cpu_limit, 1.5);
  EXPECT_EQ(found.cpu.usable_cpus, 1);
  EXPECT_EQ(found.cgroup_memory_limit_bytes, std::nullopt);  // the largest number means none
  EXPECT_EQ(found.memory_bytes, 16000000 * kib);
  EXPECT_EQ(found.cpu.l3_bytes, 64 * mib);  // two core complexes of 32 MiB
}

TEST(machine, reads_a_two_socket_arm_machine_without_limits) {
  const auto found = discover_machine(data + "gce-arm");
  ASSERT_TRUE(found.cloud);
  EXPECT_EQ(found.cloud->provider, "gcp");
  EXPECT_EQ(found.cpu.microarchitecture, "Neoverse V2");
  EXPECT_EQ(found.cpu.sockets, 2);
  EXPECT_EQ(found.cpu.numa_nodes, 2);
  EXPECT_EQ(found.cpu.usable_cpus, 4);
  EXPECT_EQ(found.cgroup_cpu_limit, std::nullopt);
  EXPECT_TRUE(has_feature(found, "sve2"));
  const auto where = describe_machine(found);
  EXPECT_EQ(where.threads, 4);
  EXPECT_EQ(where.last_level_cache_bytes, 160 * mib);  // 80 MiB a socket
  EXPECT_EQ(where.usable_memory_bytes, 32000000 * kib);
}

TEST(machine, reads_an_alibaba_pod_with_half_a_cpu) {
  const auto found = discover_machine(data + "alibaba-kubernetes");
  ASSERT_TRUE(found.cloud);
  EXPECT_EQ(found.cloud->provider, "alibaba");
  EXPECT_EQ(found.cloud->instance_type, std::nullopt);  // "Alibaba Cloud ECS" is no type
  EXPECT_EQ(found.container, "kubernetes");
  EXPECT_EQ(found.cpu.microarchitecture, "Ice Lake-SP");
  EXPECT_EQ(found.cgroup_cpu_limit, 0.5);
  EXPECT_EQ(found.cpu.usable_cpus, 1);
}

TEST(machine, knows_nothing_of_an_empty_tree_but_invents_nothing) {
  const auto found = discover_machine(data + "no-such-tree");
  EXPECT_EQ(found.operating_system, std::nullopt);
  EXPECT_EQ(found.cpu.model, std::nullopt);
  EXPECT_EQ(found.cpu.logical_cpus, std::nullopt);
  EXPECT_EQ(found.cpu.l3_bytes, std::nullopt);
  EXPECT_EQ(found.memory_bytes, std::nullopt);
  EXPECT_FALSE(found.cloud);
  EXPECT_EQ(found.cpu.usable_cpus, 1);
}

TEST(machine, finds_out_this_machine) {
  const auto found = discover_machine();
  EXPECT_GE(found.cpu.usable_cpus, 1);
  EXPECT_FALSE(found.gpu_status.empty());
  ASSERT_TRUE(found.kernel);
  if (found.cpu.measured_clock_hertz) {
    EXPECT_GT(*found.cpu.measured_clock_hertz, 1e8);
    EXPECT_LT(*found.cpu.measured_clock_hertz, 1e10);
  }
}

results::cpu_environment x86(const char* vendor, int family, int model, int stepping) {
  results::cpu_environment cpu;
  cpu.vendor = vendor;
  cpu.family = family;
  cpu.model_number = model;
  cpu.stepping = stepping;
  return cpu;
}

TEST(microarchitecture, tells_parts_of_one_model_apart_by_stepping) {
  EXPECT_EQ(x86_microarchitecture(x86("GenuineIntel", 6, 85, 4)), "Skylake-SP");
  EXPECT_EQ(x86_microarchitecture(x86("GenuineIntel", 6, 85, 7)), "Cascade Lake");
  EXPECT_EQ(x86_microarchitecture(x86("GenuineIntel", 6, 85, 11)), std::nullopt);
  EXPECT_EQ(x86_microarchitecture(x86("AuthenticAMD", 25, 1, 2)), "Zen 3 (Milan-X)");
  EXPECT_EQ(x86_microarchitecture(x86("AuthenticAMD", 25, 17, 1)), "Zen 4 (Genoa)");
}

TEST(microarchitecture, names_the_server_generations) {
  EXPECT_EQ(x86_microarchitecture(x86("GenuineIntel", 6, 207, 2)), "Emerald Rapids");
  EXPECT_EQ(x86_microarchitecture(x86("GenuineIntel", 6, 173, 1)), "Granite Rapids");
  EXPECT_EQ(x86_microarchitecture(x86("AuthenticAMD", 23, 1, 2)), "Zen (Naples)");
  EXPECT_EQ(x86_microarchitecture(x86("AuthenticAMD", 23, 49, 0)), "Zen 2 (Rome)");
  EXPECT_EQ(x86_microarchitecture(x86("AuthenticAMD", 26, 2, 1)), "Zen 5 (Turin)");
  EXPECT_EQ(x86_microarchitecture(x86("AuthenticAMD", 26, 17, 0)), "Zen 5c (Turin Dense)");
  EXPECT_EQ(x86_microarchitecture(x86("GenuineIntel", 6, 158, 9)), std::nullopt);  // a desktop part
  EXPECT_EQ(x86_microarchitecture(results::cpu_environment{}), std::nullopt);
  EXPECT_EQ(arm_microarchitecture(0x41, 0xd0c), "Neoverse N1");
  EXPECT_EQ(arm_microarchitecture(0x6d, 0xd49), "Neoverse N2");
  EXPECT_EQ(arm_microarchitecture(0x61, 0x022), std::nullopt);
}

TEST(system_files, parses_cpu_lists) {
  EXPECT_EQ(parse_cpu_list("0-2,8"), (std::vector<int>{0, 1, 2, 8}));
  EXPECT_EQ(parse_cpu_list("3"), std::vector<int>{3});
  EXPECT_TRUE(parse_cpu_list("").empty());
  EXPECT_TRUE(parse_cpu_list("3-1").empty());
  EXPECT_TRUE(parse_cpu_list("0-99999999999").empty());
  EXPECT_TRUE(parse_cpu_list("a-b").empty());
}

TEST(cpu_discovery, parses_cache_sizes) {
  EXPECT_EQ(parse_cache_size("48K"), 49152.0);
  EXPECT_EQ(parse_cache_size("260M"), 260 * mib);
  EXPECT_EQ(parse_cache_size("K"), std::nullopt);
  EXPECT_EQ(parse_cache_size("0K"), std::nullopt);
  EXPECT_EQ(parse_cache_size(""), std::nullopt);
}

TEST(variables, keeps_only_what_can_change_a_measurement) {
  const auto chosen = chosen_variables({"OMP_NUM_THREADS=2", "PATH=/bin", "NCCL_DEBUG=INFO", "AWS_SECRET_ACCESS_KEY=x",
                                        "CUDA_API_TOKEN=y", "NVIDIA_VISIBLE_DEVICES=all", "OMP_PROC_BIND=a=b", "junk"});
  const std::map<std::string, std::string> expected = {
      {"NCCL_DEBUG", "INFO"}, {"NVIDIA_VISIBLE_DEVICES", "all"}, {"OMP_NUM_THREADS", "2"}, {"OMP_PROC_BIND", "a=b"}};
  EXPECT_EQ(chosen, expected);
}

}  // namespace
}  // namespace gpubench::bench
