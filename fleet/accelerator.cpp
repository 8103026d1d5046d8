#include "fleet/accelerator.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <array>
#include <regex>
#include <utility>

#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

/// Of what the catalogue does not have, how a word of the name begins.
constexpr std::array<std::pair<const char*, const char*>, 11> vendors_by_word{{{"amd|instinct|radeon", "AMD"},
                                                                               {"mi[0-9]{2,3}[a-z]?", "AMD"},
                                                                               {"tpu.*", "Google"},
                                                                               {"intel|habana", "Intel"},
                                                                               {"gaudi[0-9]*", "Intel"},
                                                                               {"hl", "Intel"},
                                                                               {"trainium[0-9]*", "AWS"},
                                                                               {"inferentia[0-9]*", "AWS"},
                                                                               {"neuron.*", "AWS"},
                                                                               {"ascend.*", "Huawei"},
                                                                               {"nvidia|tesla|geforce", "NVIDIA"}}};

}  // namespace

std::string vendor_of_accelerator(const std::string& name, const profiles::catalogue& known) {
  if (const auto* gpu = known.find_gpu(name)) return gpu->vendor;
  for (const auto& word : split(plain_name(name), '-'))
    for (const auto& [form, vendor] : vendors_by_word)
      if (std::regex_match(word, std::regex(form))) return vendor;
  return {};
}

void require_cuda_accelerator(const job& what, const std::string& said, const std::string& name,
                              const profiles::catalogue& known) {
  const auto vendor = vendor_of_accelerator(name, known);
  if (vendor.empty() || vendor == "NVIDIA" || measures_cpus_alone(what)) return;
  throw error(error_kind::usage, fmt::format("{}: gpubench has no back-end for accelerators of {}", said, vendor),
              "name one of NVIDIA's; -- run --backend host measures the CPU beside it");
}

}  // namespace gpubench::fleet
