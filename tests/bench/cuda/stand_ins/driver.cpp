// Stands in for NVIDIA's driver (libcuda.so.1) where there is none, so that cuDNN compiles its engines for a device
// that is only described: it needs the driver for nothing but loading the code it has made. That always succeeds here;
// whatever wants a device is told that there is none (CUDA_ERROR_NO_DEVICE).
#include <cstddef>

namespace {

constexpr int success = 0, no_device = 100;
int anything;

int pretend(void** out) {
  *out = &anything;
  return success;
}

/// CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK is 0 and CU_FUNC_ATTRIBUTE_NUM_REGS 4 (cuda.h); others count as 0.
int attribute(int* value, int which) {
  *value = which == 0 ? 1024 : which == 4 ? 64 : 0;
  return success;
}

int text(const char** out) {
  *out = "stand-in";
  return success;
}

}  // namespace

extern "C" {

int cuDriverGetVersion(int* version) {
  *version = 13000;
  return success;
}
int cuGetErrorName(int, const char** name) {
  return text(name);
}
int cuGetErrorString(int, const char** name) {
  return text(name);
}
int cuLibraryLoadData(void** library, const void*, void*, void*, unsigned, void*, void*, unsigned) {
  return pretend(library);
}
int cuLibraryUnload(void*) {
  return success;
}
int cuLibraryGetKernel(void** kernel, void*, const char*) {
  return pretend(kernel);
}
int cuKernelGetFunction(void** function, void*) {
  return pretend(function);
}
int cuKernelGetAttribute(int* value, int which, void*, int) {
  return attribute(value, which);
}
int cuKernelSetAttribute(int, int, void*, int) {
  return success;
}
int cuFuncGetAttribute(int* value, int which, void*) {
  return attribute(value, which);
}
int cuFuncSetAttribute(void*, int, int) {
  return success;
}
int cuModuleLoadData(void** module, const void*) {
  return pretend(module);
}
int cuModuleLoadDataEx(void** module, const void*, unsigned, void*, void*) {
  return pretend(module);
}
int cuModuleUnload(void*) {
  return success;
}
int cuModuleGetFunction(void** function, void*, const char*) {
  return pretend(function);
}
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int, std::size_t) {
  *blocks = 1;
  return success;
}

// cuDNN looks for all of these before it begins.
#define GPUBENCH_NO_DEVICE(name) \
  int name() {                   \
    return no_device;            \
  }
GPUBENCH_NO_DEVICE(cuInit)
GPUBENCH_NO_DEVICE(cuCtxGetCurrent)
GPUBENCH_NO_DEVICE(cuCtxGetDevice)
GPUBENCH_NO_DEVICE(cuCtxGetLimit)
GPUBENCH_NO_DEVICE(cuCtxPopCurrent)
GPUBENCH_NO_DEVICE(cuCtxPushCurrent)
GPUBENCH_NO_DEVICE(cuDeviceGet)
GPUBENCH_NO_DEVICE(cuDeviceGetAttribute)
GPUBENCH_NO_DEVICE(cuDeviceGetCount)
GPUBENCH_NO_DEVICE(cuDevicePrimaryCtxRelease)
GPUBENCH_NO_DEVICE(cuDevicePrimaryCtxReset)
GPUBENCH_NO_DEVICE(cuDevicePrimaryCtxRetain)
GPUBENCH_NO_DEVICE(cuLaunchCooperativeKernel)
GPUBENCH_NO_DEVICE(cuLaunchKernel)
GPUBENCH_NO_DEVICE(cuLaunchKernelEx)
GPUBENCH_NO_DEVICE(cuLibraryLoadFromFile)
GPUBENCH_NO_DEVICE(cuLinkAddData)
GPUBENCH_NO_DEVICE(cuLinkAddData_v2)
GPUBENCH_NO_DEVICE(cuLinkAddFile_v2)
GPUBENCH_NO_DEVICE(cuLinkComplete)
GPUBENCH_NO_DEVICE(cuLinkCreate)
GPUBENCH_NO_DEVICE(cuLinkCreate_v2)
GPUBENCH_NO_DEVICE(cuLinkDestroy)
GPUBENCH_NO_DEVICE(cuMemcpyDtoH_v2)
GPUBENCH_NO_DEVICE(cuModuleGetGlobal_v2)
GPUBENCH_NO_DEVICE(cuModuleLoadFatBinary)
GPUBENCH_NO_DEVICE(cuOccupancyMaxPotentialClusterSize)
GPUBENCH_NO_DEVICE(cuStreamGetCtx)
GPUBENCH_NO_DEVICE(cuStreamSynchronize)
GPUBENCH_NO_DEVICE(cuTensorMapEncodeTiled)
}
