#include "bench/cuda/loader.hpp"
#include "cli/command_line.hpp"
#include "cli/program.hpp"
#include "cli/rank_errors.hpp"
#include "core/error.hpp"
#include "core/memory_room.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <thread>

namespace {

using gpubench::exit_status;

exit_status fail(const gpubench::error& e) {
  if (gpubench::cli::is_told_by_another_rank(e)) {
    // A launcher ends all at the first that fails: time for the one that tells it.
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return gpubench::exit_status_of(e.kind());
  }
  std::fprintf(stderr, "%s\n", e.describe().c_str());
  return gpubench::exit_status_of(e.kind());
}

exit_status run(int argc, const char* const* argv) {
  try {
    gpubench::cli::program chosen;
    const auto early = gpubench::cli::parse_command_line(argc, argv, chosen);
    return early ? *early : chosen.action();
  } catch (const gpubench::error& e) {
    return fail(e);
  } catch (const std::bad_alloc&) {
    return fail(gpubench::error(gpubench::error_kind::environment, "not enough memory", gpubench::hint_about_memory()));
  } catch (const std::exception& e) {
    return fail(gpubench::error(gpubench::error_kind::internal, e.what(), "this is a defect of gpubench"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that closes the pipe early ends the output, not the program: its files are still to be written.
  std::signal(SIGPIPE, SIG_IGN);
  const auto status = static_cast<int>(run(argc, argv));
  if (gpubench::bench::cuda_device_hangs()) {
    // Ending in the ordinary way, the driver would wait for work that never ends.
    std::fflush(nullptr);
    std::_Exit(status);
  }
  return status;
}
