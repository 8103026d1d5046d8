#include "bench/cuda/module/copy_plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace gpubench::cuda {

namespace {

constexpr int most_copies = 256;

copy_lane to_host(int device, bool counted) {
  return {device, device, on_host, counted};
}
copy_lane from_host(int device, bool counted) {
  return {device, on_host, device, counted};
}
copy_lane read_by(int reader, int source, bool counted) {
  return {reader, source, reader, counted};
}
copy_lane write_by(int writer, int destination, bool counted) {
  return {writer, writer, destination, counted};
}

/// The device's own lane first, which alone counts; the others and, if opposed, the way back of all run meanwhile.
std::vector<copy_lane> lanes_of_all_and_host(bool to, bool opposed, int device, int devices) {
  const auto lane = [](bool outward, int of, bool counted) {
    return outward ? to_host(of, counted) : from_host(of, counted);
  };
  std::vector<copy_lane> lanes = {lane(to, device, true)};
  if (opposed) lanes.push_back(lane(!to, device, false));
  for (int other = 0; other < devices; ++other) {
    if (other == device) continue;
    lanes.push_back(lane(to, other, false));
    if (opposed) lanes.push_back(lane(!to, other, false));
  }
  return lanes;
}

std::vector<copy_lane> lanes_of_one_and_all(copy_route route, int one, int devices) {
  std::vector<copy_lane> lanes;
  for (int other = 0; other < devices; ++other) {
    if (other == one) continue;
    switch (route) {
      case copy_route::all_to_one_write:
        lanes.push_back(write_by(other, one, true));
        break;
      case copy_route::all_to_one_read:
        lanes.push_back(read_by(other, one, true));
        break;
      case copy_route::one_to_all_write:
        lanes.push_back(write_by(one, other, true));
        break;
      default:
        lanes.push_back(read_by(one, other, true));
        break;
    }
  }
  return lanes;
}

}  // namespace

std::vector<copy_lane> lanes_of(copy_route route, bool opposed, int device, int peer, int devices) {
  std::vector<copy_lane> lanes;
  switch (route) {
    case copy_route::host_to_device:
      lanes = {from_host(device, true)};
      if (opposed) lanes.push_back(to_host(device, false));
      return lanes;
    case copy_route::device_to_host:
      lanes = {to_host(device, true)};
      if (opposed) lanes.push_back(from_host(device, false));
      return lanes;
    case copy_route::host_two_way:
      return {from_host(device, true), to_host(device, true)};
    case copy_route::local:
      return {{device, device, device, true}};
    case copy_route::peer_read:
      lanes = {read_by(device, peer, true)};
      if (opposed) lanes.push_back(read_by(peer, device, false));
      return lanes;
    case copy_route::peer_write:
      lanes = {write_by(device, peer, true)};
      if (opposed) lanes.push_back(write_by(peer, device, false));
      return lanes;
    case copy_route::peer_two_way:
      return {write_by(device, peer, true), write_by(peer, device, true)};
    case copy_route::all_to_host:
      return lanes_of_all_and_host(true, opposed, device, devices);
    case copy_route::host_to_all:
      return lanes_of_all_and_host(false, opposed, device, devices);
    default:
      return lanes_of_one_and_all(route, device, devices);
  }
}

copy_parties parties_of(copy_route route) {
  switch (route) {
    case copy_route::host_to_device:
    case copy_route::device_to_host:
    case copy_route::host_two_way:
    case copy_route::local:
      return copy_parties::one;
    case copy_route::peer_read:
    case copy_route::peer_write:
    case copy_route::peer_two_way:
      return copy_parties::pair;
    default:
      return copy_parties::all;
  }
}

std::vector<int> peers_of(int device, int devices) {
  std::vector<int> result;
  for (int i = 1; i < devices; ++i) result.push_back((device + i) % devices);
  return result;
}

bool is_between_devices(const copy_lane& lane) {
  return !is_with_host(lane) && lane.source != lane.destination;
}

bool is_with_host(const copy_lane& lane) {
  return lane.source == on_host || lane.destination == on_host;
}

int counted_lanes(const std::vector<copy_lane>& lanes) {
  return static_cast<int>(std::count_if(lanes.begin(), lanes.end(), [](const auto& lane) { return lane.counted; }));
}

int lanes_moved_by(const std::vector<copy_lane>& lanes, int device) {
  return static_cast<int>(
      std::count_if(lanes.begin(), lanes.end(), [&](const auto& lane) { return lane.device == device; }));
}

copy_buffers buffers_of(const std::vector<copy_lane>& lanes) {
  std::map<int, int> found;
  for (const auto& lane : lanes) {
    ++found[lane.source];
    ++found[lane.destination];
  }
  copy_buffers result;
  for (const auto& [place, count] : found) {
    if (place == on_host) {
      result.host = count;
    } else {
      result.device = std::max(result.device, count);
    }
  }
  return result;
}

std::int64_t fitting_bytes(std::int64_t wanted, const copy_buffers& buffers, double host_bytes, double device_bytes) {
  constexpr std::int64_t least = 4096;
  const auto fits = [](std::int64_t bytes, int count, double room) {
    return room < 0 || static_cast<double>(bytes) * count <= room;
  };
  std::int64_t bytes = wanted;
  while (bytes > least && !(fits(bytes, buffers.host, host_bytes) && fits(bytes, buffers.device, device_bytes))) {
    bytes /= 2;
  }
  return bytes;
}

std::vector<kernels::launch_shape> copy_shapes(int multiprocessors, int lanes, std::int64_t bytes) {
  const auto shape = [&](int threads, int vectors, int blocks) {
    // Tiles of doubles, two to a vector.
    const std::uint64_t tiles = kernels::tiles_of(static_cast<std::uint64_t>(bytes) / 8, threads, vectors);
    const auto most = static_cast<std::uint64_t>(std::max(1, blocks));
    return kernels::launch_shape{threads, vectors, static_cast<std::uint32_t>(std::min(most, tiles))};
  };
  std::vector<kernels::launch_shape> result;
  if (lanes > 1) {
    for (const int vectors : {1, 4}) result.push_back(shape(512, vectors, multiprocessors / lanes));
    return result;
  }
  for (const int threads : {256, 512}) {
    for (const int vectors : {1, 4}) {
      for (const int blocks : {1, 4}) result.push_back(shape(threads, vectors, blocks * multiprocessors));
    }
  }
  return result;
}

int copies_per_sample(double time_ns) {
  constexpr double wanted_ns = 5e6;
  if (!(time_ns > 0)) return 1;
  return static_cast<int>(std::clamp(std::ceil(wanted_ns / time_ns), 1.0, static_cast<double>(most_copies)));
}

coverage coverage_of(double start_ns, double stop_ns, double window_ns) {
  if (!(window_ns > 0)) return {0, 0};
  const double passing_on_ns = std::min(20e3, 0.05 * window_ns);
  const double start = start_ns <= passing_on_ns ? 0 : std::min(start_ns / window_ns, 1.0);
  const double stop = std::clamp(stop_ns / window_ns, 0.0, 1.0);
  return {std::max(0.0, stop - start), stop};
}

int interfering_copies(int counted, int before, double until) {
  const double half_as_many_again = std::ceil(1.5 * counted) + 1;
  const double missing = until > 0 && until < 1 ? std::ceil(1.25 * before / until) : 0;
  return static_cast<int>(std::min(std::max(half_as_many_again, missing), 2.0 * most_copies));
}

}  // namespace gpubench::cuda
