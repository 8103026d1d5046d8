#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "imports/importer.hpp"
#include "imports/nvbench_samples.hpp"
#include "imports/possible_time.hpp"
#include "imports/unread_names.hpp"

namespace gpubench::imports {
namespace {

using results::json_field;

// nvbench writes numbers as texts, and "inf" or "nan" where it has none.
std::optional<double> number_of(const json_field& field) {
  if (!field.is_text()) return field.number();
  const auto text = to_lower(field.text());
  if (text == "inf" || text == "-inf" || text == "nan" || text == "-nan") return std::nullopt;
  const auto value = parse_number(text);
  if (!value) field.refuse(fmt::format("is '{}', not a number", field.text()));
  return value;
}

// The unit that a summary's hint stands for. Source: nvbench, summary.cuh.
std::optional<std::string> unit_of_hint(std::string_view hint) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> units{{{"duration", "s"},
                                                                                       {"item_rate", "items/s"},
                                                                                       {"bytes", "B"},
                                                                                       {"byte_rate", "B/s"},
                                                                                       {"sample_size", "samples"},
                                                                                       {"percentage", "fraction"},
                                                                                       {"frequency", "Hz"},
                                                                                       {"file/sample_times", "s"}}};
  for (const auto& [name, unit] : units)
    if (hint == name) return std::string(unit);
  return std::nullopt;
}

struct summary {
  std::string name, hint;
  std::map<std::string, json_field> data;  // "value", "filename", "size"
};

using summaries = std::map<std::string, summary>;

std::optional<double> value_of(const summaries& all, const std::string& tag) {
  const auto found = all.find(tag);
  if (found == all.end()) return std::nullopt;
  const auto value = found->second.data.find("value");
  return value == found->second.data.end() ? std::nullopt : number_of(value->second);
}

std::optional<double> time_ns(const summaries& all, const std::string& tag) {
  const auto seconds = value_of(all, tag);
  return seconds && *seconds >= 0 ? std::optional(*seconds * 1e9) : std::nullopt;
}

class reader {
 public:
  explicit reader(const source_file& file) : file_(file) {}

  imported_file read() {
    content_.tool = "nvbench";
    const auto root = file_.root();
    unread_.check(root, "", {"meta", "devices", "benchmarks"});
    if (const auto meta = root.find("meta"))
      if (const auto version = meta->find("version"))
        if (const auto tool = version->find("nvbench"))
          if (const auto text = tool->find("string")) content_.tool_version = text->nonempty_text();
    if (const auto devices = root.find("devices"))
      for (const auto& device : devices->elements()) read_device(device);
    for (const auto& benchmark : root.at("benchmarks").elements()) read_benchmark(benchmark);
    unread_.append_to(content_.notes);
    return std::move(content_);
  }

 private:
  void read_device(const json_field& device) {
    auto& gpu = content_.environment.gpus.emplace_back();
    gpu.index = static_cast<int>(device.at("id").integer(0, 100000));
    gpu.name = device.at("name").nonempty_text();
    if (const auto memory = device.find("global_memory_size")) gpu.memory_bytes = memory->positive_number();
    if (const auto version = device.find("sm_version")) {
      const auto code = version->integer(1, 100000);  // 900 is 9.0
      gpu.compute_capability = fmt::format("{}.{}", code / 100, code / 10 % 10);
    }
    if (const auto ecc = device.find("ecc_state"); ecc && ecc->value().is_boolean()) gpu.ecc = ecc->flag();
    // The clock that nvbench calls the default: the highest that the device may run at by itself.
    if (const auto clock = device.find("sm_default_clock_rate")) gpu.max_sm_clock_hertz = clock->positive_number();
  }

  void read_benchmark(const json_field& benchmark) {
    unread_.check(
        benchmark, "benchmarks[]",
        {"name", "index", "devices", "axes", "states", "min_samples", "min_time", "max_noise", "skip_time", "timeout",
         "criterion_params", "run_once", "disable_blocking_kernel", "discard_until_steady", "criterion"});
    const auto name = "nvbench:" + benchmark.at("name").nonempty_text();
    for (const auto& state : benchmark.at("states").elements()) read_state(name, state);
  }

  void read_state(const std::string& name, const json_field& state) {
    unread_.check(state, "benchmarks[].states[]",
                  {"name", "min_samples", "min_time", "max_noise", "skip_time", "timeout", "device",
                   "type_config_index", "axis_values", "summaries", "is_skipped", "skip_reason", "criterion_params",
                   "run_once", "disable_blocking_kernel", "criterion"});
    results::measurement m;
    m.benchmark = name;
    const auto device = state.find("device");
    m.device = device ? fmt::format("gpu{}", device->integer(0, 100000)) : "cpu";
    m.backend = device ? "cuda" : "host";
    if (const auto axes = state.find("axis_values"))
      for (const auto& axis : axes->elements()) add_parameter(axis, m);
    if (const auto skipped = state.find("is_skipped"); skipped && skipped->flag()) {
      m.status = results::measurement_status::skipped;
      const auto reason = state.find("skip_reason");
      m.reason = reason ? reason->text() : "nvbench gives no reason";
    } else {
      add_figures(state, m);
    }
    content_.measurements.push_back(std::move(m));
    content_.placed_at(state);
  }

  static void add_parameter(const json_field& axis, results::measurement& m) {
    const auto name = axis.at("name").nonempty_text();
    const auto value = axis.at("value");
    const auto text = value.is_text() ? value.text() : value.value().dump();
    const auto whole = axis.at("type").text() == "int64" ? parse_integer(text) : std::nullopt;
    if (whole) {
      m.params.emplace_back(name, *whole);
    } else {
      m.params.emplace_back(name, text);
    }
  }

  summaries summaries_of(const json_field& state) const {
    summaries all;
    const auto list = state.find("summaries");
    if (!list) return all;
    for (const auto& field : list->elements()) {
      summary one;
      if (const auto name = field.find("name")) one.name = name->text();
      if (const auto hint = field.find("hint")) one.hint = hint->text();
      if (const auto data = field.find("data"))
        for (const auto& datum : data->elements()) one.data.emplace(datum.at("name").text(), datum.at("value"));
      const auto tag = field.at("tag").nonempty_text();
      if (!all.emplace(tag, std::move(one)).second)
        field.refuse(fmt::format("has the tag '{}' of another summary", tag));
    }
    return all;
  }

  void add_figures(const json_field& state, results::measurement& m) {
    const auto all = summaries_of(state);
    auto& reported = m.reported.emplace();
    auto& time = reported.time_ns;
    time.mean = time_ns(all, "nv/cold/time/gpu/mean");
    time.median = time_ns(all, "nv/cold/time/gpu/median");
    time.min = time_ns(all, "nv/cold/time/gpu/min");
    time.max = time_ns(all, "nv/cold/time/gpu/max");
    time.stddev = time_ns(all, "nv/cold/time/gpu/stdev/absolute");
    if (const auto n = value_of(all, "nv/cold/sample_size"); n && *n >= 1) time.n = static_cast<std::size_t>(*n);
    if (const auto rate = value_of(all, "nv/cold/bw/item_rate"); rate && *rate > 0) {
      m.rate.items_per_second = rate;
      m.work.item = "element";
    }
    if (const auto rate = value_of(all, "nv/cold/bw/global/bytes_per_second"); rate && *rate > 0)
      m.rate.bytes_per_second = rate;
    if (const auto clock = value_of(all, "nv/cold/sm_clock_rate/mean"); clock && *clock > 0)
      m.telemetry.clock_hertz = clock;
    m.method["cache_state"] = "cold";
    add_other_values(all, m);
    if (!time.mean && !time.median && m.rate == results::rates{}) {
      const bool batch = value_of(all, "nv/batch/time/gpu/mean").has_value();
      if (batch) m.method["cache_state"] = "hot";
    }
    add_samples(all, m);
  }

  static void add_other_values(const summaries& all, results::measurement& m) {
    static constexpr std::array<std::string_view, 9> taken{"nv/cold/time/gpu/mean",
                                                           "nv/cold/time/gpu/median",
                                                           "nv/cold/time/gpu/min",
                                                           "nv/cold/time/gpu/max",
                                                           "nv/cold/time/gpu/stdev/absolute",
                                                           "nv/cold/sample_size",
                                                           "nv/cold/bw/item_rate",
                                                           "nv/cold/bw/global/bytes_per_second",
                                                           "nv/cold/sm_clock_rate/mean"};
    for (const auto& [tag, one] : all) {
      const auto value = one.data.find("value");
      if (value == one.data.end() || std::find(taken.begin(), taken.end(), tag) != taken.end()) continue;
      if (value->second.is_text() && !parse_number(value->second.text())) {
        m.method[tag] = value->second.text();
      } else if (const auto number = number_of(value->second)) {
        m.reported->values.push_back({tag, *number, unit_of_hint(one.hint)});
      }
    }
  }

  // "filename" and "size" of a summary that names a file beside this one.
  std::optional<std::vector<double>> beside(const summaries& all, const std::string& tag) {
    const auto found = all.find(tag);
    if (found == all.end()) return std::nullopt;
    const auto name = found->second.data.find("filename"), size = found->second.data.find("size");
    if (name == found->second.data.end() || size == found->second.data.end()) return std::nullopt;
    const auto count = number_of(size->second);
    if (!count || *count < 1 || *count > 1e9) return std::nullopt;
    std::string why_not;
    auto values = read_nvbench_samples(file_.path(), name->second.text(), static_cast<std::size_t>(*count), why_not);
    if (!values) content_.notes.push_back(why_not);
    return values;
  }

  void add_samples(const summaries& all, results::measurement& m) {
    const auto seconds = beside(all, "nv/json/bin:nv/cold/sample_times");
    if (!seconds) return;
    for (const double value : *seconds) {
      if (!(value >= 0 && value * 1e9 <= most_time_ns))
        throw error(error_kind::input, file_.at(0), fmt::format("{}: a sample of {} s beside it", m.benchmark, value),
                    impossible_time_hint);
      m.samples_ns.push_back(value * 1e9);
    }
    if (const auto clocks = beside(all, "nv/json/freqs-bin:nv/cold/sample_freqs");
        clocks && clocks->size() == m.samples_ns.size())
      m.clock_samples_hertz.assign(clocks->begin(), clocks->end());
    // nvbench's rates are work over the mean time; ours then follow from the samples.
    const auto stated = m.rate;
    const auto mean = m.reported->time_ns.mean;
    const auto work = [&](const std::optional<double>& rate) {
      return rate && mean ? std::optional(std::round(*rate * *mean / 1e9)) : std::nullopt;
    };
    m.work.bytes = work(stated.bytes_per_second);
    m.work.items = work(stated.items_per_second);
    if (m.work.bytes || m.work.items) m.method["work"] = "stated rate times stated mean time";
    results::complete(m);
  }

  const source_file& file_;
  imported_file content_;
  unread_names unread_;
};

bool recognizes(const source_file& file) {
  return file.starts_as_json() && file.text().find("\"nvbench\"") != std::string::npos &&
         file.text().find("\"benchmarks\"") != std::string::npos;
}

imported_file read(const source_file& file, const import_options&) {
  return reader(file).read();
}

const importer_registration registered{
    {"nvbench", "JSON of nvbench (--json), with the samples of --jsonbin where they lie beside it", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
