#include "comparison/comparability.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>

namespace gpubench::comparison {
namespace {

using fact = std::optional<std::string>;

template <class Value>
fact text_of(const std::optional<Value>& value, std::string_view unit = {}) {
  if (!value) return std::nullopt;
  return unit.empty() ? fmt::format("{}", *value) : fmt::format("{} {}", *value, unit);
}

fact scaled(const std::optional<double>& value, double unit_size, std::string_view unit) {
  return value ? fact(fmt::format("{:.6g} {}", *value / unit_size, unit)) : std::nullopt;
}

class collected {
 public:
  void add(const std::string& key, const fact& base, const fact& fresh, bool forbids = true) {
    if (base == fresh) return;
    const bool known = base && fresh;
    found_.push_back({key, base.value_or("unknown"), fresh.value_or("unknown"), forbids && known});
  }
  std::vector<difference> take() { return std::move(found_); }

 private:
  std::vector<difference> found_;
};

// Facts of the machine as machine_differences() names them, without what only notes.
constexpr std::array<std::string_view, 24> machine_keys{
    "gpubench", "cpu",         "usable_cpus",      "cpu_limit", "governor",     "instance_type",
    "gpu",      "power_limit", "max_sm_clock",     "max_memory_clock",          "ecc",
    "mig",      "virtualization", "pcie_generation", "pcie_width", "nvlinks",   "driver",
    "openblas", "onednn",      "cuda runtime",     "cuda driver", "cublaslt",   "cudnn", "nccl"};

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; });
}

bool is_of_gpus(std::string_view name) {
  return starts_with_any(name, {"cuda", "cublas", "cudnn", "nccl", "CUDA_", "CUBLAS_", "CUDNN_", "NCCL_", "NVIDIA_"});
}

bool is_of_host(std::string_view name) {
  return starts_with_any(
      name, {"openblas", "onednn", "OMP_", "GOMP_", "KMP_", "OPENBLAS_", "GOTO_", "DNNL_", "ONEDNN_", "MKL_"});
}

void add_named(collected& found, const std::map<std::string, std::string>& base,
               const std::map<std::string, std::string>& fresh, bool on_gpu, const fact& absent) {
  std::set<std::string> names;
  for (const auto* side : {&base, &fresh})
    for (const auto& entry : *side) names.insert(entry.first);
  for (const auto& name : names) {
    if (on_gpu ? is_of_host(name) : is_of_gpus(name)) continue;
    const auto value = [&](const auto& side) {
      const auto place = side.find(name);
      return place == side.end() ? absent : fact(place->second);
    };
    // A slow-down on purpose is there to be found.
    const bool is_test = starts_with_any(name, {"GPUBENCH_TEST_"});
    found.add(name, value(base), value(fresh), !is_test);
  }
}

/// The GPUs behind "gpu0" or "gpu0-7".
std::vector<const results::gpu_environment*> gpus_of(const results::environment& machine, const std::string& device) {
  const auto bounds = split(std::string_view(device).substr(3), '-');
  const auto first = bounds.empty() ? std::nullopt : parse_integer(bounds.front());
  const auto last = bounds.empty() ? std::nullopt : parse_integer(bounds.back());
  std::vector<const results::gpu_environment*> gpus;
  for (const auto& gpu : machine.gpus)
    if (first && last && gpu.index >= *first && gpu.index <= *last) gpus.push_back(&gpu);
  return gpus;
}

void add_gpus(collected& found, const results::environment& base, const results::environment& fresh,
              const std::string& device) {
  const auto before = gpus_of(base, device), now = gpus_of(fresh, device);
  // Values of all GPUs of the device, each once; unknown as soon as one is.
  const auto add = [&](const std::string& key, auto value, bool forbids = true) {
    const auto of = [&](const std::vector<const results::gpu_environment*>& gpus) -> fact {
      std::vector<std::string> values;
      for (const auto* gpu : gpus) {
        const fact one = value(*gpu);
        if (!one) return std::nullopt;
        if (std::find(values.begin(), values.end(), *one) == values.end()) values.push_back(*one);
      }
      return gpus.empty() ? std::nullopt : fact(join(values, ", "));
    };
    found.add(key, of(before), of(now), forbids);
  };
  using gpu = results::gpu_environment;
  add("gpu", [](const gpu& g) { return fact(g.name); });
  add("power_limit", [](const gpu& g) { return text_of(g.power_limit_watts, "W"); });
  add("max_sm_clock", [](const gpu& g) { return scaled(g.max_sm_clock_hertz, 1e6, "MHz"); });
  add("max_memory_clock", [](const gpu& g) { return scaled(g.max_memory_clock_hertz, 1e6, "MHz"); });
  add("ecc", [](const gpu& g) { return text_of(g.ecc); });
  add("mig", [](const gpu& g) { return g.mig_slice ? g.mig_slice : text_of(g.mig); });
  add("virtualization", [](const gpu& g) { return g.virtualization; });
  add("pcie_generation", [](const gpu& g) { return text_of(g.pcie_generation); });
  add("pcie_width", [](const gpu& g) { return text_of(g.pcie_width); });
  add("nvlinks", [](const gpu& g) { return text_of(g.nvlinks); });
  add(
      "persistence_mode", [](const gpu& g) { return text_of(g.persistence_mode); }, false);
  add(
      "gpu_uuid", [](const gpu& g) { return g.uuid; }, false);
  found.add("driver", base.gpu_driver_version, fresh.gpu_driver_version);
}

// Notes of `method` that say how a figure must be read; the others say what a run chose by itself.
constexpr std::array<std::string_view, 9> defining_notes{"cache_state", "operands", "accumulation", "type", "operation",
                                                         "placement",   "ranks",    "time",         "clock"};

fact amount_of(const std::optional<double>& amount) {
  return amount ? fact(fmt::format("{:.15g}", *amount)) : std::nullopt;
}

}  // namespace

std::vector<difference> machine_differences(const results::run& base, const results::run& fresh,
                                            const std::string& device) {
  const auto& before = base.environment;
  const auto& now = fresh.environment;
  const bool on_gpu = device.rfind("gpu", 0) == 0;
  collected found;
  found.add("gpubench", base.tool_version, fresh.tool_version);
  if (on_gpu) add_gpus(found, before, now, device);
  found.add("cpu", before.cpu.model, now.cpu.model);
  found.add("usable_cpus", text_of(before.cpu.usable_cpus), text_of(now.cpu.usable_cpus));
  found.add("cpu_limit", text_of(before.cgroup_cpu_limit), text_of(now.cgroup_cpu_limit));
  found.add("governor", before.cpu.governor, now.cpu.governor);
  add_named(found, before.libraries, now.libraries, on_gpu, std::nullopt);
  add_named(found, before.variables, now.variables, on_gpu, "unset");
  const auto instance = [](const results::environment& machine) {
    return machine.cloud ? machine.cloud->instance_type : std::nullopt;
  };
  found.add("instance_type", instance(before), instance(now));
  found.add("kernel", before.kernel, now.kernel, false);
  found.add("operating_system", before.operating_system, now.operating_system, false);
  found.add("hypervisor", before.hypervisor, now.hypervisor, false);
  found.add("container", before.container, now.container, false);
  found.add("memory", scaled(before.memory_bytes, 1e9, "GB"), scaled(now.memory_bytes, 1e9, "GB"), false);
  return found.take();
}

std::vector<difference> method_differences(const results::measurement& base, const results::measurement& fresh) {
  collected found;
  const auto add_work = [&](const char* what, std::optional<double> results::work_done::*amount) {
    const auto before = amount_of(base.work.*amount), now = amount_of(fresh.work.*amount);
    // A benchmark that counts something else than before has another work model: unknown is no excuse here.
    if (before != now)
      found.add("work", fmt::format("{} {}", before.value_or("no"), what),
                fmt::format("{} {}", now.value_or("no"), what));
  };
  add_work("FLOP", &results::work_done::flop);
  add_work("bytes", &results::work_done::bytes);
  add_work("items", &results::work_done::items);
  add_work("bus bytes", &results::work_done::bus_bytes);
  std::set<std::string> notes;
  for (const auto* side : {&base, &fresh})
    for (const auto& note : side->method) notes.insert(note.first);
  for (const auto& name : notes) {
    const auto value = [&](const results::measurement& m) {
      const auto place = m.method.find(name);
      return place == m.method.end() ? std::nullopt : fact(place->second);
    };
    const bool defining = std::find(defining_notes.begin(), defining_notes.end(), name) != defining_notes.end();
    found.add(name, value(base), value(fresh), defining);
  }
  return found.take();
}

std::vector<std::string> difference_keys() {
  std::vector<std::string> keys(machine_keys.begin(), machine_keys.end());
  keys.insert(keys.end(), {"mpi", "work"});
  keys.insert(keys.end(), defining_notes.begin(), defining_notes.end());
  return keys;
}

bool is_difference_key(const std::string& key) {
  const auto keys = difference_keys();
  return std::find(keys.begin(), keys.end(), key) != keys.end() ||
         starts_with_any(key, {"OMP_", "GOMP_", "KMP_", "OPENBLAS_", "GOTO_", "DNNL_", "ONEDNN_", "MKL_", "CUDA_",
                               "CUBLAS_", "CUDNN_", "NCCL_", "NVIDIA_", "OMPI_MCA_", "UCX_"});
}

bool forbids(const std::vector<difference>& differences, const std::set<std::string>& allowed) {
  return std::any_of(differences.begin(), differences.end(),
                     [&](const difference& d) { return d.forbids && allowed.count(d.key) == 0; });
}

}  // namespace gpubench::comparison
