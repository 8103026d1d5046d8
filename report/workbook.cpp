#include "report/workbook.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/units.hpp"
#include "core/version.hpp"
#include "report/text_width.hpp"

#include <fmt/format.h>

#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>

namespace gpubench::report {
namespace {

constexpr std::size_t most_rows = LXW_ROW_MAX - 1;  // below the header
constexpr std::size_t longest_text = 32000;         // bytes; a cell holds 32,767 characters
constexpr std::size_t narrowest = 8, widest = 60;   // columns, in characters

// libxlsxwriter writes to a named file and to nothing else.
class temporary_file {
 public:
  temporary_file() {
    std::error_code none;
    auto folder = std::filesystem::temp_directory_path(none);
    if (none) folder = ".";
    path_ = (folder / "gpubench-XXXXXX.xlsx").string();
    const int descriptor = ::mkstemps(path_.data(), 5);
    if (descriptor < 0)
      throw error(error_kind::io, {path_, 0, 0}, fmt::format("cannot make a temporary file: {}", std::strerror(errno)),
                  "set TMPDIR to a folder that can be written to");
    ::close(descriptor);
  }
  ~temporary_file() { ::unlink(path_.c_str()); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void require(lxw_error code, const std::string& what) {
  if (code == LXW_NO_ERROR) return;
  const bool disk = code == LXW_ERROR_CREATING_XLSX_FILE || code == LXW_ERROR_CREATING_TMPFILE ||
                    code == LXW_ERROR_ZIP_FILE_OPERATION || code == LXW_ERROR_READING_TMPFILE;
  throw error(disk ? error_kind::io : error_kind::internal, fmt::format("{}: {}", what, lxw_strerror(code)),
              disk ? "is the disk of the temporary folder full? TMPDIR names another" : "");
}

std::string cell_safe(const std::string& text) {
  std::string safe = valid_utf8(printable(text));
  if (safe.size() > longest_text) {
    std::size_t end = longest_text;
    while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xC0) == 0x80) --end;  // not within a character
    safe = safe.substr(0, end) + "…";
  }
  return safe;
}

std::size_t shown_width(const table::value& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return display_width(*text);
  return std::holds_alternative<double>(cell) ? 12 : 6;
}

}  // namespace

struct workbook::parts {
  temporary_file file;
  lxw_workbook* book = nullptr;
  lxw_format* header = nullptr;
  std::map<std::pair<std::string, bool>, lxw_format*> formats;  // owned by the book

  lxw_format* format_for(const std::string& number_format, bool strong) {
    auto& format = formats[{number_format, strong}];
    if (format) return format;
    format = workbook_add_format(book);
    if (!number_format.empty()) format_set_num_format(format, number_format.c_str());
    if (strong) format_set_bold(format);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    return format;
  }

  ~parts() {
    if (book) lxw_workbook_free(book);
  }
};

workbook::workbook(const std::string& title, const std::string& made_at) : parts_(std::make_unique<parts>()) {
  parts_->book = workbook_new(parts_->file.path().c_str());
  if (!parts_->book) throw error(error_kind::io, "cannot begin a workbook");
  parts_->header = workbook_add_format(parts_->book);
  format_set_bold(parts_->header);
  format_set_text_wrap(parts_->header);
  format_set_align(parts_->header, LXW_ALIGN_VERTICAL_TOP);
  format_set_bottom(parts_->header, LXW_BORDER_THIN);
  std::string author = fmt::format("gpubench {}", version), shown_title = cell_safe(title);  // the library wants char*
  lxw_doc_properties properties{};
  properties.title = shown_title.data();
  properties.author = author.data();
  if (const auto seconds = parse_utc_seconds(made_at)) properties.created = static_cast<time_t>(*seconds);
  require(workbook_set_properties(parts_->book, &properties), "properties of the workbook");
}

workbook::~workbook() = default;

void workbook::add(const sheet& content) {
  if (content.rows.size() > most_rows)
    throw error(error_kind::usage,
                fmt::format("{} rows do not fit on the sheet '{}', which holds {}", content.rows.size(), content.name,
                            most_rows),
                "--format csv has no such limit");
  require(workbook_validate_sheet_name(parts_->book, content.name.c_str()), "sheet '" + content.name + "'");
  auto* to = workbook_add_worksheet(parts_->book, content.name.c_str());
  for (std::size_t c = 0; c < content.columns.size(); ++c) {
    const auto& column = content.columns[c];
    const auto place = static_cast<lxw_col_t>(c);
    require(worksheet_write_string(to, 0, place, cell_safe(column.header).c_str(), parts_->header), column.header);
    std::size_t width = std::min<std::size_t>(display_width(column.header), 24);
    for (const auto& row : content.rows) width = std::max(width, shown_width(row[c]));
    require(
        worksheet_set_column(to, place, place, static_cast<double>(std::clamp(width, narrowest, widest)) + 2, nullptr),
        column.header);
  }
  for (std::size_t r = 0; r < content.rows.size(); ++r) {
    for (std::size_t c = 0; c < content.columns.size(); ++c) {
      const auto row = static_cast<lxw_row_t>(r + 1);
      const auto column = static_cast<lxw_col_t>(c);
      const auto& cell = content.rows[r][c];
      auto* format = parts_->format_for(content.columns[c].number_format, content.strong.count({r, c}) > 0);
      if (const auto* text = std::get_if<std::string>(&cell)) {
        if (!text->empty()) require(worksheet_write_string(to, row, column, cell_safe(*text).c_str(), format), "text");
      } else if (const auto* yes = std::get_if<bool>(&cell)) {
        require(worksheet_write_boolean(to, row, column, *yes ? 1 : 0, format), "yes or no");
      } else if (const auto* number = std::get_if<double>(&cell)) {
        if (std::isfinite(*number)) require(worksheet_write_number(to, row, column, *number, format), "number");
      }
    }
  }
  worksheet_freeze_panes(to, 1, 1);
  worksheet_set_landscape(to);
  worksheet_fit_to_pages(to, 1, 0);
  require(worksheet_repeat_rows(to, 0, 0), "header");
  if (!content.rows.empty() && !content.columns.empty())
    require(worksheet_autofilter(to, 0, 0, static_cast<lxw_row_t>(content.rows.size()),
                                 static_cast<lxw_col_t>(content.columns.size() - 1)),
            "filter");
}

std::string workbook::finish() {
  auto* book = parts_->book;
  parts_->book = nullptr;  // closing frees it, also where it fails
  require(workbook_close(book), "cannot write the workbook");
  return read_file(parts_->file.path());
}

}  // namespace gpubench::report
