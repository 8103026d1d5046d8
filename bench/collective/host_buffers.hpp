#pragma once

#include "bench/collective/transport.hpp"

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace gpubench::collective {

/// Operands and result of one rank in host memory: filled, poisoned and checked against the closed form. In place as
/// MPI has it: the result begins where the buffer begins, a reduce_scatter's block too.
class host_buffers {
 public:
  /// @throws std::bad_alloc
  host_buffers(const collective_case& what, int rank);

  /// Operands as at the start; the result full of 0xff bytes, but for where it holds operands.
  void fill();

  const void* send() const { return send_; }
  void* receive() const { return receive_; }

  /// Elements of this rank's result that differ from the closed form; 0 for a rank that gets none.
  std::uint64_t wrong_elements() const;

 private:
  struct freeing {
    void operator()(void* memory) const { std::free(memory); }
  };
  using memory = std::unique_ptr<void, freeing>;
  static memory allocate(std::uint64_t bytes);

  collective_layout layout_;
  placement where_;
  int rank_;
  std::uint64_t bytes_ = 0;  ///< of first_
  memory first_, second_;    ///< in place: first_ alone
  void* send_ = nullptr;
  void* receive_ = nullptr;
};

}  // namespace gpubench::collective
