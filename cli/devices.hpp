#pragma once

#include "bench/cuda/loader.hpp"
#include "bench/registry.hpp"

#include <string>
#include <vector>

namespace gpubench::cli {

/// One entry of --device: "cpu", "gpu1", or "1" for the same.   @throws error: usage for anything else.
std::string parse_device(const std::string& text);

/// Keeps the benchmarks of the wanted devices; those that run on all GPUs stay where every GPU is wanted.
/// @param why_no_gpu  for the hint where there is none
/// @throws error: usage for a device that is not there, naming those that are, and where no benchmark is left.
void keep_devices(std::vector<bench::benchmark_definition>& benchmarks, const std::vector<std::string>& wanted,
                  const std::vector<bench::cuda_device>& gpus, const std::string& why_no_gpu);

}  // namespace gpubench::cli
