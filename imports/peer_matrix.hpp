#pragma once

#include "results/measurement.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::imports {

/// One table of nvbandwidth: a value for each pair of CPU or GPU (row) and GPU (column).
struct peer_matrix {
  std::string test;         ///< "device_to_device_memcpy_read_ce"
  std::string description;  ///< "memcpy CE GPU(row) <- GPU(column) bandwidth (GB/s)"
  std::vector<int> columns, rows;
  std::vector<std::vector<std::optional<double>>> values;  ///< by row; absent where the tool has none ("N/A")
};

/// Whether both rows and columns of the table are GPUs.
bool is_between_gpus(const peer_matrix& table);

/// A measurement for each value. Names and meaning are ours where nvbandwidth measures the same; else the name starts
/// with "nvbandwidth_". A unit other than GB/s (10^9) is kept with the value, not converted.
std::vector<results::measurement> measurements_of(const peer_matrix& table);

/// A test without a table: skipped (waived) or failed, with the tool's words as the reason.
results::measurement unmeasured_test(const std::string& test, bool waived, std::string reason);

}  // namespace gpubench::imports
