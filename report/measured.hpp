#pragma once

#include "report/grid.hpp"
#include "results/run.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::report {

/// Successful measurements as people read them. `condensed`: one row for each benchmark, that of its best rate (for a
/// latency: of the largest working set).
grid measured_grid(const results::run& run, bool condensed);

/// How each figure came about, with the state of the device meanwhile: measurements of which something is known.
grid method_grid(const results::run& run);

/// Skipped and failed measurements with their reasons.
grid unmeasured_grid(const results::run& run);

/// What else some benchmarks are told by, out of the notes of a measurement that end in "_per_second" or "_per_hour":
/// "path_tracer/scene:cornell: 1.7e+07 rays per second at the median".
std::vector<std::string> further_figures(const results::run& run);

/// "12 measured, 1 skipped, 1 failed".
std::string measured_summary(const results::run& run);

/// Warnings, throttling and competing load of one measurement, in words; empty when there is nothing to say.
std::vector<std::string> flags_of(const results::measurement& m);

/// How a figure came about: "cache_state: cold; operands: uniform in [-1, 1)"; empty where nothing is known.
std::string method_of(const results::measurement& m);

/// The machine in one line, and in full as names and values; what is unknown is left out.
std::string machine_line(const results::environment& machine);
std::vector<std::pair<std::string, std::string>> machine_facts(const results::environment& machine);

/// "imported from nccl-tests 2.17.6 (sweep.txt), not measured by gpubench"; empty for a run of our own.
std::string origin_of(const results::run& run);

/// Devices that the run's measurements name, in order of appearance: "cpu", "gpu0".
std::vector<std::string> devices_of(const results::run& run);

/// "gpu0: NVIDIA H200"; "cpu: ..." likewise, and only the device where its model is unknown.
std::string device_title(const results::run& run, const std::string& device);

/// Whether tables must name the device: the run measured several, or the machine has GPUs besides the one measured.
bool names_devices(const results::run& run);

/// What stands before a device's ceiling: "gpu0 ", or nothing where devices are not named.
std::string device_prefix(const results::run& run, const std::string& device);

/// Peaks that measurements were held against, with their sources: "dense peak fp32", "1.61 TFLOP/s", source. Each kind
/// once a device, the devices one after the other.
struct named_peak {
  std::string device;
  std::string kind;
  double value = 0;
  std::string source;
  bool is_bandwidth() const { return kind.find("bandwidth") != std::string::npos; }
  std::string unit() const;                                                     ///< "B/s", "FLOP/s", "OP/s"
  bool is_of_a_link() const { return kind.find("link") != std::string::npos; }  ///< no ceiling of a roofline
};
std::vector<named_peak> peaks_of(const results::run& run);

/// The best rate of one device among the memory bandwidth benchmarks: those that move bytes and compare with a memory
/// bandwidth, or whose name starts with "stream" or "memory_". Nothing when none succeeded.
const results::measurement* best_stream(const results::run& run, const std::string& device);

/// Size of the data that a latency was measured on: its parameter ending in "bytes" (or "_kib", "_mib").
std::optional<double> working_set_bytes(const results::measurement& m);

bool is_latency(const results::measurement& m);

}  // namespace gpubench::report
