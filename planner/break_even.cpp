#include "planner/break_even.hpp"

#include "core/units.hpp"
#include "planner/explanation.hpp"
#include "planner/node_plan.hpp"

#include <algorithm>
#include <limits>

#include "cost/own_hardware.hpp"

namespace gpubench::planner {
namespace {

bool is_own(const candidate& c) {
  return c.instance->provider == cost::own_provider;
}

const candidate* find_first(const recommendation& answer, bool (*wanted)(const candidate&)) {
  const auto found = std::find_if(answer.ranked.begin(), answer.ranked.end(), wanted);
  return found == answer.ranked.end() ? nullptr : &*found;
}

bool is_rented_on_demand(const candidate& c) {
  return !is_own(c) && !c.helpers && c.price->model == profiles::price_model::on_demand;
}

}  // namespace

void set_own_break_even(recommendation& answer) {
  if (!answer.limits.terms.own) return;
  const double utilisation = answer.limits.terms.own->utilisation;
  const cost::commitment own = cost::as_commitment(*answer.limits.terms.own);
  const candidate* rented = find_first(answer, is_rented_on_demand);
  if (!rented) return;
  const double most = rate_asked_for(answer.workload, answer.limits).value_or(std::numeric_limits<double>::infinity());
  for (candidate& c : answer.ranked) {
    if (!is_own(c)) continue;
    // Speed above the rate that is asked for is no work.
    const double own_rate = std::min(c.units_per_second, most), rented_rate = std::min(rented->units_per_second, most);
    const double same_work_usd_per_hour = rented->usd_per_hour * own_rate / rented_rate / c.nodes;
    if (const auto months = cost::break_even_months(own, same_work_usd_per_hour))
      c.break_even_months = *months / utilisation;
  }
}

std::vector<std::string> break_even_sentences(const recommendation& answer) {
  std::vector<std::string> all;
  if (const candidate* bought = find_first(answer, [](const candidate& c) { return bool(c.break_even_utilisation); })) {
    std::string text = offer_name(*bought->instance, *bought->price) + " costs less than on demand from " +
                       format_number(100 * *bought->break_even_utilisation, 3) + " % of its hours on";
    if (bought->break_even_months)
      text += "; what is paid at once is back after " + format_number(*bought->break_even_months, 3) +
              " months around the clock";
    all.push_back(text + ".");
  }
  const candidate* own = find_first(answer, is_own);
  const candidate* rented = find_first(answer, is_rented_on_demand);
  if (own && rented) {
    const std::string against = offer_name(*rented->instance, *rented->price) + " at the same work";
    all.push_back(own->break_even_months
                      ? "Your own " + own->instance->type + " has paid for itself after " +
                            format_number(*own->break_even_months, 3) + " months, against " + against + "."
                      : "Your own " + own->instance->type + " never pays for itself against " + against + ".");
  }
  return all;
}

}  // namespace gpubench::planner
