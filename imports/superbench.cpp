#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "imports/collective_names.hpp"
#include "imports/importer.hpp"

namespace gpubench::imports {
namespace {

using results::json_field;

// "nccl-bw:nvlink/allreduce_8388608_busbw:0": the benchmark with its variant, the metric, and the rank.
struct metric_path {
  std::string bench, variant, metric, rank;
};

struct metric_place {
  std::size_t line = 0;  ///< 0: none yet
  std::string path;      ///< in the line's JSON
};

metric_path parse_path(const std::string& key) {
  metric_path path;
  const auto slash = key.find('/');
  const auto head = key.substr(0, slash);
  const auto colon = head.find(':');
  path.bench = head.substr(0, colon);
  if (colon != std::string::npos) path.variant = head.substr(colon + 1);
  auto tail = slash == std::string::npos ? std::string() : key.substr(slash + 1);
  const auto last = tail.rfind(':');
  if (last != std::string::npos && parse_integer(tail.substr(last + 1))) {
    path.rank = tail.substr(last + 1);
    tail.resize(last);
  }
  path.metric = tail;
  return path;
}

// SuperBench's programs of nccl-bw by its names of operations.
std::optional<collective_name> operation_of(const std::string& name) {
  static const std::map<std::string, std::string> programs{
      {"allreduce", "all_reduce_perf"}, {"allgather", "all_gather_perf"}, {"reducescatter", "reduce_scatter_perf"},
      {"alltoall", "alltoall_perf"},    {"broadcast", "broadcast_perf"},  {"reduce", "reduce_perf"}};
  const auto found = programs.find(name);
  return found == programs.end() ? std::nullopt : find_collective(found->second);
}

class reader {
 public:
  reader(const source_file& file, const import_options& options) : file_(file), options_(options) {}

  imported_file read() {
    content_.tool = "SuperBench";
    std::set<std::string> nodes;
    file_.for_each_json_line([&](const json_field& line, std::size_t number) {
      const auto name = line.find("node");
      const auto node = name ? name->text() : std::string();
      if (options_.node && node != *options_.node) {
        others_.insert(node);
        return;
      }
      if (!nodes.empty())
        line.refuse(nodes.count(node) > 0
                        ? fmt::format("is a second result of node '{}'", node)
                        : fmt::format("is of node '{}', the line before of '{}'", node, *nodes.begin()),
                    "a run is of one machine: choose one with --node NAME");
      nodes.insert(node);
      for (const auto& [key, value] : line.members())
        if (key != "node") {
          read_metric(key, value, number);
          content_.placed_at(file_, number, value.path());
        }
    });
    if (options_.node && nodes.empty())
      throw error(error_kind::input, file_.at(0), fmt::format("has no node '{}'", *options_.node),
                  "it has " + join({others_.begin(), others_.end()}, ", "));
    finish_collectives();
    if (!content_.measurements.empty())
      content_.notes.push_back("SuperBench states no units: values other than those of nccl-bw have none");
    return std::move(content_);
  }

 private:
  void read_metric(const std::string& key, const json_field& value, std::size_t line) {
    if (value.is_null()) return;
    const auto path = parse_path(key);
    if (path.metric.empty()) {
      content_.notes.push_back(fmt::format("left out: '{}' is no metric (BENCHMARK/METRIC)", key));
      return;
    }
    const double number = value.number();
    if (path.metric == "return_code") {
      if (number != 0) add_failed(path, number);
      return;
    }
    if (path.bench == "nccl-bw" && add_collective(path, number, {line, value.path()})) {
      if (number < 0) value.refuse("is below 0");
      return;
    }
    auto& m = content_.measurements.emplace_back(named("superbench:" + path.bench, path));
    m.params.emplace_back("metric", path.metric);
    m.reported.emplace().values.push_back({path.metric, number, std::nullopt});
  }

  static results::measurement named(const std::string& benchmark, const metric_path& path) {
    results::measurement m;
    m.benchmark = benchmark;
    m.backend = "superbench";
    const auto rank = path.rank.empty() ? std::nullopt : parse_integer(path.rank);
    m.device = rank && *rank >= 0 ? fmt::format("rank{}", *rank) : "node";
    if (!path.variant.empty()) m.params.emplace_back("variant", path.variant);
    return m;
  }

  void add_failed(const metric_path& path, double code) {
    auto& m = content_.measurements.emplace_back(named("superbench:" + path.bench, path));
    m.params.emplace_back("metric", path.metric);
    m.status = results::measurement_status::failed;
    m.reason = fmt::format("SuperBench's return code is {}", code);
  }

  // "allreduce_8388608_busbw" of nccl-bw: time in µs, algbw and busbw in GB/s. Source: SuperBench's documentation of
  // its micro-benchmarks.
  bool add_collective(const metric_path& path, double value, const metric_place& place) {
    const auto parts = split(path.metric, '_');
    if (parts.size() != 3 || !operation_of(parts[0])) return false;
    const auto bytes = parse_integer(parts[1]);
    if (!bytes || *bytes < 0) return false;
    auto& [figures, first_place] = collectives_[{path.variant, path.rank, parts[0], *bytes}];
    if (first_place.line == 0) first_place = place;
    if (parts[2] == "time") {
      figures.time_us = value;
    } else if (parts[2] == "algbw") {
      figures.algbw_gb_per_second = value;
    } else if (parts[2] == "busbw") {
      figures.busbw_gb_per_second = value;
    } else {
      return false;
    }
    return true;
  }

  void finish_collectives() {
    for (const auto& [key, placed] : collectives_) {
      const auto& [figures, place] = placed;
      const auto& [variant, rank, operation, bytes] = key;
      const auto what = operation_of(operation);
      results::measurement m = named(what->benchmark, {"nccl-bw", variant, "", rank});
      m.params.insert(m.params.begin(), {"bytes", bytes});
      m.work.bytes = static_cast<double>(bytes);
      auto& reported = m.reported.emplace();
      if (figures.time_us && *figures.time_us >= 0) reported.time_ns.mean = *figures.time_us * 1e3;
      const auto rate = [](const std::optional<double>& gb) {
        return gb && *gb > 0 ? std::optional(*gb * giga) : std::nullopt;
      };
      m.rate.bytes_per_second = rate(figures.algbw_gb_per_second);
      m.rate.busbw_bytes_per_second = rate(figures.busbw_gb_per_second);
      m.method["tool"] = "nccl-tests, run by SuperBench, which does not check results by default";
      content_.measurements.push_back(std::move(m));
      content_.placed_at(file_, place.line, place.path);
    }
  }

  const source_file& file_;
  const import_options& options_;
  imported_file content_;
  std::set<std::string> others_;
  std::map<std::tuple<std::string, std::string, std::string, std::int64_t>, std::pair<collective_figures, metric_place>>
      collectives_;
};

bool recognizes(const source_file& file) {
  if (!file.starts_as_json_lines()) return false;
  const auto first = file.lines().front().text;
  return first.find("\"node\"") != std::string_view::npos && first.find('/') != std::string_view::npos;
}

imported_file read(const source_file& file, const import_options& options) {
  return reader(file, options).read();
}

const importer_registration registered{
    {"superbench", "results-summary.jsonl of SuperBench; --node chooses of several machines", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
