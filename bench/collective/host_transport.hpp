#pragma once

#include "bench/collective/mpi_world.hpp"
#include "bench/collective/transport.hpp"

namespace gpubench::collective {

/// Collectives of MPI on buffers in host memory, timed by the clock of each rank.
class host_transport final : public transport {
 public:
  /// @param usable_bytes  memory that this rank may fill
  host_transport(const mpi_world& world, double usable_bytes) : world_(world), usable_bytes_(usable_bytes) {}

  std::string backend() const override { return "host"; }
  std::string device() const override { return "cpu"; }
  std::optional<std::string> unavailable(const collective_case& what) const override;
  std::unique_ptr<prepared_collective> prepare(const collective_case& what) override;

 private:
  const mpi_world& world_;
  double usable_bytes_;
};

}  // namespace gpubench::collective
