#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "monitoring/gpu_source.hpp"
#include "monitoring/host_source.hpp"
#include "monitoring/sample.hpp"

namespace gpubench::monitoring {

/// Reads GPUs and host. One call at a time.
class sampler {
 public:
  sampler();
  const std::string& status() const { return gpus_.status(); }
  sample take();
  /// The host alone, and every GPU as down: for a driver that does not answer.
  sample take_without_gpus() const;
  /// The same where the driver has not even said which GPUs there are.
  static sample take_of(const host_source& host);

 private:
  gpu_source gpus_;
  host_source host_;
};

/// Takes samples on a thread of its own at a steady rhythm, so that a driver that hangs holds up nobody who asks.
class periodic_sampler {
 public:
  explicit periodic_sampler(std::chrono::nanoseconds period);  ///< waits as long at most until the GPUs are known
  ~periodic_sampler();  ///< waits a few seconds for a driver that hangs, then leaves the thread to itself
  periodic_sampler(const periodic_sampler&) = delete;
  periodic_sampler& operator=(const periodic_sampler&) = delete;

  /// Of the GPUs: "2 GPUs", or why there are none.
  std::string status() const;
  /// The newest sample; none before the first. Where that is overdue by several seconds, the driver hangs: GPUs are
  /// down, the host is read anew.
  std::shared_ptr<const sample> latest() const;
  /// The next sample after the one of that moment; nothing where none comes within `wait`. While the driver hangs, one
  /// as latest() gives it once a period.
  std::shared_ptr<const sample> next_after(std::chrono::system_clock::time_point last,
                                           std::chrono::nanoseconds wait) const;

 private:
  struct shared;
  bool hangs() const;  ///< under the lock

  std::shared_ptr<shared> shared_;
  std::thread thread_;
};

}  // namespace gpubench::monitoring
