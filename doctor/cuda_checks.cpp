#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

const likely_cost no_gpu_work{"GPU work does not run at all", std::nullopt, ""};

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

bool is_consumer_gpu(const std::string& name) {
  return name.find("GeForce") != std::string::npos || name.find("TITAN") != std::string::npos;
}

bool has_consumer_gpu(const facts& machine) {
  const auto& gpus = machine.machine.gpus;
  return std::any_of(gpus.begin(), gpus.end(), [](const auto& gpu) { return is_consumer_gpu(gpu.name); });
}

/// Cards of which NVIDIA supports some and not others.
bool is_workstation_gpu(const std::string& name) {
  return name.find("Quadro") != std::string::npos || name.find("RTX") != std::string::npos;
}

finding too_old(const facts& machine, const version& driver, const cuda_use& use, const cuda_family& family) {
  const auto mend = [&] {
    for (const auto& package : machine.software.compatibility)
      if (package.driver >= family.lowest_driver && !has_consumer_gpu(machine))
        return fmt::format(
            "update the driver, or put the forward-compatibility package that is here into use: "
            "LD_LIBRARY_PATH=/{}",
            package.folder);
    return fmt::format("update the driver, or on a data-centre GPU install cuda-compat-{}-{}", use.release.major(),
                       use.release.minor());
  };
  return {"",
          severity::error,
          fmt::format("driver {} is too old for CUDA {}: it needs {} or newer", driver.text(), use.release.family(),
                      family.lowest_driver.text()),
          "programs built with it end with cudaErrorInsufficientDriver, or fall back to the CPU",
          no_gpu_work,
          mend(),
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

/// How the loader comes to the package's libcuda.so; nothing where it does not.
std::optional<std::string> compatibility_use(const facts& machine, const std::string& folder) {
  const auto leads_there = [&](const std::string& path) {
    return path == folder || path.rfind(folder + "/", 0) == 0 || path.rfind("usr/local/cuda/compat", 0) == 0;
  };
  const auto path = machine.variables.find("LD_LIBRARY_PATH");
  for (const auto& one : split(path == machine.variables.end() ? "" : path->second, ':'))
    if (!one.empty() && leads_there(one.substr(1))) return "LD_LIBRARY_PATH";
  for (const auto& one : machine.software.linker_folders)
    if (leads_there(one)) return "/etc/ld.so.conf";
  return std::nullopt;
}

/// The driver whose libcuda.so programs get: the newest package of forward compatibility that is in use and may be.
version effective_driver(const facts& machine, version driver) {
  if (has_consumer_gpu(machine)) return driver;
  for (const auto& package : machine.software.compatibility) {
    if (compatibility_use(machine, package.folder) && driver < package.driver) driver = package.driver;
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
  const auto loaded = machine.driver();
  if (!loaded) return outcome::skipped("no driver");
  const auto uses = cuda_uses(machine.software);
  if (uses.empty()) return outcome::skipped("no CUDA runtime or toolkit was found in the usual folders");
  const auto driver = effective_driver(machine, *loaded);
  outcome result;
  for (const auto& use : uses) {
    const auto* family = known.find_family(use.release.major());
    const auto own = known.toolkit_drivers.find(use.release.family());
    if (family != nullptr && driver < family->lowest_driver) {
      result.findings.push_back(too_old(machine, driver, use, *family));
    } else if (own != known.toolkit_drivers.end()) {
      if (driver < own->second) result.findings.push_back(older_than_toolkit(driver, use, own->second, known));
    } else if (auto newer = newer_than_driver(machine, driver, use)) {
      result.findings.push_back(std::move(*newer));
    }
  }
  return result;
}

const char* const forward_source = "NVIDIA, CUDA Compatibility, \"Forward Compatibility\"";

/// The CUDA version that a package is of: by its folder, usr/local/cuda-12.8/compat, else by its driver.
std::optional<version> cuda_of(const compatibility_package& package, const compatibility& known) {
  const std::string mark = "cuda-";
  if (const auto begin = package.folder.find(mark); begin != std::string::npos) {
    const auto text = package.folder.substr(begin + mark.size());
    if (const auto found = version::parse(text.substr(0, text.find('/')))) return found;
  }
  for (const auto& [cuda, driver] : known.toolkit_drivers)
    if (driver.major() == package.driver.major()) return version::parse(cuda);
  return std::nullopt;
}

/// On a GPU that the package is not for.
std::optional<finding> unsupported_gpu(const facts& machine, const compatibility_package& package,
                                       const std::string& place, const std::string& read) {
  for (const auto& gpu : machine.machine.gpus) {
    const bool consumer = is_consumer_gpu(gpu.name);
    if (!consumer && !is_workstation_gpu(gpu.name)) continue;
    return finding{"",
                   consumer ? severity::error : severity::note,
                   fmt::format("forward compatibility is in use on a {}", gpu.name),
                   consumer
                       ? "it is for data-centre GPUs and chosen workstation cards: CUDA ends with "
                         "cudaErrorCompatNotSupportedOnDevice (804)"
                       : "of workstation cards it supports only those that NVIDIA chose for its servers: on another "
                         "CUDA ends with cudaErrorCompatNotSupportedOnDevice (804)",
                   consumer ? no_gpu_work : likely_cost{"none where it starts", std::nullopt, ""},
                   consumer ? fmt::format("take /{} out of {} and update the driver instead", package.folder, place)
                            : "run any CUDA program; where it ends with 804 update the driver instead",
                   {read, forward_source}};
  }
  return std::nullopt;
}

outcome forward_compatibility(const facts& machine, const compatibility& known) {
  if (machine.software.compatibility.empty())
    return outcome::skipped("no package of forward compatibility is installed");
  const auto driver = machine.driver();
  if (!driver) return outcome::skipped("no driver");
  outcome result;
  bool used = false;
  for (const auto& package : machine.software.compatibility) {
    const auto place = compatibility_use(machine, package.folder);
    if (!place) continue;
    used = true;
    const std::string read = fmt::format("/{}/libcuda.so.{}", package.folder, package.driver.text());
    if (package.driver < *driver)
      result.findings.push_back(
          {"",
           severity::error,
           fmt::format("{} puts the forward-compatibility driver {} before the newer driver {}", *place,
                       package.driver.text(), driver->text()),
           "the package is for older drivers than itself: CUDA ends with cudaErrorSystemDriverMismatch (803), or runs "
           "on less than the driver offers",
           no_gpu_work,
           fmt::format("take /{} out of {}", package.folder, *place),
           {read, forward_source}});
    const auto cuda = cuda_of(package, known);
    const auto* branches = cuda ? known.find_forward(*cuda) : nullptr;
    if (branches != nullptr && driver->major() < package.driver.major() && !branches->has(*driver))
      result.findings.push_back(
          {"",
           severity::warning,
           fmt::format("forward compatibility of CUDA {} is in use on driver {}, whose branch it is not meant for",
                       cuda->family(), driver->text()),
           "NVIDIA tests the package against chosen driver branches; on another CUDA may end with "
           "cudaErrorSystemDriverMismatch (803)",
           {"none where it starts", std::nullopt, ""},
           fmt::format("use a driver of branch {}, or a newer one than {}", join(branches->driver_branches, ", "),
                       package.driver.text()),
           {read, branches->source}});
    if (auto found = unsupported_gpu(machine, package, *place, read)) result.findings.push_back(std::move(*found));
  }
  if (!used)
    return outcome::skipped("a package is installed, and neither LD_LIBRARY_PATH nor /etc/ld.so.conf leads to it");
  return result;
}

std::optional<finding> code_for(const results::gpu_environment& gpu, const gpu_architecture& architecture,
                                const cuda_use& use) {
  const std::string read = fmt::format("CUDA {} in {}", use.release.text(), use.place);
  if (architecture.dropped && use.release >= *architecture.dropped)
    return finding{
        "",
        severity::error,
        fmt::format("CUDA {} no longer makes code for the {} ({})", use.release.family(), gpu.name, architecture.name),
        "its libraries and programs built with it have no code that this GPU runs",
        no_gpu_work,
        fmt::format("use a toolkit and frameworks of CUDA {} on this machine", architecture.dropped->major() - 1),
        {read, architecture.source}};
  if (!architecture.first || use.release >= *architecture.first) return std::nullopt;
  return finding{"",
                 severity::warning,
                 fmt::format("CUDA {} does not know the {} ({}): {} is the first that does", use.release.family(),
                             gpu.name, architecture.name, architecture.first->text()),
                 "programs built with it run only where they carry PTX, which the driver compiles at the first start "
                 "and which uses none of the GPU's new units; libraries without PTX fail (\"no kernel image is "
                 "available\")",
                 {"not known; new tensor core instructions are not used at all", std::nullopt, architecture.source},
                 fmt::format("install CUDA {} or newer, and frameworks built with it", architecture.first->text()),
                 {read, architecture.source}};
}

outcome toolkit_knows_gpu(const facts& machine, const compatibility& known) {
  const auto uses = cuda_uses(machine.software);
  if (machine.machine.gpus.empty()) return outcome::skipped(no_gpu);
  if (uses.empty()) return outcome::skipped("no CUDA runtime or toolkit was found in the usual folders");
  outcome result;
  std::vector<std::string> done, unknown;
  for (const auto& gpu : machine.machine.gpus) {
    const auto* architecture = gpu.compute_capability ? known.find_architecture(*gpu.compute_capability) : nullptr;
    if (architecture == nullptr) {
      unknown.push_back(gpu.compute_capability
                            ? fmt::format("{} has compute capability {}, which no row of compatibility.toml has",
                                          gpu_name(gpu.index), *gpu.compute_capability)
                            : gpu_name(gpu.index) + " does not tell its compute capability");
      continue;
    }
    if (std::find(done.begin(), done.end(), *gpu.compute_capability) != done.end()) continue;
    done.push_back(*gpu.compute_capability);
    for (const auto& use : uses)
      if (auto found = code_for(gpu, *architecture, use)) result.findings.push_back(std::move(*found));
  }
  // What was not looked at has not passed.
  if (!unknown.empty()) result.not_checked = join(unknown, "; ");
  return result;
}

}  // namespace

std::vector<check> cuda_checks() {
  return {{"driver-for-cuda", "the driver is new enough for the CUDA that is installed", driver_for_cuda},
          {"forward-compatibility", "a forward-compatibility package fits driver and GPU", forward_compatibility},
          {"cuda-for-gpu", "the CUDA that is installed makes code for the GPUs", toolkit_knows_gpu}};
}

}  // namespace gpubench::doctor
