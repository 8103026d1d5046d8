#pragma once

#include <optional>
#include <string>

namespace gpubench::cuda {

/// What the runtime tells of a device's memory: attributes cudaDevAttrMemoryClockRate ("peak memory clock frequency")
/// and cudaDevAttrGlobalMemoryBusWidth. 0 where it does not know.
struct memory_clock {
  int kilohertz = 0;
  int bus_bits = 0;
};

/// Of the current driver; {0, 0} where it does not answer.
memory_clock memory_clock_of(int device);

/// Highest bandwidth that the memory's largest clock allows: two transfers a clock on every wire of the bus.
std::optional<double> bandwidth_bytes_per_second(const memory_clock& clock);

/// "4916.7 GB/s: 2 transfers a clock at 3201 MHz on 6144 wires", or nothing.
std::optional<std::string> bandwidth_text(const memory_clock& clock);

}  // namespace gpubench::cuda
