#pragma once

#include "bench/cuda/module/device.hpp"
#include "bench/cuda/module_interface.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpubench::cuda {

using parameters = gpubench_module_parameters;

/// @param values  name and value, in the order in which they are shown; names must be literals
parameters make_parameters(std::initializer_list<std::pair<const char*, std::int64_t>> values);

/// Adds a text parameter; both must be literals, since the parameters point to them.
void add_text_parameter(parameters& values, const char* name, const char* text);

/// @throws failure: internal error when there is no such integer parameter or it is below 1.
std::int64_t positive_parameter(const parameters& values, std::string_view name);

/// A number that counts from 0, as devices do.   @throws failure: as above, when it is below 0.
int index_parameter(const parameters& values, std::string_view name);

/// Adds an integer parameter; the name must be a literal.
void add_integer_parameter(parameters& values, const char* name, std::int64_t value);

/// Nothing where there is no such parameter.
std::optional<std::int64_t> integer_parameter(const parameters& values, std::string_view name);

/// Nothing where there is no such parameter.
std::optional<std::string_view> text_parameter(const parameters& values, std::string_view name);

struct verification {
  std::string compared;
  double error = 0, tolerance = 0;
};

/// One sample of a case.
struct sample_times {
  double device_ns = 0;
  std::optional<double> host_ns;      ///< CPU time to enqueue the work
  std::optional<double> clock_hertz;  ///< of the multiprocessors, where the sample was long enough to tell
};

/// How a figure came about, key and text: {"cache_state", "cold"}. Keys are lower_snake and the same in all families.
using method_notes = std::vector<std::pair<std::string, std::string>>;

/// One benchmark at one set of parameters, allocated and ready on the device that is current.
class prepared_case {
 public:
  virtual ~prepared_case() = default;
  virtual sample_times sample() = 0;
  /// Checks the answer of the last sample against an independent computation.
  virtual verification verify() = 0;
  /// Over all samples so far; nothing where it was not learned.
  virtual std::optional<double> clock_hertz() const { return std::nullopt; }
  virtual method_notes notes() const { return {}; }
};

/// A benchmark as the C table hands it over. Everything but prepare() needs no device.
class benchmark {
 public:
  virtual ~benchmark() = default;
  virtual gpubench_module_benchmark description() const = 0;
  /// Whether it is a whole program's work: in suites apps (asked for as the standard one) and full alone.
  virtual bool is_application() const { return false; }
  virtual gpubench_module_work work(const parameters& values) const = 0;
  /// Most important first; the cases of a larger suite begin with those of the smaller one.
  virtual std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const = 0;
  /// Why it cannot run on the device, or nothing.
  virtual std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const = 0;
  /// Whether the case runs on that device or reaches its memory.
  virtual bool uses(const parameters& values, const device_properties& device, int other) const;
  /// @throws failure; unsupported where only trying could tell that the device or a library lacks something.
  virtual std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const = 0;
};

using benchmark_list = std::vector<std::unique_ptr<benchmark>>;

/// All registered benchmarks, by name.
const benchmark_list& registered_benchmarks();

/// A second one of the same name is a defect and ends the program's start.
void register_benchmark(std::unique_ptr<benchmark> one);

/// A file's last line: `const registration<stream_benchmark> unused(descriptions);` registers one benchmark for each
/// element of an array of its constructor's argument.
template <class Benchmark>
struct registration {
  template <class Description, std::size_t count>
  explicit registration(const Description (&descriptions)[count]) {
    for (const auto& described : descriptions) register_benchmark(std::make_unique<Benchmark>(described));
  }
};

/// Stands in a description where no dense peak is compared with, which is all that a precision is asked for.
inline constexpr const char* no_precision = "fp32";

/// Why this build's kernels cannot run on a device: it has no machine code and no PTX that suits it.
std::optional<std::string> no_code_for(const device_properties& device);

/// Share of a device's memory that a case may fill; the rest is the context, libraries and other users.
inline constexpr double usable_memory_fraction = 0.8;

}  // namespace gpubench::cuda
