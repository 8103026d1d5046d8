#include "core/units.hpp"

#include <utility>

#include "made_machine.hpp"

namespace gpubench::doctor {
namespace {

TEST(host_checks, a_quota_below_two_cpus_a_gpu_is_a_warning) {
  auto machine = healthy_machine();
  machine.machine.cgroup_cpu_limit = 3.5;
  EXPECT_EQ(only_finding(machine, "cpu-limit").level, severity::warning);
  machine.machine.cgroup_cpu_limit = 4;
  EXPECT_EQ(only_finding(machine, "cpu-limit").level, severity::note);
  machine.machine.cgroup_cpu_limit = 64;
  EXPECT_EQ(state_of(machine, "cpu-limit"), check_state::passed);
}

TEST(host_checks, a_memory_limit_below_the_gpus_memory_is_a_warning) {
  auto machine = healthy_machine();
  machine.machine.cgroup_memory_limit_bytes = 159 * gib;
  EXPECT_EQ(only_finding(machine, "memory-limit").level, severity::warning);
  machine.machine.cgroup_memory_limit_bytes = 160 * gib;
  EXPECT_EQ(only_finding(machine, "memory-limit").level, severity::note);
}

TEST(host_checks, dockers_64_mib_of_shared_memory_are_told) {
  auto machine = healthy_machine();
  machine.limits.shared_memory_bytes = 64 * mib;
  EXPECT_EQ(only_finding(machine, "shm-size").level, severity::warning);
  machine.limits.shared_memory_bytes = 1 * gib;
  EXPECT_EQ(state_of(machine, "shm-size"), check_state::passed);
}

TEST(host_checks, locked_memory_matters_with_rdma) {
  auto machine = healthy_machine();
  machine.limits.locked_memory_bytes = process_limit{false, 8 * mib};
  EXPECT_EQ(only_finding(machine, "ulimits").level, severity::warning);
  machine.network.rdma.clear();
  EXPECT_EQ(state_of(machine, "ulimits"), check_state::passed);
  machine.limits.open_files = process_limit{false, 1024};
  EXPECT_EQ(only_finding(machine, "ulimits").level, severity::note);
}

TEST(host_checks, no_huge_pages_at_all_is_a_note) {
  auto machine = healthy_machine();
  machine.limits.transparent_hugepages = "never";
  machine.limits.hugepages = 0;
  EXPECT_EQ(only_finding(machine, "hugepages").level, severity::note);
  machine.limits.hugepages = 512;
  EXPECT_EQ(state_of(machine, "hugepages"), check_state::passed);
}

TEST(host_checks, powersave_is_judged_by_the_driver_that_it_belongs_to) {
  auto machine = healthy_machine();
  machine.machine.cpu.governor = "powersave";
  machine.limits.frequency_driver = "acpi-cpufreq";
  EXPECT_EQ(only_finding(machine, "cpu-governor").level, severity::warning);
  machine.limits.frequency_driver = "intel_pstate";
  EXPECT_EQ(only_finding(machine, "cpu-governor").level, severity::note);
  machine.machine.cpu.governor = "schedutil";
  EXPECT_EQ(state_of(machine, "cpu-governor"), check_state::passed);
}

facts with(const std::string& name, const std::string& value) {
  auto machine = healthy_machine();
  machine.variables[name] = value;
  return machine;
}

TEST(nccl_checks, interface_lists_are_read_as_nccl_reads_them) {
  for (const char* good : {"eth", "=eth0", "^docker", "^=lo", "eth,lo", "=eth0,lo"})
    EXPECT_EQ(state_of(with("NCCL_SOCKET_IFNAME", good), "nccl-names"), check_state::passed) << good;
  for (const char* bad : {"ens", "=eth", "^e,l", "^=lo,eth0", "eth,ib"})
    EXPECT_EQ(only_finding(with("NCCL_SOCKET_IFNAME", bad), "nccl-names").level, severity::error) << bad;
}

TEST(nccl_checks, rdma_devices_may_name_a_port) {
  EXPECT_EQ(state_of(with("NCCL_IB_HCA", "=mlx5_0:1,mlx5_1:1"), "nccl-names"), check_state::passed);
  EXPECT_EQ(state_of(with("NCCL_IB_HCA", "mlx5"), "nccl-names"), check_state::passed);
  EXPECT_EQ(only_finding(with("NCCL_IB_HCA", "=mlx5_2"), "nccl-names").level, severity::error);
}

TEST(nccl_checks, what_is_turned_off_cannot_be_chosen) {
  auto machine = with("NCCL_IB_DISABLE", "1");
  machine.variables["NCCL_IB_HCA"] = "mlx5";
  EXPECT_NE(only_finding(machine, "nccl-contradictions").what.find("NCCL_IB_HCA=mlx5"), std::string::npos);
  machine.variables["NCCL_IB_DISABLE"] = "0";
  EXPECT_EQ(state_of(machine, "nccl-contradictions"), check_state::passed);
  machine = with("NCCL_IB_DISABLE", "1");
  EXPECT_EQ(findings_of(machine, "nccl-contradictions").size(), 1U);  // there are RDMA devices
  machine.network.rdma.clear();
  EXPECT_EQ(state_of(machine, "nccl-contradictions"), check_state::passed);
  machine.variables["NCCL_NET"] = "IB";
  EXPECT_EQ(findings_of(machine, "nccl-contradictions").size(), 1U);
}

TEST(nccl_checks, peer_access_that_is_turned_off_is_told) {
  auto machine = with("NCCL_P2P_DISABLE", "1");
  EXPECT_EQ(only_finding(machine, "nccl-contradictions").what,
            "NCCL_P2P_DISABLE is set on a machine whose GPUs have NVLink");
  machine.variables["NCCL_SHM_DISABLE"] = "1";
  machine.variables["NCCL_P2P_LEVEL"] = "NVL";
  EXPECT_EQ(findings_of(machine, "nccl-contradictions").size(), 3U);
  EXPECT_EQ(findings_of(with("NCCL_SHM_DISABLE", "1"), "nccl-contradictions").size(), 1U);
}

TEST(nccl_checks, unknown_words_get_the_nearest_known_one) {
  const auto found = findings_of(with("NCCL_ALGO", "Ring,Treee"), "nccl-values");
  ASSERT_EQ(found.size(), 2U);  // and that it is forced
  EXPECT_NE(found[0].mend.find("Tree"), std::string::npos);
  EXPECT_EQ(findings_of(with("NCCL_ALGO", "allreduce:^ring;broadcast:tree"), "nccl-values").size(), 1U);
  EXPECT_EQ(findings_of(with("NCCL_PROTO", "LL256"), "nccl-values").size(), 2U);
  EXPECT_EQ(state_of(with("NCCL_DEBUG", "info"), "nccl-values"), check_state::passed);
  EXPECT_EQ(only_finding(with("NCCL_DEBUG", "TRACE"), "nccl-values").level, severity::warning);
  EXPECT_EQ(only_finding(with("NCCL_P2P_LEVEL", "NEAR"), "nccl-values").level, severity::warning);
}

facts in_kubernetes() {
  auto machine = healthy_machine();
  machine.node.emplace();
  machine.node->name = "gpu-node-1";
  machine.node->capacity = machine.node->allocatable = {{"nvidia.com/gpu", "2"}};
  machine.node->labels = {{"nvidia.com/gpu.count", "2"},
                          {"nvidia.com/gpu.product", "NVIDIA-A100-SXM4-80GB"},
                          {"nvidia.com/cuda.driver-version.full", "550.54.15"},
                          {"nvidia.com/mig.strategy", "none"}};
  return machine;
}

TEST(kubernetes_checks, a_node_whose_labels_and_devices_agree_passes) {
  EXPECT_EQ(state_of(in_kubernetes(), "kubernetes-device-plugin"), check_state::passed);
  EXPECT_EQ(state_of(in_kubernetes(), "kubernetes-labels"), check_state::passed);
  EXPECT_EQ(state_of(healthy_machine(), "kubernetes-labels"), check_state::not_checked);
}

TEST(kubernetes_checks, devices_that_the_node_does_not_offer_are_told) {
  auto machine = in_kubernetes();
  machine.node->allocatable = {{"nvidia.com/gpu", "1"}};
  EXPECT_EQ(only_finding(machine, "kubernetes-device-plugin").level, severity::warning);
  machine.node->allocatable = {{"nvidia.com/gpu", "0"}};
  EXPECT_EQ(only_finding(machine, "kubernetes-device-plugin").level, severity::error);
  machine.node->capacity.clear();
  machine.node->allocatable.clear();
  EXPECT_EQ(only_finding(machine, "kubernetes-device-plugin").level, severity::error);
}

TEST(kubernetes_checks, what_cannot_be_held_against_anything_does_not_pass) {
  auto machine = in_kubernetes();
  machine.node->capacity = {{"nvidia.com/gpu", "abc"}};
  EXPECT_EQ(state_of(machine, "kubernetes-device-plugin"), check_state::not_checked);
  machine = in_kubernetes();
  machine.gpus.counted.reset();
  machine.machine.gpus.clear();
  EXPECT_EQ(state_of(machine, "kubernetes-labels"), check_state::not_checked);
  machine.pci.clear();
  EXPECT_EQ(state_of(machine, "kubernetes-labels"), check_state::not_checked);
  EXPECT_EQ(state_of(machine, "kubernetes-device-plugin"), check_state::not_checked);
}

TEST(kubernetes_checks, a_pod_that_asked_for_fewer_gpus_than_the_node_has_is_no_lie) {
  auto machine = in_kubernetes();
  machine.node->labels["nvidia.com/gpu.count"] = "8";
  machine.node->capacity = machine.node->allocatable = {{"nvidia.com/gpu", "8"}};
  machine.machine.container = "kubernetes";
  EXPECT_EQ(state_of(machine, "kubernetes-labels"), check_state::passed);
  EXPECT_EQ(state_of(machine, "kubernetes-device-plugin"), check_state::passed);
  machine.node->labels["nvidia.com/gpu.count"] = "1";  // more than the node says that it has
  EXPECT_EQ(only_finding(machine, "kubernetes-labels").level, severity::warning);
  machine.node->labels["nvidia.com/gpu.count"] = "many";
  EXPECT_EQ(only_finding(machine, "kubernetes-labels").level, severity::warning);
}

/// Two GPUs and an EFA device of a p4d, with the plugin where the loader finds it.
facts on_amazon() {
  auto machine = healthy_machine();
  machine.machine.cloud.emplace();
  machine.machine.cloud->instance_type = "p4d.24xlarge";
  machine.network.rdma = {{"rdmap16s27", 0, {1}, {1}, true}};
  machine.network.peer_memory_module = false;
  machine.software.open_module = false;
  machine.nccl_plugins = {{"/opt/amazon/ofi-nccl/lib/libnccl-net-ofi.so", true}};
  return machine;
}

TEST(efa_checks, nccl_needs_its_plugin_where_the_loader_finds_it) {
  auto machine = on_amazon();
  EXPECT_EQ(state_of(machine, "efa-plugin"), check_state::passed);
  machine.nccl_plugins[0].found_by_loader = false;
  auto found = only_finding(machine, "efa-plugin");
  EXPECT_NE(found.mend.find("LD_LIBRARY_PATH=/opt/amazon/ofi-nccl/lib:"), std::string::npos) << found.mend;
  machine.variables["NCCL_NET_PLUGIN"] = machine.nccl_plugins[0].path;
  EXPECT_EQ(state_of(machine, "efa-plugin"), check_state::passed);
  machine.nccl_plugins.clear();
  found = only_finding(machine, "efa-plugin");
  EXPECT_EQ(found.level, severity::warning);
  EXPECT_NE(found.what.find("aws-ofi-nccl"), std::string::npos);
  EXPECT_EQ(state_of(healthy_machine(), "efa-plugin"), check_state::not_checked);
}

TEST(efa_checks, variables_are_held_to_each_other_and_to_the_devices) {
  const auto with = [](const char* name, const char* value) {
    auto machine = on_amazon();
    machine.variables[name] = value;
    return machine;
  };
  EXPECT_EQ(state_of(on_amazon(), "efa-variables"), check_state::not_checked);
  for (const auto& [name, value] : {std::pair{"FI_PROVIDER", "efa"}, std::pair{"FI_PROVIDER", "^tcp"},
                                    std::pair{"FI_PROVIDER", "shm,EFA"}, std::pair{"FI_EFA_USE_DEVICE_RDMA", "1"},
                                    std::pair{"NCCL_NET", "AWS Libfabric"}, std::pair{"FI_LOG_LEVEL", "warn"}})
    EXPECT_EQ(state_of(with(name, value), "efa-variables"), check_state::passed) << name << '=' << value;
  for (const auto& [name, value] :
       {std::pair{"FI_PROVIDER", "tcp"}, std::pair{"FI_PROVIDER", "^efa"}, std::pair{"FI_EFA_USE_DEVICE_RDMA", "0"},
        std::pair{"NCCL_NET", "Socket"}, std::pair{"NCCL_NET_PLUGIN", "none"}})
    EXPECT_EQ(only_finding(with(name, value), "efa-variables").level, severity::warning) << name << '=' << value;
  auto without_rdma = with("FI_EFA_USE_DEVICE_RDMA", "1");
  without_rdma.machine.cloud->instance_type = "g5.48xlarge";
  EXPECT_EQ(only_finding(without_rdma, "efa-variables").level, severity::error) << "libfabric ends the program";
  without_rdma.variables["FI_EFA_USE_DEVICE_RDMA"] = "0";
  EXPECT_EQ(state_of(without_rdma, "efa-variables"), check_state::passed);
  auto without_plugin = with("NCCL_NET", "AWS Libfabric");
  without_plugin.nccl_plugins.clear();
  EXPECT_EQ(only_finding(without_plugin, "efa-variables").level, severity::error);
  auto elsewhere = healthy_machine();
  elsewhere.variables["FI_PROVIDER"] = "efa";
  EXPECT_EQ(only_finding(elsewhere, "efa-variables").level, severity::error);
  elsewhere.variables["FI_PROVIDER"] = "^efa";
  EXPECT_EQ(state_of(elsewhere, "efa-variables"), check_state::passed);
}

TEST(efa_checks, what_concerns_verbs_does_not_concern_efa) {
  auto machine = on_amazon();
  EXPECT_EQ(state_of(machine, "peer-memory"), check_state::not_checked);
  machine.variables["NCCL_IB_DISABLE"] = "1";
  EXPECT_EQ(state_of(machine, "nccl-contradictions"), check_state::passed);
}

TEST(kubernetes_checks, labels_that_lie_are_told) {
  auto machine = in_kubernetes();
  machine.node->labels["nvidia.com/gpu.count"] = "8";
  machine.node->labels["nvidia.com/gpu.product"] = "NVIDIA-A100-SXM4-80GB-SHARED";
  EXPECT_EQ(only_finding(machine, "kubernetes-labels").what,
            "the node's label nvidia.com/gpu.count says 8, the machine 2");
  machine = in_kubernetes();
  for (auto& gpu : machine.machine.gpus) gpu.mig = true;
  EXPECT_EQ(only_finding(machine, "kubernetes-labels").level, severity::error);  // strategy none
}

}  // namespace
}  // namespace gpubench::doctor
