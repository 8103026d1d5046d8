#pragma once

#include <optional>
#include <string>

namespace gpubench::comparison {

/// CPU time that other work took on each side, as a fraction of all cores; absent: unknown.
struct other_work {
  std::optional<double> base, fresh;

  /// From here on a change of what a CPU did must be certainly more than other work explains.
  bool counts() const;
  /// How much slower, of log time, the side that is the slower one can be by other work alone: by what its load is more
  /// than the other's, as the lighter one slowed both, and by what loads of one size differ in.
  /// @param shift  of log time; above 0: the new side is the slower one
  double explains(double shift) const;
  /// Whether other work on one side could hide a change of log time that counts, or make up for it.
  bool could_hide(double limit) const;
  /// "other work kept 0 % of the cores busy at the base and 70 % at the new side".
  std::string text() const;
};

}  // namespace gpubench::comparison
