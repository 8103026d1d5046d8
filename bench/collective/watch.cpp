#include "bench/collective/watch.hpp"

#include "bench/watchdog_seconds.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace gpubench::collective {

std::chrono::duration<double> patience() {
  return std::chrono::duration<double>(watchdog_seconds(std::getenv("GPUBENCH_WATCHDOG_SECONDS")));
}

std::string wait_for_root(const std::string& what) {
  return "for rank 0 in " + what;
}

std::string wait_for_others(const std::string& what) {
  return "for another rank in " + what;
}

progress_watch::progress_watch(std::chrono::duration<double> limit, std::function<void(const std::string&)> on_expiry)
    : limit_(limit), on_expiry_(std::move(on_expiry)), thread_([this] { run(); }) {}

progress_watch::~progress_watch() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void progress_watch::step(std::string what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  what_ = std::move(what);
  began_ = std::chrono::steady_clock::now();
  under_way_ = true;
}

void progress_watch::rest() {
  const std::lock_guard<std::mutex> lock(mutex_);
  under_way_ = false;
}

void progress_watch::run() {
  // Steps come and go thousands of times a second, so it is not told of each one but looks from time to time.
  const auto pause = std::min<std::chrono::duration<double>>(limit_ / 10, std::chrono::seconds(1));
  std::unique_lock<std::mutex> lock(mutex_);
  auto looked = std::chrono::steady_clock::now();
  while (!changed_.wait_for(lock, pause, [this] { return ended_; })) {
    const auto now = std::chrono::steady_clock::now();
    const auto passed = now - std::exchange(looked, now);
    // While this process itself was stopped, nobody kept it waiting: it is what the others waited for.
    if (passed > 5 * pause) began_ += passed;
    if (!under_way_ || now - began_ < limit_) continue;
    const std::string what = what_;
    under_way_ = false;
    lock.unlock();
    on_expiry_(what);
    lock.lock();
  }
}

}  // namespace gpubench::collective
