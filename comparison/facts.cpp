#include "comparison/facts.hpp"

#include "core/text.hpp"
#include "results/device_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>

namespace gpubench::comparison {
namespace {

using text = std::optional<std::string>;

template <class Value>
text text_of(const std::optional<Value>& value, std::string_view unit = {}) {
  if (!value) return std::nullopt;
  return unit.empty() ? fmt::format("{}", *value) : fmt::format("{} {}", *value, unit);
}

text scaled(const std::optional<double>& value, double unit_size, std::string_view unit) {
  return value ? text(fmt::format("{:.6g} {}", *value / unit_size, unit)) : std::nullopt;
}

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

void add_named(std::vector<fact>& facts, const std::map<std::string, std::string>& named, bool on_gpu,
               const text& absent) {
  for (const auto& [name, value] : named) {
    if (on_gpu ? is_of_host(name) : is_of_gpus(name)) continue;
    // A slow-down on purpose is there to be found.
    facts.push_back({name, value, !starts_with_any(name, {"GPUBENCH_TEST_"}), absent});
  }
}

/// The GPUs behind a device's name, as far as the run describes them.
std::vector<const results::gpu_environment*> gpus_of(const results::environment& machine, const std::string& device) {
  const auto spans = results::gpus_named(device).value_or(std::vector<results::gpu_span>{});
  std::vector<const results::gpu_environment*> gpus;
  for (const auto& gpu : machine.gpus)
    if (std::any_of(spans.begin(), spans.end(),
                    [&](const results::gpu_span& s) { return s.first <= gpu.index && gpu.index <= s.last; }))
      gpus.push_back(&gpu);
  return gpus;
}

void add_gpus(std::vector<fact>& facts, const results::environment& machine, const std::string& device) {
  const auto gpus = gpus_of(machine, device);
  // Values of all GPUs of the device, each once; unknown as soon as one is.
  const auto add = [&](const std::string& key, auto value, bool forbids = true) {
    const auto all = [&]() -> text {
      std::vector<std::string> values;
      for (const auto* gpu : gpus) {
        const text one = value(*gpu);
        if (!one) return std::nullopt;
        if (std::find(values.begin(), values.end(), *one) == values.end()) values.push_back(*one);
      }
      return gpus.empty() ? std::nullopt : text(join(values, ", "));
    };
    facts.push_back({key, all(), forbids});
  };
  using gpu = results::gpu_environment;
  add("gpu", [](const gpu& g) { return text(g.name); });
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
  facts.push_back({"driver", machine.gpu_driver_version});
}

}  // namespace

std::vector<fact> machine_facts(const results::run& run, const std::string& device) {
  const auto& machine = run.environment;
  const bool on_gpu = results::is_gpu_name(device);
  std::vector<fact> facts{{"gpubench", run.tool_version}};
  if (on_gpu) add_gpus(facts, machine, device);
  facts.push_back({"cpu", machine.cpu.model});
  // Virtual machines often name any generation alike: "AMD EPYC".
  facts.push_back({"microarchitecture", machine.cpu.microarchitecture});
  facts.push_back({"cpu_family", machine.cpu.family && machine.cpu.model_number
                                     ? text(fmt::format("{} model {}", *machine.cpu.family, *machine.cpu.model_number))
                                     : std::nullopt});
  facts.push_back({"usable_cpus", text_of(machine.cpu.usable_cpus)});
  facts.push_back({"cpu_limit", text_of(machine.cgroup_cpu_limit)});
  facts.push_back({"governor", machine.cpu.governor});
  add_named(facts, machine.libraries, on_gpu, std::nullopt);
  add_named(facts, machine.variables, on_gpu, "unset");
  facts.push_back({"instance_type", machine.cloud ? machine.cloud->instance_type : std::nullopt});
  facts.push_back({"kernel", machine.kernel, false});
  facts.push_back({"operating_system", machine.operating_system, false});
  facts.push_back({"hypervisor", machine.hypervisor, false});
  facts.push_back({"container", machine.container, false});
  facts.push_back({"memory", scaled(machine.memory_bytes, 1e9, "GB"), false});
  return facts;
}

std::vector<fact> method_facts(const results::measurement& m) {
  std::vector<std::string> amounts;
  const auto add = [&](const std::optional<double>& amount, const char* what) {
    if (amount) amounts.push_back(fmt::format("{:.15g} {}", *amount, what));
  };
  add(m.work.flop, "FLOP");
  add(m.work.bytes, "bytes");
  add(m.work.items, "items");
  add(m.work.bus_bytes, "bus bytes");
  // A benchmark that counts something else than before has another work model: unknown is no excuse here.
  std::vector<fact> facts{{"work", amounts.empty() ? "none counted" : join(amounts, ", ")}};
  for (const auto& [name, value] : m.method)
    facts.push_back(
        {name, value, std::find(defining_notes.begin(), defining_notes.end(), name) != defining_notes.end()});
  return facts;
}

}  // namespace gpubench::comparison
