// A stand-in for libnvidia-ml.so.1 with three GPUs: two A100s and one that may not be opened. $FAKE_NVML_INIT is what
// nvmlInit_v2() returns. What the first A100 is doing is scripted by further variables, each read at every call:
//   FAKE_NVML_REASONS       mask of clock event reasons, as 0x4
//   FAKE_NVML_ERROR         what every question about its state returns: 15 lost, 4 no permission
//   FAKE_NVML_PROCESSES     number of processes on it
//   FAKE_NVML_MIG           its slices: "MIG-5" is the UUID of one
//   FAKE_NVML_VIRTUAL       its virtualization mode
//   FAKE_NVML_OLD_NAMES     only the names of drivers before 535 are there
//   FAKE_NVML_LOST_FILE     while this file exists every question about its state returns "lost"
//   FAKE_NVML_GONE_FILE     while this file exists the driver is not loaded, and no GPU answers
//   FAKE_NVML_UTILIZATION   per cent of time with a kernel; 37 where not set, "not supported" in MIG mode
//   FAKE_NVML_GPM           it has performance counters, and its slices too
//   FAKE_NVML_HANG_FILE     while this file exists the question for its clocks does not return
//   FAKE_NVML_INIT_HANG_FILE  while this file exists nvmlInit_v2() does not return
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace {

int gpus[2];

bool is_first(void* device) {
  return device == &gpus[0];
}

int slice;

/// Value of a variable, or nothing.
const char* scripted(const char* name) {
  return std::getenv(name);
}

unsigned scripted_number(const char* name, unsigned otherwise) {
  const char* text = scripted(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 0));
}

bool file_exists(const char* variable) {
  const char* const path = scripted(variable);
  return path != nullptr && access(path, F_OK) == 0;
}

/// 0, or the scripted error.
int state_error() {
  if (file_exists("FAKE_NVML_GONE_FILE")) return 9;
  if (file_exists("FAKE_NVML_LOST_FILE")) return 15;
  return static_cast<int>(scripted_number("FAKE_NVML_ERROR", 0));
}

int put_text(char* buffer, unsigned length, const char* text) {
  std::snprintf(buffer, length, "%s", text);
  return 0;
}

}  // namespace

extern "C" {

int nvmlInit_v2() {
  while (file_exists("FAKE_NVML_INIT_HANG_FILE")) usleep(10'000);
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
  if (file_exists("FAKE_NVML_GONE_FILE")) return 9;
  *count = 3;
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  if (index >= 2) return 4;
  *device = &gpus[index];
  return 0;
}
int nvmlDeviceGetName(void* device, char* buffer, unsigned length) {
  if (device == &slice) return put_text(buffer, length, "NVIDIA A100-SXM4-80GB MIG 1g.10gb");
  return put_text(buffer, length, "NVIDIA A100-SXM4-80GB");
}
int nvmlDeviceGetUUID(void* device, char* buffer, unsigned length) {
  if (device == &slice) return put_text(buffer, length, scripted("FAKE_NVML_MIG"));
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
  *current = scripted("FAKE_NVML_MIG") != nullptr ? 1 : 0;
  *pending = 1;
  return 0;
}
int nvmlDeviceGetMaxPcieLinkGeneration(void*, unsigned* generation) {
  *generation = 4;
  return 0;
}
// No nvmlDeviceGetCurrPcieLinkWidth: an old driver.

int nvmlDeviceGetMaxMigDeviceCount(void* device, unsigned* count) {
  if (!is_first(device) || scripted("FAKE_NVML_MIG") == nullptr) return 3;
  *count = 7;
  return 0;
}
int nvmlDeviceGetMigDeviceHandleByIndex(void*, unsigned index, void** device) {
  if (index != 2) return 6;
  *device = &slice;
  return 0;
}
int nvmlDeviceGetVirtualizationMode(void* device, int* mode) {
  *mode = is_first(device) ? static_cast<int>(scripted_number("FAKE_NVML_VIRTUAL", 0)) : 1;
  return 0;
}
int nvmlDeviceGetPersistenceMode(void*, int* mode) {
  *mode = 1;
  return 0;
}
int nvmlDeviceGetNvLinkState(void* device, unsigned link, int* active) {
  if (link >= 12) return 2;
  *active = is_first(device) ? 1 : 0;
  return 0;
}
int nvmlDeviceGetClockInfo(void*, int clock, unsigned* megahertz) {
  while (file_exists("FAKE_NVML_HANG_FILE")) usleep(10'000);
  *megahertz = clock == 1 ? 1395 : 1593;
  return state_error();
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 321500;
  return state_error();
}
int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  *celsius = 65;
  return state_error();
}
int nvmlDeviceGetCurrPcieLinkGeneration(void*, unsigned* generation) {
  *generation = 3;
  return state_error();
}
int nvmlDeviceGetCurrentClocksEventReasons(void*, unsigned long long* reasons) {
  if (scripted("FAKE_NVML_OLD_NAMES") != nullptr) return 13;
  *reasons = scripted_number("FAKE_NVML_REASONS", 0);
  return state_error();
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* reasons) {
  *reasons = scripted_number("FAKE_NVML_REASONS", 0);
  return state_error();
}

struct field {
  unsigned id, scope;
  long long timestamp, latency;
  unsigned type;
  int status;
  unsigned value, unused;
};
// Memory temperature alone: power at this moment is not supported.
int nvmlDeviceGetFieldValues(void*, int count, field* fields) {
  for (int i = 0; i < count; ++i) {
    fields[i].status = fields[i].id == 82 ? 0 : 3;
    fields[i].type = 1;
    fields[i].value = 71;
  }
  return state_error();
}

struct process {
  unsigned pid;
  unsigned long long used;
  unsigned gpu_instance, compute_instance;
};
int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* count, process* processes) {
  const unsigned running = scripted_number("FAKE_NVML_PROCESSES", 1);
  if (running > *count) return 7;
  for (unsigned i = 0; i < running; ++i) processes[i] = {100 + i, 1, ~0U, ~0U};
  *count = running;
  return state_error();
}

// What monitoring asks besides.
int nvmlDeviceGetUtilizationRates(void* device, unsigned* used) {
  if (is_first(device) && scripted("FAKE_NVML_MIG") != nullptr) return 3;
  used[0] = scripted_number("FAKE_NVML_UTILIZATION", 37);
  used[1] = 12;
  return state_error();
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
  *millijoules = 5'000'000;
  return state_error();
}
int nvmlDeviceGetTotalEccErrors(void*, int type, int, unsigned long long* count) {
  *count = type == 0 ? 3 : 0;
  return state_error();
}
int nvmlDeviceGetRemappedRows(void*, unsigned* corrected, unsigned* uncorrected, unsigned* pending, unsigned* failed) {
  *corrected = 1;
  *uncorrected = 0;
  *pending = 0;
  *failed = 0;
  return state_error();
}
int nvmlDeviceGetGpuInstanceId(void* device, unsigned* id) {
  if (device != &slice) return 3;
  *id = 9;
  return 0;
}

struct gpm_support {
  unsigned version, supported;
};
int nvmlGpmQueryDeviceSupport(void* device, gpm_support* support) {
  support->supported = is_first(device) && scripted("FAKE_NVML_GPM") != nullptr ? 1 : 0;
  return 0;
}
int nvmlGpmSampleAlloc(int** sample) {
  *sample = new int(0);
  return 0;
}
int nvmlGpmSampleFree(int* sample) {
  delete sample;
  return 0;
}
// A sample counts how often one was taken.
static int gpm_samples_taken = 0;
int nvmlGpmSampleGet(void*, int* sample) {
  *sample = ++gpm_samples_taken;
  return state_error();
}
int nvmlGpmMigSampleGet(void*, unsigned instance, int* sample) {
  if (instance != 9) return 2;
  *sample = ++gpm_samples_taken;
  return state_error();
}
struct gpm_metric {
  unsigned id;
  int status;
  double value;
  const char* names[3];
};
struct gpm_question {
  unsigned version, count;
  int *before, *now;
  gpm_metric metrics[333];
};
int nvmlGpmMetricsGet(gpm_question* question) {
  if (question->version != 1 || *question->now <= *question->before) return 2;
  for (unsigned i = 0; i < question->count; ++i) {
    gpm_metric& metric = question->metrics[i];
    // Each figure is its number, but for NVLink, which it has not; PCIe in MiB a second.
    metric.status = metric.id >= 60 ? 3 : 0;
    metric.value = metric.id;
  }
  return 0;
}
}
