#include "imports/import_run.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <set>
#include <string_view>
#include <utility>

#include "imports/contradictions.hpp"
#include "imports/named_gpus.hpp"
#include "imports/possible_time.hpp"
#include "imports/stated_time.hpp"

namespace gpubench::imports {
namespace {

/// Where the file first says this, as a word of its own; the file alone where it does so in other words.
file_position place_of(const source_file& file, std::string_view said) {
  const std::string_view text = file.text();
  const auto in_word = [&](std::size_t at) {
    return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '.');
  };
  for (auto at = text.find(said); !said.empty() && at != std::string_view::npos; at = text.find(said, at + 1)) {
    if ((at > 0 && in_word(at - 1)) || in_word(at + said.size())) continue;
    const auto before = text.substr(0, at);
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    return file.at(lines + 1, at - (lines == 0 ? 0 : before.rfind('\n') + 1) + 1);
  }
  return file.at(0);
}

/// @param said  by this file, in contradiction to another
[[noreturn]] void refuse_other_machine(const source_file& file, std::string_view said, const std::string& what) {
  throw error(error_kind::input, place_of(file, said), what,
              "a run is of one machine: import the files of each one by itself");
}

void take(std::optional<std::string>& known, const std::optional<std::string>& more, const char* what,
          const source_file& file) {
  if (!more) return;
  if (known && *known != *more)
    refuse_other_machine(file, *more, fmt::format("names {} {}, another file {}", what, *more, *known));
  known = more;
}

void merge(results::environment& known, const results::environment& more, const source_file& file) {
  take(known.cpu.model, more.cpu.model, "CPU", file);
  take(known.gpu_driver_version, more.gpu_driver_version, "driver", file);
  take(known.operating_system, more.operating_system, "operating system", file);
  if (more.cpu.logical_cpus) known.cpu.logical_cpus = more.cpu.logical_cpus;
  for (const auto& gpu : more.gpus) {
    const auto same = std::find_if(known.gpus.begin(), known.gpus.end(),
                                   [&](const results::gpu_environment& g) { return g.index == gpu.index; });
    if (same == known.gpus.end()) {
      known.gpus.push_back(gpu);
    } else if (same->name != gpu.name) {
      refuse_other_machine(file, gpu.name,
                           fmt::format("names GPU {} {}, another file {}", gpu.index, gpu.name, same->name));
    } else if (!same->compute_capability) {
      *same = gpu;  // the file that says more of the same GPU
    }
  }
  for (const auto& [name, version] : more.libraries) {
    auto& place = known.libraries[name];
    if (!place.empty() && place != version)
      refuse_other_machine(file, version, fmt::format("names {} {}, another file {}", name, version, place));
    place = version;
  }
}

// A mean or median outside of the smallest and largest is of a number that was cut off.
void require_order(const results::measurement& m, const results::reported_time& stated,
                   const std::function<file_position()>& at) {
  constexpr double rounding = 1.001;  // of a tool's own text
  const double least = stated.min.value_or(0), most = stated.max.value_or(most_time_ns);
  for (const auto& middle : {stated.mean, stated.median}) {
    if (middle && (*middle * rounding < least || *middle > most * rounding))
      throw error(error_kind::input, at(),
                  fmt::format("{}: a typical time of {} ns is not between the smallest and the largest, {} and {}",
                              results::full_name(m), format_number(*middle), format_number(least), format_number(most)),
                  "the file is damaged or cut off");
  }
}

// Times that no clock told.
void require_possible_times(const results::measurement& m, const std::function<file_position()>& at,
                            std::vector<std::string>& notes) {
  auto times = m.samples_ns;
  if (m.reported)
    for (const auto& stated :
         {m.reported->time_ns.median, m.reported->time_ns.mean, m.reported->time_ns.min, m.reported->time_ns.max})
      if (stated) times.push_back(*stated);
  const auto refuse = [&](double time) {
    throw error(error_kind::input, at(), fmt::format("{}: a time of {} ns", results::full_name(m), time),
                impossible_time_hint);
  };
  if (m.reported) require_order(m, m.reported->time_ns, at);
  if (m.reported && m.reported->time_ns.stddev.value_or(0) > most_time_ns) refuse(*m.reported->time_ns.stddev);
  bool has_zero = false;
  for (const double time : times) {
    has_zero = has_zero || time == 0;
    if (time != 0 && !(time >= least_time_ns && time <= most_time_ns)) refuse(time);
  }
  if (has_zero) notes.push_back(results::full_name(m) + ": a time of 0, below its clock's resolution");
}

// What the user said and the file says otherwise, or does not ask.
void note_unused_options(imported_file& content, const std::string& format, const import_options& options) {
  const auto note = [&](const std::string& option, const std::string& why) {
    content.notes.push_back(fmt::format("{} was not used: {}", option, why));
  };
  if (options.gpu && !content.environment.gpus.empty() && content.environment.gpus.front().name != *options.gpu)
    note("--gpu " + *options.gpu, "the file itself says " + content.environment.gpus.front().name);
  if (options.benchmark) {
    const bool is_asked = format == "nccl-tests";
    const auto& named = content.measurements.front().benchmark;
    if (!is_asked || options.benchmark->find(named) == std::string::npos)
      note("--benchmark " + *options.benchmark,
           is_asked ? "the file itself says " + named : "the file says what it measured");
  }
  if (options.node && format != "superbench") note("--node " + *options.node, "the file is of one machine");
  if (options.mapping && format != "csv") note("--mapping", "the file is no table of the format csv");
}

// Two measurements of one name would be taken for one another.
void require_unique(const std::vector<results::measurement>& measurements, std::vector<std::string>& notes) {
  std::set<std::string> seen;
  std::set<std::string> repeated;
  for (const auto& m : measurements) {
    auto name = results::full_name(m) + " on " + m.device;
    if (!seen.insert(name).second) repeated.insert(std::move(name));
  }
  for (const auto& name : repeated) notes.push_back("stands more than once: " + name);
}

}  // namespace

import_result import_files(const std::string& format, const std::vector<std::filesystem::path>& files,
                           const import_options& options, const std::string& now) {
  import_result result;
  auto& run = result.run;
  run.provenance = results::import_provenance{now, {}};
  bool complete = true;
  std::vector<std::string> times;
  for (const auto& path : files) {
    const auto& file = *result.files.emplace_back(std::make_shared<const source_file>(source_file::load(path)));
    const auto& reader = format.empty() ? detect_importer(file) : find_importer(format);
    auto content = reader.read(file, options);
    if (content.measurements.empty())
      throw error(error_kind::input, file.at(0), fmt::format("holds no measurement of {}", content.tool),
                  "the tool may have failed before its first result");
    content.placed_at(file.at(0));
    for (std::size_t i = 0; i < content.measurements.size(); ++i)
      if (const auto defect = results::defect_of(content.measurements[i]))
        throw error(error_kind::input, content.places[i](),
                    fmt::format("{}: {}", results::full_name(content.measurements[i]), *defect));
    for (std::size_t i = 0; i < content.measurements.size(); ++i)
      require_possible_times(content.measurements[i], content.places[i], content.notes);
    for (std::size_t i = 0; i < content.measurements.size(); ++i) {
      auto& m = content.measurements[i];
      hold_times_together(m, content.places[i]);
      hold_rates_against(m.work, m, content.places[i]);
    }
    note_unused_options(content, reader.name, options);
    if (options.gpu && content.environment.gpus.empty()) name_gpus(content, *options.gpu);
    merge(run.environment, content.environment, file);
    run.provenance->sources.push_back({path.filename().string(), reader.name, content.tool, content.tool_version,
                                       content.measured_at, file.size_bytes(), file.sha256()});
    if (content.measured_at)
      if (auto utc = stated_utc(*content.measured_at)) times.push_back(std::move(*utc));
    complete = complete && content.is_complete;
    if (files.size() > 1)
      for (auto& m : content.measurements)
        m.method["imported_from"] =
            results::tools_of({now, {run.provenance->sources.back()}}) + ", " + run.provenance->sources.back().file;
    std::move(content.measurements.begin(), content.measurements.end(), std::back_inserter(run.measurements));
    result.places.insert(result.places.end(), content.places.begin(), content.places.end());
    for (const auto& note : content.notes) result.notes.push_back(fmt::format("{}: {}", file.name(), note));
  }
  require_unique(run.measurements, result.notes);
  run.started_at = times.empty() ? now : *std::min_element(times.begin(), times.end());
  run.id = fmt::format("{}-imported-{:08x}", run.started_at, std::random_device{}());
  run.tool_version = version;
  run.suite = "imported";
  // How long the tool ran is not known: the end stands for having been reached.
  if (complete) run.finished_at = times.empty() ? now : *std::max_element(times.begin(), times.end());
  return result;
}

}  // namespace gpubench::imports
