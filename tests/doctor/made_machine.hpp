#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "doctor/diagnosis.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::doctor {

/// A tree of files that stands for "/", removed at the end.
class made_machine {
 public:
  void file(const std::string& path, const std::string& content) const { root_.write(path, content); }
  void link(const std::string& path, const std::string& target) const {
    const auto from = root_.path() / path;
    std::filesystem::create_directories(from.parent_path());
    std::filesystem::create_symlink(target, from);
  }
  std::string root() const { return root_.path().string(); }

 private:
  temporary_folder root_;
};

inline const compatibility& shipped_compatibility() {
  static const compatibility known =
      load_compatibility(std::filesystem::path(GPUBENCH_SOURCE_DIR) / "profiles" / "data");
  return known;
}

/// A machine with two healthy A100s, driver 550.54.15 and CUDA 12.4, on which every check that can look passes.
inline facts healthy_machine() {
  facts m;
  m.asked_driver = true;
  m.machine.gpu_driver_version = "550.54.15";
  m.machine.gpu_status = "2 GPUs";
  m.machine.cpu.logical_cpus = 64;
  m.machine.cpu.governor = "performance";
  m.gpus.counted = 2;
  m.gpus.cuda_version = "12.4";
  for (int i = 0; i < 2; ++i) {
    auto& gpu = m.machine.gpus.emplace_back();
    gpu.index = i;
    gpu.name = "NVIDIA A100-SXM4-80GB";
    gpu.memory_bytes = 80.0 * 1024 * 1024 * 1024;
    gpu.compute_capability = "8.0";
    gpu.power_limit_watts = gpu.default_power_limit_watts = 400;
    gpu.ecc = true;
    gpu.mig = false;
    gpu.pcie_generation = 4;
    gpu.pcie_width = gpu.pcie_max_width = 16;
    gpu.nvlinks = 12;
    gpu.persistence_mode = true;
    gpu.virtualization = "none";
    gpu_health health;
    health.index = i;
    health.pci_address = i == 0 ? "0000:17:00.0" : "0000:ca:00.0";
    health.rows = remapped_rows{};
    health.page_retirement_pending = false;
    health.uncorrected_errors = 0;
    health.ecc_pending = true;
    health.mig_pending = false;
    health.application_clock_hertz = health.default_application_clock_hertz = 1.41e9;
    health.clock_reasons = 0;
    health.own_pcie_generation = 4;
    health.compute_mode = "default";
    for (int link = 0; link < 12; ++link) health.links.push_back({link, true, 0, 0, 0});
    m.gpus.gpus.push_back(health);
    pci_device device;
    device.address = *health.pci_address;
    device.vendor = 0x10de;
    device.device_class = 0x030200;
    device.driver = "nvidia";
    device.numa_node = i;
    device.iommu_type = "identity";
    m.pci.push_back(device);
  }
  pci_device bridge;
  bridge.address = "0000:16:00.0";
  bridge.device_class = 0x060400;
  bridge.redirects_peers = false;
  m.pci.push_back(bridge);
  m.software.kernel_module = version::parse("550.54.15");
  m.software.open_module = true;
  m.software.user_libraries = {*version::parse("550.54.15")};
  m.software.toolkits = {{*version::parse("12.4.1"), "usr/local/cuda-12.4"}};
  m.software.libraries = {{"cublas", *version::parse("12.4.5.8"), "usr/local/cuda-12.4/lib64", 12},
                          {"cudnn", *version::parse("9.1.0"), "usr/lib/x86_64-linux-gnu", std::nullopt},
                          {"nccl", *version::parse("2.21.5"), "usr/lib/x86_64-linux-gnu", std::nullopt}};
  m.limits.locked_memory_bytes = process_limit{true, 0};
  m.limits.open_files = process_limit{false, 65536};
  m.limits.shared_memory_bytes = 64e9;
  m.limits.transparent_hugepages = "madvise";
  m.limits.numa_distances = {{10, 21}, {21, 10}};
  m.network.interfaces = {{"lo", false, true, std::nullopt}, {"eth0", true, true, 0}};
  m.network.rdma = {{"mlx5_0", 0, {1}, {1}, false}, {"mlx5_1", 1, {1}, {1}, false}};
  m.network.peer_memory_module = true;
  m.xids.emplace();
  m.nvidia_device_files = {"nvidia-uvm", "nvidia0", "nvidia1", "nvidiactl"};
  return m;
}

/// The findings of one check.
inline std::vector<finding> findings_of(const facts& machine, const std::string& check) {
  const auto all = diagnose(machine, shipped_compatibility());
  std::vector<finding> found;
  for (const auto& one : all.findings) {
    if (one.check == check) found.push_back(one);
  }
  return found;
}

/// The one finding of a check; a failure and an empty one otherwise.
inline finding only_finding(const facts& machine, const std::string& check) {
  const auto found = findings_of(machine, check);
  EXPECT_EQ(found.size(), 1U) << check;
  return found.size() == 1 ? found.front() : finding{};
}

inline check_state state_of(const facts& machine, const std::string& check) {
  const auto all = diagnose(machine, shipped_compatibility());
  for (const auto& one : all.checks) {
    if (one.id == check) return one.state;
  }
  ADD_FAILURE() << "no check " << check;
  return check_state::not_checked;
}

}  // namespace gpubench::doctor
