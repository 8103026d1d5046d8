#include "doctor/lock.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"
#include "results/json_field.hpp"
#include "results/run_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <utility>

namespace gpubench::doctor {

namespace {

std::string joined(const std::vector<version>& versions) {
  std::vector<std::string> texts;
  for (const auto& one : versions) texts.push_back(one.text());
  return join(texts, ", ");
}

/// "2 x NVIDIA A100-SXM4-80GB", kinds in order of their names.
std::string gpus_text(const std::vector<results::gpu_environment>& gpus) {
  std::map<std::string, int> kinds;
  for (const auto& gpu : gpus) ++kinds[gpu.name];
  std::vector<std::string> texts;
  for (const auto& [name, count] : kinds) texts.push_back(fmt::format("{} x {}", count, name));
  return join(texts, ", ");
}

void put(version_lock& lock, const std::string& name, const std::optional<std::string>& value) {
  if (value && !value->empty()) lock.versions[name] = *value;
}

/// A run file names what its benchmarks loaded by their own words. Nothing for what comes with the driver, and for what
/// the machine of a run had and no doctor looks for.
std::optional<std::string> own_name(const std::string& library) {
  static const std::map<std::string, std::string> others{{"cuda runtime", "cudart"}, {"cublaslt", "cublas"}};
  static const std::set<std::string> left_out{"cuda driver", "nvenc", "mpi"};
  if (left_out.count(library) > 0) return std::nullopt;
  const auto found = others.find(library);
  return found == others.end() ? library : found->second;
}

version_lock lock_of(const results::environment& machine) {
  version_lock lock;
  put(lock, "driver", machine.gpu_driver_version);
  put(lock, "kernel", machine.kernel);
  put(lock, "operating_system", machine.operating_system);
  if (!machine.gpus.empty()) put(lock, "gpus", gpus_text(machine.gpus));
  for (const auto& [name, release] : machine.libraries)
    if (const auto own = own_name(name)) put(lock, *own, release);
  return lock;
}

version_lock lock_from_json(const results::json_field& root) {
  version_lock lock;
  for (const auto& [name, field] : root.at("versions").members()) {
    if (name.empty()) root.refuse("has a version without a name");
    const std::string version = field.nonempty_text();
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(name.begin(), name.end(), is_control) || std::any_of(version.begin(), version.end(), is_control))
      root.refuse("has a control character in a name or version");
    lock.versions[name] = version;
  }
  return lock;
}

bool decides_speed(const std::string& name) {
  static const std::set<std::string> names{"driver", "gpus", "cuda", "cudart", "cublas", "cudnn", "nccl"};
  return names.count(name) > 0;
}

/// CUDA's libraries, which their files name in full, "12.4.5.8", and tell of themselves in part, "12.4.5".
bool is_told_in_part(const std::string& name) {
  static const std::set<std::string> names{"cuda", "cudart", "cublas", "cudnn", "nccl"};
  return names.count(name) > 0;
}

/// Whether one of two versions is the other's beginning, from major and minor on.
bool agree(const std::string& a, const std::string& b) {
  const auto one = split(a, '.'), other = split(b, '.');
  const auto length = std::min(one.size(), other.size());
  return length >= 2 && std::equal(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(length), other.begin());
}

/// A run file names the version that its program loaded; here several may lie on disk, of which it is one.
bool is_here(const std::string& name, const std::string& wanted, const std::string& here, bool from_run) {
  if (wanted == here) return true;
  if (!is_told_in_part(name) || wanted.find(',') != std::string::npos) return false;
  const auto all = split(here, ',');
  if (all.size() > 1 && !from_run) return false;
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return agree(wanted, one); });
}

finding disagreement(const version_lock& reference, const std::string& name, const std::string& wanted,
                     const std::string* here) {
  const bool decides = decides_speed(name);
  return {
      "",
      decides ? severity::error : severity::warning,
      here ? fmt::format("{} is {} here and {} in {}", name, *here, wanted, reference.source)
           : fmt::format("{} {} of {} is not here, or was not found", name, wanted, reference.source),
      decides
          ? "machines that differ in it compute at different speed, may not talk to each other in one job, and their "
            "figures are of different things"
          : "figures of the two machines are of different systems",
      {"not known; the slowest machine of a job decides", std::nullopt, ""},
      here ? fmt::format("install {} {} here, or write a new lock file once all machines agree", name, wanted)
           : fmt::format("install {} {}", name, wanted),
      {reference.source}};
}

}  // namespace

version_lock lock_of(const facts& machine) {
  auto lock = lock_of(machine.machine);
  lock.source = "this machine";
  const auto& software = machine.software;
  if (!machine.machine.gpu_driver_version && software.kernel_module)
    put(lock, "driver", software.kernel_module->text());
  std::vector<version> toolkits;
  for (const auto& one : software.toolkits) toolkits.push_back(one.release);
  std::sort(toolkits.begin(), toolkits.end());
  put(lock, "cuda", joined(toolkits));
  // A library that gpubench itself runs on answered for itself, and counts more than a file's name.
  for (const char* name : {"cudart", "cublas", "cudnn", "nccl"}) {
    if (lock.versions.count(name) == 0) put(lock, name, joined(software.versions_of(name)));
  }
  return lock;
}

json to_json(const version_lock& lock) {
  json versions = json::object();
  for (const auto& [name, release] : lock.versions) versions[name] = release;
  return {{"schema", lock_schema},
          {"made_at", format_utc(std::chrono::system_clock::now())},
          {"tool_version", gpubench::version},
          {"versions", versions}};
}

version_lock load_lock(const std::filesystem::path& path) {
  const std::string file = path.string();
  const std::string text = read_file(path);
  const json document = parse_json(text, file);
  const results::json_field root(document, file, &text);
  const auto schema = root.at("schema").text();
  version_lock lock;
  if (schema == lock_schema) {
    lock = lock_from_json(root);
    lock.source = file;
  } else if (schema == results::run_schema) {
    lock = lock_of(results::environment_from_json(root.at("environment")));
    lock.source = "run file " + file;
    lock.from_run = true;
  } else {
    root.refuse(fmt::format("is of schema '{}', neither {} nor {}", schema, lock_schema, results::run_schema),
                "give a lock file that 'gpubench doctor --write' wrote, or a run file");
  }
  if (lock.versions.empty()) root.refuse("names no version", "write it again: gpubench doctor --write FILE");
  return lock;
}

void save_lock(const std::filesystem::path& path, const version_lock& lock) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) {
    const auto document = json::parse(read_file(path), nullptr, false);
    if (!document.is_object() || !document.contains("schema") || document["schema"] != lock_schema)
      throw error(error_kind::usage, {path.string(), 0, 0}, "is there, and is no lock file",
                  "choose another name, or remove it first");
  }
  write_file_atomically(path, to_json(lock).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

std::vector<finding> compare_locks(const version_lock& reference, const version_lock& here) {
  std::vector<finding> findings;
  for (const auto& [name, wanted] : reference.versions) {
    auto found = here.versions.find(name);
    // The runtime that a program was built with lies inside of it; only a toolkit or runtime on disk can tell of
    // another.
    if (found == here.versions.end() && reference.from_run && name == "cudart") {
      found = here.versions.find("cuda");
      if (found == here.versions.end()) continue;
    }
    if (found == here.versions.end())
      findings.push_back(disagreement(reference, name, wanted, nullptr));
    else if (!is_here(name, wanted, found->second, reference.from_run))
      findings.push_back(disagreement(reference, name, wanted, &found->second));
  }
  return findings;
}

}  // namespace gpubench::doctor
