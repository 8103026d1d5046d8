#include "planner/step_breakdown.hpp"

#include "core/error.hpp"
#include "planner/system_planner.hpp"

#include <algorithm>

namespace gpubench::planner {
namespace {

// Less of the step than this is rounding.
constexpr double least_share = 1e-3;

std::vector<step_line> merged(const std::vector<timed_operator>& operators) {
  std::vector<step_line> lines;
  for (const timed_operator& one : operators) {
    const auto same = std::find_if(lines.begin(), lines.end(), [&](const step_line& line) {
      return line.name == one.name && line.shape == one.shape && line.precision == one.precision &&
             line.each.seconds == one.each.seconds;
    });
    if (same != lines.end()) {
      same->count += one.count;
    } else {
      lines.push_back({one.name, one.shape, one.precision, one.count, one.each, 0});
    }
  }
  return lines;
}

/// What takes most of the time that is no operator's.
bound other_bound(const performance& speed) {
  bound largest = bound::host;
  double most = 0;
  for (const bound b : {bound::interconnect, bound::network, bound::host, bound::overhead}) {
    const double share = speed.shares[static_cast<std::size_t>(b)];
    if (share > most) {
      most = share;
      largest = b;
    }
  }
  return largest;
}

}  // namespace

step_breakdown break_down_step(const profiles::catalogue& known, const calibration& efficiencies,
                               const profiles::workload& what, const profiles::instance& on) {
  const constraints limits;
  system_planner planner(known, efficiencies, what, limits, {});
  const system_plan& plan = planner.plan(on);
  if (!plan.cheapest) {
    throw error(error_kind::infeasible, what.name + " cannot run there: " + plan.detail,
                "gpubench recommend " + what.name + " finds systems that can");
  }
  const performance& speed = plan.cheapest->speed;
  step_breakdown result;
  result.split = speed.split;
  result.units_per_second = speed.units_per_second;
  result.step = speed.step;
  result.lines = merged(planner.operators_of(on, speed.split));
  double explained = 0;
  for (step_line& line : result.lines) {
    line.share = line.count * line.each.seconds / result.step.seconds;
    explained += line.share;
  }
  std::stable_sort(result.lines.begin(), result.lines.end(),
                   [](const step_line& a, const step_line& b) { return a.share > b.share; });
  if (1 - explained > least_share) {
    step_line rest;
    rest.name =
        what.kind == profiles::workload_kind::llm_serve ? "prompts, communication and host" : "communication and host";
    rest.share = 1 - explained;
    const double scale = rest.share;
    rest.each = {result.step.seconds * scale, result.step.low * scale, result.step.high * scale, result.step.basis,
                 other_bound(speed)};
    rest.precision = speed.split.precision;
    result.lines.push_back(rest);
  }
  return result;
}

}  // namespace gpubench::planner
