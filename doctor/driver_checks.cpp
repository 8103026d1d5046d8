#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

const likely_cost no_gpu_work{"GPU work does not run at all", std::nullopt, ""};
const likely_cost none{"none known", std::nullopt, ""};

std::optional<version> driver_of(const facts& machine) {
  if (machine.machine.gpu_driver_version) return version::parse(*machine.machine.gpu_driver_version);
  return machine.software.kernel_module;
}

outcome driver_present(const facts& machine, const compatibility&) {
  outcome result;
  std::vector<std::string> idle, nouveau, passed_on;
  for (const auto& device : machine.pci) {
    if (!device.is_nvidia_gpu()) continue;
    if (!device.driver) idle.push_back(device.address);
    if (device.driver == "nouveau") nouveau.push_back(device.address);
    if (device.driver == "vfio-pci") passed_on.push_back(device.address);
  }
  if (!machine.has_nvidia_device()) {
    result.findings.push_back({"",
                               severity::note,
                               "this machine has no NVIDIA GPU",
                               "only the host is checked; GPU work needs another machine",
                               none,
                               "gpubench recommend WORKLOAD says which to rent",
                               {machine.machine.gpu_status}});
    return result;
  }
  if (!nouveau.empty())
    result.findings.push_back({"", severity::error, fmt::format("the driver nouveau holds {}", join(nouveau, ", ")),
                               "nouveau cannot run CUDA, and keeps NVIDIA's driver from the GPU", no_gpu_work,
                               "install NVIDIA's driver, which blacklists nouveau, and restart", nouveau});
  if (!passed_on.empty())
    result.findings.push_back(
        {"", severity::note,
         fmt::format("{} passed on to virtual machines (vfio-pci)", count_of(passed_on.size(), "GPU")),
         "this machine cannot use what it passes on", none,
         "nothing, where that is wanted; else give the GPU back to the driver nvidia", passed_on});
  const bool driver_works = machine.gpus.counted.has_value();
  if (!idle.empty() && !driver_works)
    result.findings.push_back({"", severity::error,
                               fmt::format("{} without a driver: {}", count_of(idle.size(), "NVIDIA GPU"),
                                           machine.gpus.status.empty() ? "none is loaded" : machine.gpus.status),
                               "no program can use the GPU", no_gpu_work,
                               "install the driver that your distribution or NVIDIA packages; in a container start it "
                               "with the NVIDIA container toolkit (docker run --gpus all)",
                               idle});
  else if (machine.asked_driver && !driver_works && nouveau.empty() && passed_on.empty())
    result.findings.push_back({"",
                               severity::error,
                               fmt::format("the GPU's driver cannot be asked: {}", machine.gpus.status),
                               "no program can use the GPU",
                               no_gpu_work,
                               "modprobe nvidia; in a container start it with docker run --gpus all",
                               {machine.gpus.status}});
  return result;
}

outcome versions_of_driver_agree(const facts& machine, const compatibility&) {
  const auto& module = machine.software.kernel_module;
  if (!module) return outcome::skipped("no kernel module of NVIDIA is loaded, or it does not tell its version");
  if (machine.software.user_libraries.empty()) return outcome::skipped("libcuda.so was not found in the usual folders");
  outcome result;
  const auto& all = machine.software.user_libraries;
  std::vector<std::string> texts;
  for (const auto& one : all)
    if (!(one == *module)) texts.push_back(one.text());
  if (texts.empty()) return result;
  if (texts.size() < all.size()) {
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("libcuda.so or libnvidia-ml.so of version {} lies beside that of the kernel module, {}",
                     join(texts, ", "), module->text()),
         "a program that loads it instead ends with \"Driver/library version mismatch\"; a half-done update leaves "
         "such files",
         no_gpu_work,
         "remove the driver's packages of that version, or see that no folder of LD_LIBRARY_PATH leads to it",
         {"/proc/driver/nvidia/version: " + module->text(), "libraries: " + join(texts, ", ")}});
    return result;
  }
  result.findings.push_back(
      {"",
       severity::error,
       fmt::format("the driver's kernel module is {}, its libraries are {}", module->text(), join(texts, ", ")),
       "CUDA and NVML refuse to start when the two halves of the driver differ (\"Driver/library version mismatch\"); "
       "it "
       "comes from an update without a restart",
       no_gpu_work,
       "restart the machine, or unload and load the module: rmmod nvidia_uvm nvidia; modprobe nvidia",
       {"/proc/driver/nvidia/version: " + module->text(), "libcuda.so: " + join(texts, ", ")}});
  return result;
}

/// A CUDA version that programs here were built with, and where it was seen.
struct cuda_use {
  version release;
  std::string place;
};

std::vector<cuda_use> cuda_uses(const nvidia_software& software) {
  std::vector<cuda_use> uses;
  for (const auto& toolkit : software.toolkits) uses.push_back({toolkit.release, "/" + toolkit.folder});
  for (const auto& library : software.libraries) {
    const auto same_family = [&](const cuda_use& use) { return use.release.family() == library.release.family(); };
    if (library.name == "cudart" && std::none_of(uses.begin(), uses.end(), same_family))
      uses.push_back({library.release, "/" + library.place});
  }
  return uses;
}

finding too_old(const version& driver, const cuda_use& use, const cuda_family& family) {
  return {"",
          severity::error,
          fmt::format("driver {} is too old for CUDA {}: it needs {} or newer", driver.text(), use.release.family(),
                      family.lowest_driver.text()),
          "programs built with it end with cudaErrorInsufficientDriver, or fall back to the CPU",
          no_gpu_work,
          fmt::format("update the driver, or on a data-centre GPU install cuda-compat-{}-{}", use.release.major(),
                      use.release.minor()),
          {fmt::format("CUDA {} in {}", use.release.text(), use.place), family.source}};
}

finding older_than_toolkit(const version& driver, const cuda_use& use, const version& own, const compatibility& known) {
  return {
      "",
      severity::warning,
      fmt::format("driver {} is older than CUDA {}'s own, {}", driver.text(), use.release.family(), own.text()),
      "it works by minor-version compatibility: what is compiled from PTX at run time does not load, and calls that "
      "need the newer driver fail (cudaErrorCallRequiresNewerDriver)",
      {"none for kernels that come as machine code; code that only has PTX does not run", std::nullopt,
       "NVIDIA, CUDA Compatibility, \"Minor Version Compatibility\""},
      fmt::format("update the driver to {} or newer", own.text()),
      {fmt::format("CUDA {} in {}", use.release.text(), use.place), known.toolkit_source}};
}

bool is_consumer_gpu(const std::string& name) {
  return name.find("GeForce") != std::string::npos || name.find("TITAN") != std::string::npos;
}

bool uses_compatibility(const facts& machine, const std::string& folder) {
  const auto path = machine.variables.find("LD_LIBRARY_PATH");
  if (path == machine.variables.end()) return false;
  for (const auto& one : split(path->second, ':')) {
    if (one == "/" + folder || one == "/" + folder + "/" || one.rfind("/usr/local/cuda/compat", 0) == 0) return true;
  }
  return false;
}

/// The driver whose libcuda.so programs get: the newest package of forward compatibility that is in use and may be.
version effective_driver(const facts& machine, version driver) {
  const auto& gpus = machine.machine.gpus;
  if (std::any_of(gpus.begin(), gpus.end(), [](const auto& gpu) { return is_consumer_gpu(gpu.name); })) return driver;
  for (const auto& package : machine.software.compatibility) {
    if (uses_compatibility(machine, package.folder) && driver < package.driver) driver = package.driver;
  }
  return driver;
}

/// A CUDA version that the table does not have, held to what the driver itself says it serves.
std::optional<finding> newer_than_driver(const facts& machine, const version& driver, const cuda_use& use) {
  const auto serves = machine.gpus.cuda_version ? version::parse(*machine.gpus.cuda_version) : std::nullopt;
  const auto wanted = *version::parse(use.release.family());
  if (!serves || wanted <= *serves) return std::nullopt;
  const bool other_major = wanted.major() > serves->major();
  return finding{"",
                 other_major ? severity::error : severity::warning,
                 fmt::format("driver {} serves CUDA {}, and CUDA {} is installed", driver.text(), serves->text(),
                             use.release.family()),
                 other_major
                     ? "programs built with it do not start: a new major version needs a new driver"
                     : "it works by minor-version compatibility: what is compiled from PTX at run time does not "
                       "load, and calls that need the newer driver fail",
                 {other_major ? "GPU work does not run at all" : "none for kernels that come as machine code",
                  std::nullopt, "NVIDIA, CUDA Compatibility"},
                 "update the driver",
                 {fmt::format("CUDA {} in {}", use.release.text(), use.place),
                  "nvmlSystemGetCudaDriverVersion: " + serves->text()}};
}

outcome driver_for_cuda(const facts& machine, const compatibility& known) {
  const auto loaded = driver_of(machine);
  if (!loaded) return outcome::skipped("no driver");
  const auto uses = cuda_uses(machine.software);
  if (uses.empty()) return outcome::skipped("no CUDA runtime or toolkit was found in the usual folders");
  const auto driver = effective_driver(machine, *loaded);
  outcome result;
  for (const auto& use : uses) {
    const auto* family = known.find_family(use.release.major());
    const auto own = known.toolkit_drivers.find(use.release.family());
    if (family != nullptr && driver < family->lowest_driver) {
      result.findings.push_back(too_old(driver, use, *family));
    } else if (own != known.toolkit_drivers.end()) {
      if (driver < own->second) result.findings.push_back(older_than_toolkit(driver, use, own->second, known));
    } else if (auto newer = newer_than_driver(machine, driver, use)) {
      result.findings.push_back(std::move(*newer));
    }
  }
  return result;
}

outcome forward_compatibility(const facts& machine, const compatibility&) {
  if (machine.software.compatibility.empty())
    return outcome::skipped("no package of forward compatibility is installed");
  const auto driver = driver_of(machine);
  if (!driver) return outcome::skipped("no driver");
  outcome result;
  const std::string source = "NVIDIA, CUDA Compatibility, \"Forward Compatibility\"";
  for (const auto& package : machine.software.compatibility) {
    if (!uses_compatibility(machine, package.folder)) continue;
    const std::string read = fmt::format("/{}/libcuda.so.{}", package.folder, package.driver.text());
    if (package.driver < *driver)
      result.findings.push_back(
          {"",
           severity::error,
           fmt::format("LD_LIBRARY_PATH puts the forward-compatibility driver {} before the newer driver {}",
                       package.driver.text(), driver->text()),
           "the package is for older drivers than itself: CUDA ends with cudaErrorSystemDriverMismatch (803), or runs "
           "on "
           "less than the driver offers",
           no_gpu_work,
           fmt::format("take /{} out of LD_LIBRARY_PATH", package.folder),
           {read, source}});
    for (const auto& gpu : machine.machine.gpus) {
      if (!is_consumer_gpu(gpu.name)) continue;
      result.findings.push_back(
          {"",
           severity::error,
           fmt::format("forward compatibility is in use on a {}", gpu.name),
           "it is for data-centre GPUs and chosen workstation cards: CUDA ends with "
           "cudaErrorCompatNotSupportedOnDevice (804)",
           no_gpu_work,
           fmt::format("take /{} out of LD_LIBRARY_PATH and update the driver instead", package.folder),
           {read, source}});
      break;
    }
  }
  return result;
}

outcome toolkit_knows_gpu(const facts& machine, const compatibility& known) {
  const auto uses = cuda_uses(machine.software);
  if (machine.machine.gpus.empty()) return outcome::skipped("no GPU that tells its compute capability");
  if (uses.empty()) return outcome::skipped("no CUDA runtime or toolkit was found in the usual folders");
  outcome result;
  std::vector<std::string> done;
  for (const auto& gpu : machine.machine.gpus) {
    if (!gpu.compute_capability || std::find(done.begin(), done.end(), *gpu.compute_capability) != done.end()) continue;
    done.push_back(*gpu.compute_capability);
    const auto* architecture = known.find_architecture(*gpu.compute_capability);
    if (architecture == nullptr) continue;
    for (const auto& use : uses) {
      const std::string read = fmt::format("CUDA {} in {}", use.release.text(), use.place);
      if (architecture->dropped && use.release >= *architecture->dropped)
        result.findings.push_back(
            {"",
             severity::error,
             fmt::format("CUDA {} no longer makes code for the {} ({})", use.release.family(), gpu.name,
                         architecture->name),
             "its libraries and programs built with it have no code that this GPU runs",
             no_gpu_work,
             fmt::format("use a toolkit and frameworks of CUDA {} on this machine", architecture->dropped->major() - 1),
             {read, architecture->source}});
      else if (architecture->first && use.release < *architecture->first)
        result.findings.push_back(
            {"",
             severity::warning,
             fmt::format("CUDA {} does not know the {} ({}): {} is the first that does", use.release.family(), gpu.name,
                         architecture->name, architecture->first->text()),
             "programs built with it run only where they carry PTX, which the driver compiles at the first start and "
             "which uses none of the GPU's new units; libraries without PTX fail (\"no kernel image is available\")",
             {"not known; new tensor core instructions are not used at all", std::nullopt, architecture->source},
             fmt::format("install CUDA {} or newer, and frameworks built with it", architecture->first->text()),
             {read, architecture->source}});
    }
  }
  return result;
}

outcome open_modules(const facts& machine, const compatibility&) {
  if (!machine.software.open_module) return outcome::skipped("no kernel module of NVIDIA is loaded");
  outcome result;
  for (const auto& gpu : machine.machine.gpus) {
    const auto capability = gpu.compute_capability ? version::parse(*gpu.compute_capability) : std::nullopt;
    if (!capability || capability->major() < 10 || *machine.software.open_module) continue;
    result.findings.push_back(
        {"",
         severity::error,
         fmt::format("the {} needs the open kernel modules, the proprietary one is loaded", gpu.name),
         "from Blackwell on the proprietary module does not drive the GPU",
         no_gpu_work,
         "install the package of the open modules, as nvidia-open or nvidia-kernel-open-dkms",
         {"/proc/driver/nvidia/version", "NVIDIA, Driver Installation Guide, \"Kernel Modules\""}});
    break;
  }
  return result;
}

}  // namespace

std::vector<check> driver_checks() {
  return {{"driver-present", "a driver holds every NVIDIA GPU", driver_present},
          {"driver-halves", "the driver's kernel module and libraries are of one version", versions_of_driver_agree},
          {"driver-for-cuda", "the driver is new enough for the CUDA that is installed", driver_for_cuda},
          {"forward-compatibility", "a forward-compatibility package fits driver and GPU", forward_compatibility},
          {"cuda-for-gpu", "the CUDA that is installed makes code for the GPUs", toolkit_knows_gpu},
          {"open-kernel-modules", "GPUs that need the open kernel modules have them", open_modules}};
}

}  // namespace gpubench::doctor
