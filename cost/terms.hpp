#pragma once

#include "profiles/billing.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cost/availability_trace.hpp"
#include "cost/own_hardware.hpp"
#include "cost/spot_simulation.hpp"

namespace gpubench::cost {

/// What a user says about spot instances.
struct spot_terms {
  std::shared_ptr<const availability_trace> trace;  ///< in place of the catalogue's figures
  trace_correlation correlation = trace_correlation::correlated;
  std::optional<double> monthly_interruption_fraction;  ///< likewise; in (0, 1)
  double restart_seconds = 300;  ///< new instance, image and processes; loading the state comes on top. Assumed
  std::optional<double> checkpoint_bytes_per_second;  ///< measured; absent: the storage's stated rate
  spot_fallback fallback = spot_fallback::none;
  int runs = 1000;  ///< simulated for each offer
  std::uint64_t seed = 1;
};

/// How a job is paid for, beside the catalogue's prices. Bytes are of the whole job.
struct terms {
  spot_terms spot;
  std::optional<own_hardware> own;    ///< in USD
  double commitment_utilisation = 1;  ///< share of a commitment's hours that are used, this job's among them
  double startup_seconds = 0;         ///< billed before the work begins
  double stored_bytes = 0;            ///< kept while the job runs
  std::string storage_service;        ///< "EBS gp3"; empty: the provider's first block storage
  double snapshot_bytes = 0;          ///< kept while the job runs
  double egress_bytes = 0;            ///< out to the internet
  double inter_zone_bytes = 0;        ///< between zones of the region
  std::map<std::string, profiles::billing_rule> billing;  ///< by provider
};

/// Where none is known: the time as it is used.
profiles::billing_rule billing_of(const terms& agreed, const std::string& provider);

}  // namespace gpubench::cost
