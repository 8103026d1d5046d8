#include "bench/cuda/module/benchmark.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/owners.hpp"
#include "kernels/stream.cuh"

#include <algorithm>
#include <cstring>
#include <limits>

namespace gpubench::cuda {

namespace {

/// Filled while the module is loaded, so it must exist before the first file that registers.
benchmark_list& mutable_list() {
  static benchmark_list list;
  return list;
}

void add(parameters& values, const gpubench_module_parameter& one) {
  if (values.count >= GPUBENCH_MODULE_MAX_PARAMETERS) {
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, std::string("no room for parameter ") + one.name);
  }
  values.values[values.count++] = one;
}

const gpubench_module_parameter* find(const parameters& values, std::string_view name) {
  for (std::uint32_t i = 0; i < values.count; ++i) {
    if (name == values.values[i].name) return &values.values[i];
  }
  return nullptr;
}

std::int64_t integer_parameter(const parameters& values, std::string_view name, std::int64_t least, std::int64_t most) {
  const auto* found = find(values, name);
  const std::string text = "parameter " + std::string(name);
  if (found == nullptr || found->text != nullptr) {
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, text + " is missing");
  }
  const std::string is = text + " is " + std::to_string(found->value);
  if (found->value < least) {
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, is + "; it must be at least " + std::to_string(least));
  }
  if (found->value > most) {
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, is + "; it must be at most " + std::to_string(most));
  }
  return found->value;
}

}  // namespace

parameters make_parameters(std::initializer_list<std::pair<const char*, std::int64_t>> values) {
  parameters result{};
  for (const auto& [name, value] : values) add(result, {name, nullptr, value});
  return result;
}

void add_text_parameter(parameters& values, const char* name, const char* text) {
  add(values, {name, text, 0});
}

void add_integer_parameter(parameters& values, const char* name, std::int64_t value) {
  add(values, {name, nullptr, value});
}

std::optional<std::int64_t> integer_parameter(const parameters& values, std::string_view name) {
  const auto* found = find(values, name);
  if (found == nullptr || found->text != nullptr) return std::nullopt;
  return found->value;
}

std::int64_t positive_parameter(const parameters& values, std::string_view name) {
  return integer_parameter(values, name, 1, std::numeric_limits<std::int64_t>::max());
}

int index_parameter(const parameters& values, std::string_view name) {
  return static_cast<int>(integer_parameter(values, name, 0, std::numeric_limits<int>::max()));
}

std::optional<std::string_view> text_parameter(const parameters& values, std::string_view name) {
  const auto* found = find(values, name);
  if (found == nullptr || found->text == nullptr) return std::nullopt;
  return found->text;
}

bool benchmark::uses(const parameters&, const device_properties& device, int other) const {
  return other == device.index;
}

const benchmark_list& registered_benchmarks() {
  return mutable_list();
}

void register_benchmark(std::unique_ptr<benchmark> one) {
  auto& list = mutable_list();
  const auto before = [](const std::unique_ptr<benchmark>& left, const char* name) {
    return std::strcmp(left->description().name, name) < 0;
  };
  const char* name = one->description().name;
  const auto place = std::lower_bound(list.begin(), list.end(), name, before);
  if (place != list.end() && std::strcmp((*place)->description().name, name) == 0) {
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, std::string("registered twice: ") + name);
  }
  list.insert(place, std::move(one));
}

std::optional<std::string> no_code_for(const device_properties& device) {
  const device_guard current(device.index);
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, kernels::any_stream_kernel());
  if (status == cudaSuccess) return std::nullopt;
  cudaGetLastError();
  return "this build has no code for compute capability " + device.compute_capability + " (" +
         cudaGetErrorName(status) + "); build with CMAKE_CUDA_ARCHITECTURES=native on this machine";
}

}  // namespace gpubench::cuda
