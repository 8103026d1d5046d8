#include "made_machine.hpp"

namespace gpubench::doctor {
namespace {

installed_library library(const char* name, const char* release, const char* place, std::optional<int> major) {
  return {name, *version::parse(release), place, major};
}

TEST(driver_checks, no_nvidia_device_is_a_note) {
  facts machine;
  machine.machine.gpu_status = "no NVIDIA driver (libnvidia-ml.so.1 not found)";
  const auto found = only_finding(machine, "driver-present");
  EXPECT_EQ(found.level, severity::note);
  EXPECT_EQ(found.evidence.front(), machine.machine.gpu_status);
}

TEST(driver_checks, a_gpu_on_the_bus_without_a_driver_is_an_error) {
  auto machine = healthy_machine();
  machine.machine.gpus.clear();
  machine.gpus = {};
  machine.gpus.status = "no NVIDIA driver (libnvidia-ml.so.1 not found)";
  for (auto& device : machine.pci) device.driver.reset();
  EXPECT_EQ(only_finding(machine, "driver-present").level, severity::error);
}

TEST(driver_checks, nouveau_is_an_error_and_vfio_a_note) {
  auto machine = healthy_machine();
  machine.pci[0].driver = "nouveau";
  EXPECT_EQ(only_finding(machine, "driver-present").level, severity::error);
  machine.pci[0].driver = "vfio-pci";
  EXPECT_EQ(only_finding(machine, "driver-present").level, severity::note);
}

TEST(driver_checks, a_module_that_differs_from_the_libraries_is_an_error) {
  auto machine = healthy_machine();
  machine.software.user_libraries = {*version::parse("550.90.07")};
  EXPECT_EQ(only_finding(machine, "driver-halves").level, severity::error);
  machine.software.user_libraries.push_back(*machine.software.kernel_module);
  const auto beside = only_finding(machine, "driver-halves");
  EXPECT_EQ(beside.level, severity::warning);
  EXPECT_NE(beside.what.find("550.90.07"), std::string::npos) << beside.what;
}

TEST(driver_checks, cuda_12_needs_525_60_13) {
  auto machine = healthy_machine();
  machine.machine.gpu_driver_version = "525.60.12";
  auto found = only_finding(machine, "driver-for-cuda");
  EXPECT_EQ(found.level, severity::error);
  EXPECT_NE(found.what.find("525.60.13"), std::string::npos);
  machine.machine.gpu_driver_version = "525.60.13";
  found = only_finding(machine, "driver-for-cuda");
  EXPECT_EQ(found.level, severity::warning);  // by minor-version compatibility
  EXPECT_NE(found.what.find("550.54.14"), std::string::npos);
  machine.machine.gpu_driver_version = "550.54.14";
  EXPECT_EQ(state_of(machine, "driver-for-cuda"), check_state::passed);
}

TEST(driver_checks, cuda_11_runs_from_450_80_02_and_13_from_580_65_06) {
  auto machine = healthy_machine();
  machine.software.toolkits = {{*version::parse("11.8.0"), "usr/local/cuda-11.8"}};
  machine.machine.gpu_driver_version = "450.51.06";
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::error);
  machine.machine.gpu_driver_version = "450.80.02";
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::warning);
  machine.software.toolkits = {{*version::parse("13.1.0"), "usr/local/cuda-13.1"}};
  machine.machine.gpu_driver_version = "575.57.08";
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::error);
  machine.machine.gpu_driver_version = "580.65.06";
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::warning);
  machine.machine.gpu_driver_version = "590.44.01";
  EXPECT_EQ(state_of(machine, "driver-for-cuda"), check_state::passed);
}

TEST(driver_checks, a_compatibility_package_in_use_counts_as_its_driver) {
  auto machine = healthy_machine();
  machine.machine.gpu_driver_version = "470.82.01";
  machine.software.compatibility = {{*version::parse("550.54.15"), "usr/local/cuda-12.4/compat"}};
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::error);
  machine.variables["LD_LIBRARY_PATH"] = "/usr/local/cuda-12.4/compat";
  EXPECT_EQ(state_of(machine, "driver-for-cuda"), check_state::passed);
  machine.machine.gpus[0].name = "NVIDIA GeForce RTX 3090";
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::error);
}

TEST(driver_checks, a_cuda_version_without_a_row_is_held_to_what_the_driver_serves) {
  auto machine = healthy_machine();
  machine.machine.gpu_driver_version = "590.44.01";
  machine.gpus.cuda_version = "13.1";
  machine.software.toolkits = {{*version::parse("13.7.0"), "usr/local/cuda-13.7"}};
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::warning);
  machine.software.toolkits = {{*version::parse("14.0.0"), "usr/local/cuda-14.0"}};
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::error);
  machine.gpus.cuda_version = "14.0";
  EXPECT_EQ(state_of(machine, "driver-for-cuda"), check_state::passed);
}

TEST(driver_checks, a_runtime_of_python_packages_counts_as_cuda) {
  auto machine = healthy_machine();
  machine.software.toolkits.clear();
  machine.software.libraries = {library("cudart", "13.0.48", "Python packages in opt/venv", 13)};
  EXPECT_EQ(only_finding(machine, "driver-for-cuda").level, severity::error);
}

TEST(driver_checks, forward_compatibility_is_for_older_drivers_and_data_centre_gpus) {
  auto machine = healthy_machine();
  machine.software.compatibility = {{*version::parse("560.35.05"), "usr/local/cuda-12.6/compat"}};
  machine.variables["LD_LIBRARY_PATH"] = "/opt/lib:/usr/local/cuda-12.6/compat";
  EXPECT_EQ(state_of(machine, "forward-compatibility"), check_state::passed);
  machine.machine.gpus[1].name = "NVIDIA GeForce RTX 3090";
  EXPECT_NE(only_finding(machine, "forward-compatibility").why.find("804"), std::string::npos);
  machine.machine.gpus[1].name = machine.machine.gpus[0].name;
  machine.machine.gpu_driver_version = "570.26";
  EXPECT_NE(only_finding(machine, "forward-compatibility").why.find("803"), std::string::npos);
  machine.variables.clear();  // installed, and not in use
  EXPECT_EQ(state_of(machine, "forward-compatibility"), check_state::not_checked);
}

TEST(driver_checks, forward_compatibility_is_for_the_branches_that_nvidia_names) {
  auto machine = healthy_machine();
  machine.software.compatibility = {{*version::parse("570.124.06"), "usr/local/cuda-12.8/compat"}};
  machine.software.linker_folders = {"usr/local/cuda-12.8/compat"};
  for (const char* meant : {"470.256.02", "535.183.01", "550.54.15"}) {
    machine.machine.gpu_driver_version = meant;
    EXPECT_EQ(state_of(machine, "forward-compatibility"), check_state::passed) << meant;
  }
  machine.machine.gpu_driver_version = "525.60.13";
  const auto found = only_finding(machine, "forward-compatibility");
  EXPECT_EQ(found.level, severity::warning);
  EXPECT_NE(found.mend.find("470, 535, 550, 560, 565"), std::string::npos) << found.mend;
  machine.machine.gpu_driver_version = "570.86.15";  // of the package's own branch
  EXPECT_EQ(state_of(machine, "forward-compatibility"), check_state::passed);
  machine.machine.gpu_driver_version = "535.183.01";
  machine.machine.gpus[0].name = "NVIDIA RTX A6000";  // some workstation cards may
  EXPECT_EQ(only_finding(machine, "forward-compatibility").level, severity::note);
}

TEST(driver_checks, a_package_that_lies_there_unused_is_the_way_to_mend_an_old_driver) {
  auto machine = healthy_machine();
  machine.machine.gpu_driver_version = "470.82.01";
  machine.software.compatibility = {{*version::parse("550.54.15"), "usr/local/cuda-12.4/compat"}};
  EXPECT_NE(only_finding(machine, "driver-for-cuda").mend.find("LD_LIBRARY_PATH=/usr/local/cuda-12.4/compat"),
            std::string::npos);
  machine.software.linker_folders = {"usr/local/cuda-12.4/compat"};
  EXPECT_EQ(state_of(machine, "driver-for-cuda"), check_state::passed);
}

TEST(driver_checks, a_toolkit_older_than_the_gpu_or_that_dropped_it_is_told) {
  auto machine = healthy_machine();
  for (auto& gpu : machine.machine.gpus) gpu.compute_capability = "9.0";
  machine.software.toolkits = {{*version::parse("11.7.1"), "usr/local/cuda-11.7"}};
  EXPECT_EQ(only_finding(machine, "cuda-for-gpu").level, severity::warning);
  machine.software.toolkits = {{*version::parse("11.8.0"), "usr/local/cuda-11.8"}};
  EXPECT_EQ(state_of(machine, "cuda-for-gpu"), check_state::passed);
  for (auto& gpu : machine.machine.gpus) gpu.compute_capability = "7.0";
  machine.software.toolkits = {{*version::parse("13.0.0"), "usr/local/cuda-13.0"}};
  EXPECT_EQ(only_finding(machine, "cuda-for-gpu").level, severity::error);
  machine.software.toolkits = {{*version::parse("12.9.1"), "usr/local/cuda-12.9"}};
  EXPECT_EQ(state_of(machine, "cuda-for-gpu"), check_state::passed);
}

TEST(driver_checks, blackwell_and_grace_hopper_need_the_open_modules) {
  auto machine = healthy_machine();
  machine.software.open_module = false;
  EXPECT_EQ(state_of(machine, "open-kernel-modules"), check_state::passed);
  for (auto& gpu : machine.machine.gpus) gpu.compute_capability = "10.0";
  EXPECT_EQ(only_finding(machine, "open-kernel-modules").level, severity::error);
  for (auto& gpu : machine.machine.gpus) gpu.compute_capability = "9.0";
  EXPECT_EQ(state_of(machine, "open-kernel-modules"), check_state::passed);
  for (auto& gpu : machine.machine.gpus) gpu.name = "NVIDIA GH200 480GB";
  EXPECT_EQ(only_finding(machine, "open-kernel-modules").level, severity::error);
  machine.software.open_module = true;
  EXPECT_EQ(state_of(machine, "open-kernel-modules"), check_state::passed);
  machine.software.open_module.reset();
  EXPECT_EQ(state_of(machine, "open-kernel-modules"), check_state::not_checked);
}

TEST(driver_checks, a_gpu_that_its_module_refuses_is_an_error_though_the_driver_does_not_know_it) {
  auto machine = healthy_machine();
  machine.machine.gpus.clear();
  machine.gpus.gpus.clear();
  machine.gpus.counted = 0;
  machine.pci[0].device = 0x1db6;  // a V100: no GSP
  machine.pci[1].device = 0x20b2;
  machine.software.open_module = true;
  auto found = only_finding(machine, "open-kernel-modules");
  EXPECT_EQ(found.level, severity::error);
  EXPECT_NE(found.what.find("older than Turing"), std::string::npos) << found.what;
  machine.software.open_module = false;
  EXPECT_EQ(state_of(machine, "open-kernel-modules"), check_state::passed);
  machine.module_refusals = {{true, "0000:17:00.0",
                              "NVRM: installed in this system requires use of the NVIDIA open "
                              "kernel modules.",
                              "log"}};
  found = only_finding(machine, "open-kernel-modules");
  EXPECT_NE(found.what.find("0000:17:00.0"), std::string::npos) << found.what;
  EXPECT_NE(found.mend.find("open modules"), std::string::npos);
  machine.software.open_module = true;  // since then the other kind was installed
  machine.pci[0].device = 0x2901;
  EXPECT_EQ(state_of(machine, "open-kernel-modules"), check_state::passed);
}

TEST(driver_checks, a_compute_capability_that_is_not_known_has_not_passed) {
  auto machine = healthy_machine();
  for (auto& gpu : machine.machine.gpus) gpu.compute_capability.reset();
  EXPECT_EQ(state_of(machine, "cuda-for-gpu"), check_state::not_checked);
  EXPECT_TRUE(findings_of(machine, "cuda-for-gpu").empty());
  for (auto& gpu : machine.machine.gpus) gpu.compute_capability = "99.0";
  EXPECT_EQ(state_of(machine, "cuda-for-gpu"), check_state::not_checked);
  machine.machine.gpus[1].compute_capability = "9.0";
  EXPECT_EQ(state_of(machine, "cuda-for-gpu"), check_state::not_checked) << "one of the two was not judged";
  machine.software.toolkits = {{*version::parse("11.7.1"), "usr/local/cuda-11.7"}};
  EXPECT_EQ(only_finding(machine, "cuda-for-gpu").level, severity::warning);
  for (auto& gpu : machine.machine.gpus) gpu.compute_capability = "7.5";
  EXPECT_EQ(state_of(machine, "cuda-for-gpu"), check_state::passed);
  for (auto& gpu : machine.machine.gpus) gpu.compute_capability = "10.3";
  machine.software.toolkits = {{*version::parse("12.8.1"), "usr/local/cuda-12.8"}};
  EXPECT_NE(only_finding(machine, "cuda-for-gpu").what.find("12.9"), std::string::npos);
}

TEST(library_checks, several_versions_of_a_library_are_told) {
  auto machine = healthy_machine();
  machine.software.libraries.push_back(library("nccl", "2.23.4", "opt/hpc/lib", std::nullopt));
  EXPECT_EQ(only_finding(machine, "one-version-each").level, severity::note);
  machine.software.libraries.push_back(library("cudnn", "8.9.7", "opt/hpc/lib", 12));
  const auto found = findings_of(machine, "one-version-each");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].level, severity::warning);  // cuDNN 8 and 9
  EXPECT_EQ(found[0].evidence.size(), 2U);
}

TEST(library_checks, cudnn_is_held_to_its_cuda) {
  auto machine = healthy_machine();
  auto& cudnn = machine.software.libraries[1];
  cudnn.release = *version::parse("8.5.0");
  EXPECT_EQ(only_finding(machine, "cudnn-for-cuda").level, severity::error);
  cudnn.release = *version::parse("8.9.7");
  EXPECT_EQ(state_of(machine, "cudnn-for-cuda"), check_state::passed);
  cudnn.cuda_major = 13;
  EXPECT_EQ(only_finding(machine, "cudnn-for-cuda").level, severity::error);
  cudnn.cuda_major = 11;
  cudnn.release = *version::parse("9.17.0");
  EXPECT_EQ(only_finding(machine, "cudnn-for-cuda").level, severity::error);
}

TEST(library_checks, libraries_for_two_cuda_majors_in_one_place_are_an_error) {
  auto machine = healthy_machine();
  const char* place = "Python packages in opt/venv";
  machine.software.libraries.push_back(library("cublas", "12.4.5.8", place, 12));
  EXPECT_EQ(state_of(machine, "one-cuda-major"), check_state::passed);
  machine.software.libraries.push_back(library("nccl", "2.21.5", place, 13));
  EXPECT_EQ(only_finding(machine, "one-cuda-major").level, severity::error);
}

TEST(version, compares_by_parts_and_not_by_text) {
  EXPECT_LT(*version::parse("550.54.14"), *version::parse("550.54.15"));
  EXPECT_LT(*version::parse("560.9"), *version::parse("560.28.03"));
  EXPECT_EQ(*version::parse("12.4"), *version::parse("12.4.0"));
  EXPECT_EQ(version::parse("12.4.127")->family(), "12.4");
  EXPECT_FALSE(version::parse(""));
  EXPECT_FALSE(version::parse("12.x"));
  EXPECT_FALSE(version::parse("12.-4"));
}

}  // namespace
}  // namespace gpubench::doctor
