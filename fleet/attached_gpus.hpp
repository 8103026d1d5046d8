#pragma once

#include <string>

namespace gpubench::fleet {

/// What the catalogue calls "n1-standard-4+2xT4": a machine type to which GPUs were attached.
struct attached_gpus {
  std::string machine;  ///< "n1-standard-4", which is what clouds and nodes know
  std::string gpu;      ///< "T4"; empty where the type has its GPUs, or none
  int count = 0;        ///< 2; 0 likewise
};

inline attached_gpus split_attached_gpus(const std::string& type) {
  const auto plus = type.find('+');
  const auto times = plus == std::string::npos ? plus : type.find('x', plus);
  const auto digits = [&] { return type.substr(plus + 1, times - plus - 1); };
  if (times == std::string::npos || digits().empty() || digits().size() > 3 ||
      digits().find_first_not_of("0123456789") != std::string::npos)
    return {type, "", 0};
  return {type.substr(0, plus), type.substr(times + 1), std::stoi(digits())};
}

/// "n1-standard-4+2xT4" of "n1-standard-4" and "T4:2", as SkyPilot has accelerators.
inline std::string with_attached_gpus(const std::string& machine, const std::string& accelerators) {
  const auto colon = accelerators.find(':');
  const std::string count = colon == std::string::npos ? "1" : accelerators.substr(colon + 1);
  return machine + "+" + count + "x" + accelerators.substr(0, colon);
}

}  // namespace gpubench::fleet
