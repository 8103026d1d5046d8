#include "results/run_summary.hpp"

#include "core/file.hpp"
#include "results/run_reader.hpp"
#include "results/simdjson_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace gpubench::results {
namespace {

namespace sj = simdjson;
using detail::number_or_none;
using detail::once;
using detail::repeated_key;
using detail::text_or_none;
using object = sj::ondemand::object;
using value = sj::ondemand::value;

// What names machine and devices, from either reader.
struct machine_parts {
  std::string cpu, microarchitecture, provider, instance_type;
  std::optional<std::int64_t> usable_cpus;
  struct gpu {
    std::int64_t index = 0;
    std::string name, uuid, slice;
  };
  std::vector<gpu> gpus;
};

std::string machine_of(const machine_parts& parts) {
  std::string text = parts.cpu.empty() ? "unknown CPU" : parts.cpu;
  if (!parts.microarchitecture.empty()) text += " (" + parts.microarchitecture + ")";
  if (parts.usable_cpus) text += fmt::format(", {} CPUs", *parts.usable_cpus);
  if (!parts.provider.empty()) text += ", " + parts.provider;
  if (!parts.instance_type.empty()) text += " " + parts.instance_type;
  for (const auto& gpu : parts.gpus) text += ", " + gpu.name + (gpu.slice.empty() ? "" : " " + gpu.slice);
  return text;
}

std::string device_of(const machine_parts& parts, const std::string& device) {
  for (const auto& gpu : parts.gpus)
    if (device == fmt::format("gpu{}", gpu.index)) {
      std::string text = device + " " + gpu.name;
      if (!gpu.slice.empty()) text += " " + gpu.slice;
      if (!gpu.uuid.empty()) text += " " + gpu.uuid;
      return text;
    }
  return device;
}

void read_cpu(object cpu, machine_parts& into) {
  for (auto field : cpu) {
    const std::string_view key = field.unescaped_key();
    if (key == "model") into.cpu = text_or_none(field.value());
    if (key == "microarchitecture") into.microarchitecture = text_or_none(field.value());
    if (key == "usable_cpus" && !field.value().is_null()) into.usable_cpus = std::int64_t(field.value().get_int64());
  }
}

void read_environment(object environment, machine_parts& into) {
  for (auto field : environment) {
    const std::string_view key = field.unescaped_key();
    if (key == "cpu") read_cpu(field.value().get_object(), into);
    if (key == "cloud" && !field.value().is_null())
      for (auto part : field.value().get_object()) {
        const std::string_view name = part.unescaped_key();
        if (name == "provider") into.provider = text_or_none(part.value());
        if (name == "instance_type") into.instance_type = text_or_none(part.value());
      }
    if (key != "gpus") continue;
    for (auto element : field.value().get_array()) {
      machine_parts::gpu gpu;
      for (auto part : element.get_object()) {
        const std::string_view name = part.unescaped_key();
        if (name == "index") gpu.index = std::int64_t(part.value().get_int64());
        if (name == "name") gpu.name = text_or_none(part.value());
        if (name == "uuid") gpu.uuid = text_or_none(part.value());
        if (name == "mig_slice") gpu.slice = text_or_none(part.value());
      }
      into.gpus.push_back(std::move(gpu));
    }
  }
}

bool says_anything(const metric_values& values) {
  return std::any_of(values.begin(), values.end(), [](const auto& one) { return one.has_value(); });
}

// What another tool states in place of samples: the median, else the mean, as typical_time_ns().
std::optional<double> read_stated_time(object reported) {
  std::optional<double> median, mean;
  once keys;
  for (auto part : reported) {
    if (std::string_view(part.unescaped_key()) != "time_ns") continue;
    keys.take(0);
    value times = part.value();
    if (times.is_null()) continue;
    once figures;
    for (auto figure : times.get_object()) {
      const std::string_view name = figure.unescaped_key();
      if (name != "median" && name != "mean") continue;
      figures.take(name == "median" ? 0 : 1);
      (name == "median" ? median : mean) = number_or_none(figure.value());
    }
  }
  return median ? median : mean;
}

std::optional<measurement_summary> read_measurement(object fields) {
  static constexpr std::array<std::string_view, 6> known{"name", "device", "status", "time_ns", "rates", "reported"};
  measurement_summary summary;
  bool is_ok = false;
  std::optional<double> stated_ns;
  once keys;
  for (auto field : fields) {
    const std::string_view key = field.unescaped_key();
    if (keys.find(key, known) == known.size()) continue;
    if (key == "name") summary.name = text_or_none(field.value());
    if (key == "device") summary.device = text_or_none(field.value());
    if (key == "status") is_ok = text_or_none(field.value()) == "ok";
    if (key == "reported") {
      value reported = field.value();
      if (!reported.is_null()) stated_ns = read_stated_time(reported.get_object());
      continue;
    }
    const bool has_figures = (key == "time_ns" || key == "rates") && !field.value().is_null();
    if (!has_figures) continue;
    once figures;
    for (auto figure : field.value().get_object()) {
      const std::string_view name = figure.unescaped_key();
      if (key == "time_ns" && name == "median") {
        figures.take(0);
        summary.values[0] = number_or_none(figure.value());
      }
      for (std::size_t i = 1; key == "rates" && i < metric_names.size(); ++i)
        if (name == metric_names.at(i)) {
          figures.take(i);
          summary.values.at(i) = number_or_none(figure.value());
        }
    }
  }
  if (!summary.values[0]) summary.values[0] = stated_ns;
  if (!is_ok || !says_anything(summary.values) || summary.name.empty() || summary.device.empty()) return std::nullopt;
  return summary;
}

// Nothing unless all of it is there; whoever called then asks the reader that knows why.
std::optional<run_summary> read_fast(const std::string& padded, std::size_t size) {
  thread_local sj::ondemand::parser parser;
  run_summary summary;
  machine_parts parts;
  bool is_run = false, has_environment = false, has_measurements = false;
  static constexpr std::array<std::string_view, 5> known{"schema", "id", "started_at", "environment", "measurements"};
  once keys;
  try {
    sj::ondemand::document document = parser.iterate(sj::padded_string_view(padded.data(), size, padded.size()));
    for (auto field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      static_cast<void>(keys.find(key, known));
      if (key == "schema") is_run = text_or_none(field.value()) == run_schema;
      if (key == "id") summary.id = text_or_none(field.value());
      if (key == "started_at") summary.started_at = text_or_none(field.value());
      if (key == "environment") {
        read_environment(field.value().get_object(), parts);
        has_environment = true;
      }
      if (key != "measurements") continue;
      has_measurements = true;
      for (auto element : field.value().get_array())
        if (auto one = read_measurement(element.get_object())) summary.measurements.push_back(std::move(*one));
    }
    const char* after = nullptr;
    if (document.current_location().get(after) == sj::SUCCESS) return std::nullopt;  // more than one value
  } catch (const sj::simdjson_error&) {
    return std::nullopt;
  } catch (const repeated_key&) {
    return std::nullopt;
  }
  if (!is_run || !has_environment || !has_measurements || summary.id.empty() || summary.started_at.empty())
    return std::nullopt;
  summary.machine = machine_of(parts);
  for (auto& one : summary.measurements) one.device = device_of(parts, one.device);
  return summary;
}

}  // namespace

run_summary summarize(const run& whole) {
  machine_parts parts;
  const auto& environment = whole.environment;
  parts.cpu = environment.cpu.model.value_or("");
  parts.microarchitecture = environment.cpu.microarchitecture.value_or("");
  parts.usable_cpus = environment.cpu.usable_cpus;
  if (environment.cloud) {
    parts.provider = environment.cloud->provider.value_or("");
    parts.instance_type = environment.cloud->instance_type.value_or("");
  }
  for (const auto& gpu : environment.gpus)
    parts.gpus.push_back({gpu.index, gpu.name, gpu.uuid.value_or(""), gpu.mig_slice.value_or("")});
  run_summary summary{whole.id, whole.started_at, machine_of(parts), {}};
  for (const auto& m : whole.measurements) {
    const metric_values values{typical_time_ns(m), m.rate.flop_per_second, m.rate.bytes_per_second,
                               m.rate.items_per_second, m.rate.busbw_bytes_per_second};
    if (m.status == measurement_status::ok && says_anything(values))
      summary.measurements.push_back({device_of(parts, m.device), full_name(m), values});
  }
  return summary;
}

std::optional<run_summary> load_run_summary(const std::filesystem::path& path) {
  std::string text = read_file(path);
  const auto size = text.size();
  text.resize(size + sj::SIMDJSON_PADDING);
  if (auto summary = read_fast(text, size)) return summary;
  text.resize(size);
  const auto document = parse_json(text, path.string());
  const auto schema = document.is_object() ? document.find("schema") : document.end();
  const bool is_run = document.is_object() && schema != document.end() && schema->is_string() &&
                      schema->get_ref<const std::string&>().rfind("gpubench.run/", 0) == 0;
  if (!is_run) return std::nullopt;
  const std::string file = path.string();
  return summarize(run_from_json(json_field(document, file, &text)));
}

}  // namespace gpubench::results
