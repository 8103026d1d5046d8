#include "bench/cuda/module/nvenc_library.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nvenc.hpp"

#include <dlfcn.h>

#include <cstdlib>

namespace gpubench::cuda {

namespace {

/// 16 x major + minor, as NvEncodeAPIGetMaxSupportedVersion() writes a version.
constexpr std::uint32_t needed_version = NVENCAPI_MAJOR_VERSION << 4 | NVENCAPI_MINOR_VERSION;

std::string version_text(std::uint32_t version) {
  return std::to_string(version >> 4) + "." + std::to_string(version & 0xf);
}

template <class Function>
Function* symbol(void* handle, const char* name) {
  return reinterpret_cast<Function*>(dlsym(handle, name));
}

}  // namespace

nvenc_library open_nvenc(const std::string& file) {
  nvenc_library result;
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const reason = dlerror();
    const std::string text = reason == nullptr ? "" : reason;
    result.missing = text.find("No such file") != std::string::npos
                         ? "no NVENC: " + file +
                               " not found; it comes with the driver, and into a container with the capability 'video'"
                         : file + " cannot be loaded (" + text + ")";
    return result;
  }
  const auto get_newest =
      symbol<decltype(NvEncodeAPIGetMaxSupportedVersion)>(handle, "NvEncodeAPIGetMaxSupportedVersion");
  const auto create = symbol<decltype(NvEncodeAPICreateInstance)>(handle, "NvEncodeAPICreateInstance");
  if (get_newest == nullptr || create == nullptr) {
    result.missing = file + " is no NVENC: it lacks NvEncodeAPICreateInstance";
    return result;
  }
  const auto fail = [&](const char* call, NVENCSTATUS status) {
    result.missing = "NVENC does not start: " + std::string(call) + ": " + nvenc_status_name(status);
    return result;
  };
  if (const auto status = get_newest(&result.newest); status != NV_ENC_SUCCESS)
    return fail("NvEncodeAPIGetMaxSupportedVersion", status);
  if (result.newest < needed_version) {
    result.missing = "the NVIDIA driver is too old for NVENC: it knows version " + version_text(result.newest) +
                     " of the interface, this build needs " + version_text(needed_version) +
                     "; update the driver, or build with older headers of it (nv-codec-headers)";
    return result;
  }
  result.call.version = NV_ENCODE_API_FUNCTION_LIST_VER;
  if (const auto status = create(&result.call); status != NV_ENC_SUCCESS)
    return fail("NvEncodeAPICreateInstance", status);
  return result;
}

const nvenc_library& nvenc() {
  static const nvenc_library library = [] {
    const char* const chosen = std::getenv("GPUBENCH_NVENC_LIBRARY");
    return open_nvenc(chosen != nullptr && *chosen != '\0' ? chosen : "libnvidia-encode.so.1");
  }();
  return library;
}

std::optional<std::string> nvenc_unavailable(const nvenc_library& library) {
  if (library.missing.empty()) return std::nullopt;
  return library.missing;
}

std::optional<std::string> nvenc_version(const nvenc_library& library) {
  if (!library.missing.empty()) return std::nullopt;
  return version_text(library.newest);
}

std::string nvenc_status_name(NVENCSTATUS status) {
  switch (status) {
#define GPUBENCH_NAME(name) \
  case name:                \
    return #name;
    GPUBENCH_NAME(NV_ENC_SUCCESS)
    GPUBENCH_NAME(NV_ENC_ERR_NO_ENCODE_DEVICE)
    GPUBENCH_NAME(NV_ENC_ERR_UNSUPPORTED_DEVICE)
    GPUBENCH_NAME(NV_ENC_ERR_INVALID_ENCODERDEVICE)
    GPUBENCH_NAME(NV_ENC_ERR_INVALID_DEVICE)
    GPUBENCH_NAME(NV_ENC_ERR_DEVICE_NOT_EXIST)
    GPUBENCH_NAME(NV_ENC_ERR_INVALID_PTR)
    GPUBENCH_NAME(NV_ENC_ERR_INVALID_PARAM)
    GPUBENCH_NAME(NV_ENC_ERR_INVALID_CALL)
    GPUBENCH_NAME(NV_ENC_ERR_OUT_OF_MEMORY)
    GPUBENCH_NAME(NV_ENC_ERR_ENCODER_NOT_INITIALIZED)
    GPUBENCH_NAME(NV_ENC_ERR_UNSUPPORTED_PARAM)
    GPUBENCH_NAME(NV_ENC_ERR_LOCK_BUSY)
    GPUBENCH_NAME(NV_ENC_ERR_NOT_ENOUGH_BUFFER)
    GPUBENCH_NAME(NV_ENC_ERR_INVALID_VERSION)
    GPUBENCH_NAME(NV_ENC_ERR_MAP_FAILED)
    GPUBENCH_NAME(NV_ENC_ERR_NEED_MORE_INPUT)
    GPUBENCH_NAME(NV_ENC_ERR_ENCODER_BUSY)
    GPUBENCH_NAME(NV_ENC_ERR_GENERIC)
    GPUBENCH_NAME(NV_ENC_ERR_INCOMPATIBLE_CLIENT_KEY)
    GPUBENCH_NAME(NV_ENC_ERR_UNIMPLEMENTED)
    GPUBENCH_NAME(NV_ENC_ERR_RESOURCE_REGISTER_FAILED)
    GPUBENCH_NAME(NV_ENC_ERR_RESOURCE_NOT_REGISTERED)
    GPUBENCH_NAME(NV_ENC_ERR_RESOURCE_NOT_MAPPED)
#undef GPUBENCH_NAME
    default:
      return "NVENCSTATUS " + std::to_string(static_cast<int>(status));
  }
}

void require(const nvenc_library& library, NVENCSTATUS status, const char* call, void* session) {
  if (status == NV_ENC_SUCCESS) return;
  const std::string name = nvenc_status_name(status);
  if (status == NV_ENC_ERR_OUT_OF_MEMORY) throw_out_of_memory(call, name);
  std::string text = std::string(call) + ": " + name;
  if (session != nullptr && library.call.nvEncGetLastErrorString != nullptr) {
    const char* const detail = library.call.nvEncGetLastErrorString(session);
    if (detail != nullptr && *detail != '\0') text.append(" (").append(detail).append(")");
  }
  throw failure(device_is_lost() ? GPUBENCH_MODULE_DEVICE_LOST : GPUBENCH_MODULE_DEVICE_ERROR, text);
}

}  // namespace gpubench::cuda
