#pragma once

#include "bench/cuda/module/benchmark.hpp"
#include "kernels/operands.hpp"
#include "models/operators.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// A benchmark of a whole network over images.
struct network_description {
  kernels::storage type;
  models::precision precision;
  const char* name;
  const char* precision_name;
  const char* text;
};

/// A network's operators over n images.
gpubench_module_work image_work(const std::vector<models::network_operator>& operators, std::int64_t n);

/// Batches of a suite over images of 224 x 224 pixels. Tuning a network takes long, so none is in the quick suite;
/// fp16, which such networks mostly run in, is in the standard suite, the other types only in the full one.
/// @param first  in the standard suite; more follow in the full one
/// @param fits   whether a batch fits the device; the first one stays where none does, to say why
std::vector<parameters> image_cases(kernels::storage type, gpubench_module_suite suite, std::int64_t first,
                                    const std::vector<std::int64_t>& more,
                                    const std::function<bool(std::int64_t)>& fits);

/// Why a network's convolutions cannot run on a device's tensor cores, or nothing.
std::optional<std::string> network_unavailable(const network_description& described, const device_properties& device);

}  // namespace gpubench::cuda
