#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace gpubench::collective {

/// How long ranks may keep each other waiting before the run counts as hung: 60 s, or $GPUBENCH_WATCHDOG_SECONDS.
std::chrono::duration<double> patience();

/// Steps as wait_for_root("all_reduce") and wait_for_others("all_reduce") name them: "for rank 0 in all_reduce" where
/// only rank 0 can be late or hang, "for another rank in all_reduce" where no rank can tell which one is.
std::string wait_for_root(const std::string& what);
std::string wait_for_others(const std::string& what);

/// Notices a step that never ends, which the thread that takes it cannot: MPI does not return from a collective that a
/// rank never enters. The thread of the watch calls nothing of MPI.
class progress_watch {
 public:
  /// @param on_expiry  called once, on the thread of the watch, with the step that did not end
  progress_watch(std::chrono::duration<double> limit, std::function<void(const std::string&)> on_expiry);
  progress_watch(const progress_watch&) = delete;
  progress_watch& operator=(const progress_watch&) = delete;
  ~progress_watch();

  /// A step begins; the one before has ended.
  void step(std::string what);
  /// No step is under way.
  void rest();

 private:
  void run();

  std::chrono::duration<double> limit_;
  std::function<void(const std::string&)> on_expiry_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string what_;
  std::chrono::steady_clock::time_point began_;
  bool under_way_ = false;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace gpubench::collective
