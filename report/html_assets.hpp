#pragma once

#include <string_view>

namespace gpubench::report {

/// The parts of the HTML report that are not data, from the files of report/html and the packaged Chart.js.
struct html_assets {
  std::string_view page;  ///< with {{placeholders}}
  std::string_view style;
  std::string_view chart_library;
  std::string_view annotations;  ///< what Chart.js lacks: whiskers, labels, reference lines
  std::string_view run_charts;   ///< of several runs
  std::string_view charts;
  std::string_view tables;
};
const html_assets& embedded_html_assets();

}  // namespace gpubench::report
