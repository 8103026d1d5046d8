#include "planner/price_check.hpp"

#include "core/error.hpp"
#include "core/units.hpp"

#include <algorithm>

namespace gpubench::planner {

price_check::price_check(const constraints& limits, std::chrono::system_clock::time_point now)
    : limits_(limits), today_(days_since_epoch(now)) {}

double price_check::days_since(const std::string& date) {
  if (date == last_) return last_age_;
  const auto found = known_.find(date);
  if (found != known_.end()) {
    last_age_ = found->second;
  } else {
    const auto day = parse_date(date);
    if (!day) throw error(error_kind::internal, "a price has the date '" + date + "'");
    last_age_ = static_cast<double>(today_ - *day);
    known_.emplace(date, last_age_);
  }
  last_ = date;
  return last_age_;
}

double price_check::age_days(const profiles::price& offer) {
  return std::max(0.0, days_since(offer.origin.date));
}

rejection price_check::problem(const profiles::instance& type, const profiles::price& offer) {
  if (!offer.checked)
    return {&type, &offer, rejection_reason::no_price,
            "the only price for it is not checked (" + offer.origin.source + ")"};
  const double days = days_since(offer.origin.date);
  if (days < 0)
    return {&type, &offer, rejection_reason::later_price,
            "its price is of " + offer.origin.date + ", after the day of this answer"};
  const bool is_spot = offer.model == profiles::price_model::spot;
  if (days > (is_spot ? limits_.max_spot_price_age_days : limits_.max_price_age_days))
    return {&type, &offer, rejection_reason::old_price, "its price is of " + offer.origin.date};
  return {&type, &offer, {}, {}};
}

}  // namespace gpubench::planner
