#include "cli/run_files.hpp"

#include "core/error.hpp"
#include "results/run.hpp"

#include <system_error>

namespace gpubench::cli {

void require_replaceable(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored) || std::filesystem::file_size(file, ignored) == 0) return;
  try {
    static_cast<void>(results::load_run(file));
  } catch (const error&) {
    throw error(error_kind::input, {file.string(), 0, 0}, "exists and is not a run file of gpubench",
                "name another file, or remove it first");
  }
}

}  // namespace gpubench::cli
