#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::doctor {

/// How much it matters. An error keeps work from running, or its results or the GPU from being trusted; a warning costs
/// speed or will cost work later; a note is worth knowing.
enum class severity { error, warning, note };
std::string_view to_string(severity level);

/// What a finding likely costs in speed.
struct likely_cost {
  std::string words;                    ///< "copies between host and GPU take twice the time"
  std::optional<double> lost_fraction;  ///< of the rate of what `words` name, 0 to 1; absent where no figure is known
  std::string source;                   ///< of the figure, or of the statement
};

/// One thing that is not as it should be.
struct finding {
  std::string check;  ///< identifier of the check that found it
  severity level = severity::note;
  std::string what;  ///< the fact, first
  std::string why;   ///< why it matters
  likely_cost cost;
  std::string mend;                   ///< what to do, with the command where there is one
  std::vector<std::string> evidence;  ///< where it was read, and what stood there
};

}  // namespace gpubench::doctor
