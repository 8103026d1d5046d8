#pragma once

#include "core/json.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "link/round_trips.hpp"
#include "link/throughput.hpp"

namespace gpubench::link {

inline constexpr const char* link_schema = "gpubench.link/1";

/// A place that could be rented, by how far it is.
struct endpoint_latency {
  std::string name, host;
  std::optional<double> median_ns;  ///< absent: no answer
  std::string problem;              ///< why
};

/// The link between this place and a host, as measured; what was not is absent.
struct measured_link {
  std::string host;
  std::string made_at;                             ///< UTC
  std::optional<double> round_trip_ns, jitter_ns;  ///< median; mean absolute difference
  std::optional<double> lost_fraction;
  std::string method;                                                            ///< of the round trips
  std::optional<double> up_bytes_per_second, down_bytes_per_second;              ///< by TCP
  std::optional<double> udp_lost_fraction, udp_jitter_ns, udp_bytes_per_second;  ///< from the host to here
  std::optional<double> dataset_bytes;
  std::vector<endpoint_latency> endpoints;
  std::vector<std::string> problems;  ///< what could not be measured, and why

  /// Time to bring the data set to the host; absent where its size or the rate is not known.
  std::optional<double> upload_seconds() const;
  /// The endpoint that answered soonest.
  const endpoint_latency* nearest() const;
};

/// As link/schema/gpubench.link-1.json describes it, without the verdicts, which are made anew from these figures.
json to_json(const measured_link& link);

/// @throws error: io; input for another kind of file, or a wrong field, naming it.
measured_link load_link(const std::filesystem::path& path);

}  // namespace gpubench::link
