#include "bench/cuda/module_benchmarks.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

namespace gpubench::bench {

namespace {

std::atomic<bool> a_device_hangs{false};

void note_hung_device() {
  a_device_hangs = true;
}

/// Why nothing runs any more on a device in this process; shared by all definitions, since a case may use several.
using lost_devices = std::map<std::uint32_t, std::string>;

/// One benchmark of the module on one device.
struct module_entry {
  const gpubench_module_table* module = nullptr;
  std::uint32_t benchmark = 0, device = 0;
  std::string benchmark_name;
  std::shared_ptr<lost_devices> lost;
};

error_kind kind_of(std::int32_t status) {
  switch (status) {
    case GPUBENCH_MODULE_OUT_OF_DEVICE_MEMORY:
      return error_kind::out_of_device_memory;
    case GPUBENCH_MODULE_DEVICE_ERROR:
    case GPUBENCH_MODULE_DEVICE_LOST:
    case GPUBENCH_MODULE_HUNG:
      return error_kind::device;
    default:
      return error_kind::internal;
  }
}

/// Devices of a case: its own alone, or all that it uses.
using case_devices = std::vector<std::uint32_t>;

std::string describe(const case_devices& devices) {
  return fmt::format("device{} {}", devices.size() == 1 ? "" : "s", fmt::join(devices, ", "));
}

/// Of an error that spoils devices those that show it, or all when none does. Work that hangs cannot be told to hang on
/// one alone: a call on any device that takes part may wait for it.
void note_lost(const module_entry& entry, const case_devices& devices, std::int32_t status, const std::string& why) {
  case_devices lost;
  if (status == GPUBENCH_MODULE_DEVICE_LOST) {
    std::copy_if(devices.begin(), devices.end(), std::back_inserter(lost),
                 [&](std::uint32_t device) { return entry.module->is_lost(device) != 0; });
  }
  for (const auto device : lost.empty() ? devices : lost) entry.lost->emplace(device, why);
}

void require_ok(const module_entry& entry, const case_devices& devices, std::int32_t status) {
  if (status == GPUBENCH_MODULE_OK) return;
  const std::string message = fmt::format("{}: {}", describe(devices), entry.module->last_error());
  const std::string hint = entry.module->last_hint();
  if (status == GPUBENCH_MODULE_UNSUPPORTED) throw unsupported_case(entry.module->last_error());
  if (status == GPUBENCH_MODULE_DEVICE_LOST || status == GPUBENCH_MODULE_HUNG) {
    note_lost(entry, devices, status, message);
  }
  if (status == GPUBENCH_MODULE_HUNG) note_hung_device();
  throw error(kind_of(status), message, hint);
}

void require_ok(const module_entry& entry, std::int32_t status) {
  require_ok(entry, {entry.device}, status);
}

/// @param values  must outlive the result, which points into it.
gpubench_module_parameters to_module(const module_entry& entry, const results::parameters& values) {
  if (values.size() > GPUBENCH_MODULE_MAX_PARAMETERS) {
    throw error(error_kind::usage,
                fmt::format("{}: more than {} parameters", entry.benchmark_name, GPUBENCH_MODULE_MAX_PARAMETERS));
  }
  gpubench_module_parameters result{};
  for (const auto& [name, value] : values) {
    const auto* text = std::get_if<std::string>(&value);
    result.values[result.count++] = {name.c_str(), text ? text->c_str() : nullptr,
                                     text ? 0 : std::get<std::int64_t>(value)};
  }
  return result;
}

results::parameters from_module(const gpubench_module_parameters& values) {
  results::parameters result;
  for (std::uint32_t i = 0; i < values.count && i < GPUBENCH_MODULE_MAX_PARAMETERS; ++i) {
    const auto& found = values.values[i];
    if (found.text != nullptr) {
      result.emplace_back(found.name, std::string(found.text));
    } else {
      result.emplace_back(found.name, found.value);
    }
  }
  return result;
}

case_devices devices_used(const module_entry& entry, const gpubench_module_parameters& parameters) {
  case_devices result;
  for (std::uint32_t other = 0; other < entry.module->device_count(); ++other) {
    if (entry.module->uses(entry.benchmark, entry.device, &parameters, other) != 0) result.push_back(other);
  }
  if (result.empty()) result.push_back(entry.device);  // parameters that the case itself will refuse
  return result;
}

class module_case final : public prepared_case {
 public:
  module_case(module_entry entry, const results::parameters& values) : entry_(std::move(entry)) {
    const auto parameters = to_module(entry_, values);
    devices_ = devices_used(entry_, parameters);
    check(entry_.module->prepare(entry_.benchmark, entry_.device, &parameters, &prepared_));
    if (prepared_ == nullptr) throw error(error_kind::internal, entry_.benchmark_name + ": prepared nothing");
  }
  module_case(const module_case&) = delete;
  module_case& operator=(const module_case&) = delete;
  ~module_case() override { entry_.module->release(prepared_); }

  std::chrono::duration<double, std::nano> sample() override {
    gpubench_module_sample found{};
    check(entry_.module->sample(prepared_, &found));
    if (!std::isfinite(found.device_ns) || found.device_ns <= 0) {
      throw error(error_kind::device,
                  fmt::format("{}: the event clock gave {} ns", describe(devices_), found.device_ns));
    }
    last_ = {};
    if (found.has_host_ns != 0) last_.host_ns = found.host_ns;
    if (found.has_clock_hertz != 0) last_.clock_hertz = found.clock_hertz;
    return std::chrono::duration<double, std::nano>(found.device_ns);
  }

  sample_detail last_sample() const override { return last_; }

  results::verification verify() override {
    gpubench_module_verification found{};
    check(entry_.module->verify(prepared_, &found));
    results::verification result;
    result.compared = found.compared != nullptr ? found.compared : "";
    result.error = found.error;
    result.tolerance = found.tolerance;
    return result;
  }

  results::telemetry telemetry() override {
    gpubench_module_telemetry found{};
    check(entry_.module->telemetry(prepared_, &found));
    results::telemetry result;
    if (found.has_clock_hertz != 0) result.clock_hertz = found.clock_hertz;
    return result;
  }

  std::map<std::string, std::string> method() override {
    std::map<std::string, std::string> result;
    gpubench_module_note found{};
    for (std::uint32_t i = 0;; ++i) {
      check(entry_.module->note(prepared_, i, &found));
      if (found.key == nullptr || found.text == nullptr) return result;
      result[found.key] = found.text;
    }
  }

 private:
  void check(std::int32_t status) const { require_ok(entry_, devices_, status); }

  module_entry entry_;
  case_devices devices_;
  void* prepared_ = nullptr;
  sample_detail last_;
};

std::int32_t to_module(suite s) {
  switch (s) {
    case suite::quick:
      return GPUBENCH_MODULE_QUICK;
    case suite::standard:
    case suite::apps:
      return GPUBENCH_MODULE_STANDARD;
    case suite::full:
      return GPUBENCH_MODULE_FULL;
  }
  return GPUBENCH_MODULE_FULL;
}

std::vector<results::parameters> cases_of(const module_entry& entry, suite s) {
  std::vector<results::parameters> result;
  const std::uint32_t count = entry.module->case_count(entry.benchmark, entry.device, to_module(s));
  for (std::uint32_t i = 0; i < count; ++i) {
    gpubench_module_parameters values{};
    require_ok(entry, entry.module->case_parameters(entry.benchmark, entry.device, to_module(s), i, &values));
    result.push_back(from_module(values));
  }
  return result;
}

results::work_done work_of(const module_entry& entry, const results::parameters& values) {
  const auto parameters = to_module(entry, values);
  gpubench_module_work found{};
  require_ok(entry, entry.module->work(entry.benchmark, &parameters, &found));
  results::work_done result;
  if (found.has_flop != 0) result.flop = found.flop;
  if (found.has_bytes != 0) result.bytes = found.bytes;
  if (found.has_items != 0) result.items = found.items;
  if (found.has_bus_bytes != 0) result.bus_bytes = found.bus_bytes;
  if (found.item != nullptr) result.item = found.item;
  return result;
}

std::optional<std::string> unavailable(const module_entry& entry, const results::parameters& values) {
  const auto parameters = to_module(entry, values);
  for (const auto device : devices_used(entry, parameters)) {
    const auto lost = entry.lost->find(device);
    if (lost != entry.lost->end()) return fmt::format("gpu{} failed earlier in this run: {}", device, lost->second);
  }
  const char* reason = entry.module->unavailable(entry.benchmark, entry.device, &parameters);
  if (reason == nullptr) return std::nullopt;
  return reason;
}

benchmark_definition::peak_kind peak_of(const gpubench_module_benchmark& described) {
  switch (described.peak) {
    case GPUBENCH_MODULE_PEAK_NONE:
      return benchmark_definition::peak_kind::none;
    case GPUBENCH_MODULE_PEAK_DENSE:
      return benchmark_definition::peak_kind::dense;
    case GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH:
      return benchmark_definition::peak_kind::memory_bandwidth;
    case GPUBENCH_MODULE_PEAK_HOST_LINK:
      return benchmark_definition::peak_kind::host_link;
    case GPUBENCH_MODULE_PEAK_PEER_LINK:
      return benchmark_definition::peak_kind::peer_link;
    default:
      throw error(error_kind::internal, fmt::format("{}: unknown kind of peak {}", described.name, described.peak));
  }
}

/// "gpu0", or "gpu0-7" for a benchmark that runs on all of them.
std::string device_name(const module_entry& entry, const gpubench_module_benchmark& described) {
  const std::uint32_t count = entry.module->device_count();
  if (described.scope == GPUBENCH_MODULE_ALL_DEVICES && count > 1) return fmt::format("gpu0-{}", count - 1);
  return fmt::format("gpu{}", entry.device);
}

benchmark_definition define(module_entry entry, const gpubench_module_benchmark& described) {
  entry.benchmark_name = described.name;
  const auto precision = models::parse_precision(described.precision);
  if (!precision) {
    throw error(error_kind::internal, fmt::format("{}: unknown precision '{}'", described.name, described.precision));
  }
  benchmark_definition result;
  result.name = described.name;
  result.description = described.description;
  result.backend = "cuda";
  result.device = device_name(entry, described);
  result.precision = *precision;
  result.peak = peak_of(described);
  result.application = entry.module->is_application(entry.benchmark) != 0;
  result.cases = [entry](suite s, const machine&) { return cases_of(entry, s); };
  result.work = [entry](const results::parameters& values) { return work_of(entry, values); };
  result.unavailable = [entry](const results::parameters& values, const machine&) {
    return unavailable(entry, values);
  };
  result.prepare = [entry](const results::parameters& values, const machine&) -> std::unique_ptr<prepared_case> {
    return std::make_unique<module_case>(entry, values);
  };
  result.overhead = [overhead = described.overhead_seconds](const results::parameters&, const machine&) {
    return std::chrono::duration<double>(overhead);
  };
  return result;
}

std::optional<std::string> text_or_nothing(const char* text) {
  if (text == nullptr || *text == '\0') return std::nullopt;
  return text;
}

}  // namespace

bool cuda_device_hangs() {
  return a_device_hangs;
}

std::vector<cuda_device> devices_of(const gpubench_module_table& module) {
  std::vector<cuda_device> result;
  for (std::uint32_t i = 0; i < module.device_count(); ++i) {
    gpubench_module_device found{};
    require_ok({&module, 0, i, "", std::make_shared<lost_devices>()}, module.device(i, &found));
    cuda_device device;
    device.name = fmt::format("gpu{}", i);
    device.model = found.name != nullptr ? found.name : "";
    device.uuid = text_or_nothing(found.uuid);
    device.compute_capability = text_or_nothing(found.compute_capability);
    if (found.memory_bytes > 0) device.memory_bytes = found.memory_bytes;
    if (found.l2_bytes > 0) device.l2_bytes = found.l2_bytes;
    if (found.multiprocessors > 0) device.multiprocessors = found.multiprocessors;
    result.push_back(std::move(device));
  }
  return result;
}

std::vector<benchmark_definition> benchmarks_of(const gpubench_module_table& module) {
  std::vector<benchmark_definition> result;
  const auto lost = std::make_shared<lost_devices>();
  for (std::uint32_t device = 0; device < module.device_count(); ++device) {
    for (std::uint32_t benchmark = 0; benchmark < module.benchmark_count(); ++benchmark) {
      const module_entry entry{&module, benchmark, device, "", lost};
      gpubench_module_benchmark described{};
      require_ok(entry, module.benchmark(benchmark, &described));
      if (described.scope == GPUBENCH_MODULE_ALL_DEVICES && device != 0) continue;
      result.push_back(define(entry, described));
    }
  }
  return result;
}

}  // namespace gpubench::bench
