#include "core/csv.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include "imports/backend_name.hpp"
#include "imports/importer.hpp"
#include "imports/possible_time.hpp"

namespace gpubench::imports {
namespace {

using results::json_field;

// One test, whatever form it was written in: scalar members as text, and the samples where the form has them.
struct bench_row {
  std::vector<std::pair<std::string, std::string>> values;
  std::optional<std::vector<double>> samples_ns;
  /// Throws; `what` goes on after the name, "is missing".
  std::function<void(std::string_view name, const std::string& what)> point_at;

  [[noreturn]] void refuse(std::string_view name, const std::string& what) const {
    point_at(name, what);
    throw error(error_kind::internal, "a refused value was not pointed at");
  }

  const std::string* find(std::string_view name) const {
    for (const auto& [key, text] : values)
      if (key == name) return &text;
    return nullptr;
  }
  double number(std::string_view name) const {
    const auto* text = find(name);
    const auto value = text ? parse_number(*text) : std::nullopt;
    if (!value || *value < 0)
      refuse(name, text ? fmt::format("'{}' is not a number from 0 on", *text) : std::string("is missing"));
    return *value;
  }
  std::int64_t whole(std::string_view name) const {
    const auto* text = find(name);
    const auto value = text ? parse_integer(*text) : std::nullopt;
    if (!value || *value < 0 || *value > std::int64_t{1} << 40)
      refuse(name, text ? fmt::format("'{}' is not a whole number from 0 on", *text) : std::string("is missing"));
    return *value;
  }
};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class reader {
 public:
  explicit reader(const source_file& file) : file_(file) { content_.tool = "llama-bench"; }

  imported_file read() {
    if (!file_.starts_as_json()) {
      read_table();
    } else if (file_.starts_as_json_lines()) {
      file_.for_each_json_line([this](const json_field& test, std::size_t line) {
        add(test);
        content_.placed_at(file_, line, "avg_ns");
      });
    } else {
      for (const auto& element : file_.root().elements()) {
        add(element);
        content_.placed_at(element);
      }
    }
    return std::move(content_);
  }

 private:
  void add(const json_field& object) {
    bench_row row;
    for (const auto& [key, value] : object.members()) {
      if (key == "samples_ns") {
        row.samples_ns.emplace();
        for (const auto& sample : value.elements()) row.samples_ns->push_back(time_ns_of(sample, 1));
      } else if (value.is_text()) {
        row.values.emplace_back(key, value.text());
      } else if (value.value().is_primitive() && !value.is_null()) {
        row.values.emplace_back(key, value.value().dump());
      }
      // Other lists follow from samples and settings: samples_ts, devices.
    }
    row.point_at = [&object](std::string_view name, const std::string& what) {
      if (const auto field = object.find(name)) field->refuse(what);
      throw error(error_kind::input, object.position(), fmt::format("{} {}", name, what));
    };
    add(row);
  }

  void read_table() {
    file_.require_line_end();
    const auto table = csv_table::parse(file_.text(), file_.name());
    table.require_columns({"n_prompt", "n_gen", "avg_ns"});
    for (std::size_t i = 0; i < table.size(); ++i) {
      const auto cells = table[i];
      bench_row row;
      for (const auto& column : table.header()) row.values.emplace_back(column, cells.text(column));
      row.point_at = [&cells](std::string_view name, const std::string& what) {
        const auto at = cells.has(name) ? cells.position(name) : cells.position();
        throw error(error_kind::input, at, fmt::format("{} {}", name, what));
      };
      add(row);
      content_.placed_at(cells.position("avg_ns"));
    }
  }

  void add(const bench_row& row) {
    results::measurement m;
    const auto prompt = row.whole("n_prompt"), generated = row.whole("n_gen");
    if (prompt + generated == 0) row.refuse("n_prompt", "and n_gen are 0: no token was processed");
    m.benchmark = generated == 0 ? "llama_bench_prompt" : prompt == 0 ? "llama_bench_generation" : "llama_bench_both";
    read_machine(row, m);
    for (const auto& [key, text] : row.values) read_setting(key, text, m);
    m.work.items = static_cast<double>(prompt + generated);
    m.work.item = "token";
    auto& reported = m.reported.emplace();
    const double average = row.number("avg_ns");
    if (average > 0)
      reported.time_ns.mean = average;
    else
      content_.notes.push_back(results::full_name(m) + ": a time of 0, below its clock's resolution");
    if (row.find("stddev_ns") && (!row.samples_ns || row.samples_ns->size() > 1))
      reported.time_ns.stddev = row.number("stddev_ns");
    if (row.samples_ns && !row.samples_ns->empty()) {
      m.samples_ns = *row.samples_ns;
      reported.time_ns.n = m.samples_ns.size();
      results::complete(m);
    }
    if (row.find("avg_ts")) {
      // The mean of the tests' rates; by the mean time it is a little less.
      const double rate = row.number("avg_ts");
      if (!m.samples_ns.empty())
        reported.values.push_back({"avg_ts", rate, "tokens/s"});
      else if (rate > 0)
        m.rate.items_per_second = rate;
    }
    if (row.find("stddev_ts")) static_cast<void>(row.number("stddev_ts"));
    content_.measurements.push_back(std::move(m));
  }

  void read_machine(const bench_row& row, results::measurement& m) {
    const auto text = [&](std::string_view name) {
      const auto* found = row.find(name);
      return found ? *found : std::string();
    };
    const auto gpus = split(text("gpu_info"), ',');
    const auto used =
        text("n_gpu_layers") == "0" ? std::optional(std::vector<std::size_t>{}) : gpus_of(row, gpus.size());
    m.backend = used && used->empty() ? "host" : backend_of(row);
    m.device = used ? name_of(*used) : "unknown";
    if (!used) content_.notes.push_back(fmt::format("gpu_info does not tell which GPUs '{}' are", text("devices")));
    const auto number = text("build_number"), commit = text("build_commit");
    const auto build = commit.empty() ? number : fmt::format("{} ({})", number, commit);
    if (content_.measurements.empty()) {
      for (std::size_t i = 0; i < gpus.size(); ++i) {
        auto& gpu = content_.environment.gpus.emplace_back();
        gpu.index = static_cast<int>(i);
        gpu.name = gpus[i];
      }
      if (const auto cpu = text("cpu_info"); !cpu.empty()) content_.environment.cpu.model = cpu;
      if (!number.empty()) content_.tool_version = build;
      if (const auto time = text("test_time"); !time.empty()) content_.measured_at = time;
      gpu_info_ = text("gpu_info");
      return;
    }
    for (const auto& [name, first] :
         {std::pair("gpu_info", gpu_info_), std::pair("cpu_info", content_.environment.cpu.model.value_or(""))})
      if (text(name) != first)
        row.refuse(name, "is not that of the first test: import the files of each machine by itself");
    if (!number.empty() && build != content_.tool_version) m.method["build"] = build;
  }

  /// What drove the GPUs: that of the devices chosen, else those that the program was built with; versions before
  /// "backends" have a flag for each.
  static std::string backend_of(const bench_row& row) {
    const auto* devices = row.find("devices");
    if (devices && !devices->empty() && *devices != "auto" && *devices != "none") {
      const auto first = split(*devices, '/').front();
      const auto digits = first.find_last_not_of("0123456789");
      if (digits != std::string::npos) return backend_name(first.substr(0, digits + 1));
    }
    std::vector<std::string> names;
    if (const auto* built = row.find("backends"))
      for (const auto& one : split(*built, ','))
        if (const auto name = backend_name(one); !name.empty() && !is_one_of(name, {"host", "blas", "rpc"}))
          names.push_back(name);
    for (const auto* flag : {"cuda", "vulkan", "kompute", "metal", "sycl"})
      if (const auto* value = row.find(flag); names.empty() && value && (*value == "true" || *value == "1"))
        names.emplace_back(flag);
    return names.empty() ? "cuda" : join(names, "+");
  }

  /// Places in gpu_info of the GPUs that a test ran on: those of "devices" ("CUDA0/CUDA2"; auto and none), of which
  /// only the main one works where the model is not split. Nothing where the names do not tell places.
  static std::optional<std::vector<std::size_t>> gpus_of(const bench_row& row, std::size_t count) {
    const auto* devices = row.find("devices");
    std::vector<std::size_t> used;
    if (!devices || devices->empty() || *devices == "auto") {
      for (std::size_t i = 0; i < count; ++i) used.push_back(i);
    } else if (*devices != "none") {
      const auto names = split(*devices, '/');
      const auto kind = names.front().substr(0, names.front().find_last_not_of("0123456789") + 1);
      for (const auto& name : names) {
        const auto place = count == 1 && name == kind ? std::optional<long long>(0)
                                                      : parse_integer(name.substr(std::min(kind.size(), name.size())));
        // Those of several back-ends are counted apart, and those of other machines (RPC) are none of this one.
        if (name.rfind(kind, 0) != 0 || kind == "RPC" || !place || static_cast<std::size_t>(*place) >= count)
          return std::nullopt;
        used.push_back(static_cast<std::size_t>(*place));
      }
    }
    const auto* mode = row.find("split_mode");
    const auto* main = row.find("main_gpu");
    if (used.size() < 2 || !mode || *mode != "none" || !main) return used;
    const auto place = parse_integer(*main);
    if (!place || *place < 0 || static_cast<std::size_t>(*place) >= used.size())
      row.refuse("main_gpu", fmt::format("'{}' is none of {} GPUs", *main, used.size()));
    return std::vector{used[static_cast<std::size_t>(*place)]};
  }

  /// "cpu", "gpu1", "gpu0-3"; "gpu0+2" of GPUs between which others did nothing.
  static std::string name_of(std::vector<std::size_t> used) {
    if (used.empty()) return "cpu";
    std::sort(used.begin(), used.end());
    if (used.size() == 1) return fmt::format("gpu{}", used.front());
    const bool in_a_row = used.back() - used.front() + 1 == used.size();
    return in_a_row ? fmt::format("gpu{}-{}", used.front(), used.back()) : fmt::format("gpu{}", fmt::join(used, "+"));
  }

  // Whole numbers and texts that tell tests apart are parameters, the rest of the settings is method.
  static void read_setting(const std::string& key, const std::string& text, results::measurement& m) {
    if (text.empty() || is_one_of(key, {"build_commit", "build_number", "cpu_info", "gpu_info", "test_time", "avg_ns",
                                        "stddev_ns", "avg_ts", "stddev_ts"}))
      return;
    if (!is_one_of(key, {"model_type", "n_prompt", "n_gen", "n_depth", "n_batch", "n_ubatch", "n_threads",
                         "n_gpu_layers", "type_k", "type_v", "split_mode", "flash_attn"})) {
      // The model's file may lie in anybody's home: its name is enough.
      m.method[key] = key == "model_filename" ? text.substr(text.rfind('/') + 1) : text;
      return;
    }
    if (const auto whole = parse_integer(text)) {
      m.params.emplace_back(key, *whole);
    } else {
      m.params.emplace_back(key, text);
    }
  }

  const source_file& file_;
  imported_file content_;
  std::string gpu_info_;
};

bool recognizes(const source_file& file) {
  const auto& text = file.text();
  const auto has = [&](const char* name) { return text.find(name) != std::string::npos; };
  if (!file.starts_as_json()) {
    const auto header = file.lines().front().text;
    return header.find("n_prompt") != std::string_view::npos && header.find("avg_ts") != std::string_view::npos;
  }
  return has("\"n_prompt\"") && has("\"n_gen\"") && has("\"avg_ns\"");
}

imported_file read(const source_file& file, const import_options&) {
  return reader(file).read();
}

const importer_registration registered{
    {"llama-bench", "output of llama-bench, as JSON, JSON lines or CSV (-o json, jsonl, csv)", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
