// The samples of a run as Google Benchmark writes its repetitions, so that its tools read them: tools/compare.py tests
// medians and distributions of two such files. Source of the form: Google Benchmark user guide, "Output Formats", and
// the JSON that version 1.7 writes.
#include "report/google_benchmark.hpp"

#include "core/json.hpp"
#include "core/version.hpp"
#include "report/sink.hpp"

#include <string>

namespace gpubench::report {
namespace {

using results::measurement;

/// Its names tell devices apart only if the name says so.
std::string name_of(const measurement& m) {
  const auto name = results::full_name(m);
  return m.device == "cpu" ? name : name + "/device:" + m.device;
}

json entry_of(const measurement& m, std::size_t family) {
  return {{"name", name_of(m)},
          {"family_index", family},
          {"per_family_instance_index", 0},
          {"run_name", name_of(m)},
          {"run_type", "iteration"},
          {"repetitions", m.samples_ns.size()},
          {"repetition_index", 0},
          {"threads", 1}};
}

void add_unmeasured(json& entries, const measurement& m, std::size_t family) {
  auto entry = entry_of(m, family);
  const bool skipped = m.status == results::measurement_status::skipped;
  entry[skipped ? "skipped" : "error_occurred"] = true;
  entry[skipped ? "skip_message" : "error_message"] = m.reason;
  entries.push_back(std::move(entry));
}

void add_repetitions(json& entries, const measurement& m, std::size_t family) {
  for (std::size_t i = 0; i < m.samples_ns.size(); ++i) {
    auto entry = entry_of(m, family);
    entry["repetition_index"] = i;
    entry["iterations"] = 1;
    entry["real_time"] = m.samples_ns[i];
    // Its readers cannot do without; the context says what it is.
    entry["cpu_time"] = i < m.host_ns.size() && m.host_ns[i] ? *m.host_ns[i] : m.samples_ns[i];
    entry["time_unit"] = "ns";
    const auto rates = results::rates_of(m.work, m.samples_ns[i]);
    if (rates.bytes_per_second) entry["bytes_per_second"] = *rates.bytes_per_second;
    if (rates.items_per_second) entry["items_per_second"] = *rates.items_per_second;
    if (rates.flop_per_second) entry["flop_per_second"] = *rates.flop_per_second;
    entries.push_back(std::move(entry));
  }
}

json context_of(const results::run& run) {
  json context{{"date", run.started_at},
               {"executable", "gpubench " + run.tool_version},
               {"library_build_type", "release"},
               {"gpubench_run", run.id},
               {"cpu_time_is", "the host's time where a device worked, else real_time again"}};
  const auto& cpu = run.environment.cpu;
  if (cpu.model) context["cpu"] = *cpu.model;
  if (cpu.usable_cpus) context["num_cpus"] = *cpu.usable_cpus;
  if (cpu.measured_clock_hertz) context["mhz_per_cpu"] = *cpu.measured_clock_hertz / 1e6;
  if (cpu.governor) context["cpu_scaling_enabled"] = *cpu.governor != "performance";
  return context;
}

/// Of measurements alone: the form has no place for recommendations. Several runs are repetitions beside each other.
void write_google_benchmark(const document& content, const style&, std::ostream& out) {
  json context{{"executable", std::string("gpubench ") + version}}, entries = json::array();
  if (!content.runs.empty()) context = context_of(*content.runs.front().run);
  std::size_t family = 0;
  for (const shown_run& shown : content.runs) {
    for (const auto& m : shown.run->measurements) {
      const bool is_right = !m.verification || m.verification->passed();
      if (m.status == results::measurement_status::ok && is_right)
        add_repetitions(entries, m, family++);
      else
        add_unmeasured(entries, m, family++);
    }
  }
  const json whole{{"context", context}, {"benchmarks", entries}};
  out << whole.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

const sink_registration unused{
    {google_benchmark_form, "every sample, as Google Benchmark's JSON, for its compare.py", write_google_benchmark}};

}  // namespace

std::size_t count_without_samples(const document& content) {
  std::size_t count = 0;
  for (const shown_run& shown : content.runs)
    for (const auto& m : shown.run->measurements)
      count += m.status == results::measurement_status::ok && m.samples_ns.empty() ? 1 : 0;
  return count;
}

}  // namespace gpubench::report
