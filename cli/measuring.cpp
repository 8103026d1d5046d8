#include "cli/measuring.hpp"

#include "bench/apps/storage_file.hpp"
#include "bench/gpu_watch.hpp"
#include "bench/machine.hpp"
#include "bench/repeat.hpp"
#include "bench/test_slowdown.hpp"
#include "cli/devices.hpp"
#include "cli/here.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/values.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>
#include <system_error>
#include <utility>

namespace gpubench::cli {
namespace {

bench::suite parse_suite_option(const std::string& text) {
  if (const auto suite = bench::parse_suite(text)) return *suite;
  throw error(error_kind::usage, fmt::format("suite '{}' is not known", text),
              "known are quick, standard, apps and full");
}

// "--soak" alone comes as "true" or as nothing, depending on the version of CLI11.
std::chrono::duration<double> parse_soak(const std::string& text) {
  return text.empty() || text == "true" || text == "{}" ? bench::run_request{}.soak_time : parse_duration(text);
}

// The GPUs behind each device's name in results.
std::map<std::string, std::vector<std::string>> uuids_of(const std::vector<bench::cuda_device>& gpus) {
  std::map<std::string, std::vector<std::string>> uuids;
  std::vector<std::string> all;
  for (const auto& gpu : gpus) {
    if (!gpu.uuid) continue;
    uuids[gpu.name] = {*gpu.uuid};
    all.push_back(*gpu.uuid);
  }
  if (all.size() > 1 && all.size() == gpus.size()) uuids[fmt::format("gpu0-{}", gpus.size() - 1)] = all;
  return uuids;
}

/// What the user wants, with what an earlier run was asked for where the user does not say otherwise.
measuring_options as_asked_before(measuring_options options, const std::optional<results::run>& resume) {
  if (!resume) return options;
  options.burst = options.burst || resume->burst;
  if (!options.soak && resume->soak_seconds) options.soak = std::chrono::duration<double>(*resume->soak_seconds);
  try {
    if (options.backend.empty() && resume->backend) options.backend = parse_backend(*resume->backend);
    if (options.devices.empty()) {
      for (const auto& device : resume->devices) options.devices.push_back(parse_device(device));
    }
  } catch (const error& e) {
    throw error(error_kind::input, fmt::format("--resume: {}", e.what()), e.hint());
  }
  return options;
}

// The key by which a measurement of an earlier run is found again.
std::string key_of(const std::string& backend, const std::string& device, const std::string& name) {
  return backend + "|" + device + "|" + name;
}

// Skipped cases are asked again: a budget may have cut them.
bool is_worth_keeping(const results::measurement& m) {
  return m.status == results::measurement_status::ok && m.stopped_by != results::stop_reason::interrupted;
}

bool is_same_machine(const results::environment& a, const results::environment& b) {
  const auto gpus = [](const results::environment& e) {
    std::vector<std::string> names;
    for (const auto& gpu : e.gpus) names.push_back(gpu.name);
    return names;
  };
  return a.cpu.model == b.cpu.model && a.cpu.usable_cpus == b.cpu.usable_cpus && gpus(a) == gpus(b);
}

void take_test_slowdowns(const measuring_options& options, std::vector<bench::benchmark_definition>& benchmarks) {
  const char* text = std::getenv(bench::test_slowdown_variable);
  if (text == nullptr || *text == '\0') return;
  if (!options.test_slowdowns)
    throw error(error_kind::usage,
                fmt::format("{} is set, which is for tests of run and gate", bench::test_slowdown_variable),
                "unset it");
  bench::slow_down(benchmarks, bench::parse_test_slowdowns(text));
}

std::string random_digits() {
  std::random_device source;
  return fmt::format("{:08x}", source());
}

}  // namespace

void add_measuring_options(CLI::App& app, measuring_options& options, const std::string& budget_option) {
  add_value(app, "--suite", options.suite, parse_suite_option, "NAME",
            "quick (default), standard, apps or full: gpubench list suites");
  add_value(app, budget_option, options.time_budget, parse_duration, "DURATION",
            "measure for at most this long, as 90s; the least important cases are cut first");
  add_value(app, "--filter", options.filter, parse_pattern, "REGEX", "only benchmarks whose full name matches");
  add_value(app, "--backend", options.backend, parse_backend, "NAME",
            "only this back-end, host or cuda; refuses to go on without it");
  add_values(app, "--device", options.devices, parse_device, "LIST", "only these devices, as gpu0,gpu1 or cpu,gpu0");
  app.add_flag("--burst", options.burst, "also measure rested devices for an instant: figures of their own");
  add_value(app, "--soak", options.soak, parse_soak, "[DURATION]",
            "also measure devices under load until they settle, at most this long each (default 30s)")
      ->expected(0, 1);
  app.add_option("--storage-dir", options.storage_folder, "also measure storage, with a file in this folder")
      ->type_name("DIR");
  add_value(app, "--storage-file", options.storage_file_bytes, parse_bytes, "SIZE",
            "of that file, as 4GiB (default 1 GiB, at most half of what is free); it has no name and vanishes");
  app.add_option("--instance", options.instance, "the instance type that this machine is, where DMI does not tell it")
      ->type_name("TYPE");
}

benchmark_set find_benchmarks(const std::string& backend) {
  benchmark_set found;
  if (backend != "cuda") found.benchmarks = bench::registered_benchmarks();
  if (backend == "host") {
    found.cuda_status = "left out by --backend host";
    return found;
  }
  auto cuda = bench::load_cuda_backend();
  if (backend == "cuda" && cuda.state != bench::cuda_state::ready)
    throw error(error_kind::environment, "--backend cuda: " + cuda.status, cuda.hint);
  found.cuda_status = cuda.status;
  found.gpus = std::move(cuda.devices);
  std::move(cuda.benchmarks.begin(), cuda.benchmarks.end(), std::back_inserter(found.benchmarks));
  return found;
}

measuring::measuring(const profiles::catalogue& known, measuring_options options, std::optional<results::run> resume)
    : options_(as_asked_before(std::move(options), resume)),
      benchmarks_(find_benchmarks(options_.backend)),
      environment_(find_machine(known, options_.instance, benchmarks_.gpus)),
      where_(bench::describe_machine(environment_)) {
  take_storage();
  take_test_slowdowns(options_, benchmarks_.benchmarks);
  if (!options_.devices.empty())
    keep_devices(benchmarks_.benchmarks, options_.devices, benchmarks_.gpus, benchmarks_.cuda_status);
  if (options_.repeat) keep_repeated();
  run_.started_at = format_utc(std::chrono::system_clock::now());
  run_.id = run_.started_at + "-" + random_digits();
  run_.tool_version = version;
  run_.environment = environment_;
  if (resume) take_over(std::move(*resume));

  request_.suite = options_.suite.value_or(bench::suite::quick);
  request_.filter = options_.filter;
  request_.budget = options_.time_budget;
  request_.google_benchmark_out = options_.google_benchmark_out.string();
  request_.peaks = find_peaks(environment_, known);
  run_.suite = suite_name();
  run_.burst = options_.burst;
  if (options_.soak) run_.soak_seconds = options_.soak->count();
  if (!options_.backend.empty()) run_.backend = options_.backend;
  run_.devices = options_.devices;
  if (options_.burst) request_.phases.push_back(results::measurement_phase::burst);
  if (options_.soak) {
    request_.phases.push_back(results::measurement_phase::soak);
    request_.soak_time = *options_.soak;
  }

  std::set<std::string> done;
  for (const auto& m : run_.measurements) done.insert(key_of(m.backend, m.device, results::full_name(m)));
  for (auto& next : bench::plan_run(benchmarks_.benchmarks, where_, request_)) {
    const auto& definition = *next.definition;
    const auto name = bench::full_name(next);
    if (done.count(key_of(definition.backend, definition.device, name)) == 0) plan_.push_back(std::move(next));
  }
  if (const auto budget = bench::effective_budget(request_, plan_, where_)) run_.budget_seconds = budget->count();
}

void measuring::take_storage() {
  if (options_.storage_folder.empty()) {
    if (options_.storage_file_bytes) throw error(error_kind::usage, "--storage-file without --storage-dir");
    return;
  }
  const auto place = bench::look_at(options_.storage_folder);
  where_.storage_file_bytes = bench::storage_file_bytes(place, options_.storage_folder, options_.storage_file_bytes);
  where_.storage_folder = options_.storage_folder.string();
  if (!is_program("fio"))
    throw error(error_kind::environment, "--storage-dir: fio is not installed", "apt-get install fio");
}

std::string measuring::suite_name() const {
  return request_.filter.empty() && !options_.repeat ? std::string(bench::to_string(request_.suite)) : "custom";
}

void measuring::keep_repeated() {
  benchmarks_.benchmarks = bench::repeating(benchmarks_.benchmarks, options_.repeat->of, options_.repeat->suite_only);
  if (benchmarks_.benchmarks.empty())
    throw error(error_kind::environment, "none of the benchmarks that are to be measured again is here",
                "the CUDA back-end: " + benchmarks_.cuda_status);
}

void measuring::take_over(results::run resume) {
  if (!is_same_machine(resume.environment, environment_))
    throw error(error_kind::input, "--resume: that run was measured on another machine",
                "start a run of its own, without --resume");
  if (!options_.suite && options_.filter.empty()) {
    options_.suite = bench::parse_suite(resume.suite);
    if (!options_.suite)
      throw error(error_kind::usage, fmt::format("--resume: that run's suite is '{}'", resume.suite),
                  "say --suite and --filter again");
  }
  if (!options_.time_budget && resume.budget_seconds)
    options_.time_budget = std::chrono::duration<double>(*resume.budget_seconds);
  auto& kept = resume.measurements;
  kept.erase(std::remove_if(kept.begin(), kept.end(), [](const auto& m) { return !is_worth_keeping(m); }), kept.end());
  run_.id = resume.id;
  run_.started_at = resume.started_at;
  run_.measurements = std::move(kept);
}

/// Whether the device must be named to tell one case from another.
bool measuring::has_several_devices() const {
  std::set<std::string> devices;
  for (const auto& next : plan_) devices.insert(next.definition->device);
  return devices.size() > 1 || environment_.gpus.size() > 1;
}

bool measuring::measure(const global_options& global, const std::filesystem::path& file) {
  results::run_writer writer(file, run_);
  const interrupt_watch watch;
  request_.interrupted = interrupt_watch::interrupted;
  bool complete = true;
  if (!plan_.empty()) {
    request_.watch = bench::watch_through_nvml(uuids_of(benchmarks_.gpus));
    progress_display display(global, suite_name() + " suite", has_several_devices());
    bench::run_events events;
    events.on_start = [&](const bench::progress& now) { display.start(now); };
    events.on_measurement = [&](const results::measurement& m) {
      writer.add(m);
      display.finish(m);
    };
    complete = bench::run_plan(plan_, where_, request_, events);
  }
  if (complete) writer.finish();
  run_ = writer.current();
  return complete;
}

std::size_t measuring::failed() const {
  return static_cast<std::size_t>(std::count_if(run_.measurements.begin(), run_.measurements.end(), [](const auto& m) {
    return m.status == results::measurement_status::failed;
  }));
}

void make_folder(const std::filesystem::path& folder) {
  if (folder.empty()) return;
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw error(error_kind::io, {folder.string(), 0, 0}, "cannot be made: " + code.message());
}

std::optional<results::run> measure_once(const global_options& global, const profiles::catalogue& known,
                                         const measuring_options& options, const std::filesystem::path& file) {
  measuring work(known, options);
  make_folder(file.parent_path());
  if (!work.measure(global, file)) return std::nullopt;
  return work.run();
}

std::filesystem::path new_file_name(const std::filesystem::path& directory, const std::string& kind,
                                    const std::string& extension) {
  std::string time = format_utc(std::chrono::system_clock::now());
  std::replace(time.begin(), time.end(), ':', '-');  // Windows shares and some tools refuse colons in names
  std::filesystem::path path;
  std::error_code ignored;
  for (int attempt = 1; attempt == 1 || std::filesystem::exists(path, ignored); ++attempt) {
    const std::string unique = attempt == 1 ? "" : fmt::format("-{}", attempt);
    path = directory / fmt::format("gpubench-{}-{}{}{}", kind, time, unique, extension);
  }
  return path;
}

}  // namespace gpubench::cli
