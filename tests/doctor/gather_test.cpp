#include "doctor/gather.hpp"

#include "core/error.hpp"
#include "core/units.hpp"

#include <cstdlib>

#include "made_machine.hpp"

namespace gpubench::doctor {
namespace {

/// Configuration space of a bridge whose extended capabilities are AER (0x0001) and then ACS (0x000d).
std::string bridge_space(char acs_control) {
  std::string space(4096, '\0');
  const auto put = [&](std::size_t at, unsigned value) {
    for (std::size_t i = 0; i < 4; ++i) space[at + i] = static_cast<char>(value >> (8 * i));
  };
  put(0x100, 0x0001U | 1U << 16 | 0x148U << 20);
  put(0x148, 0x000dU | 1U << 16);
  space[0x148 + 6] = acs_control;
  return space;
}

TEST(gather, reads_pci_devices_with_their_driver_link_and_iommu_group) {
  const made_machine made;
  const std::string gpu = "sys/bus/pci/devices/0000:17:00.0/";
  made.file(gpu + "vendor", "0x10de\n");
  made.file(gpu + "device", "0x20b2\n");
  made.file(gpu + "class", "0x030200\n");
  made.file(gpu + "numa_node", "1\n");
  made.file(gpu + "current_link_width", "8\n");
  made.file(gpu + "max_link_width", "16\n");
  made.file(gpu + "iommu_group/type", "DMA-FQ\n");
  made.link(gpu + "driver", "../../../bus/pci/drivers/nouveau");
  const std::string bridge = "sys/bus/pci/devices/0000:16:00.0/";
  made.file(bridge + "class", "0x060400\n");
  made.file(bridge + "config", bridge_space(0x1d));
  const auto found = find_pci_devices(bench::system_files(made.root()));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].redirects_peers, true);
  EXPECT_TRUE(found[1].is_nvidia_gpu());
  EXPECT_EQ(found[1].driver, "nouveau");
  EXPECT_EQ(found[1].numa_node, 1);
  EXPECT_EQ(found[1].width, 8);
  EXPECT_EQ(found[1].most_width, 16);
  EXPECT_EQ(found[1].iommu_type, "DMA-FQ");
}

TEST(gather, tells_redirection_from_its_absence_and_from_what_may_not_be_read) {
  EXPECT_EQ(redirects_peers(bridge_space(0x04)), true);
  EXPECT_EQ(redirects_peers(bridge_space(0x11)), false);
  EXPECT_EQ(redirects_peers(std::string(4096, '\0')), std::nullopt);  // no extended capability
  EXPECT_EQ(redirects_peers(std::string(4096, '\xff')), std::nullopt);
  EXPECT_EQ(redirects_peers(std::string(64, '\0')), std::nullopt);  // all that others than root see
  auto endless = bridge_space(0x04);
  endless[0x148] = 0x02;  // no ACS, and the next capability is the first again
  endless[0x148 + 2] = 0x01;
  endless[0x148 + 3] = 0x10;
  EXPECT_EQ(redirects_peers(endless), std::nullopt);
}

TEST(gather, finds_toolkits_libraries_and_python_packages_by_their_names) {
  const made_machine made;
  made.file("proc/driver/nvidia/version",
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build\n");
  made.file("usr/local/cuda-12.4/version.json", R"({"cuda": {"name": "CUDA SDK", "version": "12.4.1"}})");
  made.link("usr/local/cuda", "cuda-12.4");
  made.file("usr/local/cuda-12.4/lib64/libcublas.so.12.4.5.8", "");
  made.link("usr/local/cuda-12.4/lib64/libcublas.so.12", "libcublas.so.12.4.5.8");
  made.file("usr/local/cuda-12.4/compat/libcuda.so.550.54.15", "");
  made.file("usr/local/cuda-11.0/version.txt", "CUDA Version 11.0.228\n");
  made.file("usr/local/cuda-10/version.json", "{ broken");
  made.file("usr/lib/x86_64-linux-gnu/libcuda.so.560.35.03", "");
  made.file("usr/lib/x86_64-linux-gnu/libnvidia-ml.so.560.35.03", "");
  made.file("usr/lib/x86_64-linux-gnu/libcudnn.so.9.1.0", "");
  made.file("srv/mine/libnccl.so.2.21.5", "");
  made.file("usr/local/lib/python3.11/dist-packages/nvidia_nccl_cu12-2.20.5.dist-info/METADATA", "");
  made.file("usr/local/lib/python3.11/dist-packages/nvidia_cublas-13.0.0.19.dist-info/METADATA", "");
  const auto found = find_nvidia_software(bench::system_files(made.root()), {"srv/mine"});
  EXPECT_EQ(found.kernel_module->text(), "560.35.03");
  EXPECT_EQ(found.open_module, true);
  ASSERT_EQ(found.user_libraries.size(), 1U);
  EXPECT_EQ(found.user_libraries[0].text(), "560.35.03");
  ASSERT_EQ(found.toolkits.size(), 2U);
  EXPECT_EQ(found.toolkits[0].release.text(), "11.0.228");
  EXPECT_EQ(found.toolkits[1].release.text(), "12.4.1");
  ASSERT_EQ(found.compatibility.size(), 1U);
  EXPECT_EQ(found.compatibility[0].driver.text(), "550.54.15");
  ASSERT_EQ(found.versions_of("cublas").size(), 2U);
  EXPECT_EQ(found.versions_of("cudnn")[0].text(), "9.1.0");
  ASSERT_EQ(found.versions_of("nccl").size(), 2U);
  for (const auto& one : found.libraries) {
    if (one.release.text() == "2.20.5") {
      EXPECT_EQ(one.cuda_major, 12);
    }
    if (one.release.text() == "13.0.0.19") {
      EXPECT_EQ(one.cuda_major, 13);
    }
  }
}

TEST(gather, leaves_out_what_has_no_version) {
  const made_machine made;
  made.file("usr/local/cuda-99999999999/lib64/libcudnn.so.99999999999.1.1", "");
  made.file("usr/local/cuda-99999999999/lib64/libnccl.so.2.21.5", "");
  made.file("usr/local/cuda-99999999999/compat/libcuda.so.570.99999999999", "");
  made.file("usr/lib/libcuda.so.550.99999999999", "");
  made.file("usr/lib/python3/dist-packages/nvidia_cudnn_cu99999999999-9.1.0.dist-info/METADATA", "");
  made.file("usr/lib/python3/dist-packages/nvidia_nccl_cu12-...dist-info/METADATA", "");
  const auto found = find_nvidia_software(bench::system_files(made.root()), {"usr/local/cuda-99999999999/lib64"});
  ASSERT_EQ(found.libraries.size(), 2U);
  for (const auto& one : found.libraries) EXPECT_EQ(one.cuda_major, std::nullopt) << one.name;
  EXPECT_TRUE(found.user_libraries.empty());
  EXPECT_TRUE(found.compatibility.empty());
}

TEST(gather, reads_limits_shared_memory_and_numa_distances) {
  const made_machine made;
  made.file("proc/self/limits",
            "Limit                     Soft Limit           Hard Limit           Units     \n"
            "Max open files            1024                 1048576              files     \n"
            "Max locked memory         unlimited            unlimited            bytes     \n");
  made.file("proc/self/mounts", "shm /dev/shm tmpfs rw,nosuid,size=65536k 0 0\n");
  made.file("proc/meminfo", "MemTotal:       1048576 kB\n");
  made.file("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  made.file("sys/devices/system/node/node0/distance", "10 21\n");
  made.file("sys/devices/system/node/node1/distance", "21 10\n");
  auto found = find_system_limits(bench::system_files(made.root()));
  EXPECT_TRUE(found.locked_memory_bytes->unlimited);
  EXPECT_EQ(found.open_files->value, 1024);
  EXPECT_EQ(found.shared_memory_bytes, 64 * mib);
  EXPECT_EQ(found.transparent_hugepages, "madvise");
  ASSERT_EQ(found.numa_distances.size(), 2U);
  EXPECT_EQ(found.numa_distances[0][1], 21);
  made.file("proc/self/mounts", "tmpfs /dev/shm tmpfs rw 0 0\n");
  EXPECT_EQ(find_system_limits(bench::system_files(made.root())).shared_memory_bytes, 0.5 * gib);
  made.file("proc/self/mounts", "tmpfs /dev/shm tmpfs rw,size=25% 0 0\n");
  EXPECT_EQ(find_system_limits(bench::system_files(made.root())).shared_memory_bytes, 0.25 * gib);
}

TEST(gather, reads_interfaces_and_rdma_ports) {
  const made_machine made;
  made.file("sys/class/net/eth0/operstate", "up\n");
  made.file("sys/class/net/eth0/device/numa_node", "1\n");
  made.file("sys/class/net/lo/operstate", "unknown\n");
  made.file("sys/class/infiniband/mlx5_0/ports/1/state", "4: ACTIVE\n");
  made.file("sys/class/infiniband/mlx5_0/ports/2/state", "1: DOWN\n");
  made.file("sys/class/infiniband/mlx5_0/device/numa_node", "-1\n");
  const auto found = find_network(bench::system_files(made.root()));
  ASSERT_EQ(found.interfaces.size(), 2U);
  EXPECT_TRUE(found.interfaces[0].is_device);
  EXPECT_EQ(found.interfaces[0].numa_node, 1);
  EXPECT_FALSE(found.interfaces[1].is_device);
  ASSERT_EQ(found.rdma.size(), 1U);
  EXPECT_EQ(found.rdma[0].numa_node, std::nullopt);
  EXPECT_EQ(found.rdma[0].active_ports, std::vector<int>{1});
  EXPECT_EQ(found.rdma[0].ports.size(), 2U);
  EXPECT_TRUE(found.has_verbs_device());
  const made_machine amazon;
  amazon.file("sys/class/infiniband/rdmap16s27/ports/1/state", "4: ACTIVE\n");
  amazon.link("sys/class/infiniband/rdmap16s27/device/driver", "../../../bus/pci/drivers/efa");
  const auto efa = find_network(bench::system_files(amazon.root()));
  ASSERT_EQ(efa.rdma.size(), 1U);
  EXPECT_TRUE(efa.rdma[0].is_efa);
  EXPECT_FALSE(efa.has_verbs_device());
}

TEST(gather, takes_xids_out_of_a_log_once_each) {
  const made_machine made;
  const std::string lines =
      "Jul  1 10:00:00 host kernel: [1.0] NVRM: Xid (PCI:0000:17:00): 79, pid=1, GPU has fallen off the bus.\n"
      "Jul  1 10:00:00 host kernel: [2.0] NVRM: Xid (0000:ca:00): 13, Graphics Exception\n"
      "Jul  1 10:00:00 host kernel: [3.0] NVRM: Xid (cut off\n"
      "Jul  1 10:00:00 host kernel: [4.0] NVRM: Xid (PCI:0000:ca:00): none\n";
  made.file("var/log/kern.log", lines);
  made.file("var/log/syslog", lines);
  const auto found = read_kernel_logs(made.root());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->xids.size(), 2U);
  EXPECT_EQ(found->xids[0].code, 79);
  EXPECT_EQ(found->xids[0].pci_address, "0000:17:00");
  EXPECT_EQ(found->xids[1].pci_address, "0000:ca:00");
  EXPECT_FALSE(found->xids[0].before_boot) << "not known, without proc/stat";
  made.file("proc/stat", "cpu  1 2 3\nbtime 4000000000\n");  // starts after all that is in the log
  EXPECT_TRUE(read_kernel_logs(made.root())->xids[0].before_boot);
  const made_machine silent;
  EXPECT_FALSE(read_kernel_logs(silent.root()));
}

TEST(gather, ages_in_a_recorded_tree_are_of_when_it_was_recorded) {
  const made_machine made;
  made.file("var/log/kern.log",
            "2024-03-01T12:00:00Z host kernel: NVRM: Xid (PCI:0000:17:00): 79, GPU has fallen off\n");
  const auto age = [&] { return read_kernel_logs(made.root())->xids.at(0).age_seconds.value(); };
  const double year = 365 * 86400;
  EXPECT_GT(age(), year) << "it does not say when that was";
  made.file("proc/stat", "cpu  1 2 3\nbtime 1709289000\n");  // 2024-03-01T10:30:00Z
  EXPECT_GT(age(), year);
  made.file("proc/uptime", "9000.50 12345.60\n");
  EXPECT_DOUBLE_EQ(age(), 3600.5);
  made.file("proc/uptime", "x\n");
  EXPECT_GT(age(), year);
  made.file("proc/uptime", "1e12 1\n");
  EXPECT_GT(age(), year) << "nothing was recorded in the future";
  EXPECT_LT(age(), 1e11);
}

TEST(gather, reads_the_loaders_configuration_as_it_does) {
  const made_machine made;
  made.file(
      "etc/ld.so.conf",
      "/opt/first/lib # ours\n\tinclude ld.so.conf.d/*.conf /etc/more/one.conf\n  /opt/last/lib//\nhwcap 0 nosegneg\n"
      "#/opt/none\nincluded/lib\n");
  made.file("etc/ld.so.conf.d/b.conf", "/opt/b/lib#trailing\n");
  made.file("etc/ld.so.conf.d/a.conf", "/opt/a/lib\ninclude /etc/ld.so.conf\n");
  made.file("etc/ld.so.conf.d/c.conf.old", "/opt/c/lib\n");
  made.file("etc/more/one.conf", "include two.conf\n");
  made.file("etc/more/two.conf", "/opt/two/lib");
  EXPECT_EQ(find_nvidia_software(bench::system_files(made.root()), {}).linker_folders,
            (std::vector<std::string>{"opt/first/lib", "opt/a/lib", "opt/b/lib", "opt/two/lib", "opt/last/lib"}));
}

TEST(gather, finds_where_the_loader_comes_to_a_compatibility_package) {
  const made_machine made;
  made.file("usr/local/cuda-12.8/version.json", R"({"cuda": {"version": "12.8.1"}})");
  made.file("usr/local/cuda-12.8/compat/lib.real/libcuda.so.570.124.06", "");
  made.file("etc/ld.so.conf.d/000_cuda.conf", "# first\n/usr/local/cuda-12.8/compat/\n/usr/local/cuda/lib64\n");
  const auto found = find_nvidia_software(bench::system_files(made.root()), {});
  ASSERT_EQ(found.compatibility.size(), 1U);
  EXPECT_EQ(found.compatibility[0].driver.text(), "570.124.06");
  EXPECT_EQ(found.linker_folders, (std::vector<std::string>{"usr/local/cuda-12.8/compat", "usr/local/cuda/lib64"}));
  EXPECT_TRUE(found.user_libraries.empty()) << "those of a package are none of the driver's";
}

TEST(gather, finds_plugins_of_nccl_and_whether_the_loader_does) {
  const made_machine made;
  made.file("opt/amazon/ofi-nccl/lib/x86_64-linux-gnu/libnccl-net-ofi.so", "");
  made.file("opt/mine/libnccl-net.so", "");
  made.file("opt/mine/libnccl-network.so", "");
  const auto found = find_nccl_plugins(bench::system_files(made.root()), {"opt/mine"});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "/opt/amazon/ofi-nccl/lib/x86_64-linux-gnu/libnccl-net-ofi.so");
  EXPECT_FALSE(found[0].found_by_loader);
  EXPECT_TRUE(found[1].found_by_loader);
}

TEST(gather, asks_the_driver_for_health) {
  setenv("GPUBENCH_NVML_LIBRARY", GPUBENCH_FAKE_NVML, 1);
  const auto report = read_gpu_health();
  unsetenv("GPUBENCH_NVML_LIBRARY");
  EXPECT_EQ(report.counted, 3);
  ASSERT_EQ(report.gpus.size(), 2U);
  ASSERT_EQ(report.closed.size(), 1U);
  EXPECT_EQ(report.closed[0].index, 2);
  EXPECT_EQ(report.closed[0].reason, "no permission");
  EXPECT_EQ(report.gpus[0].mig_pending, true);
  EXPECT_EQ(report.gpus[0].links.size(), 12U);
  ASSERT_TRUE(report.gpus[0].rows);
  EXPECT_EQ(report.gpus[0].rows->correctable, 1U);
  EXPECT_EQ(report.gpus[0].rows->uncorrectable, 0U);
}

TEST(gather, reads_everything_that_can_be_wrong_with_a_gpu) {
  setenv("GPUBENCH_NVML_LIBRARY", GPUBENCH_SICK_NVML, 1);
  const auto report = read_gpu_health();
  unsetenv("GPUBENCH_NVML_LIBRARY");
  EXPECT_EQ(report.cuda_version, "12.2");
  ASSERT_EQ(report.closed.size(), 1U);
  EXPECT_EQ(report.closed[0].reason, "lost");
  ASSERT_EQ(report.gpus.size(), 1U);
  const auto& gpu = report.gpus[0];
  EXPECT_EQ(gpu.index, 1);
  EXPECT_EQ(gpu.pci_address, "0000:ca:00.0");
  ASSERT_TRUE(gpu.rows);
  EXPECT_EQ(gpu.rows->uncorrectable, 8U);
  EXPECT_TRUE(gpu.rows->pending && gpu.rows->failed);
  EXPECT_EQ(gpu.uncorrected_errors, 5U);
  EXPECT_EQ(gpu.ecc_pending, true);
  EXPECT_EQ(gpu.application_clock_hertz, 0.99e9);
  EXPECT_EQ(gpu.default_application_clock_hertz, 1.98e9);
  EXPECT_EQ(gpu.clock_reasons, 0x88U);
  EXPECT_EQ(gpu.own_pcie_generation, 5);
  EXPECT_EQ(gpu.compute_mode, "prohibited");
  ASSERT_EQ(gpu.links.size(), 18U);
  EXPECT_FALSE(gpu.links[7].active);
  EXPECT_EQ(gpu.links[3].recoveries, 2U);
}

TEST(gather, refuses_what_is_no_node) {
  const made_machine made;
  made.file("pod.json", R"({"kind": "Pod"})");
  EXPECT_THROW(load_kubernetes_node(made.root() + "/pod.json"), error);
  made.file("node.json", R"({"kind": "Node", "metadata": {"name": "n", "labels": {"nvidia.com/gpu.count": "2"}},
    "status": {"capacity": {"cpu": "8", "nvidia.com/gpu": "2"}, "allocatable": {"nvidia.com/gpu": "1"}}})");
  const auto node = load_kubernetes_node(made.root() + "/node.json");
  EXPECT_EQ(node.capacity.size(), 1U);
  EXPECT_EQ(node.allocatable.at("nvidia.com/gpu"), "1");
}

}  // namespace
}  // namespace gpubench::doctor
