#include "planner/host_work.hpp"

#include "planner/host_peaks.hpp"

namespace gpubench::planner {
namespace {

estimate within(double seconds, double low, double high, basis from) {
  return {seconds, seconds * low, seconds * high, from, bound::host};
}

}  // namespace

std::optional<estimate> core_time(const profiles::workload& what, const std::vector<measured_host>& measured,
                                  const profiles::instance& type, const profiles::catalogue& known) {
  const std::string benchmark = preparation_benchmark(what);
  if (const measured_host* own = latest_preparation(measured, benchmark, &type))
    return within(own->core_seconds.at(benchmark), 0.95, 1.25, basis::measured);

  const measured_host* const other = latest_preparation(measured, benchmark);
  const profiles::cpu_spec* const from =
      other ? find_host_peaks(other->environment, known).spec : known.find_cpu(what.host_cpu);
  const profiles::cpu_spec* const to = known.find_cpu(type.cpu);
  double seconds = other ? other->core_seconds.at(benchmark) : what.host_cpu_seconds_per_unit;
  if (!(seconds > 0)) return std::nullopt;
  if (from && from == to) return within(seconds, 0.85, 1.4, basis::calibrated);
  if (from && to && from->all_core_turbo_hertz && to->all_core_turbo_hertz)
    seconds *= *from->all_core_turbo_hertz / *to->all_core_turbo_hertz;
  return within(seconds, 0.7, 2.2, other ? basis::scaled : basis::data_sheet);
}

}  // namespace gpubench::planner
