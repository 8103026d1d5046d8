#pragma once

#include "bench/collective/messenger.hpp"
#include "bench/collective/transport.hpp"
#include "bench/cuda/loader.hpp"

namespace gpubench::collective {

/// Collectives of NCCL through the CUDA module: one process with all its GPUs, or one process a GPU.
class cuda_transport final : public transport {
 public:
  /// @param gpus  must outlive the transport; a rank of several takes the GPU of its number on its machine
  cuda_transport(const bench::cuda_backend& gpus, messenger& between, const results::environment& machine);

  /// Ranks that communicate: those of the run, or the GPUs of the only one.
  int ranks() const;
  /// Index of this rank's GPU.
  int gpu() const { return gpu_; }

  std::string backend() const override { return "cuda"; }
  std::string device() const override;
  std::optional<std::string> unavailable(const collective_case& what) const override;
  std::unique_ptr<prepared_collective> prepare(const collective_case& what) override;
  void forget() override { id_.clear(); }

 private:
  const bench::benchmark_definition* find(collective_kind kind) const;
  results::parameters module_parameters(const collective_case& what) const;
  bool several() const { return between_.ranks() > 1; }

  const bench::cuda_backend& gpus_;
  messenger& between_;
  bench::machine machine_;
  int gpu_ = 0;
  std::string id_;      ///< of the communicator in use; on rank 0
  std::string id_for_;  ///< collective, algorithm and protocol that are forced; empty: none
  std::string id_of_case_;
};

}  // namespace gpubench::collective
