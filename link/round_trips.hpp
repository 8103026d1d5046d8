#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::link {

/// How long answers of a host took.
struct round_trips {
  std::string method;            ///< "ping", or "TCP connections to port 22"
  std::vector<double> times_ns;  ///< of the answers, in order
  int sent = 0;

  int answered() const { return static_cast<int>(times_ns.size()); }
  double lost_fraction() const;  ///< 0 to 1; 0 where nothing was sent
  /// Mean of the absolute differences between answers that follow each other; absent below two.
  /// Source: the statistic that RFC 3550, section 6.4.1, smooths, here over round trips and not smoothed.
  std::optional<double> jitter_ns() const;
};

/// Addresses that a host's name stands for.   @throws error: usage where it stands for none, with the resolver's
/// reason.
void require_known_host(const std::string& host);

/// Opens `count` TCP connections one after another and closes each: the time from SYN to its answer, a refusal
/// included.
/// @throws error: usage as require_known_host(); io where no socket can be made.
round_trips connect_times(const std::string& host, int port, int count, std::chrono::milliseconds patience);

/// Runs ping; nothing, with the reason, where it is not installed or not allowed.
std::optional<round_trips> ping_times(const std::string& host, int count, std::string& why_not);

/// What ping printed: "time=40.1 ms" of each answer, and "20 packets transmitted".
/// @return nothing for a text without the line of totals
std::optional<round_trips> parse_ping(const std::string& text);

}  // namespace gpubench::link
