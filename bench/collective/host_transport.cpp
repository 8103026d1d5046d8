#include "bench/collective/host_transport.hpp"

#include "bench/clock.hpp"
#include "bench/collective/host_buffers.hpp"
#include "core/error.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>

namespace gpubench::collective {

namespace {

gpubench_mpi_collective call_of(const collective_case& what, int rank) {
  const auto layout = what.layout();
  gpubench_mpi_collective call{};
  call.kind = static_cast<std::int32_t>(what.kind);
  call.type = static_cast<std::int32_t>(what.type);
  call.operation = static_cast<std::int32_t>(what.operation);
  call.in_place = what.where == placement::in_place ? 1 : 0;
  call.partner = kernels::pair_partner(rank, what.ranks, what.round);
  call.block = layout.block;
  return call;
}

class host_collective final : public prepared_collective {
 public:
  host_collective(const collective_case& what, const mpi_world& world)
      : what_(what), world_(world), buffers_(what, world.rank()), call_(call_of(what, world.rank())) {
    call_.send = buffers_.send();
    call_.receive = buffers_.receive();
  }

  double sample_ns() override {
    const int launches = launches_per_sample(what_.bytes);
    const auto start = bench::steady_now();
    for (int i = 0; i < launches; ++i) run();
    const std::chrono::duration<double, std::nano> passed = bench::steady_now() - start;
    ran_ = true;
    return passed.count() / launches;
  }

  results::verification verify() override {
    // In place each run computes on what the one before left, so that one more on fresh operands is checked.
    const bool again = what_.where == placement::in_place && ran_;
    if (again) {
      buffers_.fill();
      run();
    }
    return {again ? "wrong elements of one more run on fresh operands, all against the closed form bit for bit"
                  : "wrong elements, all against the closed form bit for bit",
            static_cast<double>(buffers_.wrong_elements()), 0};
  }

  std::map<std::string, std::string> method() override {
    return {{"operands", kernels::reduces(what_.kind) ? "small random integers" : "random bits"},
            {"cache_state", "hot"},
            {"library", world_.library()}};
  }

 private:
  void run() const {
    if (world_.table().run(&call_) != 0) throw error(error_kind::collective, world_.table().last_error());
  }

  collective_case what_;
  const mpi_world& world_;
  host_buffers buffers_;
  gpubench_mpi_collective call_;
  bool ran_ = false;
};

}  // namespace

std::optional<std::string> host_transport::unavailable(const collective_case& what) const {
  if (!what.algorithm.empty() || !what.protocol.empty()) return "MPI's algorithms are not chosen through gpubench";
  if (what.where == placement::in_place && !can_be_in_place(what.kind)) return "not offered in place";
  const auto call = call_of(what, world_.rank());
  if (const char* why = world_.table().unavailable(&call)) return why;
  const auto needed = static_cast<double>(memory_bytes(what.layout(), what.where));
  if (needed > usable_bytes_)
    return fmt::format("a rank needs {} and may use {}", format_bytes(needed), format_bytes(usable_bytes_));
  return std::nullopt;
}

std::unique_ptr<prepared_collective> host_transport::prepare(const collective_case& what) {
  return std::make_unique<host_collective>(what, world_);
}

}  // namespace gpubench::collective
