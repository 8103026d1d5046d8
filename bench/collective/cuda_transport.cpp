#include "bench/collective/cuda_transport.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace gpubench::collective {

namespace {

class cuda_collective final : public prepared_collective {
 public:
  explicit cuda_collective(std::unique_ptr<bench::prepared_case> ready) : ready_(std::move(ready)) {}

  double sample_ns() override { return ready_->sample().count(); }
  results::verification verify() override { return ready_->verify(); }
  std::map<std::string, std::string> method() override { return ready_->method(); }

 private:
  std::unique_ptr<bench::prepared_case> ready_;
};

}  // namespace

cuda_transport::cuda_transport(const bench::cuda_backend& gpus, messenger& between, const results::environment& machine)
    : gpus_(gpus), between_(between), machine_{machine} {
  if (!gpus.devices.empty()) gpu_ = between.local_rank() % static_cast<int>(gpus.devices.size());
}

int cuda_transport::ranks() const {
  return several() ? between_.ranks() : static_cast<int>(gpus_.devices.size());
}

std::string cuda_transport::device() const {
  if (several() || ranks() < 2) return "gpu";
  return fmt::format("gpu0-{}", ranks() - 1);
}

const bench::benchmark_definition* cuda_transport::find(collective_kind kind) const {
  for (const auto& definition : gpus_.benchmarks) {
    if (definition.name == name_of(kinds, kind)) return &definition;
  }
  return nullptr;
}

results::parameters cuda_transport::module_parameters(const collective_case& what) const {
  results::parameters values{{"bytes", static_cast<std::int64_t>(what.bytes)},
                             {"ranks", std::int64_t{what.ranks}},
                             {"type", std::string(name_of(types, what.type))},
                             {"operation", std::string(name_of(reductions, what.operation))},
                             {"placement", std::string(name_of(placements, what.where))}};
  if (what.kind == collective_kind::pair_exchange) values.emplace_back("round", std::int64_t{what.round});
  if (!what.algorithm.empty()) values.emplace_back("algorithm", what.algorithm);
  if (!what.protocol.empty()) values.emplace_back("protocol", what.protocol);
  if (several()) {
    values.emplace_back("rank", std::int64_t{between_.rank()});
    values.emplace_back("gpu", std::int64_t{gpu_});
    values.emplace_back("communicator", id_of_case_.empty() ? std::string("none yet") : id_of_case_);
  }
  return values;
}

std::optional<std::string> cuda_transport::unavailable(const collective_case& what) const {
  const auto* definition = find(what.kind);
  if (definition == nullptr) return fmt::format("the CUDA module has no {}", name_of(kinds, what.kind));
  // With one visible GPU the launcher has given each rank its own.
  const auto gpus = static_cast<int>(gpus_.devices.size());
  if (several() && gpus > 1 && between_.local_rank() >= gpus)
    return fmt::format("more ranks on this machine than its {} GPUs", gpus);
  return definition->unavailable(module_parameters(what), machine_);
}

std::unique_ptr<prepared_collective> cuda_transport::prepare(const collective_case& what) {
  if (several()) {
    // Rank 0 decides whether the communicator is good for this case; its text tells the others.
    // What is forced is forced for one collective only.
    const bool forced = !what.algorithm.empty() || !what.protocol.empty();
    const std::string wanted =
        forced ? fmt::format("{} {} {}", name_of(kinds, what.kind), what.algorithm, what.protocol) : std::string();
    if (between_.is_root() && (id_.empty() || id_for_ != wanted)) {
      try {
        id_ = gpus_.new_communicator_id();
        id_for_ = wanted;
      } catch (const error&) {
        id_.clear();  // said below, on all ranks alike
      }
    }
    id_of_case_ = broadcast_text(between_, id_);
    if (id_of_case_.empty()) throw error(error_kind::collective, "NCCL gave no identity for a communicator");
  }
  return std::make_unique<cuda_collective>(find(what.kind)->prepare(module_parameters(what), machine_));
}

}  // namespace gpubench::collective
