#pragma once

#include "bench/cuda/module/device.hpp"
#include "bench/cuda/module_interface.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::cuda {

using parameters = gpubench_module_parameters;

/// @throws failure: internal error when there is no such parameter or it is below 1.
std::int64_t positive_parameter(const parameters& values, std::string_view name);

struct verification {
  std::string compared;
  double error = 0, tolerance = 0;
};

/// One benchmark at one set of parameters, allocated and ready on the device that is current.
class prepared_case {
 public:
  virtual ~prepared_case() = default;
  virtual double sample_ns() = 0;
  virtual verification verify() = 0;
  virtual std::optional<double> clock_hertz() const = 0;
};

/// A benchmark as the C table hands it over. Everything but prepare() needs no device.
class benchmark {
 public:
  virtual ~benchmark() = default;
  virtual gpubench_module_benchmark description() const = 0;
  virtual gpubench_module_work work(const parameters& values) const = 0;
  virtual std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const = 0;
  virtual std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const = 0;
  virtual std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const = 0;
};

using benchmark_list = std::vector<std::unique_ptr<benchmark>>;

/// The families; each file adds its own benchmarks to the list.
void add_stream_benchmarks(benchmark_list& list);
void add_gemm_benchmarks(benchmark_list& list);

/// Why this build's kernels cannot run on a device: it has no machine code and no PTX that suits it.
std::optional<std::string> no_code_for(const device_properties& device);

/// Share of a device's memory that a case may fill; the rest is the context, libraries and other users.
inline constexpr double usable_memory_fraction = 0.8;

}  // namespace gpubench::cuda
