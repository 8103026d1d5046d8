// A module without CUDA, for tests of the loader: two devices, one benchmark whose parameter n scripts what happens.
#include "bench/cuda/module_interface.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <string>
#include <thread>

#ifndef STAND_IN_STATE
#define STAND_IN_STATE GPUBENCH_MODULE_READY
#endif

namespace {

struct open_case {
  long long n = 0;
  int samples = 0;
  double time_ns = 2e6, error = 0.25;  // of n = 33
};

std::string last_error_text;
int open_cases = 0;
bool second_is_lost = false;

/// The device alone, unless one of these.
constexpr long long hangs_on_both = 56, loses_the_second = 667, loses_one_of_both = 668;

/// What NVIDIA's driver does when a program ends while work on a device never does: it waits.
struct waits_for_hung_work {
  bool hung = false;
  ~waits_for_hung_work() {
    while (hung) pause();
  }
} at_exit;

const char* scripted(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : otherwise;
}

/// Of "666,12" the number at a place; the last one serves all further places.
double number_at(const char* list, std::uint32_t place) {
  std::istringstream numbers(list);
  std::string number;
  for (std::uint32_t i = 0; i <= place; ++i) {
    if (std::string next; std::getline(numbers, next, ',')) number = next;
  }
  return std::atof(number.c_str());
}

std::int32_t fail(std::int32_t status, const char* text) {
  last_error_text = text;
  return status;
}

std::int32_t initialize() {
  last_error_text = "scripted detail";
  return STAND_IN_STATE;
}
const char* last_error() {
  return last_error_text.c_str();
}
const char* last_hint() {
  return STAND_IN_STATE == GPUBENCH_MODULE_NO_DRIVER ? "" : "scripted hint";
}
std::uint32_t device_count() {
  return 2;
}
std::int32_t device(std::uint32_t index, gpubench_module_device* out) {
  const char* uuid = scripted("STAND_IN_UUID", "GPU-1");
  const char* name = scripted("STAND_IN_NAME", "First GPU");
  const int multiprocessors = std::atoi(scripted("STAND_IN_MULTIPROCESSORS", "132"));
  *out = {index == 0 ? name : "Second GPU", index == 0 ? uuid : nullptr, "9.0", 80e9, 50e6, multiprocessors};
  return GPUBENCH_MODULE_OK;
}
const char* library(std::uint32_t index) {
  return index == 0 ? "stand in library 1.2" : nullptr;
}

/// $STAND_IN_FLUSH_NS, "140,300", adds the two benchmarks that tell what a flush does, and their times; 0 fails.
constexpr std::uint32_t latency = 1, latency_flushed = 2;

std::uint32_t benchmark_count() {
  return std::getenv("STAND_IN_FLUSH_NS") != nullptr ? 3 : 1;
}
std::int32_t benchmark(std::uint32_t index, gpubench_module_benchmark* out) {
  if (index >= latency) {
    *out = {index == latency ? "memory_latency" : "memory_latency_flushed",
            "A scripted load",
            "fp32",
            GPUBENCH_MODULE_PEAK_NONE,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.0};
    return GPUBENCH_MODULE_OK;
  }
  *out = {"scripted", "Does what its parameter says", "bf16", GPUBENCH_MODULE_PEAK_DENSE, GPUBENCH_MODULE_ONE_DEVICE,
          1.0};
  return GPUBENCH_MODULE_OK;
}
std::int32_t is_application(std::uint32_t) {
  return std::getenv("STAND_IN_IS_APPLICATION") != nullptr ? 1 : 0;
}
std::int32_t work(std::uint32_t, const gpubench_module_parameters* values, gpubench_module_work* out) {
  *out = {1, 0, 1, 0, 2.0 * static_cast<double>(values->values[0].value), 0, 5, 0, "token"};
  return GPUBENCH_MODULE_OK;
}
std::uint32_t case_count(std::uint32_t index, std::uint32_t, std::int32_t suite) {
  if (index >= latency) return index == latency_flushed && suite == GPUBENCH_MODULE_FULL ? 1 : 0;
  return suite == GPUBENCH_MODULE_QUICK ? 1 : 2;
}
std::int32_t case_parameters(std::uint32_t benchmark_index, std::uint32_t device_index, std::int32_t,
                             std::uint32_t index, gpubench_module_parameters* out) {
  out->count = 1;
  if (benchmark_index >= latency) {
    out->values[0] = {"working_set_bytes", nullptr, 1 << 20};
    return GPUBENCH_MODULE_OK;
  }
  const char* list = std::getenv("STAND_IN_N");
  // $STAND_IN_N scripts the whole program, whose tests call no function of this: "666,12" gives the first device's
  // cases 666 and the second's 12.
  out->values[0] = {"n", nullptr,
                    list ? static_cast<std::int64_t>(number_at(list, device_index)) : 10 * (device_index + 1) + index};
  return GPUBENCH_MODULE_OK;
}
const char* unavailable(std::uint32_t, std::uint32_t, const gpubench_module_parameters* values) {
  return values->values[0].value == 13 ? "thirteen brings bad luck" : nullptr;
}
std::int32_t uses(std::uint32_t, std::uint32_t device_index, const gpubench_module_parameters* values,
                  std::uint32_t other) {
  const long long n = values->values[0].value;
  return other == device_index || n == hangs_on_both || n == loses_the_second || n == loses_one_of_both ? 1 : 0;
}
std::int32_t is_lost(std::uint32_t device_index) {
  return device_index == 1 && second_is_lost ? 1 : 0;
}

std::int32_t prepare(std::uint32_t index, std::uint32_t, const gpubench_module_parameters* values, void** out) {
  if (index >= latency) {
    const double ns = number_at(scripted("STAND_IN_FLUSH_NS", "0"), index - latency);
    if (ns == 0) return fail(GPUBENCH_MODULE_DEVICE_ERROR, "a scripted failure");
    auto* opened = new open_case;
    opened->time_ns = ns;
    opened->n = 33;
    *out = opened;
    ++open_cases;
    return GPUBENCH_MODULE_OK;
  }
  const long long n = values->values[0].value;
  if (n == 99) return fail(GPUBENCH_MODULE_OUT_OF_DEVICE_MEMORY, "out of device memory in cudaMalloc(99 bytes)");
  if (n == 77) return fail(GPUBENCH_MODULE_UNSUPPORTED, "the library has no engine for seventy-seven");
  auto* opened = new open_case;
  opened->n = n;
  if (n == 33) {
    // Each time that the case is prepared has its own.
    static std::uint32_t times = 0;
    opened->time_ns = number_at(scripted("STAND_IN_NS", "2e6"), times);
    opened->error = number_at(scripted("STAND_IN_ERROR", "0.25"), times);
    ++times;
  }
  *out = opened;
  ++open_cases;
  return GPUBENCH_MODULE_OK;
}
std::int32_t sample(void* opened, gpubench_module_sample* out) {
  auto* the_case = static_cast<open_case*>(opened);
  const long long n = the_case->n;
  if (n == 666 || n == loses_the_second || n == loses_one_of_both) {
    second_is_lost = n == loses_the_second;
    return fail(GPUBENCH_MODULE_DEVICE_LOST, "an illegal memory access was encountered");
  }
  if (n == 55 || n == hangs_on_both) {
    at_exit.hung = std::getenv("STAND_IN_WAITS_AT_EXIT") != nullptr;
    return fail(GPUBENCH_MODULE_HUNG, "scripted work did not end within 60 s");
  }
  if (the_case->n == 33) {
    // Real time for those who watch, the same time for every sample.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    *out = {the_case->time_ns, 1, 1, 250.0, std::atof(scripted("STAND_IN_CLOCK_HERTZ", "1.4e9"))};
    return GPUBENCH_MODULE_OK;
  }
  *out = {the_case->n == 0 ? 0 : 1000.0 * ++the_case->samples, 1, 1, 250.0, 1.5e9};
  return GPUBENCH_MODULE_OK;
}
std::int32_t verify(void* opened, gpubench_module_verification* out) {
  const auto* the_case = static_cast<open_case*>(opened);
  *out = {"nothing much", the_case->n == 44 ? 0.75 : the_case->error, 0.5};
  return GPUBENCH_MODULE_OK;
}
std::int32_t telemetry(void*, gpubench_module_telemetry* out) {
  *out = {1, 1.5e9};
  return GPUBENCH_MODULE_OK;
}
std::int32_t note(void*, std::uint32_t index, gpubench_module_note* out) {
  *out = {nullptr, nullptr};
  if (index == 0) *out = {"cache_state", "cold"};
  return GPUBENCH_MODULE_OK;
}
void release(void* opened) {
  delete static_cast<open_case*>(opened);
  --open_cases;
}

const char* communicator_id() {
  return nullptr;
}

}  // namespace

extern "C" {
extern const gpubench_module_table gpubench_cuda_module;
const gpubench_module_table gpubench_cuda_module = {
    GPUBENCH_MODULE_INTERFACE_VERSION,
    "stand-in 1.0",
    initialize,
    last_error,
    last_hint,
    device_count,
    device,
    library,
    benchmark_count,
    benchmark,
    is_application,
    work,
    case_count,
    case_parameters,
    unavailable,
    uses,
    is_lost,
    prepare,
    sample,
    verify,
    telemetry,
    note,
    release,
    communicator_id,
};

/// For the test: how many cases were prepared and not released.
int stand_in_open_cases();
int stand_in_open_cases() {
  return open_cases;
}
}
