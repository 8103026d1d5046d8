#pragma once

#include "bench/cuda/module_interface.h"

#include <cuda_runtime_api.h>

#include <cstddef>
#include <optional>
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

/// Notes that work hangs, then throws.
[[noreturn]] void throw_hung(const std::string& what, const std::string& hint);

/// True once work of any device was found not to end. Most calls that free something wait for it, so that from then on
/// nothing of CUDA's is freed in this process, not even by the unwinding of the error that tells it.
bool device_work_hangs() noexcept;
void note_hanging_work() noexcept;

/// Errors after which every later call on the device fails too: those of which the CUDA runtime's documentation says
/// that the process must be ended to use CUDA again ("CUDA Runtime API", cudaError), and uncorrectable memory and link
/// errors.
bool is_sticky(cudaError_t status) noexcept;

/// True when every later call on this device fails too. Waits for nothing; clears an error that is not sticky.
bool device_is_lost() noexcept;

/// What `body` returns; nothing when it fails as unsupported.
template <class Body>
auto unless_unsupported(const Body& body) -> std::optional<decltype(body())> {
  try {
    return body();
  } catch (const failure& refused) {
    if (refused.status() != GPUBENCH_MODULE_UNSUPPORTED) throw;
    return std::nullopt;
  }
}

}  // namespace gpubench::cuda

/// Only catches what a function cannot see; std::source_location is missing from some supported compilers.
#define GPUBENCH_CUDA(call) ::gpubench::cuda::require((call), ::gpubench::cuda::call_site{#call, __FILE__, __LINE__})
