#pragma once

#include <optional>
#include <string>

namespace gpubench::cuda {

/// Devices that this process sees; 0 without a driver.
int visible_devices();

/// Whether `device` can reach memory of `peer` without a way through the host.
bool can_access_peer(int device, int peer);

/// Why two devices are no pair to copy between: too few of them, no such one, twice the same; or nothing.
/// @param devices  visible ones
std::optional<std::string> no_pair(int device, int peer, int devices);

/// Lets each of two devices reach the other's memory, where the hardware can; it stays so for this process.
/// @return whether both can now   @throws failure
bool enable_peer_access(int one, int other);

}  // namespace gpubench::cuda
