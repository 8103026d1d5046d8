#include "core/csv.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/text.hpp"

namespace gpubench {
namespace {

class csv_reader {
 public:
  csv_reader(std::string_view text, const std::string& file) : text_(text), file_(file) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
  }

  bool at_end() const { return next_ >= text_.size(); }

  std::vector<csv_table::cell> read_record() {
    std::vector<csv_table::cell> cells;
    while (true) {
      cells.push_back(read_cell());
      if (at_end() || text_[next_] != ',') break;
      take();
    }
    if (!at_end() && text_[next_] == '\r') take();
    if (!at_end() && text_[next_] == '\n') take();
    return cells;
  }

 private:
  char take() {
    const char c = text_[next_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
    return c;
  }

  csv_table::cell read_cell() {
    csv_table::cell cell{{}, line_, column_};
    if (at_end() || text_[next_] != '"') {
      while (!at_end() && text_[next_] != ',' && text_[next_] != '\n' && text_[next_] != '\r') cell.text += take();
      return cell;
    }
    take();
    while (true) {
      if (at_end())
        throw error(error_kind::input, {file_, cell.line, cell.column}, "quoted cell is never closed",
                    "the file may be truncated; end the cell with a double quote");
      const char c = take();
      if (c != '"') {
        cell.text += c;
      } else if (!at_end() && text_[next_] == '"') {
        cell.text += take();
      } else {
        break;
      }
    }
    if (!at_end() && text_[next_] != ',' && text_[next_] != '\n' && text_[next_] != '\r')
      throw error(error_kind::input, {file_, line_, column_}, "text after the closing quote of a cell",
                  "double a quote that belongs to the text");
    return cell;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t next_ = 0;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
};

}  // namespace

csv_table csv_table::parse(std::string_view text, std::string file, ragged_records ragged) {
  csv_table table;
  table.file_ = std::move(file);
  csv_reader reader(text, table.file_);
  if (reader.at_end())
    throw error(error_kind::input, {table.file_, 0, 0}, "the file is empty", "a CSV file starts with its header row");
  auto header = reader.read_record();
  for (auto& cell : header) {
    if (trim(cell.text).empty())
      throw error(error_kind::input, {table.file_, cell.line, cell.column}, "the header has a column without a name",
                  "a CSV file starts with its header row");
    if (table.find_column(cell.text))
      throw error(error_kind::input, {table.file_, cell.line, cell.column},
                  fmt::format("column '{}' stands twice in the header", cell.text));
    table.header_.push_back(std::move(cell.text));
  }
  while (!reader.at_end()) {
    auto cells = reader.read_record();
    if (cells.size() == 1 && cells[0].text.empty()) continue;  // a blank line
    table.records_.push_back(std::move(cells));
    if (ragged == ragged_records::refused) table[table.size() - 1].require_whole();
  }
  return table;
}

csv_table csv_table::load(const std::string& path, ragged_records ragged) {
  return parse(read_file(path), path, ragged);
}

void csv_table::require_columns(const std::vector<std::string>& columns) const {
  for (const auto& column : columns)
    if (!find_column(column))
      throw error(error_kind::input, {file_, 1, 1}, fmt::format("column '{}' is missing", column),
                  suggestion(column, header_));
}

std::optional<std::size_t> csv_table::find_column(std::string_view column) const {
  const auto found = std::find(header_.begin(), header_.end(), column);
  if (found == header_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header_.begin());
}

bool csv_table::row::has(std::string_view column) const { return table_->find_column(column).has_value(); }

const csv_table::cell& csv_table::row::at(std::string_view column) const {
  const auto index = table_->find_column(column);
  if (!index)
    throw error(error_kind::input, {table_->file_, 1, 1}, fmt::format("column '{}' is missing", column),
                suggestion(column, table_->header_));
  if (*index >= cells_->size()) require_whole();
  return (*cells_)[*index];
}

void csv_table::row::require_whole() const {
  if (cells_->size() == table_->header_.size()) return;
  throw error(error_kind::input, {table_->file_, cells_->back().line, cells_->back().column},
              fmt::format("record has {} cells, the header has {}", cells_->size(), table_->header_.size()),
              "quote a cell that holds a comma");
}

const std::string& csv_table::row::text(std::string_view column) const { return at(column).text; }

const std::string& csv_table::row::required_text(std::string_view column) const {
  const auto& value = text(column);
  if (value.empty()) refuse(column, fmt::format("{} is empty", column));
  return value;
}

std::optional<double> csv_table::row::number(std::string_view column) const {
  const auto& value = text(column);
  if (value.empty()) return std::nullopt;
  const auto parsed = parse_number(value);
  if (!parsed) refuse(column, fmt::format("{} '{}' is not a number", column, value));
  return parsed;
}

double csv_table::row::required_number(std::string_view column) const {
  required_text(column);
  return *number(column);
}

file_position csv_table::row::position(std::string_view column) const {
  const auto& where = at(column);
  return {table_->file_, where.line, where.column};
}

file_position csv_table::row::position() const { return {table_->file_, cells_->front().line, 1}; }

void csv_table::row::refuse(std::string_view column, const std::string& what, const std::string& hint) const {
  // A complaint that begins with its verb is about the cell.
  const bool is_verb = what.rfind("is ", 0) == 0;
  throw error(error_kind::input, position(column),
              is_verb ? fmt::format("{} '{}' {}", column, text(column), what) : what, hint);
}

std::string csv_escape(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace gpubench
