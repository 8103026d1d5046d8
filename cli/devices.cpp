#include "cli/devices.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::cli {
namespace {

bool is_wanted(const std::string& device, const std::vector<std::string>& wanted) {
  return std::find(wanted.begin(), wanted.end(), device) != wanted.end();
}

}  // namespace

std::string parse_device(const std::string& text) {
  const auto digits = text.rfind("gpu", 0) == 0 ? text.substr(3) : text;
  if (const auto index = parse_integer(digits); index && *index >= 0 && digits.front() != '+')
    return fmt::format("gpu{}", *index);
  if (text == "cpu") return text;
  throw error(error_kind::usage, fmt::format("'{}' is no device", text), "write cpu, gpu0, gpu1, ... or 0, 1, ...");
}

void keep_devices(std::vector<bench::benchmark_definition>& benchmarks, const std::vector<std::string>& wanted,
                  const std::vector<bench::cuda_device>& gpus, const std::string& why_no_gpu) {
  std::vector<std::string> known{"cpu"};
  for (const auto& gpu : gpus) known.push_back(gpu.name);
  for (const auto& device : wanted) {
    if (is_wanted(device, known)) continue;
    std::string hint = "there is " + join(known, ", ");
    if (gpus.empty() && !why_no_gpu.empty()) hint += "; CUDA back-end: " + why_no_gpu;
    throw error(error_kind::usage, fmt::format("--device: this machine has no {}", device), hint);
  }
  const bool all_gpus =
      std::all_of(gpus.begin(), gpus.end(), [&](const auto& gpu) { return is_wanted(gpu.name, wanted); });
  const auto is_left_out = [&](const bench::benchmark_definition& definition) {
    const bool of_one = is_wanted(definition.device, known);
    return of_one ? !is_wanted(definition.device, wanted) : !all_gpus;
  };
  benchmarks.erase(std::remove_if(benchmarks.begin(), benchmarks.end(), is_left_out), benchmarks.end());
  if (benchmarks.empty())
    throw error(error_kind::usage, fmt::format("no benchmark runs on {} alone here", join(wanted, ", ")),
                "--backend and --device leave nothing in common: leave one of them out");
}

}  // namespace gpubench::cli
