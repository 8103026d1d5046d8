#pragma once

#include "bench/runner.hpp"
#include "cli/program.hpp"
#include "results/measurement.hpp"

#include <cstddef>
#include <string>

namespace gpubench::cli {

/// Tells on standard error how measuring goes: a bar with the time left on a terminal, a line a measurement otherwise,
/// nothing with --quiet.
class progress_display {
 public:
  /// @param name_devices  whether a line says on which device: where there are several
  progress_display(const global_options& global, std::string title, bool name_devices);
  ~progress_display();
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;

  void start(const bench::progress& now);
  void finish(const results::measurement& m);

 private:
  void clear_bar();

  const global_options& global_;
  std::string title_;
  bool name_devices_;
  bool bar_ = false;    ///< standard error is a terminal that understands "\r"
  bool drawn_ = false;  ///< a bar stands on the current line
  std::size_t skipped_ = 0;
  std::size_t disturbed_ = 0;  ///< measurements beside which other work kept cores busy
  std::size_t throttled_ = 0;  ///< measurements during which a GPU was slowed down
  bench::progress now_;
};

/// "stream_triad/n:1000  21.3 GB/s ±0.4 %", or why there is no figure; with the device's name, "gpu1 stream_triad/...".
std::string describe_measurement(const results::measurement& m, bool name_device);

}  // namespace gpubench::cli
