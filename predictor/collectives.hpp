#pragma once

#include "profiles/gpu.hpp"
#include "profiles/instance.hpp"

#include <optional>

#include "predictor/estimate.hpp"

namespace gpubench::predictor {

enum class collective_kind { all_reduce, all_gather, reduce_scatter };

/// The links that the devices of a job use.
struct fabric {
  enum class link { none, pcie, nvlink_ampere, nvlink_hopper } inside = link::none;
  double inside_bytes_per_second = 0;   ///< one direction, per GPU
  double network_bytes_per_second = 0;  ///< of a whole node; 0: not known
  int devices_per_node = 1;
  int nodes = 1;

  int devices() const { return devices_per_node * nodes; }
};

/// The fabric of `nodes` instances. PCIe where the instance states nothing; nothing at all for one device.
fabric fabric_of(const profiles::instance& type, const profiles::gpu_spec* gpu, int nodes);

/// Time of one collective over `group` neighbouring devices (tensor parallel: within a node) or over all. `bytes` is
/// the whole buffer: what every rank reduces, or what the gather leaves on every rank.
///
/// Inside a node: the lesser of two lines, time = latency + wire bytes / rate, one for small and one for large
/// messages, wire bytes = bytes * 2(n-1)/n (all-reduce) or (n-1)/n (nccl-tests doc/PERFORMANCE.md). Latencies and
/// shares of the link rate are fitted on NCCL measurements of A100 and H100 nodes (ai-dynamo/aiconfigurator nccl
/// tables, 2026-08-21, NCCL 2.23 to 2.29); PCIe: half the link's direction rate, a typical value. Across nodes: the
/// part inside and the part between run as a pipeline, so the slower sets the time; each device's share of the node's
/// network carries 1/devices_per_node of the bytes at 85 % (nccl-tests on p4de, p5, p5en, p6-b200: 74 to 92 %;
/// aws-samples/awsome-distributed-training 2025-09-26, stas00/ml-engineering 2026-08-22).
estimate estimate_collective(collective_kind kind, double bytes, const fabric& links, int group);

}  // namespace gpubench::predictor
