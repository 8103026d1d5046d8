// The C table: every call ends here, exceptions become a status and two texts.
#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/cudnn.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nccl.hpp"
#include "bench/cuda/module/nvenc.hpp"
#include "bench/cuda/module/owners.hpp"

#include <cuda_runtime_api.h>

#include <exception>
#include <utility>

namespace gpubench::cuda {

namespace {

/// Plain data only: no object that outlives main() owns anything of CUDA's.
struct module_state {
  std::string error, hint, text;
  std::vector<device_properties> devices;
  std::vector<std::string> libraries;
};

module_state& state() {
  static module_state instance;
  return instance;
}

const benchmark_list& benchmarks() {
  return registered_benchmarks();
}

/// A prepared case with the device that it lives on.
struct open_case {
  int device = 0;
  std::unique_ptr<prepared_case> prepared;
  method_notes notes;
};

template <class Body>
std::int32_t guarded(const Body& body) noexcept {
  try {
    state().error.clear();
    state().hint.clear();
    body();
    return GPUBENCH_MODULE_OK;
  } catch (const failure& f) {
    state().error = f.what();
    state().hint = f.hint();
    return f.status();
  } catch (const std::exception& e) {
    state().error = e.what();
  } catch (...) {
    state().error = "an error of unknown kind";
  }
  return GPUBENCH_MODULE_INTERNAL_ERROR;
}

const benchmark& benchmark_at(std::uint32_t index) {
  if (index >= benchmarks().size()) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "no such benchmark");
  return *benchmarks()[index];
}

const device_properties& device_at(std::uint32_t index) {
  if (index >= state().devices.size()) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "no such device");
  return state().devices[index];
}

void list_libraries() {
  int runtime = 0;
  GPUBENCH_CUDA(cudaRuntimeGetVersion(&runtime));
  int driver = 0;
  GPUBENCH_CUDA(cudaDriverGetVersion(&driver));
  state().libraries = {"cuda runtime " + cuda_version_text(runtime), "cuda driver " + cuda_version_text(driver)};
  for (const auto& [name, version] : {std::pair{"cublaslt", cublaslt_version()}, std::pair{"cudnn", cudnn_version()},
                                      std::pair{"nccl", nccl_version()}, std::pair{"nvenc", nvenc_version(nvenc())}}) {
    if (version) state().libraries.push_back(std::string(name) + ' ' + *version);
  }
}

std::int32_t initialize() {
  std::int32_t found = GPUBENCH_MODULE_FAILED;
  const std::int32_t status = guarded([&] {
    device_search search = find_devices();
    state().error = search.detail;
    state().devices = std::move(search.devices);
    if (search.state == GPUBENCH_MODULE_READY) list_libraries();
    if (search.state == GPUBENCH_MODULE_DRIVER_TOO_OLD) {
      state().hint = "update the driver, or build with an older CUDA toolkit";
    }
    if (search.state == GPUBENCH_MODULE_NO_DEVICE) {
      state().hint = "look at CUDA_VISIBLE_DEVICES, and at the devices that a container was given";
    }
    found = search.state;
  });
  return status == GPUBENCH_MODULE_OK ? found : GPUBENCH_MODULE_FAILED;
}

const char* last_error() {
  return state().error.c_str();
}
const char* last_hint() {
  return state().hint.c_str();
}

std::uint32_t device_count() {
  return static_cast<std::uint32_t>(state().devices.size());
}

std::int32_t device(std::uint32_t index, gpubench_module_device* out) {
  return guarded([&] {
    const auto& found = device_at(index);
    *out = {found.name.c_str(), found.uuid.c_str(), found.compute_capability.c_str(),
            found.memory_bytes, found.l2_bytes,     found.multiprocessors};
  });
}

const char* library(std::uint32_t index) {
  return index < state().libraries.size() ? state().libraries[index].c_str() : nullptr;
}

std::uint32_t benchmark_count() {
  return static_cast<std::uint32_t>(benchmarks().size());
}

std::int32_t describe_benchmark(std::uint32_t index, gpubench_module_benchmark* out) {
  return guarded([&] { *out = benchmark_at(index).description(); });
}

std::int32_t work(std::uint32_t index, const gpubench_module_parameters* values, gpubench_module_work* out) {
  return guarded([&] { *out = benchmark_at(index).work(*values); });
}

std::uint32_t case_count(std::uint32_t index, std::uint32_t on_device, std::int32_t suite) {
  std::uint32_t count = 0;
  guarded([&] {
    const auto wanted = static_cast<gpubench_module_suite>(suite);
    count = static_cast<std::uint32_t>(benchmark_at(index).cases(wanted, device_at(on_device)).size());
  });
  return count;
}

std::int32_t case_parameters(std::uint32_t index, std::uint32_t on_device, std::int32_t suite, std::uint32_t number,
                             gpubench_module_parameters* out) {
  return guarded([&] {
    const auto all = benchmark_at(index).cases(static_cast<gpubench_module_suite>(suite), device_at(on_device));
    if (number >= all.size()) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "no such case");
    *out = all[number];
  });
}

const char* unavailable(std::uint32_t index, std::uint32_t on_device, const gpubench_module_parameters* values) {
  std::optional<std::string> reason;
  const auto status = guarded([&] { reason = benchmark_at(index).unavailable(*values, device_at(on_device)); });
  if (status != GPUBENCH_MODULE_OK) reason = state().error;
  if (!reason) return nullptr;
  state().text = *reason;
  return state().text.c_str();
}

std::int32_t is_application(std::uint32_t index) {
  bool application = false;
  const auto status = guarded([&] { application = benchmark_at(index).is_application(); });
  return status == GPUBENCH_MODULE_OK && application ? 1 : 0;
}

std::int32_t uses(std::uint32_t index, std::uint32_t on_device, const gpubench_module_parameters* values,
                  std::uint32_t other) {
  bool used = false;
  const auto status =
      guarded([&] { used = benchmark_at(index).uses(*values, device_at(on_device), device_at(other).index); });
  return status == GPUBENCH_MODULE_OK && used ? 1 : 0;
}

/// Keeps the last error, which this is asked about.
std::int32_t is_lost(std::uint32_t index) {
  if (index >= state().devices.size()) return 0;
  try {
    const device_guard current(state().devices[index].index);
    // The runtime notes the last error of the thread, not of the device: what another one left must not count here.
    cudaGetLastError();
    return device_is_lost() ? 1 : 0;
  } catch (const failure&) {
    return 1;  // it cannot even be made current
  }
}

std::int32_t prepare(std::uint32_t index, std::uint32_t on_device, const gpubench_module_parameters* values,
                     void** out_case) {
  return guarded([&] {
    const auto& where = device_at(on_device);
    const device_guard current(where.index);
    *out_case = new open_case{where.index, benchmark_at(index).prepare(*values, where), {}};
  });
}

/// Runs on the case's device.
template <class Body>
std::int32_t on_case(void* opened, const Body& body) {
  auto& the_case = *static_cast<open_case*>(opened);
  return guarded([&] {
    const device_guard current(the_case.device);
    body(the_case);
  });
}

std::int32_t sample(void* opened, gpubench_module_sample* out) {
  return on_case(opened, [&](open_case& the_case) {
    const sample_times times = the_case.prepared->sample();
    *out = {times.device_ns, times.host_ns ? 1 : 0, times.clock_hertz ? 1 : 0, times.host_ns.value_or(0),
            times.clock_hertz.value_or(0)};
  });
}

std::int32_t verify(void* opened, gpubench_module_verification* out) {
  return on_case(opened, [&](open_case& the_case) {
    const verification found = the_case.prepared->verify();
    state().text = found.compared;
    *out = {state().text.c_str(), found.error, found.tolerance};
  });
}

std::int32_t telemetry(void* opened, gpubench_module_telemetry* out) {
  return guarded([&] {
    const auto clock = static_cast<open_case*>(opened)->prepared->clock_hertz();
    *out = {clock ? 1 : 0, clock.value_or(0)};
  });
}

std::int32_t note(void* opened, std::uint32_t index, gpubench_module_note* out) {
  return on_case(opened, [&](open_case& the_case) {
    if (index == 0) the_case.notes = the_case.prepared->notes();
    *out = {nullptr, nullptr};
    if (index >= the_case.notes.size()) return;
    *out = {the_case.notes[index].first.c_str(), the_case.notes[index].second.c_str()};
  });
}

void release(void* opened) {
  std::unique_ptr<open_case> the_case(static_cast<open_case*>(opened));
  if (device_work_hangs()) {
    // Left as it is until the process ends: what hangs may still use it.
    static_cast<void>(the_case.release());
    return;
  }
  guarded([&] {
    const device_guard current(the_case->device);
    the_case->prepared.reset();
  });
  // What was freed on a lost device noted its error, which the next case would take for one of its own.
  cudaGetLastError();
}

const char* communicator_id() {
  const auto status = guarded([] { state().text = new_nccl_id(); });
  return status == GPUBENCH_MODULE_OK ? state().text.c_str() : nullptr;
}

}  // namespace

}  // namespace gpubench::cuda

extern "C" {

/// The one symbol that the module exports. Initialised at compile time, so that its version can be read before any code
/// of the module runs.
__attribute__((visibility("default"))) extern const gpubench_module_table gpubench_cuda_module;

constinit const gpubench_module_table gpubench_cuda_module = {
    GPUBENCH_MODULE_INTERFACE_VERSION,
    GPUBENCH_MODULE_BUILD,
    gpubench::cuda::initialize,
    gpubench::cuda::last_error,
    gpubench::cuda::last_hint,
    gpubench::cuda::device_count,
    gpubench::cuda::device,
    gpubench::cuda::library,
    gpubench::cuda::benchmark_count,
    gpubench::cuda::describe_benchmark,
    gpubench::cuda::is_application,
    gpubench::cuda::work,
    gpubench::cuda::case_count,
    gpubench::cuda::case_parameters,
    gpubench::cuda::unavailable,
    gpubench::cuda::uses,
    gpubench::cuda::is_lost,
    gpubench::cuda::prepare,
    gpubench::cuda::sample,
    gpubench::cuda::verify,
    gpubench::cuda::telemetry,
    gpubench::cuda::note,
    gpubench::cuda::release,
    gpubench::cuda::communicator_id,
};

}  // extern "C"
