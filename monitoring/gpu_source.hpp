#pragma once

#include "bench/gpu_activity.hpp"
#include "bench/gpu_counters.hpp"
#include "bench/nvml_reader.hpp"

#include <memory>
#include <string>
#include <vector>

#include "monitoring/sample.hpp"

namespace gpubench::monitoring {

/// The GPUs of this machine as NVML sees them. Not thread-safe.
class gpu_source {
 public:
  gpu_source();

  /// "2 GPUs", or why there are none.
  const std::string& status() const { return status_; }
  bool nvml_answers() const;  ///< now; false where it is not there, or its driver was unloaded
  std::size_t devices() const { return devices_.size(); }  ///< GPUs and slices

  /// A GPU that is lost, or may not be asked, has up 0 and nothing else; it is asked again the next time.
  void read(sample& into);
  /// What to say of the GPUs while the driver does not answer at all: up 0 for all.
  void mark_down(sample& into) const;

 private:
  struct watched {
    bench::monitored_device device;
    metric_labels labels;
    std::unique_ptr<bench::gpu_reader> reader;  ///< none of a slice: what it reads belongs to the whole GPU
    std::unique_ptr<bench::gpu_activity_reader> activity;
  };
  void read_one(watched& one, sample& into) const;

  std::shared_ptr<const bench::nvml_library> library_;
  std::string status_, driver_;
  std::vector<watched> devices_;
};

}  // namespace gpubench::monitoring
