#pragma once

// cuDNN's C interface as opened at run time. Only the files that take part in lowering include this; it needs
// cudnn_graph.h.
#include "bench/cuda/module/owners.hpp"

#include <cudnn_graph.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gpubench::cuda::dnn {

/// The functions of cuDNN that are used, as the library of the machine has them.
struct functions {
  std::string missing;  ///< why there are none; empty when all were found
  decltype(&cudnnGetVersion) version = nullptr;
  decltype(&cudnnGetErrorString) error_string = nullptr;
  decltype(&cudnnGetLastErrorString) last_error_string = nullptr;
  decltype(&cudnnCreate) create = nullptr;
  decltype(&cudnnDestroy) destroy = nullptr;
  decltype(&cudnnSetStream) set_stream = nullptr;
  decltype(&cudnnBackendCreateDescriptor) create_descriptor = nullptr;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor = nullptr;
  decltype(&cudnnBackendSetAttribute) set_attribute = nullptr;
  decltype(&cudnnBackendGetAttribute) get_attribute = nullptr;
  decltype(&cudnnBackendFinalize) finalize = nullptr;
  decltype(&cudnnBackendExecute) execute = nullptr;
};
const functions& library();

/// @throws failure: unsupported, out of device memory, or device error, each with cuDNN's own words.
void require(cudnnStatus_t status, const char* what);

cudnnStatus_t destroy_descriptor(cudnnBackendDescriptor_t one);

/// A backend descriptor. finalize() it before others refer to it.
class descriptor {
 public:
  explicit descriptor(cudnnBackendDescriptorType_t type);

  cudnnBackendDescriptor_t get() const noexcept { return raw_.get(); }
  void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count, const void* values);
  void finalize(const char* what);

  void set_data_type(cudnnBackendAttributeName_t name, cudnnDataType_t value) {
    set(name, CUDNN_TYPE_DATA_TYPE, 1, &value);
  }
  void set_int64(cudnnBackendAttributeName_t name, std::int64_t value) { set(name, CUDNN_TYPE_INT64, 1, &value); }
  void set_int64s(cudnnBackendAttributeName_t name, const std::vector<std::int64_t>& values) {
    set(name, CUDNN_TYPE_INT64, static_cast<std::int64_t>(values.size()), values.data());
  }
  void set_float(cudnnBackendAttributeName_t name, float value) { set(name, CUDNN_TYPE_FLOAT, 1, &value); }
  void set_descriptor(cudnnBackendAttributeName_t name, const descriptor& value) {
    cudnnBackendDescriptor_t raw = value.get();
    set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &raw);
  }

  /// How many values the attribute has, at most `most` of which go to `values`.
  std::int64_t read(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t most,
                    void* values) const;

 private:
  std::unique_ptr<cudnnBackendDescriptor_t, destroyer<cudnnBackendDescriptor_t, destroy_descriptor>> raw_;
};

}  // namespace gpubench::cuda::dnn
