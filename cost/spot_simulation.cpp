#include "cost/spot_simulation.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

namespace gpubench::cost {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
// A job that was interrupted so often does not get on.
constexpr int most_interruptions = 20'000;

/// The standard's distributions are not the same in every library; its generator is.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double exponential(double mean) { return -mean * std::log1p(-uniform()); }

 private:
  std::mt19937_64 engine_;
};

struct state {
  bool up = true;
  double until = never;
};

/// On-off renewals of exponential lengths.
class exponential_outages {
 public:
  exponential_outages(const interruption_rate& one, int nodes, std::uint64_t seed)
      : random_(seed), up_(one.mean_up_seconds / nodes), down_(one.mean_down_seconds) {
    current_ = {true, random_.exponential(up_)};
  }
  state at(double now) {
    while (current_.until <= now) {
      // Without time to wait for a replacement, the next stretch is up again: the caller still sees the loss at its
      // end.
      if (current_.up && down_ > 0)
        current_ = {false, current_.until + random_.exponential(down_)};
      else
        current_ = {true, current_.until + random_.exponential(up_)};
    }
    return current_;
  }

 private:
  random_source random_;
  double up_, down_;
  state current_;
};

/// Pools of one history, each from its own point of it on; up while all are.
class traced_outages {
 public:
  traced_outages(const availability& pool, double duration_seconds, int pools, std::uint64_t seed) : pool_(pool) {
    random_source random(seed);
    for (int i = 0; i < pools; ++i) offsets_.push_back(random.uniform() * duration_seconds);
  }
  state at(double now) {
    state all{true, never};
    for (const double offset : offsets_) {
      const availability::stretch one = pool_.at(now + offset);
      const double until = one.until_seconds - offset;
      if (!one.up && all.up) {
        all = {false, until};
      } else if (one.up == all.up) {
        // Down until the last is back, up until the first is lost.
        all.until = all.up ? std::min(all.until, until) : std::max(all.until, until);
      }
    }
    // Rounding may put an end at or before now.
    all.until = std::max(all.until, std::nextafter(now, never));
    return all;
  }

 private:
  const availability& pool_;
  std::vector<double> offsets_;
};

double checkpointed(double work, const spot_job& job) {
  if (!(job.interval_seconds > 0)) return work;
  // The last stretch of work ends with its result, not with a checkpoint.
  return work + std::max(0.0, std::ceil(work / job.interval_seconds) - 1) * job.checkpoint_seconds;
}

/// What a stretch of `seconds` at work leaves: work saved, and time spent on checkpoints and on work done twice.
struct stint {
  double saved = 0, checkpoints = 0, lost = 0;
};
stint stint_of(double seconds, const spot_job& job) {
  if (!(seconds > 0)) return {};
  if (!(job.interval_seconds > 0)) return {seconds, 0, 0};
  // A stretch that was planned as whole cycles holds them all, whatever its sum was rounded to.
  const double cycle = job.interval_seconds + job.checkpoint_seconds;
  const double whole = std::floor(seconds / cycle + 1e-9);
  return {whole * job.interval_seconds, whole * job.checkpoint_seconds, std::max(0.0, seconds - whole * cycle)};
}

class one_run {
 public:
  one_run(const spot_job& job, double work)
      : job_(job), work_(work), left_(work), wait_(job.startup_seconds), last_arrival_(arrival_of(job)) {}

  template <class Outages>
  spot_run play(Outages& outages) {
    double now = 0;
    while (run_.interruptions < most_interruptions) {
      const state current = outages.at(now);
      if (current.up) {
        const double needed = needed_from(now), safe = safe_seconds(now);
        if (!(safe > 0)) return finish_on_demand(now);
        if (std::min(safe, current.until - now) >= needed) return finish(now, needed);
        const bool leaves = safe < current.until - now;
        const double stay = leaves ? safe : current.until - now;
        const double waited = std::min(stay, wait_);
        const stint done = use(now, stay);
        run_.spot_seconds += stay;
        run_.checkpoint_seconds += done.checkpoints;
        run_.lost_seconds += waited + done.lost;
        now += stay;
        if (leaves) return finish_on_demand(now);
        ++run_.interruptions;
      } else if (job_.fallback == spot_fallback::when_unavailable) {
        const double needed = needed_from(now);
        if (current.until - now >= needed) {
          run_.on_demand_seconds += needed;
          run_.wall_seconds = now + needed;
          return run_;
        }
        use(now, current.until - now);
        run_.on_demand_seconds += current.until - now;
        now = current.until;
      } else {
        now = std::min(current.until, std::max(now, latest_switch()));
        if (now == never) break;
        if (now < current.until) return finish_on_demand(now);
      }
    }
    run_.wall_seconds = never;
    return run_;
  }

 private:
  static double arrival_of(const spot_job& job) {
    return job.arriving_seconds > 0 ? job.startup_seconds + job.arriving_seconds : 0;
  }
  /// Of the work, in seconds of the instances' time.
  double arrived_at(double now) const {
    if (!(job_.arriving_seconds > 0)) return work_;
    const double share = (now - job_.startup_seconds) / job_.arriving_seconds;
    return work_ * std::min(1.0, std::max(0.0, share));
  }
  /// Until the last of the work is done, without a loss.
  double needed_from(double now) const { return std::max(wait_ + checkpointed(left_, job_), last_arrival_ - now); }
  /// The last moment at which going on on demand, without further checkpoints, meets the deadline.
  double latest_switch() const {
    if (job_.fallback != spot_fallback::before_deadline || !job_.deadline_seconds) return never;
    return *job_.deadline_seconds - wait_ - left_;
  }
  /// How long the job may stay on the spot instances that it has: to the last checkpoint after which a loss, at the
  /// worst moment before the next one, still leaves the time to start on demand and do the rest. 0: it must not begin.
  double safe_seconds(double now) const {
    if (job_.fallback != spot_fallback::before_deadline || !job_.deadline_seconds) return never;
    if (job_.arriving_seconds > 0) return safe_beside_arrivals(now);
    const double slack = *job_.deadline_seconds - job_.restart_seconds - left_ - (now + wait_);
    if (!(job_.interval_seconds > 0)) return slack >= 0 ? never : 0;
    // A cycle costs its checkpoint's time of slack; a loss at its end costs all of the cycle.
    const double cycle = job_.interval_seconds + job_.checkpoint_seconds;
    const double cycles_before_last = std::max(0.0, std::ceil(left_ / job_.interval_seconds) - 1);
    const double last = left_ - cycles_before_last * job_.interval_seconds;
    double safe_cycles = slack < cycle ? 0 : never;
    if (safe_cycles > 0 && job_.checkpoint_seconds > 0)
      safe_cycles = std::floor((slack - cycle) / job_.checkpoint_seconds) + 1;
    if (safe_cycles >= cycles_before_last && slack - cycles_before_last * job_.checkpoint_seconds >= last) return never;
    safe_cycles = std::min(safe_cycles, cycles_before_last);
    return safe_cycles > 0 ? wait_ + safe_cycles * cycle : 0;
  }

  /// The same where work comes in: what was done by t' is min(all speed, what had arrived), so that t' + what is left
  /// then stays as it is while there is a backlog and grows afterwards. A loss at t' costs a cycle, a restart and what
  /// is left.
  double safe_beside_arrivals(double now) const {
    const double checkpoints = job_.interval_seconds > 0 ? job_.checkpoint_seconds / job_.interval_seconds : 0;
    const double budget =
        *job_.deadline_seconds - job_.restart_seconds - job_.interval_seconds - job_.checkpoint_seconds;
    if (now + wait_ + left_ * (1 + checkpoints) > budget) return 0;
    const double used = work_ * (1 + checkpoints) / job_.arriving_seconds;  // share of the speed that arrivals need
    if (used >= 1) return never;
    const double until = (budget - used * last_arrival_) / (1 - used);
    return until >= last_arrival_ ? never : std::max(0.0, until - now);
  }

  stint use(double now, double seconds) {
    stint done = stint_of(seconds - wait_, job_);
    // The last checkpoint holds no more than had arrived.
    const double at_last = now + wait_ + done.saved + done.checkpoints;
    done.saved = std::max(0.0, std::min({done.saved, left_, arrived_at(at_last) - (work_ - left_)}));
    left_ -= done.saved;
    wait_ = job_.restart_seconds;
    return done;
  }
  spot_run finish(double now, double needed) {
    run_.spot_seconds += needed;
    run_.checkpoint_seconds += checkpointed(left_, job_) - left_;
    run_.lost_seconds += wait_;
    run_.wall_seconds = now + needed;
    return run_;
  }
  spot_run finish_on_demand(double now) {
    const double needed = std::max(wait_ + left_, last_arrival_ - now);
    run_.on_demand_seconds += needed;
    run_.wall_seconds = now + needed;
    return run_;
  }

  const spot_job& job_;
  double work_;
  double left_;
  double wait_;  ///< before work goes on in the next stretch
  double last_arrival_;
  spot_run run_;
};

/// A seed for each run, so that runs do not share their numbers (Steele et al., OOPSLA 2014: SplitMix64).
std::uint64_t seed_of(std::uint64_t seed, std::size_t run) {
  std::uint64_t z = seed + 0x9e3779b97f4a7c15ULL * (static_cast<std::uint64_t>(run) + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

template <class MakeOutages>
std::vector<spot_run> simulate(const spot_job& job, const std::vector<double>& work_seconds, MakeOutages make) {
  std::vector<spot_run> runs;
  runs.reserve(work_seconds.size());
  for (std::size_t i = 0; i < work_seconds.size(); ++i) {
    auto outages = make(i);
    runs.push_back(one_run(job, work_seconds[i]).play(outages));
    if (!runs.back().ended()) break;
  }
  return runs;
}

}  // namespace

std::vector<spot_run> simulate_spot(const spot_job& job, const interruption_rate& one_instance,
                                    const std::vector<double>& work_seconds, std::uint64_t seed) {
  return simulate(job, work_seconds,
                  [&](std::size_t run) { return exponential_outages(one_instance, job.nodes, seed_of(seed, run)); });
}

std::vector<spot_run> simulate_spot(const spot_job& job, const availability_trace& trace, trace_correlation how,
                                    const std::vector<double>& work_seconds, std::uint64_t seed) {
  const bool shared = how == trace_correlation::correlated;
  const availability pool(trace, shared ? job.nodes : 1);
  if (!pool.ever_up())
    throw error(error_kind::infeasible, trace.name + " never has " + std::to_string(job.nodes) + " instances at once");
  return simulate(job, work_seconds, [&](std::size_t run) {
    return traced_outages(pool, trace.duration_seconds(), shared ? 1 : job.nodes, seed_of(seed, run));
  });
}

}  // namespace gpubench::cost
