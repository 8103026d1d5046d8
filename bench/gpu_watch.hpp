#pragma once

#include "bench/device_watch.hpp"
#include "bench/nvml_reader.hpp"
#include "bench/runner.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gpubench::bench {

/// How often a GPU is asked. The process list is asked for at the beginning, at the end, and seldom between.
struct watch_rhythm {
  std::chrono::nanoseconds period{20'000'000};
  std::chrono::nanoseconds processes_every{1'000'000'000};
};

/// Starts a thread that reads the GPUs of one case (several for a benchmark that runs on all of them), once at once and
/// once more at the end, however short the time between. Reading ends by itself when every GPU stops answering.
/// @return nullptr without readers
std::unique_ptr<device_watch> watch_gpus(std::vector<std::unique_ptr<gpu_reader>> readers, watch_rhythm rhythm = {});

/// Watches devices through NVML. A device without UUIDs, or one that NVML does not know, is not watched.
/// @param uuids  of the GPUs behind each device's name: one, or those of all for "gpu0-7"
/// @return an empty function where there is no NVML
watch_function watch_through_nvml(std::map<std::string, std::vector<std::string>> uuids);

}  // namespace gpubench::bench
