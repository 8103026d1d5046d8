// A stand-in for libnvidia-ml.so.1 with three GPUs: two A100s and one that may not be opened. $FAKE_NVML_INIT is what
// nvmlInit_v2() returns.
#include <cstdio>
#include <cstdlib>

namespace {

int gpus[2];

bool is_first(void* device) {
  return device == &gpus[0];
}

int put_text(char* buffer, unsigned length, const char* text) {
  std::snprintf(buffer, length, "%s", text);
  return 0;
}

}  // namespace

extern "C" {

int nvmlInit_v2() {
  const char* const result = std::getenv("FAKE_NVML_INIT");
  return result == nullptr ? 0 : std::atoi(result);
}
int nvmlShutdown() {
  return 0;
}
const char* nvmlErrorString(int) {
  return "Insufficient Permissions";
}
int nvmlSystemGetDriverVersion(char* buffer, unsigned length) {
  return put_text(buffer, length, "550.54.15");
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 3;
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  if (index >= 2) return 4;
  *device = &gpus[index];
  return 0;
}
int nvmlDeviceGetName(void*, char* buffer, unsigned length) {
  return put_text(buffer, length, "NVIDIA A100-SXM4-80GB");
}
int nvmlDeviceGetUUID(void* device, char* buffer, unsigned length) {
  return put_text(buffer, length, is_first(device) ? "GPU-0000" : "GPU-0001");
}
int nvmlDeviceGetMemoryInfo(void*, unsigned long long* memory) {
  memory[0] = 85899345920ULL;
  memory[1] = 1;
  memory[2] = 2;
  return 0;
}
int nvmlDeviceGetCudaComputeCapability(void*, int* major, int* minor) {
  *major = 8;
  *minor = 0;
  return 0;
}
int nvmlDeviceGetMaxClockInfo(void*, int clock, unsigned* megahertz) {
  *megahertz = clock == 1 ? 1410 : clock == 2 ? 1593 : 0;
  return 0;
}
int nvmlDeviceGetEnforcedPowerLimit(void* device, unsigned* milliwatts) {
  *milliwatts = is_first(device) ? 400000 : 250000;
  return 0;
}
int nvmlDeviceGetPowerManagementDefaultLimit(void*, unsigned* milliwatts) {
  *milliwatts = 400000;
  return 0;
}
int nvmlDeviceGetEccMode(void*, unsigned* current, unsigned* pending) {
  *current = 1;
  *pending = 0;
  return 0;
}
// The second GPU answers "not supported".
int nvmlDeviceGetMigMode(void* device, unsigned* current, unsigned* pending) {
  if (!is_first(device)) return 3;
  *current = 0;
  *pending = 1;
  return 0;
}
int nvmlDeviceGetMaxPcieLinkGeneration(void*, unsigned* generation) {
  *generation = 4;
  return 0;
}
// No nvmlDeviceGetCurrPcieLinkWidth: an old driver.
}
