#include "doctor/facts.hpp"

#include <algorithm>

namespace gpubench::doctor {

bool facts::has_nvidia_device() const {
  return gpus.counted.value_or(0) > 0 || !machine.gpus.empty() ||
         std::any_of(pci.begin(), pci.end(), [](const auto& device) { return device.is_nvidia_gpu(); });
}

const gpu_health* facts::health_of(int index) const {
  const auto found =
      std::find_if(gpus.gpus.begin(), gpus.gpus.end(), [&](const auto& one) { return one.index == index; });
  return found == gpus.gpus.end() ? nullptr : &*found;
}

std::optional<version> facts::driver() const {
  if (machine.gpu_driver_version) return version::parse(*machine.gpu_driver_version);
  return software.kernel_module;
}

}  // namespace gpubench::doctor
