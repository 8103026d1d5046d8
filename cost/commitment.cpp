#include "cost/commitment.hpp"

#include "core/text.hpp"

#include <regex>
#include <string>

namespace gpubench::cost {

std::string_view to_string(payment_option option) {
  switch (option) {
    case payment_option::no_upfront:
      return "no upfront";
    case payment_option::partial_upfront:
      return "partial upfront";
    case payment_option::all_upfront:
      return "all upfront";
  }
  return {};
}

commitment commitment_of(double effective_per_hour, double term_hours, payment_option option) {
  const double share = option == payment_option::all_upfront ? 1 : option == payment_option::partial_upfront ? 0.5 : 0;
  return {term_hours, share * effective_per_hour * term_hours, (1 - share) * effective_per_hour};
}

double break_even_utilisation(const commitment& deal, double on_demand_per_hour) {
  return deal.effective_per_hour() / on_demand_per_hour;
}

std::optional<double> break_even_months(const commitment& deal, double on_demand_per_hour) {
  const double saved_per_hour = on_demand_per_hour - deal.per_hour;
  if (!(saved_per_hour > 0)) return std::nullopt;
  const double months = deal.upfront / (hours_per_month * saved_per_hour);
  if (months > deal.term_hours / hours_per_month) return std::nullopt;
  return months;
}

commitment_term parse_commitment_term(std::string_view text) {
  static const std::regex years(R"((\d+(?:\.\d+)?)\s*-?\s*(?:yr|year))");
  static const std::regex window(R"((\d+(?:\.\d+)?)\s*(h|hours?|d|days?)\b)");
  const std::string name = to_lower(text);
  commitment_term term;
  std::smatch found;
  if (std::regex_search(name, found, years)) term.years = parse_number(found[1].str());
  for (const payment_option option :
       {payment_option::no_upfront, payment_option::partial_upfront, payment_option::all_upfront}) {
    if (name.find(to_string(option)) != std::string::npos) term.payment = option;
  }
  term.is_capacity_block = name.find("capacity block") != std::string::npos;
  if (term.is_capacity_block && std::regex_search(name, found, window))
    term.window_hours = *parse_number(found[1].str()) * (found[2].str().front() == 'd' ? 24 : 1);
  return term;
}

}  // namespace gpubench::cost
