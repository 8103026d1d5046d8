#include "serving/simulation.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "serving/replica.hpp"
#include "serving/tournament.hpp"

namespace gpubench::serving {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// The source, one request at a time.
class arrivals {
 public:
  explicit arrivals(request_source& source) : source_(source), block_(4096) { refill(); }
  bool any() const { return next_ < filled_; }
  double next_seconds() const { return any() ? block_[next_].arrival_seconds : never; }
  request take() {
    const request r = block_[next_++];
    if (next_ == filled_) refill();
    return r;
  }

 private:
  void refill() {
    filled_ = source_.read(block_);
    next_ = 0;
  }
  request_source& source_;
  std::vector<request> block_;
  std::size_t next_ = 0, filled_ = 0;
};

class event_loop {
 public:
  event_loop(const replica_model& model, request_source& source, const simulation_options& options)
      : model_(model),
        options_(options),
        source_(source),
        replicas_(static_cast<std::size_t>(options.replicas), replica(model)),
        times_(replicas_.size(), never),
        loads_(replicas_.size(), 0) {}

  simulation_result run() {
    if (options_.closed_loop_users > 0) {
      for (std::int64_t user = 0; user < options_.closed_loop_users && source_.any(); ++user) follow_up(0, no_replica);
    }
    const bool open = options_.closed_loop_users == 0;
    while (true) {
      const double arrival = open ? source_.next_seconds() : never;
      const double boundary = times_.least();
      if (arrival == never && boundary == never) break;
      if (arrival <= boundary) {
        accept(source_.take(), arrival, no_replica);
      } else {
        advance(times_.winner());
      }
    }
    finish();
    return std::move(result_);
  }

 private:
  static constexpr std::size_t no_replica = static_cast<std::size_t>(-1);

  std::size_t route() {
    if (options_.route == routing::least_loaded) return loads_.winner();
    const std::size_t chosen = turn_;
    turn_ = turn_ + 1 == replicas_.size() ? 0 : turn_ + 1;
    return chosen;
  }

  void pass_time(double now) {
    in_system_seconds_ += static_cast<double>(in_system_) * (now - clock_);
    clock_ = now;
  }

  /// @param deciding  the replica between the end of its steps and the next, if any: it starts them by itself
  void accept(const request& r, double now, std::size_t deciding) {
    pass_time(now);
    if (result_.arrived == 0) first_arrival_ = now;
    if (result_.arrived == options_.warm_up_requests) count_from_ = now;
    ++result_.arrived;
    const std::size_t i = route();
    replica& on = replicas_[i];
    const auto waited = static_cast<std::int64_t>(on.waiting());
    if (!on.take(r, now)) {
      ++result_.refused;
      return;
    }
    ++in_system_;
    waiting_ += static_cast<std::int64_t>(on.waiting()) - waited;
    result_.peak_waiting = std::max(result_.peak_waiting, waiting_);
    note(i, i != deciding);
  }

  // A refused request is followed by the next at once: it would not end.
  void follow_up(double now, std::size_t deciding) {
    const std::int64_t before = in_system_;
    while (source_.any() && in_system_ == before) {
      request r = source_.take();
      r.arrival_seconds = now;
      accept(r, now, deciding);
    }
  }

  void advance(std::size_t i) {
    replica& on = replicas_[i];
    const double now = on.next_seconds();
    pass_time(now);
    ended_.clear();
    on.end_steps(ended_);
    in_system_ -= static_cast<std::int64_t>(ended_.size());
    for (const completion& c : ended_) count(c);
    if (options_.closed_loop_users > 0) {
      note(i, false);
      for (std::size_t user = 0; user < ended_.size(); ++user) follow_up(now, i);
    }
    const auto waited = static_cast<std::int64_t>(on.waiting());
    on.start_steps();
    waiting_ += static_cast<std::int64_t>(on.waiting()) - waited;
    note(i, true);
  }

  void note(std::size_t i, bool time) {
    if (time) times_.set(i, replicas_[i].next_seconds());
    if (options_.route == routing::least_loaded) loads_.set(i, static_cast<double>(replicas_[i].outstanding()));
  }

  void count(const completion& c) {
    tokens_ += c.output_tokens;
    ++completed_;
    last_token_ = c.finished_seconds;
    if (c.arrival_seconds < count_from_) return;
    const double besides = model_.first_token_seconds;
    result_.ttft.add(c.first_token_seconds - c.arrival_seconds + besides);
    result_.e2e.add(c.finished_seconds - c.arrival_seconds + besides);
    if (c.output_tokens > 1)
      result_.tpot.add((c.finished_seconds - c.first_token_seconds) / (static_cast<double>(c.output_tokens) - 1));
  }

  void finish() {
    result_.seconds = completed_ > 0 ? last_token_ - first_arrival_ : 0;
    if (result_.seconds > 0) {
      result_.requests_per_second = static_cast<double>(completed_) / result_.seconds;
      result_.output_tokens_per_second = tokens_ / result_.seconds;
      result_.mean_in_system = in_system_seconds_ / result_.seconds;
    }
  }

  const replica_model& model_;
  const simulation_options options_;
  arrivals source_;
  std::vector<replica> replicas_;
  tournament times_, loads_;
  std::size_t turn_ = 0;
  std::vector<completion> ended_;
  simulation_result result_;
  std::int64_t in_system_ = 0, waiting_ = 0, completed_ = 0;
  double clock_ = 0, in_system_seconds_ = 0, first_arrival_ = 0, last_token_ = 0, tokens_ = 0;
  double count_from_ = never;
};

}  // namespace

simulation_result simulate(const replica_model& model, request_source& source, const simulation_options& options) {
  model.validate();
  if (options.replicas < 1 || options.replicas > 1'000'000)
    throw error(error_kind::usage, "a simulation needs 1 to 1,000,000 replicas");
  return event_loop(model, source, options).run();
}

}  // namespace gpubench::serving
