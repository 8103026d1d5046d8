#pragma once

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/copy_lanes.hpp"
#include "bench/cuda/module/host_placement.hpp"
#include "bench/cuda/module/timer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// What a case copies and how.
struct copy_request {
  std::string name;  ///< in messages
  std::vector<copy_lane> plan;
  copy_engine engine = copy_engine::copy_engine;
  host_kind host = host_kind::pinned;
  std::int64_t bytes = 0;  ///< of each lane's copy; a multiple of 16
};

/// Copies of one plan, timed on the device of its first lane.
class copy_case final : public prepared_case {
 public:
  /// @param lead  the device of the first lane
  /// @throws failure
  copy_case(copy_request request, const device_properties& lead);

  sample_times sample() override;
  verification verify() override;
  std::optional<double> clock_hertz() const override { return timer_->clock_hertz(); }
  method_notes notes() const override;

 private:
  bool through_host() const;
  bool with_host() const;
  sample_times take();
  std::vector<kernels::launch_shape> shapes() const;
  void load_kernels();
  void choose_shape();
  void add_places(method_notes& notes) const;

  copy_request request_;
  device_properties lead_;
  bool peers_reach_each_other_ = true;
  near_host near_;
  std::string cpu_affinity_;
  std::optional<timer> timer_;
  std::optional<copy_lanes> lanes_;
  kernels::launch_shape shape_;
  int copies_ = 1, interfering_ = 2;
  coverage covered_;  ///< in the last take
  double least_covered_ = 1;
};

}  // namespace gpubench::cuda
