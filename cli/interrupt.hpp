#pragma once

namespace gpubench::cli {

/// While one of these lives, SIGINT and SIGTERM only set a flag that the measuring loop asks for between samples. A
/// second signal ends the process at once; the run file on disk is complete at every moment.
class interrupt_watch {
 public:
  interrupt_watch();
  ~interrupt_watch();
  interrupt_watch(const interrupt_watch&) = delete;
  interrupt_watch& operator=(const interrupt_watch&) = delete;

  static bool interrupted();
};

}  // namespace gpubench::cli
