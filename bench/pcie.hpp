#pragma once

#include <optional>

namespace gpubench::bench {

/// Data rate of a PCI Express link in one direction: transfers per second and lane, less the line code, times the
/// lanes; what packets cost on top is not taken off. Nothing for a generation that is not known.
/// Source: PCI-SIG, "PCI Express Base Specification", revisions 3.0 to 6.0, "Physical Layer": 2.5 and 5 GT/s with
/// 8b/10b, 8, 16 and 32 GT/s with 128b/130b, 64 GT/s in flits of 256 bytes, 242 of which are above the error correction
/// and CRC.
std::optional<double> pcie_bytes_per_second(int generation, int lanes);

}  // namespace gpubench::bench
