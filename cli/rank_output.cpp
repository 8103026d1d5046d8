#include "cli/rank_output.hpp"

#include "bench/collective/launcher.hpp"

namespace gpubench::cli {

global_options for_ranks(global_options global) {
  if (!collective::started_by_launcher()) return global;
  global.no_color = true;
  global.width = 0;
  return global;
}

}  // namespace gpubench::cli
