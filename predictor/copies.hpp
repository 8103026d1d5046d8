#pragma once

#include "profiles/gpu.hpp"

#include "predictor/estimate.hpp"
#include "predictor/fabric.hpp"

namespace gpubench::predictor {

enum class copy_kind { host_to_device, device_to_host, device_to_device, peer };
/// Pageable memory goes through a pinned staging buffer of the driver.
enum class host_memory { pinned, pageable };

/// A link or memory that copies go over.
struct copy_path {
  double bytes_per_second = 0;  ///< of a large copy
  double latency_seconds = 0;   ///< of the smallest
  double half_rate_bytes = 0;   ///< size beyond the latency's own at which half of the rate is reached; 0: at once
};

/// What a copy within one GPU, from or to its host, or to another GPU of the node goes over.
/// Host: PCIe by generation and lanes, NVLink-C2C on Grace parts. Peer: the fabric's link; without peer access both
/// ways through the host. Within a device every byte is read and written.
/// Rates are shares of the nominal one direction: see copies.cpp for shares and sources.
copy_path path_of(copy_kind kind, const profiles::gpu_spec& gpu, const fabric& links,
                  host_memory memory = host_memory::pinned);

/// Seconds for one copy: latency + (bytes + half_rate_bytes * bytes / (bytes + half_rate_bytes)) / rate, so that small
/// copies find half of the rate and large ones lose half_rate_bytes once.
double copy_seconds(double bytes, const copy_path& path);

/// The same with its interval and what sets the time.
estimate estimate_copy(copy_kind kind, double bytes, const profiles::gpu_spec& gpu, const fabric& links,
                       host_memory memory = host_memory::pinned);

}  // namespace gpubench::predictor
