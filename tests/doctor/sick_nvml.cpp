// A stand-in for libnvidia-ml.so.1 with two GPUs: one that is lost, and one with everything wrong that NVML can tell.
#include <cstdio>

namespace {

int gpu;

int put_text(char* buffer, unsigned length, const char* text) {
  std::snprintf(buffer, length, "%s", text);
  return 0;
}

int put(unsigned* value, unsigned number) {
  *value = number;
  return 0;
}

/// nvmlPciInfo_t
struct pci_info {
  char legacy_bus_id[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};

}  // namespace

extern "C" {

int nvmlInit_v2() {
  return 0;
}
int nvmlShutdown() {
  return 0;
}
int nvmlSystemGetDriverVersion(char* buffer, unsigned length) {
  return put_text(buffer, length, "535.104.05");
}
int nvmlSystemGetCudaDriverVersion_v2(int* version) {
  *version = 12020;
  return 0;
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  return put(count, 2);
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  constexpr int gpu_is_lost = 15;
  if (index != 1) return gpu_is_lost;
  *device = &gpu;
  return 0;
}
int nvmlDeviceGetName(void*, char* buffer, unsigned length) {
  return put_text(buffer, length, "NVIDIA H100 80GB HBM3");
}
int nvmlDeviceGetCudaComputeCapability(void*, int* major, int* minor) {
  *major = 9;
  *minor = 0;
  return 0;
}
int nvmlDeviceGetPciInfo_v3(void*, pci_info* pci) {
  *pci = {};
  pci->bus = 0xca;
  return 0;
}
int nvmlDeviceGetEccMode(void*, unsigned* current, unsigned* pending) {
  *current = 0;
  *pending = 1;
  return 0;
}
int nvmlDeviceGetTotalEccErrors(void*, int kind, int counter, unsigned long long* errors) {
  *errors = kind == 1 && counter == 0 ? 5 : 0;  // uncorrected, volatile
  return 0;
}
int nvmlDeviceGetRemappedRows(void*, unsigned* correctable, unsigned* uncorrectable, unsigned* pending,
                              unsigned* failed) {
  *correctable = 1;
  *uncorrectable = 8;
  *pending = 1;
  *failed = 1;
  return 0;
}
int nvmlDeviceGetMigMode(void*, unsigned* current, unsigned* pending) {
  *current = 1;
  *pending = 1;
  return 0;
}
int nvmlDeviceGetMaxMigDeviceCount(void*, unsigned* count) {
  return put(count, 7);
}
int nvmlDeviceGetMigDeviceHandleByIndex(void*, unsigned, void**) {
  return 6;  // not found: the GPU is not cut
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* milliwatts) {
  return put(milliwatts, 350'000);
}
int nvmlDeviceGetPowerManagementDefaultLimit(void*, unsigned* milliwatts) {
  return put(milliwatts, 700'000);
}
int nvmlDeviceGetPersistenceMode(void*, int* mode) {
  *mode = 0;
  return 0;
}
int nvmlDeviceGetComputeMode(void*, int* mode) {
  *mode = 2;
  return 0;
}
int nvmlDeviceGetClock(void*, int, int which, unsigned* megahertz) {
  return put(megahertz, which == 1 ? 990 : 1980);  // target, default
}
int nvmlDeviceGetCurrentClocksEventReasons(void*, unsigned long long* reasons) {
  *reasons = 0x8 | 0x80;  // slowdown by a power brake
  return 0;
}
int nvmlDeviceGetMaxPcieLinkGeneration(void*, unsigned* generation) {
  return put(generation, 4);
}
int nvmlDeviceGetGpuMaxPcieLinkGeneration(void*, unsigned* generation) {
  return put(generation, 5);
}
int nvmlDeviceGetCurrPcieLinkWidth(void*, unsigned* width) {
  return put(width, 4);
}
int nvmlDeviceGetMaxPcieLinkWidth(void*, unsigned* width) {
  return put(width, 16);
}
int nvmlDeviceGetNvLinkState(void*, unsigned link, int* active) {
  if (link >= 18) return 2;
  *active = link != 7 ? 1 : 0;
  return 0;
}
int nvmlDeviceGetNvLinkErrorCounter(void*, unsigned link, int counter, unsigned long long* errors) {
  *errors = link == 3 && counter == 1 ? 2 : 0;  // recoveries
  return 0;
}
}
