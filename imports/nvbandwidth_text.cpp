#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "imports/nvbandwidth.hpp"
#include "imports/peer_matrix.hpp"
#include "imports/words.hpp"

namespace gpubench::imports {
namespace {

constexpr const char* cut_hint = "the file may be truncated or edited here";

bool is_whole(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

class text_reader {
 public:
  explicit text_reader(const source_file& file) : file_(file) {}

  imported_file read() {
    content_.tool = "nvbandwidth";
    for (const auto& line : file_.lines()) read_line(line);
    end_test(true);
    return std::move(content_);
  }

 private:
  void read_line(const source_line& line) {
    const auto text = trim(line.text);
    if (const auto test = after(text, "Running "); !test.empty()) {
      if (test.back() != '.') file_.require_end(line);
      end_test(false);
      test_ = std::string(test.back() == '.' ? test.substr(0, test.size() - 1) : test);
    } else if (!test_.empty()) {
      read_result(line, text);
    } else {
      read_head(line, text);
    }
  }

  void read_head(const source_line& line, std::string_view text) {
    if (const auto version = after(text, "nvbandwidth Version:"); !version.empty()) {
      content_.tool_version = std::string(version);
    } else if (const auto cuda = after(text, "CUDA Runtime Version:"); !cuda.empty()) {
      if (const auto code = parse_integer(cuda); code && *code > 0)
        content_.environment.libraries["cuda"] = cuda_version(*code);
    } else if (const auto driver = after(text, "Driver Version:"); !driver.empty()) {
      content_.environment.gpu_driver_version = std::string(driver);
    } else if (const auto device = after(text, "Device "); !device.empty()) {
      const auto colon = device.find(':');
      const auto index = parse_integer(device.substr(0, colon));
      if (!index || *index < 0 || *index > 100000 || colon == std::string_view::npos)
        file_.refuse(line.number, "the device's number cannot be read");
      auto name = device.substr(colon + 1);
      // The bus address in parentheses at the end is of the machine, not of the model.
      if (const auto bus = name.rfind(" ("); bus != std::string_view::npos) name = name.substr(0, bus);
      auto& gpu = content_.environment.gpus.emplace_back();
      gpu.index = static_cast<int>(*index);
      gpu.name = std::string(trim(name));
    }
  }

  // Below "Running": a description, a line of column numbers, rows, and "SUM test value"; or words why there is none.
  void read_result(const source_line& line, std::string_view text) {
    if (text.empty()) return end_matrix();
    const auto words = words_of(line.text);
    const bool numbers = std::all_of(words.begin(), words.end(), [](const word& w) { return is_whole(w.text); });
    if (matrix_) return read_row(line, words);
    if (!description_.empty() && numbers) {
      matrix_ = peer_matrix{test_, description_, {}, {}, {}};
      for (const auto& one : words) matrix_->columns.push_back(index_of(line, one));
      header_ = line;
      return;
    }
    if (!after(text, "SUM ").empty()) return hold_against_sum(line, words);
    if (text.find("(row)") != std::string_view::npos || text.find("(column)") != std::string_view::npos) {
      description_ = std::string(text);
      return;
    }
    if (after(text, "MIN ").empty() && after(text, "MAX ").empty() && after(text, "AVERAGE ").empty() &&
        after(text, "NOTE:").empty() && after(text, "Additional system").empty())
      remarks_.emplace_back(text);
  }

  int index_of(const source_line& line, const word& at) const {
    const auto value = is_whole(at.text) ? parse_integer(at.text) : std::nullopt;
    if (!value || *value > 100000)
      throw error(error_kind::input, file_.at(line.number, at.column),
                  fmt::format("'{}' is not the number of a device", at.text));
    return static_cast<int>(*value);
  }

  void read_row(const source_line& line, const std::vector<word>& words) {
    file_.require_end(line);
    if (words.size() != matrix_->columns.size() + 1)
      throw error(error_kind::input, file_.at(line.number, words.back().column),
                  fmt::format("row has {} values for {} devices", words.size() - 1, matrix_->columns.size()), cut_hint);
    matrix_->rows.push_back(index_of(line, words.front()));
    auto& row = matrix_->values.emplace_back();
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i].text == "N/A") {
        row.emplace_back();
        continue;
      }
      const auto value = parse_number(words[i].text);
      if (!value || *value < 0)
        throw error(error_kind::input, file_.at(line.number, words[i].column),
                    fmt::format("'{}' is neither a number from 0 on nor N/A", words[i].text));
      row.push_back(value);
      places_.push_back(file_.at(line.number, words[i].column));
    }
  }

  // A row that is missing looks like pairs that were not measured.
  void require_rows() const {
    const auto rows = matrix_->rows.size();
    const auto wanted = is_between_gpus(*matrix_) ? matrix_->columns.size() : std::max<std::size_t>(rows, 1);
    if (rows != wanted)
      throw error(error_kind::input, file_.at(header_.number),
                  fmt::format("{}: {} rows for {} devices", test_, rows, matrix_->columns.size()), cut_hint);
  }

  // "SUM test value", of the matrix above it.
  void hold_against_sum(const source_line& line, const std::vector<word>& words) {
    file_.require_end(line);
    const auto stated = parse_number(words.back().text);
    if (words.size() != 3 || !stated)
      throw error(error_kind::input, file_.at(line.number, words.back().column), "a sum without its number", cut_hint);
    if (!sum_) return;
    const double rounding = 0.005 * static_cast<double>(summed_ + 1) + 1e-6 * *sum_;
    if (std::abs(*stated - *sum_) > rounding * 1.001)
      throw error(error_kind::input, file_.at(line.number, words.back().column),
                  fmt::format("a sum of {} is stated, but the values above give {:.2f}", words.back().text, *sum_),
                  cut_hint);
  }

  void end_matrix() {
    if (!matrix_) return;
    require_rows();
    sum_ = 0;
    summed_ = 0;
    for (const auto& row : matrix_->values)
      for (const auto& value : row)
        if (value) {
          *sum_ += *value;
          ++summed_;
        }
    auto found = measurements_of(*matrix_);
    measured_ = measured_ || !found.empty();
    std::move(found.begin(), found.end(), std::back_inserter(content_.measurements));
    // A measurement for each value, line by line.
    for (const auto& at : places_) content_.places.emplace_back([at] { return at; });
    places_.clear();
    matrix_.reset();
    description_.clear();
  }

  void end_test(bool at_end) {
    const bool cut = at_end && !test_.empty() && !matrix_ && !measured_ && remarks_.empty();
    end_matrix();
    if (!test_.empty() && !measured_) {
      const auto reason = join(remarks_, "; ");
      const bool waived = to_lower(reason).find("waived") != std::string::npos;
      content_.measurements.push_back(unmeasured_test(test_, waived, cut ? "the output ends in this test" : reason));
      content_.placed_at(file_.at(0));
      if (cut) content_.is_complete = false;
    }
    test_.clear();
    description_.clear();
    remarks_.clear();
    measured_ = false;
    sum_.reset();
  }

  const source_file& file_;
  imported_file content_;
  std::string test_, description_;
  std::vector<std::string> remarks_;
  std::optional<peer_matrix> matrix_;
  source_line header_;                 ///< of its columns
  std::vector<file_position> places_;  ///< of its values
  std::optional<double> sum_;          ///< of the matrix before, and of how many values
  std::size_t summed_ = 0;
  bool measured_ = false;
};

}  // namespace

imported_file read_nvbandwidth_text(const source_file& file) {
  return text_reader(file).read();
}

}  // namespace gpubench::imports
