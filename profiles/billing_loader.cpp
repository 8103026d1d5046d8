#include "profiles/billing.hpp"
#include "profiles/detail/loaders.hpp"

#include <utility>

namespace gpubench::profiles {

std::map<std::string, billing_rule> load_billing_rules(const std::filesystem::path& directory,
                                                       const std::vector<std::filesystem::path>& overlays) {
  detail::file_list files;
  std::error_code code;
  const auto add = [&](const std::filesystem::path& folder) {
    if (std::filesystem::exists(folder / "billing.csv", code)) files.push_back(folder / "billing.csv");
  };
  add(directory);
  for (const auto& overlay : overlays) add(overlay);
  std::vector<billing_rule> rules;
  detail::findings sink(detail::findings::mode::stop_at_first);
  detail::load_billing_rules(files, rules, sink);
  std::map<std::string, billing_rule> by_provider;
  for (billing_rule& rule : rules) by_provider.emplace(rule.provider, std::move(rule));
  return by_provider;
}

namespace detail {

void load_billing_rules(const file_list& files, std::vector<billing_rule>& into, findings& sink) {
  const file_columns columns{{"provider", "granularity_seconds", "source", "date"}, {"minimum_seconds", "note"}};
  keyed_rows<billing_rule> rows(into);
  for (const auto& file : files) {
    rows.start_file();
    each_row(file, columns, sink, [&](row_reader& row) {
      billing_rule rule;
      rule.provider = row.required("provider");
      rule.granularity_seconds = row.required_number("granularity_seconds", {1e-3, 86'400, "seconds"}).value_or(1);
      rule.minimum_seconds = row.number("minimum_seconds", {0, 31 * 86'400.0, "seconds"});
      rule.origin = row.origin();
      const auto key = key_of({rule.provider});
      const auto what = fmt::format("the billing of {}", rule.provider);
      rows.add(key, std::move(rule), what, "provider", row);
    });
  }
}

}  // namespace detail
}  // namespace gpubench::profiles
