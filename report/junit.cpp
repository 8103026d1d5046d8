#include "report/comparison_parts.hpp"
#include "report/escaping.hpp"

#include <fmt/format.h>

#include <string>

namespace gpubench::report {
namespace {

using comparison::verdict;

/// Nothing was found out, where a failure is what was found.
bool is_error(const comparison_document& content, const comparison::comparison_row& row) {
  return row.outcome == verdict::not_comparable || (row.broke_off && fails(content, row));
}

void write_case(const comparison_document& content, const comparison::comparison_row& row, std::ostream& out) {
  const std::string what = xml_escape(row_sentence(row));
  out << fmt::format("    <testcase classname=\"gpubench.{}.{}\" name=\"{}\"", xml_escape(row.key.backend),
                     xml_escape(row.key.device), xml_escape(row.key.name));
  if (row.fresh.time_ns) out << fmt::format(" time=\"{:.9f}\"", *row.fresh.time_ns * 1e-9);
  out << ">\n";
  const auto name = comparison::to_string(row.outcome);
  if (is_error(content, row))
    out << fmt::format("      <error type=\"{}\" message=\"{}\">{}</error>\n",
                       row.broke_off ? "broke off" : std::string(name), what, what);
  else if (fails(content, row))
    out << fmt::format("      <failure type=\"{}\" message=\"{}: {}\">{}</failure>\n", name, name, what, what);
  else if (row.outcome == verdict::missing)
    out << fmt::format("      <skipped message=\"{}\"/>\n", what);
  else
    out << fmt::format("      <system-out>{}: {}</system-out>\n", name, what);
  out << "    </testcase>\n";
}

struct tally {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;

  std::string attributes() const {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"", tests, failures, errors, skipped);
  }
};

void count(tally& counted, const comparison_document& content, const comparison::comparison_row& row) {
  ++counted.tests;
  if (is_error(content, row))
    ++counted.errors;
  else if (fails(content, row))
    ++counted.failures;
  else if (row.outcome == verdict::missing)
    ++counted.skipped;
}

}  // namespace

void write_junit(const comparison_document& content, const style&, std::ostream& out) {
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gpubench\">\n";
  for (const auto& result : content.results) {
    tally counted;
    for (const auto& row : result.rows) count(counted, content, row);
    out << fmt::format("  <testsuite name=\"{} against {}\" {}", xml_escape(result.fresh), xml_escape(result.base),
                       counted.attributes());
    // The schema's times have no zone.
    if (content.made_at.size() >= 19) out << fmt::format(" timestamp=\"{}\"", content.made_at.substr(0, 19));
    out << ">\n";
    for (const auto& row : result.rows) write_case(content, row, out);
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
}

}  // namespace gpubench::report
