#include "core/csv.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "imports/backend_name.hpp"
#include "imports/contradictions.hpp"
#include "imports/importer.hpp"
#include "imports/stream_kernels.hpp"
#include "imports/units.hpp"
#include "imports/words.hpp"

namespace gpubench::imports {
namespace {

constexpr const char* exchanged_phases =
    "Init and Read are left out: version 5.0 puts each one's time under the other's name";

bool is_gpu_implementation(std::string_view name) {
  static constexpr std::array<std::string_view, 3> gpu{"CUDA", "HIP", "Thrust"};
  return std::any_of(gpu.begin(), gpu.end(), [&](std::string_view one) { return name.substr(0, one.size()) == one; });
}

// Of an implementation whose back-end is chosen when it is built, as Thrust's and Kokkos', it is not stated.
std::string backend_of(const std::string& implementation) {
  const auto name = backend_name(implementation);
  return name == "rocm" || name == "sycl" || name == "opencl" ? name : "cuda";
}

double positive(const source_file& file, const source_line& line, const word& at) {
  const auto value = parse_number(at.text);
  if (!value || !(*value > 0))
    throw error(error_kind::input, file.at(line.number, at.column),
                fmt::format("'{}' is not a number above 0", at.text), "the file may be truncated here");
  return *value;
}

class text_reader {
 public:
  text_reader(const source_file& file, const import_options& options) : file_(file) {
    if (options.gpu) device_ = "gpu0";
  }

  imported_file read() {
    content_.tool = "BabelStream";
    for (const auto& line : file_.lines()) read_line(line);
    for (auto& m : content_.measurements) {
      m.device = device_;
      m.backend = device_ == "cpu" ? "host" : backend_of(implementation_);
    }
    if (device_ == "unknown") content_.notes.push_back("does not say which device measured: --gpu NAME, if it was one");
    return std::move(content_);
  }

 private:
  void read_line(const source_line& line) {
    const auto text = trim(line.text);
    const auto words = words_of(line.text);
    if (words.empty()) return;
    if (const auto version = after(text, "Version:"); !version.empty()) {
      content_.tool_version = std::string(version);
    } else if (const auto name = after(text, "Implementation:"); !name.empty()) {
      implementation_ = std::string(name);
      if (is_gpu_implementation(name)) device_ = "gpu0";
      if (name == "OpenMP" || name == "TBB" || name == "Serial") device_ = "cpu";
    } else if (const auto device = after(text, "Using CUDA device "); !device.empty()) {
      device_ = "gpu0";
      auto& gpu = content_.environment.gpus.emplace_back();
      gpu.name = std::string(device);
    } else if (const auto count = after(text, "Running kernels "); !count.empty()) {
      if (const auto n = parse_integer(words_of(count).front().text); n && *n > 1)
        repetitions_ = static_cast<std::size_t>(*n) - 1;  // the first is dropped
    } else if (const auto precision = after(text, "Precision:"); !precision.empty()) {
      precision_ = std::string(precision);
    } else if (const auto size = after(text, "Array size:"); !size.empty()) {
      array_size_ = std::string(size);
    } else if (words.front().text == "Function") {
      read_header(line, words);
    } else if (factor_ > 0) {
      read_row(line, words);
    } else if (words.front().text == "Init:" &&
               std::count(content_.notes.begin(), content_.notes.end(), exchanged_phases) == 0) {
      content_.notes.emplace_back(exchanged_phases);
    }
  }

  void read_header(const source_line& line, const std::vector<word>& words) {
    const auto unit = words.size() > 1 ? words[1].text : std::string_view();
    factor_ = unit == "MBytes/sec" ? 1e6 : unit == "MiBytes/sec" ? mib : 0;
    if (factor_ == 0) file_.refuse(line.number, "the table's rate is neither in MBytes/sec nor in MiBytes/sec");
    if (precision_.empty()) file_.refuse(line.number, "the file does not say the precision before its table");
  }

  void read_row(const source_line& line, const std::vector<word>& words) {
    const auto kernel = find_stream_kernel(words.front().text, precision_ == "double");
    if (!kernel) return;  // what the tool says below its table
    file_.require_end(line);
    if (words.size() != 5)
      throw error(error_kind::input, file_.at(line.number, words.back().column),
                  fmt::format("row has {} values, not 5", words.size()), "the file may be truncated here");
    stream_figures figures;
    figures.best_bytes_per_second = positive(file_, line, words[1]) * factor_;
    figures.min_seconds = positive(file_, line, words[2]);
    figures.max_seconds = positive(file_, line, words[3]);
    figures.mean_seconds = positive(file_, line, words[4]);
    figures.repetitions = repetitions_;
    // The text rounds the size of an array, so it is kept as text and no bytes are worked out.
    auto m = measurement_of(*kernel, std::nullopt, figures);
    if (!array_size_.empty()) m.params.emplace_back("array_size", array_size_);
    if (precision_ != "double") m.params.emplace_back("precision", precision_);
    if (!implementation_.empty()) m.method["implementation"] = implementation_;
    if (const auto bytes = rounded_array_bytes())
      hold_rates_against({std::nullopt, *bytes * kernel->arrays, std::nullopt, ""}, m,
                         [&] { return file_.at(line.number, words[1].column); });
    content_.measurements.push_back(std::move(m));
    content_.placed_at(file_.at(line.number, words[1].column));
  }

  // "268.4 MB (=0.3 GB)": too coarse for a measurement's work, but not for telling a wrong unit.
  std::optional<double> rounded_array_bytes() const {
    const auto words = words_of(array_size_);
    const auto size = words.size() > 1 ? parse_number(words[0].text) : std::nullopt;
    const auto* unit = size ? find_unit(words[1].text) : nullptr;
    if (!unit || unit->of != quantity::bytes || !(*size > 0)) return std::nullopt;
    return *size * unit->factor;
  }

  const source_file& file_;
  imported_file content_;
  std::string device_ = "unknown", implementation_, precision_, array_size_;
  std::optional<std::size_t> repetitions_;
  double factor_ = 0;
};

// The tables of --csv, one after the other: phases, then kernels.
class csv_reader {
 public:
  csv_reader(const source_file& file, const import_options& options)
      : file_(file), device_(options.gpu ? "gpu0" : "unknown") {}

  imported_file read() {
    file_.require_line_end();
    content_.tool = "BabelStream";
    const auto lines = file_.lines();
    const auto is_header = [](const source_line& line) {
      return line.text.rfind("phase,", 0) == 0 || line.text.rfind("function,", 0) == 0;
    };
    auto begin = std::find_if(lines.begin(), lines.end(), is_header);
    while (begin != lines.end()) {
      const auto end = std::find_if(begin + 1, lines.end(), is_header);
      std::string text;
      for (auto line = begin; line != end; ++line) text += std::string(line->text) + "\n";
      lines_before_ = begin->number - 1;
      try {
        read_table(csv_table::parse(text, file_.name()));
      } catch (const error& e) {
        throw error(e.kind(), in_file(e.where()), e.what(), e.hint());
      }
      begin = end;
    }
    content_.notes.emplace_back(device_ == "unknown" ? "does not say which device measured: --gpu NAME, if it was one"
                                                     : "does not name its version");
    return std::move(content_);
  }

 private:
  void read_table(const csv_table& table) {
    if (table.header().front() == "phase") {
      content_.notes.emplace_back(exchanged_phases);
      return;
    }
    const bool binary = std::count(table.header().begin(), table.header().end(), "max_mibytes_per_sec") > 0;
    const std::string rate = binary ? "max_mibytes_per_sec" : "max_mbytes_per_sec";
    table.require_columns({"num_times", "n_elements", "sizeof", rate, "min_runtime", "max_runtime", "avg_runtime"});
    for (std::size_t i = 0; i < table.size(); ++i) read_row(table, table[i], rate, binary ? mib : 1e6);
  }

  file_position in_file(const file_position& in_table) const {
    return file_.at(in_table.line > 0 ? in_table.line + lines_before_ : 0, in_table.column);
  }

  static double positive_number(const csv_table::row& row, const std::string& column) {
    const double value = row.required_number(column);
    if (!(value > 0)) row.refuse(column, fmt::format("{} is {}, not above 0", column, value));
    return value;
  }

  static std::int64_t whole(const csv_table::row& row, const std::string& column, std::int64_t highest) {
    const auto value = parse_integer(row.required_text(column));
    if (!value || *value < 1 || *value > highest)
      row.refuse(column, fmt::format("{} '{}' is not a whole number from 1 to {}", column, row.text(column), highest));
    return *value;
  }

  void read_row(const csv_table& table, const csv_table::row& row, const std::string& rate, double factor) {
    const auto size = whole(row, "sizeof", 64);
    const auto elements = whole(row, "n_elements", std::int64_t{1} << 56);
    const auto kernel = find_stream_kernel(row.required_text("function"), size == 8);
    if (!kernel) row.refuse("function", fmt::format("'{}' is no kernel of BabelStream", row.text("function")));
    stream_figures figures;
    figures.best_bytes_per_second = positive_number(row, rate) * factor;
    figures.min_seconds = positive_number(row, "min_runtime");
    figures.max_seconds = positive_number(row, "max_runtime");
    figures.mean_seconds = positive_number(row, "avg_runtime");
    if (const auto n = whole(row, "num_times", std::int64_t{1} << 40); n > 1)
      figures.repetitions = static_cast<std::size_t>(n - 1);
    auto m = measurement_of(*kernel, elements * size, figures);
    if (size != 8) m.params.emplace_back("element_bytes", size);
    m.device = device_;
    m.backend = "cuda";
    static constexpr std::array<std::string_view, 8> known{"function",    "num_times",   "n_elements",  "sizeof",
                                                           "min_runtime", "max_runtime", "avg_runtime", ""};
    for (const auto& column : table.header())
      if (column != rate && std::find(known.begin(), known.end(), column) == known.end())
        m.method[column] = row.text(column);
    content_.measurements.push_back(std::move(m));
    content_.placed_at(in_file(row.position(rate)));
  }

  const source_file& file_;
  std::string device_;
  imported_file content_;
  std::size_t lines_before_ = 0;  ///< of the table that is read
};

bool is_table(const source_file& file) {
  return file.text().find("function,num_times,") != std::string::npos;
}

bool recognizes(const source_file& file) {
  return is_table(file) || (file.text().find("BabelStream") != std::string::npos &&
                            file.text().find("Function") != std::string::npos && !file.starts_as_json());
}

imported_file read(const source_file& file, const import_options& options) {
  return is_table(file) ? csv_reader(file, options).read() : text_reader(file, options).read();
}

const importer_registration registered{
    {"babelstream", "output of BabelStream, as text or CSV (--csv)", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
