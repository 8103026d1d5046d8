#include "link/remote_display.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::link {

namespace {

constexpr double mega = 1e6;
constexpr double frame_seconds = 1.0 / 60;
constexpr double interactive_budget_seconds = 0.1;
constexpr double interactive_round_trip_seconds = interactive_budget_seconds - 3 * frame_seconds;
/// Microsoft, "Prepare your organization's network for Microsoft Teams": less than 1 % in any 15 s, for pictures that
/// cannot wait for a repetition.
constexpr double most_lost = 0.01;

display_need stream(std::string name, std::string what, double megabits, std::string rate_source) {
  return {std::move(name),
          std::move(what),
          megabits * mega,
          interactive_round_trip_seconds,
          frame_seconds,
          most_lost,
          std::move(rate_source) + "; time: 100 ms less three frames"};
}

constexpr const char* live_stream =
    "bit rate: Google Cloud, Live Stream API, \"Best practices\", \"Recommended bitrates\"";
constexpr const char* moonlight = "bit rate: Moonlight's default for this size";
constexpr const char* avd =
    "Microsoft, Azure Virtual Desktop, \"Remote Desktop Protocol bandwidth requirements\" (30 frames a second) and "
    "\"round-trip time below 150 ms\"";
constexpr const char* geforce_now = "NVIDIA, GeForce NOW system requirements (network latency below 80 ms)";

void check_most(const std::optional<double>& most, const std::optional<double>& measured, const std::string& name,
                const std::string& unit, double factor, display_verdict& verdict) {
  if (!most) return;
  if (!measured) {
    verdict.reasons.push_back(name + " was not measured");
    if (verdict.verdict == fitness::fit) verdict.verdict = fitness::not_known;
  } else if (*measured > *most) {
    verdict.reasons.push_back(fmt::format("{} is {:.3g} {}, at most {:.3g} {} would do", name, *measured * factor, unit,
                                          *most * factor, unit));
    verdict.verdict = fitness::unfit;
  }
}

std::optional<double> seconds(const std::optional<double>& nanoseconds) {
  return nanoseconds ? std::optional(*nanoseconds * 1e-9) : std::nullopt;
}

}  // namespace

const std::vector<display_need>& display_needs() {
  static const std::vector<display_need> all{
      stream("1080p60-h264", "stream of 1920 x 1080 at 60 frames a second, H.264", 20, live_stream),
      stream("1080p60-h265", "stream of 1920 x 1080 at 60 frames a second, H.265", 15, live_stream),
      stream("4k60-h264", "stream of 3840 x 2160 at 60 frames a second, H.264", 50, live_stream),
      stream("4k60-h265", "stream of 3840 x 2160 at 60 frames a second, H.265", 37.5, live_stream),
      stream("moonlight-1080p60", "Moonlight and Sunshine, 1920 x 1080 at 60 frames a second", 20, moonlight),
      stream("moonlight-4k60", "Moonlight and Sunshine, 3840 x 2160 at 60 frames a second", 80, moonlight),
      {"geforce-now-1080p60", "a game service as GeForce NOW, 1920 x 1080 at 60 frames a second", 25 * mega, 0.08,
       frame_seconds, most_lost, geforce_now},
      {"rdp-1080p", "RDP, a desktop of 1920 x 1080", 5 * mega, 0.15, std::nullopt, std::nullopt, avd},
      {"rdp-4k", "RDP, a desktop of 3840 x 2160", 15 * mega, 0.15, std::nullopt, std::nullopt, avd},
      {"dcv-desktop", "Amazon DCV, a desktop", std::nullopt, 0.25, std::nullopt, std::nullopt,
       "AWS, Amazon WorkSpaces Administration Guide, round-trip time for the DCV protocol"},
      {"vnc-desktop", "VNC, a desktop that is drawn anew 10 times a second", std::nullopt, 0.1, std::nullopt,
       std::nullopt,
       "RFC 6143, section 7.5.3: the viewer asks for each update, so that there are at most as many a second as round "
       "trips"}};
  return all;
}

const display_need& find_display_need(const std::string& name) {
  const auto& all = display_needs();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  if (found != all.end()) return *found;
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.name);
  const auto near = suggestion(name, names);
  throw error(error_kind::usage, fmt::format("'{}' is no known remote display", name),
              near.empty() ? "known are " + join(names, ", ") : near);
}

std::string_view to_string(fitness value) {
  switch (value) {
    case fitness::fit:
      return "fit";
    case fitness::unfit:
      return "unfit";
    case fitness::not_known:
      break;
  }
  return "not known";
}

display_verdict judge(const display_need& need, const measured_link& link) {
  display_verdict verdict{&need, fitness::fit, {}};
  if (need.down_bits_per_second) {
    if (!link.down_bytes_per_second) {
      verdict.reasons.emplace_back("throughput from the host was not measured");
      verdict.verdict = fitness::not_known;
    } else if (*link.down_bytes_per_second * 8 < *need.down_bits_per_second) {
      verdict.reasons.push_back(fmt::format("{} from the host, {} are needed",
                                            format_si(*link.down_bytes_per_second * 8, "bit/s"),
                                            format_si(*need.down_bits_per_second, "bit/s")));
      verdict.verdict = fitness::unfit;
    }
  }
  check_most(need.round_trip_seconds, seconds(link.round_trip_ns), "the round trip", "ms", 1e3, verdict);
  check_most(need.jitter_seconds, seconds(link.udp_jitter_ns ? link.udp_jitter_ns : link.jitter_ns), "jitter", "ms",
             1e3, verdict);
  check_most(need.lost_fraction, link.udp_lost_fraction ? link.udp_lost_fraction : link.lost_fraction, "loss", "%", 100,
             verdict);
  return verdict;
}

std::vector<display_verdict> judge_all(const measured_link& link) {
  std::vector<display_verdict> all;
  for (const auto& need : display_needs()) all.push_back(judge(need, link));
  return all;
}

}  // namespace gpubench::link
