#pragma once

#include "bench/collective/shape.hpp"
#include "bench/cuda/module/benchmark.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace gpubench::cuda {

/// One collective as the parameters name it: bytes, ranks, type, operation, placement, round, algorithm, protocol; and,
/// where each process has one rank, rank, gpu and communicator (of communicator_id() in the C table).
struct wanted_collective {
  kernels::collective_layout layout;
  collective::placement where = collective::placement::out_of_place;
  std::uint64_t bytes = 0;
  std::string algorithm, protocol;  ///< empty: NCCL chooses
  std::string id;                   ///< empty: all ranks in this process, on the first GPUs
  int rank = 0, gpu = 0;            ///< with an id
};

/// @throws failure: internal error for parameters that are missing or that no table knows.
wanted_collective read_collective(collective::collective_kind kind, const parameters& values);

/// @throws failure
std::unique_ptr<prepared_case> prepare_collective(const wanted_collective& wanted);

}  // namespace gpubench::cuda
