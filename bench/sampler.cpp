#include "bench/sampler.hpp"

#include "core/error.hpp"
#include "core/statistics.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace gpubench::bench {

namespace {

using results::stop_reason;

/// Half the 95 % interval of the median over the median; nothing where there are too few samples.
std::optional<double> relative_half_width(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  const auto interval = median_confidence_interval(samples);
  if (!interval) return std::nullopt;
  return (interval->high - interval->low) / 2 / sorted_quantile(samples, 0.5);
}

/// One measurement under way. The rules are separate functions so that each reads as the sentence it stands for.
class sampling {
 public:
  sampling(const std::function<std::chrono::duration<double, std::nano>()>& sample, const sampling_policy& policy,
           const clock_function& clock, const std::function<bool()>& interrupted)
      : sample_(sample), policy_(policy), clock_(clock), interrupted_(interrupted), start_(clock()), now_(start_) {}

  sampling_result run() {
    if (!warm_up()) return finish(stop_reason::interrupted);
    if (!time_for_one_more()) {
      // A warm-up sample is a poor one, but better than no figure for a case as long as its share of the budget.
      result_.samples_ns.push_back(last_warmup_ns_);
      result_.warnings.push_back(
          fmt::format("the time limit of {} left no time for a sample after the warm-up: the warm-up sample is kept",
                      format_duration(policy_.time_limit.count())));
      return finish(stop_reason::time_limit);
    }
    sampling_start_ = now_;
    while (true) {
      if (interrupted_ && interrupted_()) return finish(stop_reason::interrupted);
      result_.samples_ns.push_back(take());
      if (const auto reason = reason_to_stop()) return finish(*reason);
    }
  }

 private:
  seconds elapsed() const { return now_ - start_; }
  seconds sampled() const { return now_ - sampling_start_; }
  int count() const { return static_cast<int>(result_.samples_ns.size()); }
  bool time_for_one_more() const { return elapsed() + last_wall_ <= policy_.time_limit; }
  bool minimum_met() const { return count() >= policy_.min_samples && sampled() >= policy_.min_time; }

  double take() {
    const double ns = sample_().count();
    const auto end = clock_();
    last_wall_ = end - now_;
    now_ = end;
    if (!std::isfinite(ns) || ns <= 0) {
      throw error(error_kind::internal, fmt::format("a sample took {} ns, which is no time", ns));
    }
    return ns;
  }

  /// @return false when interrupted.
  bool warm_up() {
    for (int n = 0; n < policy_.warmup_samples || elapsed() < policy_.warmup_time; ++n) {
      if (interrupted_ && interrupted_()) return false;
      if (n > 0 && !time_for_one_more()) return true;
      last_warmup_ns_ = take();
    }
    return true;
  }

  std::optional<stop_reason> reason_to_stop() {
    const bool at_sample_limit = count() >= policy_.max_samples;
    const bool at_time_limit = !time_for_one_more();
    // Sorting after every sample would cost more than short samples do, so the distance of the checks grows with n.
    const bool due = minimum_met() && count() >= next_check_;
    if (due || at_sample_limit || at_time_limit) {
      next_check_ = count() + std::max(1, count() / 8);
      width_ = relative_half_width(result_.samples_ns);
      if (minimum_met() && width_ && *width_ <= policy_.relative_half_width) return stop_reason::converged;
    }
    if (noise_settled()) return stop_reason::noise_settled;
    if (at_sample_limit) return stop_reason::sample_limit;
    if (at_time_limit) return stop_reason::time_limit;
    return std::nullopt;
  }

  /// Independent noise narrows the interval by 1/sqrt(2) when n doubles. Where two doublings in a row hardly did, the
  /// noise drifts with time and more samples of the same minute do not help. One doubling could be chance.
  bool noise_settled() {
    if (count() < next_doubling_ || count() < policy_.min_samples) return false;
    next_doubling_ = 2 * count();
    const auto width = relative_half_width(result_.samples_ns);
    if (!width) return false;
    width_ = width;
    const bool narrowed = !width_at_half_ || *width < (1 - policy_.noise_change) * *width_at_half_;
    doublings_in_vain_ = narrowed ? 0 : doublings_in_vain_ + 1;
    width_at_half_ = width;
    return doublings_in_vain_ >= 2 && minimum_met();
  }

  sampling_result finish(stop_reason reason) {
    result_.stopped_by = reason;
    if (reason == stop_reason::converged || result_.samples_ns.empty()) return std::move(result_);
    if (count() < policy_.min_samples) {
      result_.warnings.push_back(fmt::format("{} of at least {} samples taken", count(), policy_.min_samples));
    }
    if (sampled() < policy_.min_time && count() >= policy_.min_samples) {
      result_.warnings.push_back(fmt::format("sampled for {} of at least {}", format_duration(sampled().count()),
                                             format_duration(policy_.min_time.count())));
    }
    if (reason == stop_reason::interrupted) width_ = relative_half_width(result_.samples_ns);
    if (!width_) {
      result_.warnings.push_back(fmt::format("too few samples ({}) for a 95 % interval of the median", count()));
    } else if (*width_ > policy_.relative_half_width) {
      result_.warnings.push_back(fmt::format("the median is known to ±{:.2g} %, the goal is ±{:.2g} %", *width_ * 100,
                                             policy_.relative_half_width * 100));
    }
    return std::move(result_);
  }

  const std::function<std::chrono::duration<double, std::nano>()>& sample_;
  const sampling_policy& policy_;
  const clock_function& clock_;
  const std::function<bool()>& interrupted_;
  std::chrono::nanoseconds start_;
  std::chrono::nanoseconds now_;
  std::chrono::nanoseconds sampling_start_{0};
  seconds last_wall_{0};
  double last_warmup_ns_ = 0;
  int next_check_ = 0;
  int next_doubling_ = 0;
  int doublings_in_vain_ = 0;
  std::optional<double> width_;
  std::optional<double> width_at_half_;
  sampling_result result_;
};

}  // namespace

sampling_result take_samples(const std::function<std::chrono::duration<double, std::nano>()>& sample,
                             const sampling_policy& policy, const clock_function& clock,
                             const std::function<bool()>& interrupted) {
  return sampling(sample, policy, clock, interrupted).run();
}

}  // namespace gpubench::bench
