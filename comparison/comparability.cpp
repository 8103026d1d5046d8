#include "comparison/comparability.hpp"

#include "core/text.hpp"
#include "results/device_name.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "comparison/facts.hpp"

namespace gpubench::comparison {
namespace {

// Facts of the machine as machine_facts() names them, without what only notes.
constexpr std::array<std::string_view, 26> machine_keys{"gpubench",
                                                        "cpu",
                                                        "microarchitecture",
                                                        "cpu_family",
                                                        "usable_cpus",
                                                        "cpu_limit",
                                                        "governor",
                                                        "instance_type",
                                                        "gpu",
                                                        "power_limit",
                                                        "max_sm_clock",
                                                        "max_memory_clock",
                                                        "ecc",
                                                        "mig",
                                                        "virtualization",
                                                        "pcie_generation",
                                                        "pcie_width",
                                                        "nvlinks",
                                                        "driver",
                                                        "openblas",
                                                        "onednn",
                                                        "cuda runtime",
                                                        "cuda driver",
                                                        "cublaslt",
                                                        "cudnn",
                                                        "nccl"};

constexpr std::string_view variable_prefixes[] = {"OMP_",   "GOMP_",   "KMP_",    "OPENBLAS_", "GOTO_",
                                                  "DNNL_",  "ONEDNN_", "MKL_",    "CUDA_",     "CUBLAS_",
                                                  "CUDNN_", "NCCL_",   "NVIDIA_", "OMPI_MCA_", "UCX_"};

using facts_of_runs = std::vector<std::vector<fact>>;  ///< one list a run

std::vector<fact> all_keys(const facts_of_runs& base, const facts_of_runs& fresh) {
  std::vector<fact> keys;
  std::set<std::string> seen;
  for (const auto* runs : {&base, &fresh})
    for (const auto& facts : *runs)
      for (const auto& one : facts)
        if (seen.insert(one.key).second) keys.push_back(one);
  return keys;
}

/// What the runs of one side say, each value once.
std::vector<std::optional<std::string>> values_of(const facts_of_runs& runs, const fact& wanted) {
  std::vector<std::optional<std::string>> values;
  for (const auto& facts : runs) {
    const auto place = std::find_if(facts.begin(), facts.end(), [&](const fact& one) { return one.key == wanted.key; });
    auto value = place == facts.end() ? wanted.absent : place->value;
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
  }
  return values;
}

std::string in_words(const std::vector<std::optional<std::string>>& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(value.value_or("unknown"));
  return join(texts, " and ");
}

std::vector<difference> differences_between(const facts_of_runs& base, const facts_of_runs& fresh) {
  std::vector<difference> found;
  for (const auto& wanted : all_keys(base, fresh)) {
    const auto before = values_of(base, wanted), now = values_of(fresh, wanted);
    std::set<std::optional<std::string>> all(before.begin(), before.end());
    all.insert(now.begin(), now.end());
    if (all.size() < 2) continue;
    all.erase(std::nullopt);
    found.push_back({wanted.key, in_words(before), in_words(now), wanted.forbids && all.size() > 1});
  }
  return found;
}

}  // namespace

std::vector<difference> machine_differences(const std::vector<results::run>& base,
                                            const std::vector<results::run>& fresh, const std::string& device) {
  const auto facts_of = [&](const std::vector<results::run>& runs) {
    facts_of_runs all;
    for (const auto& run : runs) all.push_back(machine_facts(run, device));
    return all;
  };
  auto found = differences_between(facts_of(base), facts_of(fresh));
  // Which GPUs it was is then unknown on both sides, and what is unknown would forbid nothing.
  if (results::is_gpu_name(device) && !results::gpus_named(device)) {
    const auto says = "'" + device + "' does not tell which";
    found.push_back({"gpu", says, says, true});
  }
  return found;
}

std::vector<difference> method_differences(const std::vector<const results::measurement*>& base,
                                           const std::vector<const results::measurement*>& fresh) {
  const auto facts_of = [](const std::vector<const results::measurement*>& measured) {
    facts_of_runs all;
    for (const auto* m : measured) all.push_back(method_facts(*m));
    return all;
  };
  return differences_between(facts_of(base), facts_of(fresh));
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
         std::any_of(std::begin(variable_prefixes), std::end(variable_prefixes),
                     [&](std::string_view prefix) { return key.rfind(prefix, 0) == 0; });
}

std::set<std::string> keys_of(const std::vector<results::run>& runs) {
  std::set<std::string> keys;
  for (const auto& run : runs) {
    std::set<std::string> devices;
    for (const auto& m : run.measurements) {
      for (const auto& one : method_facts(m)) keys.insert(one.key);
      if (!devices.insert(m.device).second) continue;
      for (const auto& one : machine_facts(run, m.device)) keys.insert(one.key);
    }
  }
  return keys;
}

bool forbids(const std::vector<difference>& differences, const std::set<std::string>& allowed) {
  return std::any_of(differences.begin(), differences.end(),
                     [&](const difference& d) { return d.forbids && allowed.count(d.key) == 0; });
}

}  // namespace gpubench::comparison
