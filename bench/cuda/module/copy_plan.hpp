#pragma once

#include "kernels/launch.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::cuda {

/// Where copies go. Read and write say who moves the data between two devices: the one that receives or the one that
/// sends it. The names and meanings are nvbandwidth's (its README, "Test Details"), but for two_way.
enum class copy_route {
  host_to_device,
  device_to_host,
  host_two_way,  ///< both at once, both counted
  local,         ///< within one device
  peer_read,     ///< from the peer to the device, which reads
  peer_write,    ///< from the device, which writes, to the peer
  peer_two_way,  ///< each writes to the other, both counted
  all_to_host,   ///< one device counts, all others do the same meanwhile
  host_to_all,
  all_to_one_write,  ///< all others write to the one; all counted
  all_to_one_read,   ///< all others read from the one, as nvbandwidth means it: the data leaves the one
  one_to_all_write,  ///< the one writes to all others
  one_to_all_read    ///< the one reads from all others
};

/// Stands for the host where a device's number stands otherwise.
inline constexpr int on_host = -1;

/// One stream of copies from one buffer to another.
struct copy_lane {
  int device = 0;  ///< whose copy engine or multiprocessors move the data
  int source = 0, destination = 0;
  bool counted = true;  ///< false: it only keeps the link busy while the others are measured
};

/// The lanes of a route, the first one counted and timed on its device.
/// @param opposed  adds to each direction one that runs against it and is not counted
/// @param device   the one that the case is about
/// @param peer     of routes between two
/// @param devices  all of them, of the routes of all
std::vector<copy_lane> lanes_of(copy_route route, bool opposed, int device, int peer, int devices);

/// Who takes part in a route, and so which parameters it has besides the size.
enum class copy_parties {
  one,   ///< a device, alone or with the host
  pair,  ///< a device and a peer
  all    ///< one of all devices, and the rest
};
copy_parties parties_of(copy_route route);

/// The peers of a device, the next one first: {3, 0, 1} of device 2 among 4.
std::vector<int> peers_of(int device, int devices);

/// True where a lane leads from one device to another.
bool is_between_devices(const copy_lane& lane);
/// True where a lane begins or ends on the host.
bool is_with_host(const copy_lane& lane);

int counted_lanes(const std::vector<copy_lane>& lanes);

/// Lanes that one device moves, of which the kernels share its multiprocessors.
int lanes_moved_by(const std::vector<copy_lane>& lanes, int device);

/// Buffers on the host, and on that device which has most of them.
struct copy_buffers {
  int host = 0, device = 0;
};
copy_buffers buffers_of(const std::vector<copy_lane>& lanes);

/// The largest of `wanted`, half of it, a quarter ... down to 4 KiB whose buffers fit.
/// @param host_bytes, device_bytes  that may be filled; negative: not known, taken as enough
std::int64_t fitting_bytes(std::int64_t wanted, const copy_buffers& buffers, double host_bytes, double device_bytes);

/// Launches of a copying kernel that are worth trying. Where several lanes share the device's multiprocessors, each
/// gets its part of them, so that all run at the same time.
std::vector<kernels::launch_shape> copy_shapes(int multiprocessors, int lanes, std::int64_t bytes);

/// Copies, one after the other, that one sample takes the time of: enough that it lasts some milliseconds, against
/// which the events' resolution of 0.5 us, the start of the first copy and the end of the last are nothing; few enough
/// for the launch queue.
/// @param time_ns  of one copy
int copies_per_sample(double time_ns);

/// How a lane that only interferes lay in the measured time, in shares of that time, 1 at most.
struct coverage {
  double share = 1;  ///< over which it ran
  double until = 1;  ///< at which it ended
};

/// @param start_ns, stop_ns  of the lane, from the start of the measured time. A start that is late by 20 us or less
///                           counts as none: so much may passing it on from stream to stream take.
coverage coverage_of(double start_ns, double stop_ns, double window_ns);

/// Copies of a lane that only interferes while `counted` are measured: half as many again, and as many more as the
/// last sample showed to be missing.
/// @param until  share of the measured time at which it ended; 1 when it outlasted it, 0 when not known yet
int interfering_copies(int counted, int before, double until);

}  // namespace gpubench::cuda
