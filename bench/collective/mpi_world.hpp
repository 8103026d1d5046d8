#pragma once

#include "bench/collective/messenger.hpp"
#include "bench/collective/mpi/interface.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace gpubench::collective {

/// MPI through gpubench_mpi.so, which is never unloaded.
class mpi_world final : public messenger {
 public:
  /// Loads the module and starts MPI.
  /// @param answer_limit  how long rank 0 waits for the others' answers
  /// @throws error: environment where the module or an MPI library is missing, with the hint for it; collective when
  /// MPI does not start.
  static std::unique_ptr<mpi_world> start(std::chrono::duration<double> answer_limit);
  ~mpi_world() override;

  int rank() const override { return table_.rank(); }
  int ranks() const override { return table_.ranks(); }
  int local_rank() const override { return table_.local_rank(); }
  void barrier() override;
  void broadcast(void* data, std::size_t bytes) override;
  std::vector<int> gather(const void* mine, std::size_t bytes, void* all) override;

  const gpubench_mpi_table& table() const { return table_; }
  std::string library() const { return table_.library(); }

 private:
  mpi_world(const gpubench_mpi_table& table, std::chrono::duration<double> answer_limit)
      : table_(table), answer_limit_(answer_limit) {}
  void require_done(std::int32_t failed) const;

  const gpubench_mpi_table& table_;
  std::chrono::duration<double> answer_limit_;
};

}  // namespace gpubench::collective
