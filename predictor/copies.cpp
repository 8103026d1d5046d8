#include "predictor/copies.hpp"

#include <algorithm>

namespace gpubench::predictor {
namespace {

// Shares of the nominal rate that a copy engine gets of a large pinned copy.
// PCIe: 128-byte payloads with 20 to 24 bytes of header and checksum, and flow control: nvbandwidth prints 26.0 GB/s
// host to device for an 8-GPU NVSwitch system on PCIe 4 (NVIDIA/nvbandwidth README, 2025-04-14) of 31.5: 0.826; to the
// host packets carry more (256 bytes): taken as 0.84.
constexpr double pcie_to_device = 0.826, pcie_to_host = 0.84;
// NVLink: 276.3 GB/s between two GPUs of that system, whose links give 300 (same source).
constexpr double nvlink_share = 276.3 / 300;
// NVLink-C2C: 450 GB/s a direction (NVIDIA GH200 Grace Hopper whitepaper); Grace's LPDDR5X reads about 500 GB/s.
// Shares as for the reads and writes of a memory of that kind, typical.
constexpr double c2c_bytes_per_second = 450e9, c2c_to_device = 0.88, c2c_to_host = 0.65;
// Within a device: a read and a write of each byte at the share of a stream kernel: copies of BabelStream and
// gpu-stream reach 0.85 to 0.92 of the data sheet's bandwidth (te42kyfo/gpu-benches gpu-stream, 2023-01-24).
constexpr double memory_share = 0.88;
// The host's cores copy pageable memory through a pinned buffer, one thread, overlapping with the link. Typical.
constexpr double staging_bytes_per_second = 11e9;

// Latency of the smallest asynchronous copy in a full queue, and what a copy loses until its engine streams. Typical of
// copy engines (CUDA C++ Best Practices Guide, "Pinned Memory"; no table is public by part).
constexpr double engine_latency_seconds = 2.5e-6, staging_latency_seconds = 6e-6;
constexpr double pcie_fill_seconds = 1.5e-6;

bool has_c2c(const profiles::gpu_spec& gpu) {
  return gpu.architecture.rfind("Grace", 0) == 0;
}

copy_path host_path(copy_kind kind, const profiles::gpu_spec& gpu, host_memory memory) {
  const bool to_device = kind == copy_kind::host_to_device;
  const double rate = has_c2c(gpu)
                          ? c2c_bytes_per_second * (to_device ? c2c_to_device : c2c_to_host)
                          : pcie_direction_bytes_per_second(&gpu) * (to_device ? pcie_to_device : pcie_to_host);
  copy_path path{rate, engine_latency_seconds, rate * pcie_fill_seconds};
  // Grace and its GPU share page tables: pageable memory is copied without a detour.
  if (memory == host_memory::pageable && !has_c2c(gpu)) {
    path.bytes_per_second = std::min(rate, staging_bytes_per_second);
    path.latency_seconds = staging_latency_seconds;
  }
  return path;
}

}  // namespace

copy_path path_of(copy_kind kind, const profiles::gpu_spec& gpu, const fabric& links, host_memory memory) {
  switch (kind) {
    case copy_kind::host_to_device:
    case copy_kind::device_to_host:
      return host_path(kind, gpu, memory);
    case copy_kind::device_to_device: {
      const double rate = memory_share * gpu.memory_bandwidth_bytes_per_second.value_or(0) / 2;
      return {rate, engine_latency_seconds, rate * 1e-6};
    }
    case copy_kind::peer:
      break;
  }
  if (links.inside == fabric::link::none || links.inside == fabric::link::pcie) {
    const double rate = pcie_direction_bytes_per_second(&gpu) * pcie_to_device;
    // Without peer access the driver copies by pieces through host memory; both halves overlap, less the seams.
    return links.peer_access ? copy_path{rate, engine_latency_seconds, rate * pcie_fill_seconds}
                             : copy_path{0.8 * rate, 2 * engine_latency_seconds, 2 * rate * pcie_fill_seconds};
  }
  // On a mesh one neighbour has a part of the links.
  const double rate = links.inside_bytes_per_second * link_share(links, 2) * nvlink_share;
  return {rate, engine_latency_seconds, rate * 1e-6};
}

double copy_seconds(double bytes, const copy_path& path) {
  if (!(bytes > 0)) return 0;
  const double lost = path.half_rate_bytes > 0 ? path.half_rate_bytes * bytes / (bytes + path.half_rate_bytes) : 0;
  return path.latency_seconds + (bytes + lost) / std::max(path.bytes_per_second, 1.0);
}

estimate estimate_copy(copy_kind kind, double bytes, const profiles::gpu_spec& gpu, const fabric& links,
                       host_memory memory) {
  const copy_path path = path_of(kind, gpu, links, memory);
  estimate e;
  e.seconds = copy_seconds(bytes, path);
  e.bound_by = kind == copy_kind::device_to_device ? bound::memory : bound::interconnect;
  // Small copies hang on the host, pageable ones on its cores; large pinned ones on the link alone.
  const bool wide = memory == host_memory::pageable || bytes < 10 * path.half_rate_bytes;
  e.low = e.seconds * (wide ? 0.5 : 0.88);
  e.high = e.seconds * (wide ? 2.0 : 1.2);
  e.basis = basis::data_sheet;
  return e;
}

}  // namespace gpubench::predictor
