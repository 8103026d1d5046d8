#pragma once

#include "report/document.hpp"

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace gpubench::report {

/// Cells as people read them, already formatted; the common base of the terminal, Markdown and HTML tables.
struct grid {
  struct column {
    std::string header;
    bool right_aligned = false;
    int keep = 0;  ///< where a terminal is too narrow, columns of the highest number go first; 0 always stays
  };
  std::vector<column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Plain text of at most style.width columns (0: no limit): drops columns by `keep`, then shortens text columns.
/// @param indent  spaces before each line
void write_text(const grid& cells, const style& look, std::ostream& out, std::size_t indent = 0);

/// Columns that the widest line takes where nothing is dropped or shortened.
std::size_t full_width(const grid& cells);

void write_markdown(const grid& cells, std::ostream& out);

/// Text that Markdown takes literally, also within a table cell.
std::string markdown_escape(const std::string& text);

/// Terminal emphasis where style.colour asks for it: never the only carrier of meaning.
enum class emphasis { strong, faint };
std::string paint(const style& look, emphasis how, const std::string& text);

}  // namespace gpubench::report
