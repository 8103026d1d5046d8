#include "core/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "imports/collective_names.hpp"
#include "imports/nccl_tests.hpp"
#include "imports/possible_time.hpp"
#include "imports/unread_names.hpp"

namespace gpubench::imports {
namespace {

using results::json_field;

// nccl-tests writes NaN as the text "nan".
std::optional<double> number_of(const json_field& object, std::string_view key) {
  const auto field = object.find(key);
  if (!field || (field->is_text() && field->text() == "nan")) return std::nullopt;
  return field->number_from(0);
}

// A whole number that older versions write as a padded text.
std::int64_t whole_of(const json_field& field, std::int64_t lowest) {
  if (!field.is_text()) return field.integer(lowest);
  const auto value = parse_integer(trim(field.text()));
  if (!value || *value < lowest)
    field.refuse(fmt::format("is '{}', not a whole number from {} on", field.text(), lowest));
  return *value;
}

class json_reader {
 public:
  json_reader(const source_file& file, const import_options& options) : file_(file), options_(options) {}

  imported_file read() {
    const auto root = file_.root();
    // "env" holds every environment variable of the tool, secrets among them: it is not looked into.
    unread_.check(root, "",
                  {"version", "start_time", "end_time", "args", "env", "nccl_version", "config", "results", "devices",
                   "out_of_bounds", "average_bus_bandwidth", "errors"});
    content_.tool = "nccl-tests";
    content_.is_complete = root.find("end_time").has_value();
    if (const auto time = root.find("start_time")) content_.measured_at = time->nonempty_text();
    if (const auto code = root.find("nccl_version"))
      if (const auto number = whole_of(*code, 0); number > 0)
        content_.environment.libraries["nccl"] = nccl_version(number);
    collective_ = collective_of(root);
    if (const auto config = root.find("config")) read_config(*config);
    if (const auto devices = root.find("devices")) read_devices(*devices);
    content_.environment.gpus = ranks_.gpus();
    for (const auto& row : root.at("results").elements()) read_row(row);
    if (const auto errors = root.find("errors"))
      for (const auto& text : errors->texts())
        if (!text.empty()) content_.notes.push_back("nccl-tests reports: " + text);
    if (!content_.is_complete) content_.notes.push_back("has no end time: nccl-tests did not run to its end");
    if (auto unknown = ranks_.why_unknown(); !unknown.empty()) content_.notes.push_back(std::move(unknown));
    unread_.append_to(content_.notes);
    return std::move(content_);
  }

 private:
  collective_name collective_of(const json_field& root) const {
    std::string program = options_.benchmark.value_or("");
    const auto args = root.find("args");
    if (program.empty() && args) {
      const auto words = args->texts();
      if (!words.empty()) program = words.front();
    }
    if (const auto found = find_collective(program)) return *found;
    root.refuse(program.empty() ? "does not say which collective was measured (args is empty)"
                                : fmt::format("names the program '{}', which is no known collective", program),
                "say what was measured: --benchmark all_reduce");
  }

  void read_config(const json_field& config) {
    unread_.check(config, "config",
                  {"nthreads", "ngpus", "minimum_bytes", "maximum_bytes", "step_factor", "step_bytes", "warmup_iters",
                   "iterations", "aggregated_iterations", "validation", "graph", "blocking_collectives",
                   "per_iter_timing", "parallel_init", "devices"});
    if (const auto count = config.find("iterations"))
      if (const auto n = count->integer(0); n > 0) iterations_ = static_cast<std::size_t>(n);
    for (const auto* key : {"warmup_iters", "aggregated_iterations", "graph"})
      if (const auto count = config.find(key)) method_[key] = std::to_string(count->integer(0));
    if (const auto devices = config.find("devices")) read_devices(*devices);
  }

  void read_devices(const json_field& devices) {
    for (const auto& rank : devices.elements()) {
      unread_.check(rank, "devices[]", {"rank", "group", "pid", "hostname", "device", "device_hex", "device_info"});
      const auto host = rank.find("hostname");
      const auto group = rank.find("group");
      ranks_.add(static_cast<int>(rank.at("device").integer(0, 100000)), host ? host->text() : "",
                 rank.at("device_info").text(), group ? whole_of(*group, std::numeric_limits<std::int64_t>::min()) : 0);
    }
  }

  void read_row(const json_field& row) {
    unread_.check(row, "results[]",
                  {"size", "count", "type", "redop", "root", "out_of_place", "in_place", "out_of_place_per_iter",
                   "in_place_per_iter", "actual_iterations", "experiment_name"});
    collective_row what;
    what.groups = ranks_.groups();
    what.bytes = row.at("size").integer(0);
    what.type = row.at("type").nonempty_text();
    if (const auto operation = row.find("redop")) what.operation = operation->text();
    if (collective_.is_reduction && what.operation.empty()) what.operation = "unknown";
    if (const auto root = row.find("root")) what.root = whole_of(*root, -1);
    auto iterations = iterations_;
    if (const auto actual = row.find("actual_iterations"))
      if (const auto n = actual->integer(0); n > 0) iterations = static_cast<std::size_t>(n);
    for (const bool in_place : {false, true}) {
      what.in_place = in_place;
      const auto group = row.find(in_place ? "in_place" : "out_of_place");
      if (!group) continue;  // a replayed trace has one placement
      add(*group, row.find(in_place ? "in_place_per_iter" : "out_of_place_per_iter"), what, iterations);
    }
  }

  void add(const json_field& group, const std::optional<json_field>& each, const collective_row& what,
           std::optional<std::size_t> iterations) {
    unread_.check(group, "results[].out_of_place", {"time", "cpu_time", "alg_bw", "bus_bw", "nwrong"});
    const collective_figures figures{number_of(group, "time"), number_of(group, "alg_bw"), number_of(group, "bus_bw"),
                                     number_of(group, "nwrong")};
    auto m = measurement_of(collective_, what, ranks_.count(), figures, iterations);
    m.device = ranks_.device();
    m.method = method_;
    if (const auto cpu = number_of(group, "cpu_time")) m.reported->values.push_back({"cpu_time", *cpu, "us"});
    if (each) add_iterations(*each, m);
    content_.measurements.push_back(std::move(m));
    content_.placed_at(group);
  }

  // Times of single iterations, of the slowest process each: the raw samples of a row.
  void add_iterations(const json_field& each, results::measurement& m) {
    unread_.check(each, "results[].out_of_place_per_iter",
                  {"min_us", "max_us", "avg_us", "p50_us", "p95_us", "p99_us", "stdev_us", "cv_pct", "times_us",
                   "per_process_max_times_us"});
    const auto times = each.find("times_us");
    if (!times || m.status == results::measurement_status::skipped) return;
    for (const auto& time : times->elements()) m.samples_ns.push_back(time_ns_of(time, 1e3));
    if (m.samples_ns.empty()) return;
    // The rates then follow from the samples; what the tool made of them stays beside.
    if (m.rate.bytes_per_second) m.reported->values.push_back({"alg_bw", *m.rate.bytes_per_second / 1e9, "GB/s"});
    if (m.rate.busbw_bytes_per_second)
      m.reported->values.push_back({"bus_bw", *m.rate.busbw_bytes_per_second / 1e9, "GB/s"});
    m.method["sample"] = "one iteration, of the slowest process";
    results::complete(m);
    if (m.status != results::measurement_status::ok) m.rate = {};
  }

  const source_file& file_;
  const import_options& options_;
  imported_file content_;
  unread_names unread_;
  collective_name collective_;
  std::optional<std::size_t> iterations_;
  std::map<std::string, std::string> method_;
  nccl_ranks ranks_;
};

}  // namespace

imported_file read_nccl_tests_json(const source_file& file, const import_options& options) {
  return json_reader(file, options).read();
}

}  // namespace gpubench::imports
