#include "bench/gpu_readings.hpp"

#include "made_machine.hpp"

namespace gpubench::doctor {
namespace {

TEST(gpu_checks, a_lost_gpu_and_a_forbidden_one_are_errors_with_their_reasons) {
  auto machine = healthy_machine();
  machine.gpus.closed = {{2, "lost"}, {3, "no permission"}};
  const auto found = findings_of(machine, "gpus-visible");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].what, "gpu2 cannot be opened: lost");
  EXPECT_NE(found[0].mend.find("Xid 79"), std::string::npos);
  EXPECT_EQ(found[1].level, severity::error);
}

TEST(gpu_checks, a_gpu_that_the_driver_holds_and_does_not_offer_is_an_error) {
  auto machine = healthy_machine();
  machine.pci.push_back(machine.pci[0]);
  EXPECT_EQ(only_finding(machine, "gpus-visible").level, severity::error);
  machine.machine.container = "docker";  // a container may be given some of them
  EXPECT_EQ(state_of(machine, "gpus-visible"), check_state::passed);
}

TEST(gpu_checks, cuda_without_uvm_is_an_error) {
  auto machine = healthy_machine();
  machine.nvidia_device_files = {"nvidia0", "nvidiactl"};
  EXPECT_EQ(only_finding(machine, "gpus-visible").what, "/dev/nvidia-uvm is missing");
}

TEST(gpu_checks, variables_that_hide_gpus_are_told) {
  auto machine = healthy_machine();
  machine.variables["CUDA_VISIBLE_DEVICES"] = "1,0";
  EXPECT_EQ(only_finding(machine, "gpus-visible").level, severity::note);
  for (const char* none : {"", "-1", "2"}) {
    machine.variables["CUDA_VISIBLE_DEVICES"] = none;
    EXPECT_EQ(only_finding(machine, "gpus-visible").level, severity::error) << none;
  }
}

TEST(gpu_checks, a_container_without_gpus_is_told_by_its_variable_only_where_none_can_be_opened) {
  auto machine = healthy_machine();
  // CDI hands the GPUs over and sets it.
  machine.variables = {{"NVIDIA_VISIBLE_DEVICES", "void"}};
  EXPECT_EQ(state_of(machine, "gpus-visible"), check_state::passed);
  machine.machine.container = "docker";
  machine.gpus.gpus.clear();
  machine.gpus.counted = 0;
  EXPECT_EQ(only_finding(machine, "gpus-visible").what, "NVIDIA_VISIBLE_DEVICES=void gives this container no GPU");
  machine.gpus.counted.reset();
  EXPECT_EQ(only_finding(machine, "gpus-visible").level, severity::error) << "without the driver's library";
  machine.variables.clear();
  EXPECT_EQ(state_of(machine, "gpus-visible"), check_state::not_checked);
}

TEST(gpu_checks, unlike_gpus_wait_for_the_slowest) {
  auto machine = healthy_machine();
  machine.machine.gpus[1].power_limit_watts = machine.machine.gpus[1].default_power_limit_watts = 300;
  EXPECT_EQ(only_finding(machine, "gpus-alike").what, "the GPUs differ in power limit: 300 W, 400 W");
}

TEST(gpu_checks, ecc_that_is_off_or_about_to_change_or_had_errors_is_told) {
  auto machine = healthy_machine();
  machine.machine.gpus[0].ecc = false;
  machine.gpus.gpus[0].ecc_pending = false;
  EXPECT_EQ(only_finding(machine, "ecc").level, severity::warning);
  machine = healthy_machine();
  machine.gpus.gpus[0].ecc_pending = false;
  EXPECT_EQ(only_finding(machine, "ecc").level, severity::note);
  machine = healthy_machine();
  machine.gpus.gpus[1].uncorrected_errors = 3;
  EXPECT_EQ(only_finding(machine, "ecc").level, severity::error);
}

TEST(gpu_checks, memory_repairs_are_told_by_what_they_need) {
  auto machine = healthy_machine();
  machine.gpus.gpus[0].rows = remapped_rows{0, 2, false, false};
  EXPECT_EQ(only_finding(machine, "row-remaps").level, severity::note);
  machine.gpus.gpus[0].rows = remapped_rows{0, 2, true, false};
  EXPECT_EQ(only_finding(machine, "row-remaps").level, severity::warning);
  machine.gpus.gpus[0].rows = remapped_rows{0, 9, false, true};
  EXPECT_EQ(only_finding(machine, "row-remaps").level, severity::error);
  machine.gpus.gpus[0].rows.reset();
  machine.gpus.gpus[0].page_retirement_pending = true;
  EXPECT_EQ(only_finding(machine, "row-remaps").level, severity::warning);
}

TEST(gpu_checks, xids_are_counted_by_gpu_and_code_with_their_meaning) {
  auto machine = healthy_machine();
  const xid_event lost{79,    "0000:17:00", "NVRM: Xid (PCI:0000:17:00): 79, GPU has fallen off the bus.",
                       "log", std::nullopt, false};
  machine.xids = {{lost, lost, {13, "0000:ca:00", "NVRM: Xid (PCI:0000:ca:00): 13, ...", "log", std::nullopt, false}}};
  const auto found = findings_of(machine, "xid");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].level, severity::error);
  EXPECT_EQ(found[0].what, "Xid 79 of the GPU at 0000:17:00, 2 times in the log: the GPU has fallen off the bus");
  EXPECT_EQ(found[1].level, severity::note);  // a program's fault
  machine.xids.reset();
  EXPECT_EQ(state_of(machine, "xid"), check_state::not_checked);
}

TEST(gpu_checks, an_xid_weighs_by_its_age) {
  auto machine = healthy_machine();
  xid_event lost{79, "0000:17:00", "NVRM: Xid (PCI:0000:17:00): 79, ...", "log", 9000, false};
  machine.xids = {{lost}};
  EXPECT_EQ(only_finding(machine, "xid").level, severity::error);
  EXPECT_NE(only_finding(machine, "xid").what.find("once in the log, last 2.50 h ago: "), std::string::npos);
  lost.age_seconds = 20 * 86400.0;
  machine.xids = {{lost}};
  const auto old = only_finding(machine, "xid");
  EXPECT_EQ(old.level, severity::note) << "it did not come back for weeks";
  EXPECT_EQ(old.mend.rfind("nothing, unless it comes back", 0), 0U) << old.mend;
  lost.age_seconds = 7200;
  lost.before_boot = true;
  machine.xids = {{lost}};
  EXPECT_EQ(only_finding(machine, "xid").level, severity::note);
  EXPECT_NE(only_finding(machine, "xid").what.find("before this start of the machine"), std::string::npos);
  lost.before_boot = false;
  machine.xids->push_back(lost);
  EXPECT_EQ(only_finding(machine, "xid").level, severity::error) << "one of two is recent";
  lost.age_seconds.reset();
  machine.xids = {{lost}};
  EXPECT_EQ(only_finding(machine, "xid").level, severity::error) << "of unknown age: it may be recent";
}

TEST(gpu_checks, persistence_power_and_clock_settings_are_told) {
  auto machine = healthy_machine();
  machine.machine.gpus[1].persistence_mode = false;
  EXPECT_EQ(only_finding(machine, "persistence").what, "persistence mode is off: gpu1");
  machine.machine.gpus[0].power_limit_watts = machine.machine.gpus[1].power_limit_watts = 300;
  EXPECT_EQ(findings_of(machine, "power-limit").size(), 2U);
  EXPECT_EQ(findings_of(machine, "power-limit")[0].what, "gpu0: power is limited to 300 W, 75 % of the default");
  machine.gpus.gpus[0].application_clock_hertz = 0.705e9;
  const auto clock = only_finding(machine, "clocks");
  EXPECT_EQ(clock.level, severity::warning);
  EXPECT_NEAR(clock.cost.lost_fraction.value_or(0), 0.5, 1e-9);
}

TEST(gpu_checks, slowdowns_of_the_hardware_are_told_and_being_idle_is_not) {
  auto machine = healthy_machine();
  machine.gpus.gpus[0].clock_reasons = bench::clock_reason::gpu_idle | bench::clock_reason::sw_power_cap;
  EXPECT_EQ(state_of(machine, "clocks"), check_state::passed);
  machine.gpus.gpus[0].clock_reasons = bench::clock_reason::hw_slowdown | bench::clock_reason::hw_thermal_slowdown;
  EXPECT_EQ(only_finding(machine, "clocks").cost.lost_fraction, 0.5);
  machine.gpus.gpus[0].clock_reasons = bench::clock_reason::sw_thermal_slowdown;
  EXPECT_EQ(only_finding(machine, "clocks").level, severity::warning);
  machine.gpus.gpus[0].clock_reasons = bench::clock_reason::applications_clocks_setting;
  EXPECT_EQ(only_finding(machine, "clocks").level, severity::note);
}

TEST(gpu_checks, mig_without_slices_is_an_error_and_mixed_mig_a_warning) {
  auto machine = healthy_machine();
  machine.machine.gpus[0].mig = true;
  machine.gpus.gpus[0].mig_pending = true;
  auto found = findings_of(machine, "mig");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].level, severity::error);
  EXPECT_EQ(found[1].level, severity::warning);
  machine.machine.gpus[0].mig_devices = {"MIG-1"};
  EXPECT_EQ(only_finding(machine, "mig").what, "MIG is on for gpu0 and off for gpu1");
  machine = healthy_machine();
  machine.gpus.gpus[0].mig_pending = true;
  EXPECT_EQ(only_finding(machine, "mig").level, severity::note);
}

TEST(gpu_checks, vgpus_and_compute_modes_are_told) {
  auto machine = healthy_machine();
  machine.machine.gpus[0].virtualization = "vgpu";
  EXPECT_EQ(only_finding(machine, "vgpu").level, severity::note);
  machine.gpus.gpus[0].compute_mode = "prohibited";
  EXPECT_EQ(only_finding(machine, "compute-mode").level, severity::error);
  machine.gpus.gpus[0].compute_mode = "exclusive";
  EXPECT_EQ(only_finding(machine, "compute-mode").level, severity::note);
}

TEST(link_checks, a_narrow_link_costs_its_share_of_lanes) {
  auto machine = healthy_machine();
  machine.machine.gpus[0].pcie_width = 8;
  const auto found = only_finding(machine, "pcie-link");
  EXPECT_EQ(found.what, "gpu0: its PCIe link has 8 of 16 lanes");
  EXPECT_EQ(found.cost.lost_fraction, 0.5);
}

TEST(link_checks, an_older_slot_costs_the_ratio_of_the_generations) {
  auto machine = healthy_machine();
  machine.machine.gpus[0].pcie_generation = 3;
  const auto found = only_finding(machine, "pcie-link");
  EXPECT_NEAR(found.cost.lost_fraction.value_or(0), 0.5, 1e-9);  // 8 against 16 GT/s
}

TEST(link_checks, without_a_driver_the_width_is_read_from_the_kernel) {
  auto machine = healthy_machine();
  machine.machine.gpus.clear();
  machine.gpus.gpus.clear();
  machine.pci[0].width = 4;
  machine.pci[0].most_width = 16;
  EXPECT_EQ(only_finding(machine, "pcie-link").cost.lost_fraction, 0.75);
}

TEST(link_checks, nvlinks_that_are_down_or_err_are_told) {
  auto machine = healthy_machine();
  machine.gpus.gpus[0].links[3].active = false;
  const auto found = only_finding(machine, "nvlink");
  EXPECT_NEAR(found.cost.lost_fraction.value_or(0), 1.0 / 12, 1e-9);
  machine.gpus.gpus[0].links[3] = {3, true, 0, 1, 0};
  EXPECT_EQ(only_finding(machine, "nvlink").level, severity::warning);
  machine.gpus.gpus[0].links[3] = {3, true, 0, 0, 7};
  EXPECT_EQ(only_finding(machine, "nvlink").level, severity::note);
}

TEST(link_checks, a_lone_gpu_needs_no_nvlink) {
  auto machine = healthy_machine();
  machine.gpus.gpus.pop_back();
  for (auto& link : machine.gpus.gpus[0].links) link.active = false;
  EXPECT_EQ(state_of(machine, "nvlink"), check_state::passed);
}

TEST(link_checks, a_gpu_without_a_card_on_its_socket_is_told_with_the_distance) {
  auto machine = healthy_machine();
  machine.network.rdma.pop_back();
  const auto found = only_finding(machine, "numa");
  EXPECT_EQ(found.level, severity::warning);
  EXPECT_NE(found.what.find("0000:ca:00.0 (NUMA node 1)"), std::string::npos);
  EXPECT_NE(found.what.find("distance 21 (local: 10)"), std::string::npos);
  machine.limits.numa_distances.clear();
  EXPECT_EQ(state_of(machine, "numa"), check_state::not_checked);
}

TEST(link_checks, iommu_and_acs_matter_on_bare_metal) {
  auto machine = healthy_machine();
  machine.pci[0].iommu_type = "DMA-FQ";
  machine.pci[2].redirects_peers = true;
  EXPECT_EQ(only_finding(machine, "iommu").level, severity::warning);
  EXPECT_EQ(only_finding(machine, "acs").level, severity::warning);
  machine.machine.hypervisor = "KVM";
  EXPECT_EQ(state_of(machine, "iommu"), check_state::not_checked);
  EXPECT_EQ(state_of(machine, "acs"), check_state::not_checked);
  machine = healthy_machine();
  machine.pci[2].redirects_peers.reset();
  machine.pci[2].acs_unreadable = true;
  EXPECT_EQ(state_of(machine, "acs"), check_state::not_checked);
}

TEST(link_checks, ports_that_are_down_and_missing_peer_memory_are_told) {
  auto machine = healthy_machine();
  machine.network.rdma[0].active_ports.clear();
  EXPECT_EQ(only_finding(machine, "rdma-ports").cost.lost_fraction, 1.0);
  machine.network.peer_memory_module = false;
  EXPECT_EQ(state_of(machine, "peer-memory"), check_state::passed);  // DMA-BUF by the open modules
  machine.software.open_module = false;
  EXPECT_EQ(only_finding(machine, "peer-memory").level, severity::warning);
}

}  // namespace
}  // namespace gpubench::doctor
