#pragma once

#include <optional>
#include <string>
#include <vector>

#include "link/measured_link.hpp"

namespace gpubench::link {

/// What a way to see a remote machine's pictures needs of the link. Absent: its maker states none.
struct display_need {
  std::string name;  ///< "moonlight-1080p60": for options and JSON
  std::string what;  ///< "Moonlight, 1920 x 1080, 60 frames a second, H.264"
  std::optional<double> down_bits_per_second;
  std::optional<double> round_trip_seconds;  ///< at most
  std::optional<double> jitter_seconds;      ///< at most
  std::optional<double> lost_fraction;       ///< at most
  std::string source;
};

/// All that are judged. Streams of a game or a 3D application have a budget of time from a movement of the hand to its
/// picture: 100 ms, at which people find an answer instantaneous (Nielsen, "Response Times: The 3 Important Limits",
/// after Miller, 1968), less three frames (drawing, encoding, decoding; each keeps up with 60 frames a second, or it
/// would not be 60), leaves 50 ms for the round trip; jitter above one frame's 16.7 ms drops or repeats frames.
const std::vector<display_need>& display_needs();

/// @throws error: usage with the nearest names
const display_need& find_display_need(const std::string& name);

enum class fitness { fit, unfit, not_known };
std::string_view to_string(fitness value);

struct display_verdict {
  const display_need* need = nullptr;
  fitness verdict = fitness::not_known;
  std::vector<std::string> reasons;  ///< what is not met, or not known
};

/// Unfit where something measured does not meet the need; not known where something needed was not measured.
display_verdict judge(const display_need& need, const measured_link& link);

std::vector<display_verdict> judge_all(const measured_link& link);

}  // namespace gpubench::link
