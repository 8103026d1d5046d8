#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tuning/rank_network.hpp"
#include "tuning/search.hpp"

namespace gpubench::cli {

/// What every launch of a tuning measures, and how it is started.
struct launch_plan {
  std::vector<std::string> launcher;   ///< "mpirun", "-n", "4"; empty: one process, with all its GPUs
  std::vector<std::string> arguments;  ///< of `gpubench collective`, but for the setting and the run file
  std::function<void(const std::string&)> on_launch = [](const std::string&) {};  ///< told the setting
};

/// Launches `gpubench collective` of this program, a process a trial, as argument vectors.
class launched_collective final : public tuning::measurer {
 public:
  /// Makes a folder for the run files in the current one, which launchers share between machines where anything is.
  /// @throws error: io; environment where the launcher is not installed
  explicit launched_collective(launch_plan plan);
  ~launched_collective() override;
  launched_collective(const launched_collective&) = delete;
  launched_collective& operator=(const launched_collective&) = delete;

  tuning::trial measure(const tuning::setting& variables, double limit_seconds) override;

  /// What the ranks' machines speak through, by a launch of `gpubench tune ranks`.
  /// @throws error: environment where they do not answer, with the reason
  std::vector<tuning::rank_network> ask_ranks(double limit_seconds) const;

 private:
  struct ended_launch {
    std::string problem;  ///< empty: it ended well
    double seconds = 0;
  };
  ended_launch run(const std::vector<std::string>& arguments, double limit_seconds) const;

  launch_plan plan_;
  std::filesystem::path program_, folder_;
  std::size_t launches_ = 0;
};

}  // namespace gpubench::cli
