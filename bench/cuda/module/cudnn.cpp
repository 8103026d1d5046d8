#include "bench/cuda/module/cudnn.hpp"

#include "bench/cuda/module/cudnn_library.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/library_search.hpp"

#include <array>

namespace gpubench::cuda {

namespace dnn {

namespace {

functions load() {
  functions result;
  // cuDNN opens these by name when it needs them; those that are already open are found wherever they lie.
  const std::string major = std::to_string(CUDART_VERSION / 1000);
  for (const char* name : {"libnvrtc.so.", "libcublasLt.so."}) open_library(name + major);
  const opened_library found = open_library("libcudnn.so." + std::to_string(CUDNN_MAJOR));
  result.missing = found.problem;
  if (found.handle == nullptr) return result;
  find_function(found, "cudnnGetVersion", result.version, result.missing);
  find_function(found, "cudnnGetErrorString", result.error_string, result.missing);
  find_function(found, "cudnnGetLastErrorString", result.last_error_string, result.missing);
  find_function(found, "cudnnCreate", result.create, result.missing);
  find_function(found, "cudnnDestroy", result.destroy, result.missing);
  find_function(found, "cudnnSetStream", result.set_stream, result.missing);
  find_function(found, "cudnnBackendCreateDescriptor", result.create_descriptor, result.missing);
  find_function(found, "cudnnBackendDestroyDescriptor", result.destroy_descriptor, result.missing);
  find_function(found, "cudnnBackendSetAttribute", result.set_attribute, result.missing);
  find_function(found, "cudnnBackendGetAttribute", result.get_attribute, result.missing);
  find_function(found, "cudnnBackendFinalize", result.finalize, result.missing);
  find_function(found, "cudnnBackendExecute", result.execute, result.missing);
  return result;
}

cudnnStatus_t destroy_handle(cudnnHandle_t one) {
  return library().destroy(one);
}

/// "CUDNN_STATUS_BAD_PARAM: dimensions do not match", in one line.
std::string words_of(cudnnStatus_t status) {
  std::array<char, 1024> text{};
  library().last_error_string(text.data(), text.size());
  text.back() = '\0';
  std::string result = library().error_string(status);
  std::string detail = text.data();
  while (!detail.empty() && (detail.back() == '\n' || detail.back() == ' ')) detail.pop_back();
  for (char& c : detail) {
    if (c == '\n') c = ' ';
  }
  return detail.empty() ? result : result + ": " + detail;
}

}  // namespace

const functions& library() {
  static const functions found = load();
  return found;
}

void require(cudnnStatus_t status, const char* what) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  const std::string words = words_of(status);
  const int category = CUDNN_STATUS_CATEGORY(static_cast<int>(status));
  if (category == CUDNN_STATUS_NOT_SUPPORTED) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED, std::string("cuDNN: ") + what + ": " + words);
  }
  if (status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED) throw_out_of_memory(what, words);
  const bool defect = category == CUDNN_STATUS_BAD_PARAM;
  const auto kind = defect             ? GPUBENCH_MODULE_INTERNAL_ERROR
                    : device_is_lost() ? GPUBENCH_MODULE_DEVICE_LOST
                                       : GPUBENCH_MODULE_DEVICE_ERROR;
  throw failure(kind, std::string("cuDNN: ") + what + ": " + words);
}

cudnnStatus_t destroy_descriptor(cudnnBackendDescriptor_t one) {
  return library().destroy_descriptor(one);
}

descriptor::descriptor(cudnnBackendDescriptorType_t type) {
  cudnnBackendDescriptor_t raw = nullptr;
  require(library().create_descriptor(type, &raw), "cudnnBackendCreateDescriptor");
  raw_.reset(raw);
}

void descriptor::set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
                     const void* values) {
  const auto status = library().set_attribute(get(), name, type, count, values);
  if (status != CUDNN_STATUS_SUCCESS) require(status, ("setting attribute " + std::to_string(name)).c_str());
}

void descriptor::finalize(const char* what) {
  require(library().finalize(get()), what);
}

std::int64_t descriptor::read(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t most,
                              void* values) const {
  std::int64_t count = 0;
  const auto status = library().get_attribute(get(), name, type, most, &count, values);
  if (status != CUDNN_STATUS_SUCCESS) require(status, ("reading attribute " + std::to_string(name)).c_str());
  return count;
}

struct handle::state {
  std::unique_ptr<cudnnHandle_t, destroyer<cudnnHandle_t, destroy_handle>> owner;
};

handle::handle(cudaStream_t stream) : stream_(stream), state_(std::make_unique<state>()) {
  if (const auto reason = cudnn_unavailable()) throw failure(GPUBENCH_MODULE_UNSUPPORTED, *reason);
  cudnnHandle_t raw = nullptr;
  require(library().create(&raw), "cudnnCreate");
  state_->owner.reset(raw);
  require(library().set_stream(raw, stream), "cudnnSetStream");
}

handle::~handle() = default;

void* handle::get() const noexcept {
  return state_->owner.get();
}

}  // namespace dnn

std::optional<std::string> cudnn_unavailable() {
  if (dnn::library().missing.empty()) return std::nullopt;
  return "cuDNN: " + dnn::library().missing;
}

std::optional<std::string> cudnn_version() {
  if (cudnn_unavailable()) return std::nullopt;
  // 91900 is 9.19.0, since cuDNN 9; before, 8907 was 8.9.7 (cudnn_version.h).
  const auto version = dnn::library().version();
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

}  // namespace gpubench::cuda
