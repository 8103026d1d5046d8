#pragma once

#include "report/grid.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gpubench::report {

/// Text made safe for HTML content and quoted attributes; control characters become "?".
std::string html_escape(std::string_view text);

/// How a grid becomes an HTML table.
struct html_table_options {
  std::string caption;
  std::string id;
  std::string css_class;
  std::size_t header_column = 0;  ///< the cell that names the row
  bool sortable = false;          ///< by the reader, where there is a script
  bool filter_by_provider = false;
  /// By row and column: what a column is sorted by where the cell's text will not do; empty uses the text.
  std::vector<std::vector<std::string>> sort_keys;
  std::vector<std::string> row_attributes;  ///< already escaped, for example data-provider="aws"
};

/// A table with caption and scopes in a region that scrolls by itself, so that a narrow page does not.
std::string html_table(const grid& cells, const html_table_options& options);

/// A canvas with its caption and its description for those who do not see it.
/// @param kind  "tradeoff", "roofline" or "latency": what the script draws
std::string html_chart(std::string_view kind, std::string_view key, std::string_view title, std::string_view caption,
                       std::string_view description);

/// Names and values.
std::string html_facts(const std::vector<std::pair<std::string, std::string>>& facts);

/// <details> that is closed at first.
std::string html_details(std::string_view summary, std::string_view content);

}  // namespace gpubench::report
