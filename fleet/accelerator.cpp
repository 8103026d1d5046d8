#include "fleet/accelerator.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
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

/// "H100" of "H100-SXM5-80GB"; empty where the catalogue does not know it.
std::string family_of(const std::string& name, const profiles::catalogue& known) {
  const auto* gpu = accelerator_named(name, known);
  return gpu == nullptr ? std::string() : gpu->name.substr(0, gpu->name.find('-'));
}

}  // namespace

const profiles::gpu_spec* accelerator_named(const std::string& name, const profiles::catalogue& known) {
  // "NVIDIA-H100-80GB-HBM3-MIG-3g.40gb" is a slice of it, "...-SHARED" it is for several at once; in labels hyphens
  // stand for blanks.
  auto whole = name.substr(0, std::min(name.find("-MIG-"), name.find("-SHARED")));
  std::replace(whole.begin(), whole.end(), '-', ' ');
  return known.find_gpu(whole);
}

int count_of_accelerators(const std::string& text) {
  const auto colon = text.find(':');
  return colon == std::string::npos ? 1 : static_cast<int>(parse_integer(text.substr(colon + 1)).value_or(1));
}

void require_accelerator_of_type(const std::string& said, const std::string& name, const profiles::instance& type,
                                 const profiles::catalogue& known) {
  const auto asked = family_of(name, known), has = family_of(type.gpu, known);
  if (asked.empty() || has.empty() || asked == has) return;
  throw error(error_kind::usage, fmt::format("{}: {} has {}", said, type.name(), type.gpu),
              "leave it out: an instance type says which GPUs it has");
}

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
