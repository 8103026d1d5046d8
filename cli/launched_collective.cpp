#include "cli/launched_collective.hpp"

#include "cli/tune_ranks.hpp"
#include "core/error.hpp"
#include "core/launcher_message.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace gpubench::cli {
namespace {

namespace fs = std::filesystem;

/// What a launch's standard error says to people, in one line: the first "error:" with its hint, else what the launcher
/// says, else the last line.
std::string reason_in(const std::string& text) {
  const auto lines = split(text, '\n');
  std::string last, found;
  for (const auto& line : lines) {
    if (!line.empty() && !is_ruler(line)) last = line;
    if (found.empty() && line.rfind("error: ", 0) == 0) found = line.substr(7);
    if (!found.empty() && line.rfind("hint: ", 0) == 0) return found + " (" + line.substr(6) + ")";
  }
  if (!found.empty()) return found;
  const auto said = launcher_message(lines);
  return said.empty() ? last : said;
}

}  // namespace

launched_collective::launched_collective(launch_plan plan) : plan_(std::move(plan)) {
  std::error_code code;
  program_ = fs::read_symlink("/proc/self/exe", code);
  if (code) throw error(error_kind::environment, "this program's own file is not known: " + code.message());
  if (!plan_.launcher.empty()) {
    const auto& launcher = plan_.launcher.front();
    const bool is_path = launcher.find('/') != std::string::npos;
    if (is_path ? !fs::exists(launcher, code) : !is_program(launcher))
      throw error(error_kind::environment, fmt::format("{} is not installed", launcher),
                  "the launcher after -- is what starts the ranks: mpirun or srun");
  }
  std::string name = fs::absolute(".gpubench-tune-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw error(error_kind::io, {".", 0, 0},
                std::string("no folder for run files can be made here: ") + std::strerror(errno));
  folder_ = name;
}

launched_collective::~launched_collective() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

launched_collective::ended_launch launched_collective::run(const std::vector<std::string>& of_program,
                                                           double limit_seconds) const {
  // By timeout of GNU coreutils, in this process's group, so that Ctrl-C reaches the ranks; what hangs is ended.
  const double limit = std::ceil(limit_seconds * 1e3) / 1e3;
  std::vector<std::string> arguments{"timeout", "--foreground", "--kill-after=10", fmt::format("{:.3f}", limit)};
  arguments.insert(arguments.end(), plan_.launcher.begin(), plan_.launcher.end());
  arguments.push_back(program_.string());
  arguments.insert(arguments.end(), of_program.begin(), of_program.end());
  const auto began = std::chrono::steady_clock::now();
  const auto ended = run_process(arguments);
  ended_launch result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  // A launcher may end with these by itself: mpirun does with the second where a rank was out of memory.
  constexpr int timed_out = 124, killed = 137;
  if (result.seconds >= limit && (ended.exit_code == timed_out || ended.exit_code == killed)) {
    result.problem = fmt::format("it was ended after {:.3g} s", limit);
  } else if (ended.exit_code != 0) {
    result.problem = reason_in(ended.errors);
    if (result.problem.empty()) result.problem = fmt::format("the launch ended with {}", ended.exit_code);
  }
  return result;
}

tuning::trial launched_collective::measure(const tuning::setting& variables, double limit_seconds) {
  const auto file = folder_ / fmt::format("{}.json", ++launches_);
  std::vector<std::string> arguments{"collective"};
  arguments.insert(arguments.end(), plan_.arguments.begin(), plan_.arguments.end());
  for (const auto& [name, value] : variables) arguments.insert(arguments.end(), {"--set", name + "=" + value});
  arguments.insert(arguments.end(), {"--run-file", file.string(), "--quiet"});

  plan_.on_launch(tuning::to_string(variables));
  const auto ended = run(arguments, limit_seconds);
  tuning::trial result;
  result.seconds = ended.seconds;
  result.problem = ended.problem;
  if (!result.problem.empty()) return result;
  try {
    result.run = results::load_run(file);
  } catch (const error& e) {
    result.problem = fmt::format("no run file came back ({})", e.what());
  }
  return result;
}

std::vector<tuning::rank_network> launched_collective::ask_ranks(double limit_seconds) const {
  const auto file = folder_ / "ranks.json";
  auto problem =
      run({"tune", "ranks", "--format", "json", "--output", file.string(), "--quiet"}, limit_seconds).problem;
  try {
    if (problem.empty()) return load_rank_networks(file);
  } catch (const error& e) {
    problem = fmt::format("no answer came back ({})", e.what());
  }
  throw error(error_kind::environment, "the ranks do not say what they speak through: " + problem,
              "see whether this launcher starts ranks here: " + join(plan_.launcher, " ") + " gpubench tune ranks");
}

}  // namespace gpubench::cli
