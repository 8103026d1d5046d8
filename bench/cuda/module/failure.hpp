#pragma once

#include "bench/cuda/module_interface.h"

#include <cuda_runtime_api.h>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace gpubench::cuda {

/// The module's own exception; it becomes a status and two texts at the C table.
class failure : public std::runtime_error {
 public:
  failure(gpubench_module_status status, const std::string& what, std::string hint = {})
      : std::runtime_error(what), status_(status), hint_(std::move(hint)) {}

  gpubench_module_status status() const noexcept { return status_; }
  const std::string& hint() const noexcept { return hint_; }

 private:
  gpubench_module_status status_;
  std::string hint_;
};

/// Place and text of a call, taken by the macro below.
struct call_site {
  const char* call;
  const char* file;
  int line;
};

/// @throws failure: out of device memory, device lost when the error is sticky, device error otherwise.
void require(cudaError_t status, const call_site& where);

/// "out of device memory in cudaMalloc(N bytes)" and what to do about it.
[[noreturn]] void throw_out_of_memory(const std::string& call, const std::string& status_name);

/// True when every later call on this device fails too. Clears an error that is not sticky.
bool device_is_lost() noexcept;

}  // namespace gpubench::cuda

/// Only catches what a function cannot see; std::source_location is missing from some supported compilers.
#define GPUBENCH_CUDA(call) ::gpubench::cuda::require((call), ::gpubench::cuda::call_site{#call, __FILE__, __LINE__})
