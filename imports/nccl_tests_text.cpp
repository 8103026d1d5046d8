#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "imports/collective_names.hpp"
#include "imports/nccl_tests.hpp"
#include "imports/words.hpp"

namespace gpubench::imports {
namespace {

constexpr const char* no_benchmark_hint = "say what was measured: --benchmark all_reduce";

// Where the columns of a table stand: those of the row, then a group for each placement.
struct table_layout {
  std::vector<std::string> columns;
  std::size_t out_of_place = 0, in_place = 0;  // first column of each group
  bool has_timestamp = false;                  // of two words, at the end

  std::size_t words() const { return columns.size() + (has_timestamp ? 1 : 0); }
};

std::optional<table_layout> layout_of(const std::vector<word>& header) {
  table_layout layout;
  for (const auto& one : header)
    if (one.text != "#") layout.columns.emplace_back(one.text);
  const auto is_time = [](const std::string& name) { return name == "time" || name == "cputime"; };
  const auto first = std::find_if(layout.columns.begin(), layout.columns.end(), is_time);
  if (layout.columns.empty() || layout.columns.front() != "size" || first == layout.columns.end()) return std::nullopt;
  const auto second = std::find_if(first + 1, layout.columns.end(), is_time);
  if (second == layout.columns.end()) return std::nullopt;
  layout.out_of_place = static_cast<std::size_t>(first - layout.columns.begin());
  layout.in_place = static_cast<std::size_t>(second - layout.columns.begin());
  layout.has_timestamp = layout.columns.back() == "timestamp";
  return layout;
}

class text_reader {
 public:
  text_reader(const source_file& file, const import_options& options) : file_(file) {
    if (options.benchmark) set_collective(*options.benchmark, 0);
  }

  imported_file read() {
    content_.tool = "nccl-tests";
    for (const auto& line : file_.lines()) {
      if (trim(line.text).empty()) continue;
      const auto words = words_of(line.text);
      if (words.front().text.front() == '#') {
        read_comment(line, words);
      } else if (words.front().text.find_first_not_of("0123456789") == std::string_view::npos) {
        read_row(line, words);
      }
      // Anything else is what a launcher or NCCL itself wrote between.
    }
    if (!layout_)
      throw error(error_kind::input, file_.at(0), "holds no table of nccl-tests (no line with size, time and busbw)",
                  "give the whole output, with the lines that start with #");
    end_output();
    content_.is_complete = incomplete_ == 0;
    if (incomplete_ > 0)
      content_.notes.push_back(outputs_ == 1
                                   ? "ends before nccl-tests' last lines: it was cut short, or the tool was"
                                   : fmt::format("{} of {} outputs end before nccl-tests' last lines: they were cut "
                                                 "short, or the tool was",
                                                 incomplete_, outputs_));
    return std::move(content_);
  }

 private:
  // Outputs are often written one behind the other into a file. Ranks and completeness are of each.
  void begin_output(const source_line& line) {
    if (!content_.measurements.empty()) end_output();
    output_line_ = line.number;
  }

  void end_output() {
    ++outputs_;
    if (!std::exchange(is_output_complete_, false)) ++incomplete_;
    const auto ended = std::exchange(ranks_, {});
    if (auto unknown = ended.why_unknown(); !unknown.empty()) content_.notes.push_back(std::move(unknown));
    auto& known = content_.environment.gpus;
    for (auto& gpu : ended.gpus()) {
      const auto same = [&](const auto& other) { return other.index == gpu.index; };
      const auto found = std::find_if(known.begin(), known.end(), same);
      if (found == known.end())
        known.push_back(std::move(gpu));
      else if (found->name != gpu.name)
        file_.refuse(output_line_,
                     fmt::format("the output that begins here ran on {}, one before it on {}", gpu.name, found->name),
                     "give the outputs of each machine a file of their own");
    }
  }

  void set_collective(std::string_view program, std::size_t line) {
    collective_ = find_collective(program);
    if (!collective_)
      throw error(line == 0 ? error_kind::usage : error_kind::input, line == 0 ? file_position{} : file_.at(line),
                  fmt::format("'{}' is no collective that this program knows", program),
                  "known are all_reduce, all_gather, reduce_scatter, all_to_all, broadcast, reduce and send_recv");
  }

  void read_comment(const source_line& line, const std::vector<word>& words) {
    if (auto layout = layout_of(words)) {
      layout_ = std::move(layout);
      return;
    }
    if (line.text.find("(B)") != std::string_view::npos) return check_units(line, words);
    const auto text = trim(line.text.substr(line.text.find('#') + 1));
    if (const auto version = after(text, "nccl-tests version"); !version.empty()) {
      content_.tool_version = std::string(words_of(version).front().text);
      if (const auto code = parse_integer(word_after(text, "nccl-library=")); code && *code > 0)
        content_.environment.libraries["nccl"] = nccl_version(*code);
    } else if (text.substr(0, 13) == "Using devices") {
      begin_output(line);
    } else if (const auto program = after(text, "Collective test starting:"); !program.empty()) {
      set_collective(program, line.number);
    } else if (text.find(" iters: ") != std::string_view::npos) {
      if (const auto count = parse_integer(word_after(text, "warmup iters: ")); count && *count > 0)
        warm_up_ = std::to_string(*count);
      const auto at = text.find(" iters: ", text.find("warmup iters: ") + 8);
      if (at != std::string_view::npos)
        if (const auto count = parse_integer(word_after(text.substr(at), " iters: ")); count && *count > 0)
          iterations_ = static_cast<std::size_t>(*count);
    } else if (after(text, "Rank").data() != nullptr) {
      read_rank(line, text);
    } else if (!after(text, "Avg bus bandwidth").empty()) {
      is_output_complete_ = true;
    }
  }

  // "Rank  0 Group  0 Pid 1234 on  host device  0 [0000:18:00] NVIDIA H100 80GB HBM3"; older versions lack the group,
  // and write the bus as [0x18].
  void read_rank(const source_line& line, std::string_view text) {
    const auto on = text.find(" on ");
    const auto device_at = text.find(" device ", on == std::string_view::npos ? 0 : on + 3);
    const auto bracket = text.find(']', device_at == std::string_view::npos ? 0 : device_at);
    if (on == std::string_view::npos || device_at == std::string_view::npos || bracket == std::string_view::npos)
      file_.refuse(line.number, "this line about a rank names no device");
    const auto device = parse_integer(word_after(text.substr(device_at), " device "));
    if (!device || *device < 0 || *device > 100000) file_.refuse(line.number, "the device's number cannot be read");
    const auto stated_group = word_after(text.substr(0, on), " Group ");
    const auto group = stated_group.empty() ? std::optional<long long>(0) : parse_integer(stated_group);
    if (!group) file_.refuse(line.number, "the rank's group cannot be read");
    ranks_.add(static_cast<int>(*device), std::string(trim(text.substr(on + 4, device_at - on - 4))),
               std::string(trim(text.substr(bracket + 1))), *group);
  }

  // The line below the header: a unit for each column that has one.
  void check_units(const source_line& line, const std::vector<word>& words) {
    for (const auto& one : words) {
      const auto unit = one.text;
      if (unit.front() != '(' || unit == "(B)" || unit == "(elements)" || unit == "(us)" || unit == "(GB/s)" ||
          unit == "(%)")
        continue;
      throw error(error_kind::input, file_.at(line.number, one.column),
                  fmt::format("unit {} is not one that nccl-tests is known to use", unit),
                  "known are (us) and (GB/s), which is 10^9 bytes a second");
    }
    saw_units_ = true;
  }

  [[noreturn]] void refuse(const source_line& line, const word& at, const std::string& what) const {
    throw error(error_kind::input, file_.at(line.number, at.column), what, "the file may be truncated or edited here");
  }

  std::optional<double> number(const source_line& line, const word& at) const {
    if (at.text == "N/A") return std::nullopt;
    const auto value = parse_number(at.text);
    if (!value || *value < 0) refuse(line, at, fmt::format("'{}' is not a number of at least 0", at.text));
    return value;
  }

  void read_row(const source_line& line, const std::vector<word>& words) {
    file_.require_end(line);
    if (!layout_)
      file_.refuse(line.number, "a row of figures stands before the table's header", "give the whole output");
    if (!saw_units_) file_.refuse(line.number, "the header has no line of units, as (us) and (GB/s)");
    if (!collective_)
      file_.refuse(line.number, "the file does not say which collective was measured", no_benchmark_hint);
    if (words.size() != layout_->words())
      refuse(line, words.back(), fmt::format("row has {} values, the header {}", words.size(), layout_->words()));
    collective_row row;
    row.groups = ranks_.groups();
    const auto& columns = layout_->columns;
    std::vector<std::pair<std::string, std::string>> kept;
    for (std::size_t i = 0; i < layout_->out_of_place; ++i) {
      const auto& cell = words[i];
      if (columns[i] == "size") {
        const auto size = parse_integer(cell.text);
        if (!size) refuse(line, cell, fmt::format("size '{}' is not a whole number", cell.text));
        row.bytes = *size;
      } else if (columns[i] == "type") {
        row.type = cell.text;
      } else if (columns[i] == "redop") {
        row.operation = cell.text;
      } else if (columns[i] == "root") {
        const auto root = parse_integer(cell.text);
        if (!root) refuse(line, cell, fmt::format("root '{}' is not a whole number", cell.text));
        row.root = *root;
      } else if (columns[i] != "count") {
        kept.emplace_back(columns[i], cell.text);
      }
    }
    if (collective_->is_reduction && row.operation.empty()) row.operation = "unknown";
    for (const bool in_place : {false, true}) {
      row.in_place = in_place;
      const auto begin = in_place ? layout_->in_place : layout_->out_of_place;
      const auto end = in_place ? columns.size() - (layout_->has_timestamp ? 1 : 0) : layout_->in_place;
      add(line, words, row, begin, end, kept);
    }
  }

  void add(const source_line& line, const std::vector<word>& words, const collective_row& row, std::size_t begin,
           std::size_t end, const std::vector<std::pair<std::string, std::string>>& kept) {
    collective_figures figures;
    results::reported_time extra;
    std::map<std::string, std::string> method(kept.begin(), kept.end());
    std::vector<results::reported_value> values;
    for (std::size_t i = begin; i < end; ++i) {
      const auto& name = layout_->columns[i];
      const auto value = number(line, words[i]);
      if (name == "time") {
        figures.time_us = value;
      } else if (name == "cputime") {
        // Time of the calling thread, not of the collective.
        if (value) values.push_back({"cputime", *value, "us"});
      } else if (name == "algbw") {
        figures.algbw_gb_per_second = value;
      } else if (name == "busbw") {
        figures.busbw_gb_per_second = value;
      } else if (name == "#wrong") {
        figures.wrong = value;
      } else if (name == "i_min" && value) {
        extra.min = *value * 1e3;
      } else if (name == "i_max" && value) {
        extra.max = *value * 1e3;
      } else if (name == "i_p99" && value) {
        values.push_back({"p99 of the iterations", *value, "us"});
      } else if (name == "i_cv%" && value) {
        values.push_back({"coefficient of variation of the iterations", *value / 100, "fraction"});
      } else if (value) {
        method[name] = words[i].text;
      }
    }
    if (extra.min && extra.max && *extra.min > *extra.max)
      refuse(line, words[begin], "the smallest time of the iterations is above the largest");
    auto m = measurement_of(*collective_, row, ranks_.count(), figures, iterations_);
    m.device = ranks_.device();
    m.reported->time_ns.min = extra.min;
    m.reported->time_ns.max = extra.max;
    m.reported->values = std::move(values);
    if (!warm_up_.empty()) method["warm_up_iterations"] = warm_up_;
    m.method = std::move(method);
    content_.measurements.push_back(std::move(m));
    content_.placed_at(file_.at(line.number, words[begin].column));
  }

  const source_file& file_;
  imported_file content_;
  std::optional<collective_name> collective_;
  std::optional<table_layout> layout_;
  std::optional<std::size_t> iterations_;
  std::string warm_up_;
  nccl_ranks ranks_;
  std::size_t output_line_ = 0, outputs_ = 0, incomplete_ = 0;
  bool is_output_complete_ = false;
  bool saw_units_ = false;
};

}  // namespace

imported_file read_nccl_tests_text(const source_file& file, const import_options& options) {
  return text_reader(file, options).read();
}

}  // namespace gpubench::imports
