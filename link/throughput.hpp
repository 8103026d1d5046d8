#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gpubench::link {

/// What one iperf3 run measured between this machine and a server.
struct tcp_throughput {
  double bytes_per_second = 0;  ///< that arrived
  std::optional<long long> retransmits;
};

struct udp_throughput {
  double sent_bytes_per_second = 0;
  double lost_fraction = 0;  ///< 0 to 1
  double jitter_ns = 0;      ///< as RFC 3550 smooths it, one way
};

enum class direction { up, down };

struct iperf_options {
  std::string host;
  int port = 5201;
  int seconds = 5;
};

/// iperf3's arguments, the program's name first. "Up" is from here to the server.
std::vector<std::string> tcp_arguments(const iperf_options& options, direction way);
/// @param bits_per_second  that are sent, whatever arrives
std::vector<std::string> udp_arguments(const iperf_options& options, direction way, double bits_per_second);

/// What `iperf3 --json` printed. Source: iperf3 3.9 to 3.16, `end.sum_sent`, `end.sum_received` and `end.sum`.
/// @throws error: input for text that is no such document; device with the program's own reason where it names an
/// error.
tcp_throughput parse_tcp(const std::string& text);
udp_throughput parse_udp(const std::string& text);

/// Runs iperf3 for at most its seconds and some more.
/// @throws error: environment where it is not installed; device where the server cannot be used, or what it printed read.
tcp_throughput measure_tcp(const iperf_options& options, direction way);
udp_throughput measure_udp(const iperf_options& options, direction way, double bits_per_second);

}  // namespace gpubench::link
