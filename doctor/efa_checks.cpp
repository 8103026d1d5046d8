#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

const char* const plugin_source = "AWS, EC2 User Guide, \"Get started with EFA and NCCL\"; aws-ofi-nccl";
const char* const provider_source = "libfabric, fi_provider(7), fi_efa(7)";
const char* const nccl_source = "NVIDIA, NCCL documentation, \"Environment Variables\"";
const likely_cost over_tcp{"traffic between machines goes over TCP; no figure is known", std::nullopt, ""};

std::string value_of(const facts& machine, const std::string& name) {
  const auto found = machine.variables.find(name);
  return found == machine.variables.end() ? std::string() : found->second;
}

std::string instance_type(const facts& machine) {
  const auto& cloud = machine.machine.cloud;
  return cloud ? cloud->instance_type.value_or("") : "";
}

bool is_of_family(const std::string& type, std::initializer_list<const char*> families) {
  return std::any_of(families.begin(), families.end(), [&](const char* one) { return type.rfind(one, 0) == 0; });
}

std::vector<std::string> efa_devices(const facts& machine) {
  std::vector<std::string> names;
  for (const auto& device : machine.network.rdma)
    if (device.is_efa) names.push_back(device.name);
  return names;
}

outcome plugin(const facts& machine, const compatibility&) {
  const auto devices = efa_devices(machine);
  if (devices.empty()) return outcome::skipped("no EFA device");
  if (!machine.has_nvidia_device()) return outcome::skipped("no NVIDIA GPU");
  const auto& plugins = machine.nccl_plugins;
  outcome result;
  const std::string seen = "/sys/class/infiniband: " + join(devices, ", ");
  if (plugins.empty()) {
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("{} here, and NCCL's plugin for EFA (aws-ofi-nccl) was not found",
                     devices.size() == 1 ? "an EFA device is" : count_of(devices.size(), "EFA device") + " are"),
         "NCCL itself does not speak EFA: without the plugin it falls back to sockets without a word",
         over_tcp,
         "install aws-ofi-nccl (the EFA installer of AWS has it) where programs run, containers too",
         {seen, plugin_source}});
  } else if (std::none_of(plugins.begin(), plugins.end(), [](const auto& one) { return one.found_by_loader; }) &&
             value_of(machine, "NCCL_NET_PLUGIN").find('/') == std::string::npos) {
    const auto& path = plugins.front().path;
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("NCCL's plugin for EFA lies where the loader does not search: {}", path),
                               "NCCL opens it by its name alone, and falls back to sockets where that fails",
                               over_tcp,
                               fmt::format("LD_LIBRARY_PATH={}:$LD_LIBRARY_PATH, or a file in /etc/ld.so.conf.d and "
                                           "ldconfig",
                                           path.substr(0, path.rfind('/'))),
                               {seen, plugin_source}});
  }
  return result;
}

finding contradiction(severity level, std::string what, std::string why, likely_cost cost, std::string mend,
                      const char* source) {
  return {"", level, std::move(what), std::move(why), std::move(cost), std::move(mend), {source}};
}

/// FI_PROVIDER is a list of names; "^" before it leaves out those named.
bool takes_efa(const std::string& providers) {
  const bool excludes = !providers.empty() && providers.front() == '^';
  bool named = false;
  for (const auto& one : split(excludes ? providers.substr(1) : providers, ','))
    named = named || to_lower(one) == "efa" || to_lower(one).rfind("efa;", 0) == 0;
  return named != excludes;
}

void check_provider(const facts& machine, bool has_efa, outcome& result) {
  const auto providers = value_of(machine, "FI_PROVIDER");
  if (providers.empty()) return;
  if (has_efa && !takes_efa(providers))
    result.findings.push_back(contradiction(severity::warning,
                                            fmt::format("FI_PROVIDER={} leaves out the EFA devices", providers),
                                            "libfabric, and NCCL's plugin over it, then use another network", over_tcp,
                                            "FI_PROVIDER=efa, or unset it", provider_source));
  if (!has_efa && providers.front() != '^' && takes_efa(providers))
    result.findings.push_back(contradiction(
        severity::error, fmt::format("FI_PROVIDER={} asks for EFA, and there is no EFA device", providers),
        "libfabric finds no provider: work over several machines does not start, or runs over TCP",
        {"work over several machines", std::nullopt, ""},
        "unset FI_PROVIDER, or start the instance, and the container, with its EFA devices", provider_source));
}

void check_device_rdma(const facts& machine, outcome& result) {
  const auto value = to_lower(value_of(machine, "FI_EFA_USE_DEVICE_RDMA"));
  const auto is_one_of = [&](std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return value == word; });
  };
  const auto type = instance_type(machine);
  if (is_one_of({"0", "no", "false", "off"}) && is_of_family(type, {"p4", "p5", "p6"}))
    result.findings.push_back(contradiction(
        severity::warning, fmt::format("FI_EFA_USE_DEVICE_RDMA={} turns off the RDMA that {} has", value, type),
        "libfabric then sends through buffers instead of letting the network card read the GPU's memory",
        {"traffic between machines; no figure is known", std::nullopt, ""}, "unset FI_EFA_USE_DEVICE_RDMA",
        provider_source));
  if (is_one_of({"1", "yes", "true", "on"}) && is_of_family(type, {"p3dn.", "g4dn.", "g5."}))
    result.findings.push_back(contradiction(
        severity::error, fmt::format("FI_EFA_USE_DEVICE_RDMA={} asks for RDMA, which the EFA of {} lacks", value, type),
        "libfabric ends the program", {"work over several machines does not start", std::nullopt, ""},
        "unset FI_EFA_USE_DEVICE_RDMA", provider_source));
}

void check_nccl(const facts& machine, bool has_efa, outcome& result) {
  const auto net = value_of(machine, "NCCL_NET");
  const auto chosen = to_lower(net);
  if (has_efa && (chosen == "socket" || chosen == "ib"))
    result.findings.push_back(
        contradiction(severity::warning, fmt::format("NCCL_NET={} passes over the EFA devices", net),
                      "NCCL reaches EFA through its plugin alone", over_tcp, "unset NCCL_NET", nccl_source));
  if (has_efa && to_lower(value_of(machine, "NCCL_NET_PLUGIN")) == "none")
    result.findings.push_back(contradiction(severity::warning, "NCCL_NET_PLUGIN=none passes over the EFA devices",
                                            "NCCL reaches EFA through its plugin alone", over_tcp,
                                            "unset NCCL_NET_PLUGIN", nccl_source));
  if (chosen.find("libfabric") != std::string::npos && machine.nccl_plugins.empty())
    result.findings.push_back(contradiction(severity::error,
                                            fmt::format("NCCL_NET={} names a network whose plugin was not found", net),
                                            "NCCL ends where the network that it is told to use is not there",
                                            {"work over several GPUs does not start", std::nullopt, ""},
                                            "install aws-ofi-nccl, or unset NCCL_NET", nccl_source));
}

outcome variables(const facts& machine, const compatibility&) {
  const bool has_efa = !efa_devices(machine).empty();
  const bool any = std::any_of(machine.variables.begin(), machine.variables.end(), [](const auto& one) {
    return one.first.rfind("FI_", 0) == 0 || one.first.rfind("NCCL_NET", 0) == 0;
  });
  if (!any) return outcome::skipped("neither FI_ nor NCCL_NET variables are set");
  outcome result;
  check_provider(machine, has_efa, result);
  if (has_efa) check_device_rdma(machine, result);
  check_nccl(machine, has_efa, result);
  return result;
}

}  // namespace

std::vector<check> efa_checks() {
  return {{"efa-plugin", "NCCL has its plugin where there are EFA devices", plugin},
          {"efa-variables", "FI_ and NCCL_NET variables fit the EFA devices", variables}};
}

}  // namespace gpubench::doctor
