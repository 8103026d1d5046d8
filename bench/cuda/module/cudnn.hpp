#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <optional>
#include <string>

namespace gpubench::cuda {

/// Why there is no cuDNN: left out of this build, or its library cannot be loaded here. Nothing when there is.
/// cuDNN 9 is opened at run time, so that a machine without it still runs everything else.
std::optional<std::string> cudnn_unavailable();

/// "9.19.0"; nothing where cuDNN is unavailable.
std::optional<std::string> cudnn_version();

namespace dnn {

/// A handle of the current device, bound to its stream from birth.
class handle {
 public:
  /// @throws failure: device error, with cuDNN's own words.
  explicit handle(cudaStream_t stream);
  ~handle();

  cudaStream_t stream() const noexcept { return stream_; }
  void* get() const noexcept;  ///< cudnnHandle_t

 private:
  struct state;
  cudaStream_t stream_;
  std::unique_ptr<state> state_;
};

}  // namespace dnn

}  // namespace gpubench::cuda
