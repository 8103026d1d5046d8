#include "bench/gpu_watch.hpp"

#include "bench/gpu_readings.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace gpubench::bench {

namespace {

/// The driver of a GPU that is lost may never answer; whoever watches must not wait for it.
constexpr std::chrono::seconds longest_wait{5};

/// What the reading thread and its owner share, so that a thread that never comes back can be left to itself.
class reading {
 public:
  explicit reading(std::vector<std::unique_ptr<gpu_reader>> readers)
      : readers_(std::move(readers)), histories_(readers_.size()) {}

  /// @return false when no GPU answered.
  bool read_all(bool with_processes) {
    bool answered = false;
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      auto now = readers_[i]->read(with_processes);
      if (now.is_empty()) continue;
      if (!histories_[i].max_sm_clock_hertz) histories_[i].max_sm_clock_hertz = readers_[i]->max_sm_clock_hertz();
      answered = true;
      histories_[i].readings.push_back(now);
    }
    return answered;
  }

  /// Body of the thread. Whatever goes wrong ends the readings, never the program: what was read until then stays.
  void keep_reading(const watch_rhythm& rhythm) noexcept {
    try {
      read_until_stopped(rhythm);
    } catch (...) {
      // Without memory for more readings those that there are must do.
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  /// Asks the thread to end.   @return whether it did.
  bool stop() {
    std::unique_lock<std::mutex> lock(mutex_);
    stop_ = true;
    changed_.notify_all();
    return changed_.wait_for(lock, longest_wait, [this] { return ended_; });
  }

  /// Only while no thread reads.
  const std::vector<gpu_history>& histories() const { return histories_; }

 private:
  void read_until_stopped(const watch_rhythm& rhythm) {
    auto next_processes = std::chrono::steady_clock::now() + rhythm.processes_every;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!changed_.wait_for(lock, rhythm.period, [this] { return stop_; })) {
      lock.unlock();
      const bool with_processes = std::chrono::steady_clock::now() >= next_processes;
      if (with_processes) next_processes += rhythm.processes_every;
      const bool answered = read_all(with_processes);
      lock.lock();
      if (!answered) break;
    }
  }

  std::vector<std::unique_ptr<gpu_reader>> readers_;
  std::vector<gpu_history> histories_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false, ended_ = false;
};

class gpu_watch final : public device_watch {
 public:
  gpu_watch(std::vector<std::unique_ptr<gpu_reader>> readers, watch_rhythm rhythm)
      : reading_(std::make_shared<reading>(std::move(readers))) {
    if (!reading_->read_all(true)) return;
    try {
      thread_ = std::thread([shared = reading_, rhythm] { shared->keep_reading(rhythm); });
    } catch (const std::system_error&) {
      // Without a thread there is the reading before and the one after.
    }
  }
  gpu_watch(const gpu_watch&) = delete;
  gpu_watch& operator=(const gpu_watch&) = delete;
  ~gpu_watch() override { stop(); }

  void finish(results::measurement& m, const timed_window& timed) override {
    if (!stop()) return;
    reading_->read_all(true);
    add_gpu_history(m, reading_->histories(), timed);
  }

 private:
  /// @return false when the driver keeps the thread.
  bool stop() {
    if (!thread_.joinable()) return !left_;
    left_ = !reading_->stop();
    left_ ? thread_.detach() : thread_.join();
    return !left_;
  }

  std::shared_ptr<reading> reading_;
  std::thread thread_;
  bool left_ = false;
};

}  // namespace

std::unique_ptr<device_watch> watch_gpus(std::vector<std::unique_ptr<gpu_reader>> readers, watch_rhythm rhythm) {
  if (readers.empty()) return nullptr;
  return std::make_unique<gpu_watch>(std::move(readers), rhythm);
}

watch_function watch_through_nvml(std::map<std::string, std::vector<std::string>> uuids) {
  std::string problem;
  const std::shared_ptr<const nvml_library> library = nvml_library::open(problem);
  if (!library) return {};
  return [library, uuids = std::move(uuids)](const std::string& device) -> std::unique_ptr<device_watch> {
    const auto known = uuids.find(device);
    if (known == uuids.end()) return nullptr;
    std::vector<std::unique_ptr<gpu_reader>> readers;
    for (const auto& uuid : known->second) {
      const auto found = find_nvml_device(*library, uuid);
      if (!found) return nullptr;
      readers.push_back(make_nvml_reader(library, *found));
    }
    return watch_gpus(std::move(readers));
  };
}

}  // namespace gpubench::bench
