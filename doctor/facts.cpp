#include "doctor/facts.hpp"

#include <algorithm>

namespace gpubench::doctor {

bool facts::has_nvidia_device() const {
  return gpus.counted.value_or(0) > 0 || !machine.gpus.empty() ||
         std::any_of(pci.begin(), pci.end(), [](const auto& device) { return device.is_nvidia_gpu(); });
}

}  // namespace gpubench::doctor
