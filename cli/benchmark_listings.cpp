#include "cli/listings.hpp"

#include <regex>

namespace gpubench::cli {
namespace {

using value = report::table::value;

double count_cases(const bench::benchmark_definition& definition, bench::suite suite, const bench::machine& where) {
  return static_cast<double>(bench::cases_of(definition, suite, where).size());
}

// Why the first case of the largest suite cannot run here; nothing when it can.
value why_not(const bench::benchmark_definition& definition, const bench::machine& where) {
  const auto cases = bench::cases_of(definition, bench::suite::full, where);
  if (cases.empty()) return std::string("no case fits this machine");
  if (!definition.unavailable) return {};
  const auto reason = definition.unavailable(cases.front(), where);
  return reason ? value(*reason) : value();
}

}  // namespace

report::table benchmark_table(const std::vector<bench::benchmark_definition>& known, const bench::machine& where,
                              const list_filter& filter) {
  const std::regex name(filter.name_pattern, std::regex::icase);
  report::table list({{"benchmark", "benchmark"},
                      {"backend", "back-end"},
                      {"device", "device"},
                      {"quick_cases", "quick"},
                      {"standard_cases", "standard"},
                      {"apps_cases", "apps"},
                      {"full_cases", "full"},
                      {"unavailable", "cannot run because", 4, 1},
                      {"description", "what it measures", 4, 2}});
  for (const auto& definition : known) {
    if (!std::regex_search(definition.name, name)) continue;
    list.add_row(
        {definition.name, definition.backend, definition.device, count_cases(definition, bench::suite::quick, where),
         count_cases(definition, bench::suite::standard, where), count_cases(definition, bench::suite::apps, where),
         count_cases(definition, bench::suite::full, where),
         why_not(definition, where), definition.description});
  }
  return list;
}

report::table suite_table(const std::vector<bench::benchmark_definition>& known, const bench::machine& where,
                          const list_filter& filter) {
  const std::regex name(filter.name_pattern, std::regex::icase);
  report::table list(
      {{"suite", "suite"}, {"cases", "cases here"}, {"budget_seconds", "at most s"}, {"description", "what it is"}});
  for (const auto suite : bench::all_suites) {
    const std::string suite_name(bench::to_string(suite));
    if (!std::regex_search(suite_name, name)) continue;
    double cases = 0;
    for (const auto& definition : known) cases += count_cases(definition, suite, where);
    const auto budget = bench::default_budget(suite);
    list.add_row({suite_name, cases, budget ? value(budget->count()) : value(), std::string(bench::describe(suite))});
  }
  return list;
}

}  // namespace gpubench::cli
