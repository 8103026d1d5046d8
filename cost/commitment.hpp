#pragma once

#include <optional>
#include <string_view>

#include "cost/calendar.hpp"

namespace gpubench::cost {

enum class payment_option { no_upfront, partial_upfront, all_upfront };
std::string_view to_string(payment_option option);

/// What is paid for one instance over a term, used or not. Money in one currency.
struct commitment {
  double term_hours = hours_per_year;
  double upfront = 0;
  double per_hour = 0;  ///< of every hour of the term

  /// (upfront / H + p_res): what an hour of the term costs.
  double effective_per_hour() const { return upfront / term_hours + per_hour; }
};

/// Parts a commitment whose effective hourly price is known by how it is paid. Where a provider sells "partial upfront"
/// half of the term's price is due at once (AWS's reserved instances).
commitment commitment_of(double effective_per_hour, double term_hours, payment_option option);

/// Share of the term's hours that must be used for the commitment to cost no more than on demand:
/// u* = (upfront / H + p_res) / p_od. Above 1: never.
double break_even_utilisation(const commitment& deal, double on_demand_per_hour);

/// Months of use around the clock after which the commitment has cost less than on demand:
/// upfront / (hours a month x (p_od - p_res)). Nothing where an hour of it costs no less than on demand, or where that
/// is later than its end.
std::optional<double> break_even_months(const commitment& deal, double on_demand_per_hour);

/// How a catalogue names a commitment: "1yr standard RI, all upfront", "3yr CUD, no upfront",
/// "Capacity Block for ML (fixed dates, all upfront)", "capacity block, 48 h".
struct commitment_term {
  std::optional<double> years;
  std::optional<payment_option> payment;
  bool is_capacity_block = false;
  std::optional<double> window_hours;  ///< of a capacity block that is sold in one length only
};
commitment_term parse_commitment_term(std::string_view text);

}  // namespace gpubench::cost
