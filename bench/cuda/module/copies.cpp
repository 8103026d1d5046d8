// Copies between host and device, within a device and between devices, under the names of nvbandwidth's test cases
// (github.com/NVIDIA/nvbandwidth, README, "Test Details") where it has one.
#include "bench/cuda/module/copy_case.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/peer_access.hpp"

#include <algorithm>
#include <array>

namespace gpubench::cuda {

namespace {

constexpr auto ce = copy_engine::copy_engine;
constexpr auto sm = copy_engine::multiprocessors;
constexpr bool opposed = true;
constexpr bool alone = false;

struct copy_description {
  const char* name;
  copy_route route;
  bool opposed;
  copy_engine engine;
  const char* text;
  host_kind host = host_kind::pinned;
  gpubench_module_suite first_suite = GPUBENCH_MODULE_STANDARD;
};

using route = copy_route;
constexpr copy_description descriptions[] = {
    {"host_to_device_memcpy_ce", route::host_to_device, alone, ce, "Copies from pinned host memory by a copy engine",
     host_kind::pinned, GPUBENCH_MODULE_QUICK},
    {"device_to_host_memcpy_ce", route::device_to_host, alone, ce, "Copies to pinned host memory by a copy engine",
     host_kind::pinned, GPUBENCH_MODULE_QUICK},
    {"host_to_device_bidirectional_memcpy_ce", route::host_to_device, opposed, ce,
     "Copies from pinned host memory by a copy engine while others, not counted, run to it"},
    {"device_to_host_bidirectional_memcpy_ce", route::device_to_host, opposed, ce,
     "Copies to pinned host memory by a copy engine while others, not counted, run from it"},
    {"host_device_two_way_memcpy_ce", route::host_two_way, alone, ce,
     "Copies from and to pinned host memory at the same time by copy engines, both counted"},
    {"host_to_device_memcpy_sm", route::host_to_device, alone, sm,
     "Copies from mapped host memory by a kernel that reads it"},
    {"device_to_host_memcpy_sm", route::device_to_host, alone, sm,
     "Copies to mapped host memory by a kernel that writes it"},
    {"host_to_device_bidirectional_memcpy_sm", route::host_to_device, opposed, sm,
     "Copies from mapped host memory by a kernel while another, not counted, copies to it"},
    {"device_to_host_bidirectional_memcpy_sm", route::device_to_host, opposed, sm,
     "Copies to mapped host memory by a kernel while another, not counted, copies from it"},
    {"host_to_device_memcpy_pageable", route::host_to_device, alone, ce,
     "Copies from ordinary host memory, which the driver stages through pinned memory", host_kind::pageable},
    {"device_to_host_memcpy_pageable", route::device_to_host, alone, ce,
     "Copies to ordinary host memory, which the driver stages through pinned memory", host_kind::pageable},
    {"device_local_copy", route::local, alone, ce,
     "Copies within device memory by cudaMemcpyAsync, bytes read and bytes written counted", host_kind::pinned,
     GPUBENCH_MODULE_QUICK},
    {"device_to_device_memcpy_read_ce", route::peer_read, alone, ce,
     "Copies from a peer's memory by a copy engine of the device that receives", host_kind::pinned,
     GPUBENCH_MODULE_QUICK},
    {"device_to_device_memcpy_write_ce", route::peer_write, alone, ce,
     "Copies to a peer's memory by a copy engine of the device that sends", host_kind::pinned, GPUBENCH_MODULE_QUICK},
    {"device_to_device_bidirectional_memcpy_read_ce", route::peer_read, opposed, ce,
     "Copies from a peer's memory by a copy engine of the receiver while the peer, not counted, does the same"},
    {"device_to_device_bidirectional_memcpy_write_ce", route::peer_write, opposed, ce,
     "Copies to a peer's memory by a copy engine of the sender while the peer, not counted, does the same"},
    {"device_to_device_two_way_memcpy_ce", route::peer_two_way, alone, ce,
     "Copies between two devices in both directions at the same time by copy engines of the senders, both counted"},
    {"device_to_device_memcpy_read_sm", route::peer_read, alone, sm,
     "Copies from a peer's memory by a kernel on the device that receives"},
    {"device_to_device_memcpy_write_sm", route::peer_write, alone, sm,
     "Copies to a peer's memory by a kernel on the device that sends"},
    {"device_to_device_bidirectional_memcpy_read_sm", route::peer_read, opposed, sm,
     "Copies from a peer's memory by a kernel on the receiver while the peer, not counted, does the same"},
    {"device_to_device_bidirectional_memcpy_write_sm", route::peer_write, opposed, sm,
     "Copies to a peer's memory by a kernel on the sender while the peer, not counted, does the same"},
    {"all_to_host_memcpy_ce", route::all_to_host, alone, ce,
     "Copies of one device to pinned host memory by copy engines while all other devices, not counted, do the same"},
    {"all_to_host_bidirectional_memcpy_ce", route::all_to_host, opposed, ce,
     "Copies of one device to pinned host memory while all devices, not counted, copy to and from it"},
    {"host_to_all_memcpy_ce", route::host_to_all, alone, ce,
     "Copies of one device from pinned host memory by copy engines while all other devices, not counted, do the same"},
    {"host_to_all_bidirectional_memcpy_ce", route::host_to_all, opposed, ce,
     "Copies of one device from pinned host memory while all devices, not counted, copy to and from it"},
    {"all_to_one_write_ce", route::all_to_one_write, alone, ce,
     "All other devices write to one by copy engines: the bytes that it receives"},
    {"all_to_one_read_ce", route::all_to_one_read, alone, ce,
     "All other devices read from one by copy engines: the bytes that it sends"},
    {"one_to_all_write_ce", route::one_to_all_write, alone, ce,
     "One device writes to all others by copy engines: the bytes that it sends"},
    {"one_to_all_read_ce", route::one_to_all_read, alone, ce,
     "One device reads from all others by copy engines: the bytes that it receives"},
    {"all_to_host_memcpy_sm", route::all_to_host, alone, sm,
     "Copies of one device to mapped host memory by kernels while all other devices, not counted, do the same",
     host_kind::pinned, GPUBENCH_MODULE_FULL},
    {"all_to_host_bidirectional_memcpy_sm", route::all_to_host, opposed, sm,
     "Copies of one device to mapped host memory by kernels while all devices, not counted, copy to and from it",
     host_kind::pinned, GPUBENCH_MODULE_FULL},
    {"host_to_all_memcpy_sm", route::host_to_all, alone, sm,
     "Copies of one device from mapped host memory by kernels while all other devices, not counted, do the same",
     host_kind::pinned, GPUBENCH_MODULE_FULL},
    {"host_to_all_bidirectional_memcpy_sm", route::host_to_all, opposed, sm,
     "Copies of one device from mapped host memory by kernels while all devices, not counted, copy to and from it",
     host_kind::pinned, GPUBENCH_MODULE_FULL},
    {"all_to_one_write_sm", route::all_to_one_write, alone, sm,
     "All other devices write to one by kernels: the bytes that it receives", host_kind::pinned, GPUBENCH_MODULE_FULL},
    {"all_to_one_read_sm", route::all_to_one_read, alone, sm,
     "All other devices read from one by kernels: the bytes that it sends", host_kind::pinned, GPUBENCH_MODULE_FULL},
    {"one_to_all_write_sm", route::one_to_all_write, alone, sm,
     "One device writes to all others by kernels: the bytes that it sends", host_kind::pinned, GPUBENCH_MODULE_FULL},
    {"one_to_all_read_sm", route::one_to_all_read, alone, sm,
     "One device reads from all others by kernels: the bytes that it receives", host_kind::pinned,
     GPUBENCH_MODULE_FULL},
};

gpubench_module_peak peak_of(copy_route of) {
  switch (of) {
    case route::local:
      return GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH;
    case route::host_two_way:
    case route::peer_two_way:
      return GPUBENCH_MODULE_PEAK_NONE;  // peaks of links count one direction
    case route::host_to_device:
    case route::device_to_host:
    case route::all_to_host:
    case route::host_to_all:
      return GPUBENCH_MODULE_PEAK_HOST_LINK;
    default:
      return GPUBENCH_MODULE_PEAK_PEER_LINK;
  }
}

/// nvbandwidth's buffer.
constexpr std::int64_t usual_bytes = std::int64_t{512} << 20;

/// Of the full suite, from where starting a copy is all its time to where it is nothing.
constexpr std::array<std::int64_t, 9> swept_bytes = {
    std::int64_t{4} << 10,   std::int64_t{16} << 10,  std::int64_t{64} << 10,
    std::int64_t{256} << 10, std::int64_t{1} << 20,   std::int64_t{4} << 20,
    std::int64_t{16} << 20,  std::int64_t{128} << 20, std::int64_t{1} << 30};

/// Share of the host's memory that page-locked buffers may take from everybody else.
constexpr double usable_host_fraction = 0.125;

double device_room(const device_properties& device) {
  return usable_memory_fraction * device.memory_bytes - 2 * device.l2_bytes;
}

class copy_benchmark final : public benchmark {
 public:
  explicit copy_benchmark(const copy_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    const bool all = parties() == copy_parties::all;
    return {described_.name,
            described_.text,
            no_precision,
            peak_of(described_.route),
            all ? GPUBENCH_MODULE_ALL_DEVICES : GPUBENCH_MODULE_ONE_DEVICE,
            all ? 4.0 : 1.5};
  }

  /// The bytes of every counted lane; within one device twice, as they are read from its memory and written to it.
  gpubench_module_work work(const parameters& values) const override {
    const auto bytes = static_cast<double>(positive_parameter(values, "bytes"));
    gpubench_module_work result{};
    result.has_bytes = 1;
    result.bytes = bytes * counted_lanes(plan(values, 0)) * (described_.route == route::local ? 2 : 1);
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    std::vector<parameters> result;
    if (suite < described_.first_suite) return result;
    const int devices = std::max(2, visible_devices());  // with one GPU a case is offered that says that it takes two
    const auto whole = fitting(device, devices);
    switch (parties()) {
      case copy_parties::one:
        result.push_back(make_parameters({{"bytes", whole}}));
        break;
      case copy_parties::pair:
        for (const int peer : peers_of(device.index, devices)) {
          result.push_back(make_parameters({{"peer", peer}, {"bytes", whole}}));
          if (!every_pair(suite)) break;
        }
        break;
      case copy_parties::all:
        for (int one = 0; one < (suite == GPUBENCH_MODULE_FULL ? devices : 1); ++one) {
          result.push_back(make_parameters({{"device", one}, {"devices", devices}, {"bytes", whole}}));
        }
        break;
    }
    if (suite == GPUBENCH_MODULE_FULL) add_sizes(result, whole);
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t bytes = positive_parameter(values, "bytes");
    if (bytes % 16 != 0) return "bytes must be a multiple of 16";
    if (const auto reason = no_partners(values, device)) return reason;
    const auto lanes = plan(values, device.index);
    const auto buffers = buffers_of(lanes);
    if (static_cast<double>(bytes) * buffers.device > device_room(device)) {
      return "the buffers do not fit the device's memory";
    }
    const auto available = host_memory_of("/").available;
    if (available && static_cast<double>(bytes) * buffers.host > usable_memory_fraction * *available) {
      return "the buffers do not fit the host's free memory";
    }
    if (const auto reason = no_way(lanes)) return reason;
    return no_code_for(device);
  }

  bool uses(const parameters& values, const device_properties& device, int other) const override {
    const auto lanes = plan(values, device.index);
    return std::any_of(lanes.begin(), lanes.end(), [&](const copy_lane& lane) {
      return lane.device == other || lane.source == other || lane.destination == other;
    });
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const std::int64_t bytes = positive_parameter(values, "bytes");
    const auto lanes = plan(values, device.index);
    const std::string name = std::string(described_.name) + " bytes=" + std::to_string(bytes);
    const copy_request request{name, lanes, described_.engine, described_.host, bytes};
    const int lead = lanes.front().device;
    if (lead == device.index) return std::make_unique<copy_case>(request, device);
    return std::make_unique<copy_case>(request, find_devices().devices.at(static_cast<std::size_t>(lead)));
  }

 private:
  copy_parties parties() const { return parties_of(described_.route); }

  std::vector<copy_lane> plan(const parameters& values, int device) const {
    int peer = 0;
    int devices = 0;
    if (parties() == copy_parties::pair) peer = index_parameter(values, "peer");
    if (parties() == copy_parties::all) {
      device = index_parameter(values, "device");
      devices = index_parameter(values, "devices");
    }
    return lanes_of(described_.route, described_.opposed, device, peer, devices);
  }

  /// The usual size, halved until the buffers fit a small device, or a small host beside what else is there.
  std::int64_t fitting(const device_properties& device, int devices) const {
    const int peer = device.index == 0 ? 1 : 0;
    const auto buffers = buffers_of(lanes_of(described_.route, described_.opposed, device.index, peer, devices));
    const auto host = host_memory_of("/").total;
    return fitting_bytes(usual_bytes, buffers, host ? usable_host_fraction * *host : -1, device_room(device));
  }

  /// Copies by copy engine in one direction are measured between every two devices, to find a slow link; of the rest
  /// the standard suite has one pair a device.
  bool every_pair(gpubench_module_suite suite) const {
    if (suite == GPUBENCH_MODULE_FULL) return true;
    return suite == GPUBENCH_MODULE_STANDARD && described_.first_suite == GPUBENCH_MODULE_QUICK;
  }

  /// The same as the first case with other sizes; not where the point is several copies at once.
  void add_sizes(std::vector<parameters>& result, std::int64_t whole) const {
    if (parties() == copy_parties::all || plan(result.front(), 0).size() > 1) return;
    for (const std::int64_t bytes : swept_bytes) {
      if (bytes > 2 * whole || bytes == whole) continue;
      parameters values = result.front();
      values.values[values.count - 1].value = bytes;
      result.push_back(values);
    }
  }

  std::optional<std::string> no_partners(const parameters& values, const device_properties& device) const {
    const int devices = visible_devices();
    if (parties() == copy_parties::pair) return no_pair(device.index, index_parameter(values, "peer"), devices);
    if (parties() == copy_parties::one) return std::nullopt;
    const int one = index_parameter(values, "device");
    const int wanted = index_parameter(values, "devices");
    if (devices < 2) return no_pair(0, 1, devices);
    if (one >= wanted) return "there is no GPU " + std::to_string(one) + " among " + std::to_string(wanted);
    if (wanted == devices) return std::nullopt;
    return "the case is of " + std::to_string(wanted) + " GPUs, and " + std::to_string(devices) + " can be seen";
  }

  /// A copy engine can copy by way of the host, which is measured where it is alone; a kernel cannot.
  std::optional<std::string> no_way(const std::vector<copy_lane>& lanes) const {
    if (described_.engine == ce && lanes.size() == 1) return std::nullopt;
    for (const auto& lane : lanes) {
      if (!is_between_devices(lane)) continue;
      if (can_access_peer(lane.source, lane.destination) && can_access_peer(lane.destination, lane.source)) continue;
      return "GPU " + std::to_string(lane.source) + " and GPU " + std::to_string(lane.destination) +
             " cannot reach each other's memory";
    }
    return std::nullopt;
  }

  copy_description described_;
};

const registration<copy_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
