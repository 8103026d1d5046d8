#pragma once

#include "bench/collective/shape.hpp"
#include "results/measurement.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace gpubench::collective {

/// One collective at one size.
struct collective_case {
  collective_kind kind = collective_kind::all_reduce;
  element_type type = element_type::fp32;
  reduction operation = reduction::sum;
  placement where = placement::out_of_place;
  std::uint64_t bytes = 0;          ///< a multiple of size_step()
  int ranks = 1;                    ///< that communicate
  int round = 0;                    ///< of a pair exchange
  std::string algorithm, protocol;  ///< to force; empty: the library chooses

  collective_layout layout() const {
    auto l = layout_of(kind, type, operation, ranks, bytes);
    l.round = round;
    return l;
  }
};

/// "all_reduce of 1048576 bytes, fp32, sum, out_of_place", for messages.
std::string describe(const collective_case& what);

/// One case ready on this rank. All ranks call together, in the same order.
class prepared_collective {
 public:
  virtual ~prepared_collective() = default;
  /// This rank's time of one collective.
  virtual double sample_ns() = 0;
  /// This rank's result against the closed form; error is the number of wrong elements.
  virtual results::verification verify() = 0;
  virtual std::map<std::string, std::string> method() { return {}; }
};

/// What moves the data. One a process.
class transport {
 public:
  virtual ~transport() = default;
  virtual std::string backend() const = 0;  ///< "host", "cuda"
  virtual std::string device() const = 0;   ///< "cpu", "gpu", "gpu0-7"
  /// Why this rank cannot do it, or nothing.
  virtual std::optional<std::string> unavailable(const collective_case& what) const = 0;
  /// @throws error: device, out_of_device_memory, collective; bench::unsupported_case.
  virtual std::unique_ptr<prepared_collective> prepare(const collective_case& what) = 0;
  /// Told on rank 0 when a case failed or could not be prepared on any rank: what the ranks share for it, such as the
  /// identity of a communicator, must not be used again.
  virtual void forget() {}
};

}  // namespace gpubench::collective
