#pragma once

#include "bench/cuda/module/copy_plan.hpp"
#include "bench/cuda/module/owners.hpp"
#include "kernels/launch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

enum class host_kind { pinned, pageable };
enum class copy_engine { copy_engine, multiprocessors };

/// One end of a lane, in a device's memory or the host's, of whole words of 8 bytes.
class copy_buffer {
 public:
  /// Host memory is touched here, and so lies near the CPUs that the calling thread may run on.
  /// @param place  a device or on_host
  copy_buffer(int place, host_kind kind, std::size_t bytes);

  /// Its address for copies and, unless it is pageable host memory, for kernels.
  void* data() const noexcept { return data_; }
  int place() const noexcept { return place_; }

  /// The words of a lane; on a device this is enqueued on `stream`, which is that device's.
  void fill(std::uint64_t lane, cudaStream_t stream) const;
  /// 0xff bytes, which no word of a lane is.
  void poison(cudaStream_t stream) const;

  /// Words that are not those of a lane. On the host every one is looked at by the CPU, on a device every one by a
  /// kernel and 16 pages of 4 KiB, the first and the last among them, by the CPU as well.
  std::uint64_t wrong_words(std::uint64_t lane, cudaStream_t stream) const;

 private:
  std::uint64_t wrong_on_device(std::uint64_t lane, cudaStream_t stream) const;
  std::uint64_t wrong_in_pages(std::uint64_t lane) const;

  int place_;
  std::uint64_t words_;
  device_buffer on_device_;
  pinned_buffer pinned_;
  std::vector<std::uint64_t> pageable_;
  void* data_ = nullptr;
};

/// The buffers, streams and events of all lanes of a plan.
class copy_lanes {
 public:
  /// Fills the sources and poisons the destinations. Host memory lies near the device that moves it.
  /// @param lead  the first lane's stream, on its device, which is current; its work is what the caller times
  copy_lanes(const std::vector<copy_lane>& plan, host_kind kind, copy_engine engine, std::size_t bytes,
             cudaStream_t lead);

  /// Enqueues `copies` of each counted lane, the first one's on the lead stream, and `interfering` of each other one.
  /// Every lane waits for the lead stream to come to this point; the lead stream goes on when all counted lanes are
  /// done. Waits for nothing.
  /// @param shape  of kernels
  void enqueue(int copies, int interfering, const kernels::launch_shape& shape) const;

  /// One copy of the first lane by a copy engine, whose device is current: the runtime's call and nothing else.
  void enqueue_first_copy() const;

  /// Waits until all lanes are done.   @throws failure: hung
  void wait(const std::string& what) const;

  /// How each lane that is not counted lay in the `window_ns` from the last enqueue() on: the least of all.
  coverage covered(double window_ns) const;

  void poison_destinations() const;
  std::uint64_t wrong_words() const;

  bool has_interference() const;

 private:
  /// Start and stop of a lane as the lead device sees them: events of two devices have no time between them.
  struct witness {
    stream_owner stream;
    event_owner start, stop;
  };
  struct lane_state {
    copy_lane plan;
    copy_buffer source, destination;
    stream_owner stream;  ///< none for the first lane
    event_owner start, stop;
    std::optional<witness> seen;  ///< of a lane that is not counted
  };
  cudaStream_t stream_of(std::size_t lane) const;
  void enqueue_copies(std::size_t lane, int copies, const kernels::launch_shape& shape) const;

  copy_engine engine_;
  std::size_t bytes_;
  cudaStream_t lead_;
  event_owner go_;
  std::vector<lane_state> lanes_;
};

}  // namespace gpubench::cuda
