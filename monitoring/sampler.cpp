#include "monitoring/sampler.hpp"

#include "core/version.hpp"

namespace gpubench::monitoring {
namespace {

using enum metric_id;
using namespace std::chrono_literals;

/// A driver that takes longer than this beyond the rhythm is taken for one that hangs.
constexpr std::chrono::nanoseconds patience = 5s;

constexpr const char* no_answer = "the driver does not answer";

void add_about(sample& into, const std::string& nvml, bool gpus_answer) {
  into.add(exporter_info, {{"version", version}, {"nvml", nvml}}, 1.0);
  into.add(exporter_nvml_up, {}, gpus_answer ? 1.0 : 0.0);
  into.add(exporter_last_sample, {}, std::chrono::duration<double>(into.at.time_since_epoch()).count());
}

}  // namespace

sampler::sampler() = default;

sample sampler::take() {
  sample now;
  now.at = std::chrono::system_clock::now();
  gpus_.read(now);
  host_.read(now);
  add_about(now, gpus_.status(), gpus_.nvml_answers());
  return now;
}

sample sampler::take_without_gpus() const {
  sample now;
  now.at = std::chrono::system_clock::now();
  gpus_.mark_down(now);
  host_.read(now);
  add_about(now, gpus_.status(), false);
  return now;
}

sample sampler::take_of(const host_source& host) {
  sample now;
  now.at = std::chrono::system_clock::now();
  host.read(now);
  add_about(now, no_answer, false);
  return now;
}

/// What the thread and its owner share, so that a thread that never comes back can be left to itself.
struct periodic_sampler::shared {
  host_source host;
  std::shared_ptr<sampler> source;  ///< none before the driver named its GPUs, which it may hang at too
  std::chrono::nanoseconds period{};
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<const sample> last;
  /// Before the first sample, when the GPUs were asked for or found: the first may be the one that does not come.
  std::chrono::steady_clock::time_point last_taken = std::chrono::steady_clock::now();
  bool stop = false, ended = false;

  void keep_sampling() {
    const auto gpus = std::make_shared<sampler>();
    auto next = std::chrono::steady_clock::now();
    std::unique_lock<std::mutex> lock(mutex);
    source = gpus;
    last_taken = next;
    changed.notify_all();
    while (!stop) {
      lock.unlock();
      auto now = std::make_shared<const sample>(gpus->take());
      lock.lock();
      last = std::move(now);
      last_taken = std::chrono::steady_clock::now();
      changed.notify_all();
      next += period;
      // After a delay (a suspended machine, a slow driver) the rhythm starts anew instead of catching up.
      if (next < last_taken) next = last_taken + period;
      changed.wait_until(lock, next, [this] { return stop; });
    }
    ended = true;
    changed.notify_all();
  }

  std::shared_ptr<const sample> take_without_gpus() const {
    std::shared_ptr<const sampler> known;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      known = source;
    }
    return std::make_shared<const sample>(known ? known->take_without_gpus() : sampler::take_of(host));
  }
};

periodic_sampler::periodic_sampler(std::chrono::nanoseconds period) : shared_(std::make_shared<shared>()) {
  shared_->period = period;
  thread_ = std::thread([all = shared_] { all->keep_sampling(); });
  std::unique_lock<std::mutex> lock(shared_->mutex);
  shared_->changed.wait_for(lock, patience, [this] { return shared_->source != nullptr; });
}

periodic_sampler::~periodic_sampler() {
  bool ended = false;
  {
    std::unique_lock<std::mutex> lock(shared_->mutex);
    shared_->stop = true;
    shared_->changed.notify_all();
    ended = shared_->changed.wait_for(lock, patience, [this] { return shared_->ended; });
  }
  ended ? thread_.join() : thread_.detach();
}

std::string periodic_sampler::status() const {
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  return shared_->source ? shared_->source->status() : no_answer;
}

bool periodic_sampler::hangs() const {
  return std::chrono::steady_clock::now() - shared_->last_taken >= shared_->period + patience;
}

std::shared_ptr<const sample> periodic_sampler::latest() const {
  {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    if (!hangs()) return shared_->last;
  }
  return shared_->take_without_gpus();
}

std::shared_ptr<const sample> periodic_sampler::next_after(std::chrono::system_clock::time_point last,
                                                           std::chrono::nanoseconds wait) const {
  std::unique_lock<std::mutex> lock(shared_->mutex);
  const auto is_new = [&] { return shared_->last != nullptr && shared_->last->at != last && !hangs(); };
  if (shared_->changed.wait_for(lock, wait, is_new)) return shared_->last;
  if (!hangs() || std::chrono::system_clock::now() - last < shared_->period) return nullptr;
  lock.unlock();
  return shared_->take_without_gpus();
}

}  // namespace gpubench::monitoring
