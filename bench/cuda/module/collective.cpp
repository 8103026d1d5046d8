#include "bench/collective/algorithms.hpp"
#include "bench/collective/shape.hpp"
#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/collective_case.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nccl.hpp"

#include <algorithm>

namespace gpubench::cuda {

namespace {

using collective::collective_kind;
using collective::element_type;
using collective::placement;
using collective::reduction;

struct collective_description {
  collective_kind kind;
  const char* name;
  const char* text;
};

constexpr collective_description descriptions[] = {
    {collective_kind::all_reduce, "all_reduce", "NCCL all-reduce over all GPUs: each gets the reduction of all"},
    {collective_kind::all_gather, "all_gather", "NCCL all-gather over all GPUs: each gets the data of all"},
    {collective_kind::reduce_scatter, "reduce_scatter",
     "NCCL reduce-scatter over all GPUs: each gets its part of the reduction of all"},
    {collective_kind::broadcast, "broadcast", "NCCL broadcast: all GPUs get the data of the first"},
    {collective_kind::reduce, "reduce", "NCCL reduce: the first GPU gets the reduction of all"},
    {collective_kind::all_to_all, "all_to_all", "NCCL all-to-all: each GPU sends another part of its data to each"},
    {collective_kind::send_recv, "send_recv", "NCCL send and receive: each GPU passes its data to the next"},
    {collective_kind::pair_exchange, "pair_exchange", "NCCL send and receive: GPUs swap their data in pairs"},
};

constexpr std::int64_t kib = 1 << 10, mib = 1 << 20, gib = 1 << 30;

int visible_gpus() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

/// The cases of one benchmark, smallest suite first.
class case_list {
 public:
  case_list(collective_kind kind, const device_properties& device)
      : kind_(kind), memory_bytes_(device.memory_bytes), ranks_(std::max(1, visible_gpus())) {}

  void add(std::int64_t bytes, element_type type = element_type::fp32, reduction operation = reduction::sum,
           placement where = placement::out_of_place, int round = 0,
           const collective::forced_algorithm* forced = nullptr) {
    if (where == placement::in_place && !collective::can_be_in_place(kind_)) return;
    // One GPU: a single case says why there is nothing to measure.
    if (ranks_ < 2 && !cases_.empty()) return;
    const auto size = collective::rounded_size(kind_, type, ranks_, static_cast<std::uint64_t>(bytes));
    const auto layout = collective::layout_of(kind_, type, operation, ranks_, size);
    const auto needed = static_cast<double>(collective::memory_bytes(layout, where));
    if (needed > usable_memory_fraction * memory_bytes_ && !cases_.empty()) return;
    parameters values = make_parameters({{"bytes", static_cast<std::int64_t>(size)}, {"ranks", ranks_}});
    add_text_parameter(values, "type", collective::name_of(collective::types, type));
    if (kernels::reduces(kind_))
      add_text_parameter(values, "operation", collective::name_of(collective::reductions, operation));
    add_text_parameter(values, "placement", collective::name_of(collective::placements, where));
    if (kind_ == collective_kind::pair_exchange) add_integer_parameter(values, "round", round);
    if (forced != nullptr) {
      add_text_parameter(values, "algorithm", forced->algorithm);
      add_text_parameter(values, "protocol", forced->protocol);
    }
    const bool known =
        std::any_of(cases_.begin(), cases_.end(), [&](const parameters& one) { return same(one, values); });
    if (!known) cases_.push_back(values);
  }

  int ranks() const { return ranks_; }
  std::vector<parameters> take() { return std::move(cases_); }

 private:
  static bool same(const parameters& a, const parameters& b) {
    if (a.count != b.count) return false;
    for (std::uint32_t i = 0; i < a.count; ++i) {
      const auto& x = a.values[i];
      const auto& y = b.values[i];
      const bool both_text = (x.text != nullptr) == (y.text != nullptr);
      if (std::string_view(x.name) != y.name || !both_text) return false;
      if (x.text != nullptr ? std::string_view(x.text) != y.text : x.value != y.value) return false;
    }
    return true;
  }

  collective_kind kind_;
  double memory_bytes_;
  int ranks_;
  std::vector<parameters> cases_;
};

class collective_benchmark final : public benchmark {
 public:
  explicit collective_benchmark(const collective_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    // Making a communicator of eight GPUs takes some seconds, but the next benchmark finds it ready.
    return {described_.name,
            described_.text,
            no_precision,
            GPUBENCH_MODULE_PEAK_PEER_LINK,
            GPUBENCH_MODULE_ALL_DEVICES,
            1.5};
  }

  gpubench_module_work work(const parameters& values) const override {
    const auto bytes = static_cast<double>(positive_parameter(values, "bytes"));
    const auto ranks = static_cast<int>(positive_parameter(values, "ranks"));
    gpubench_module_work result{};
    result.has_bytes = result.has_bus_bytes = 1;
    result.bytes = bytes;
    result.bus_bytes = bytes * collective::bus_factor(described_.kind, ranks);
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    case_list list(described_.kind, device);
    if (described_.kind == collective_kind::pair_exchange) {
      const int rounds = std::max(1, kernels::pair_rounds(list.ranks()));
      for (int round = 0; round < (suite == GPUBENCH_MODULE_QUICK ? 1 : rounds); ++round)
        list.add(64 * mib, element_type::fp32, reduction::sum, placement::out_of_place, round);
      return list.take();
    }
    const bool main_one = described_.kind == collective_kind::all_reduce;
    list.add(main_one ? gib : 256 * mib);
    if (suite == GPUBENCH_MODULE_QUICK) return list.take();
    for (const std::int64_t bytes : {std::int64_t{8}, 64 * kib, 16 * mib}) list.add(bytes);
    if (main_one) list.add(gib, element_type::bf16);
    if (suite == GPUBENCH_MODULE_STANDARD) return list.take();
    add_full(list);
    return list.take();
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    if (auto reason = nccl_unavailable()) return reason;
    const auto wanted = read_collective(described_.kind, values);
    if (wanted.layout.ranks < 2) return "one GPU: nothing to communicate";
    const int gpus = visible_gpus();
    if (wanted.id.empty() && wanted.layout.ranks > gpus)
      return std::to_string(wanted.layout.ranks) + " ranks in one process need as many GPUs; " + std::to_string(gpus) +
             " are visible";
    if (wanted.gpu >= gpus) return "GPU " + std::to_string(wanted.gpu) + " does not exist";
    const std::uint64_t step = collective::size_step(described_.kind, wanted.layout.type, wanted.layout.ranks);
    if (wanted.bytes % step != 0) return "bytes must be a multiple of " + std::to_string(step);
    if (wanted.where == placement::in_place && !collective::can_be_in_place(described_.kind))
      return "NCCL does not do it in place";
    if (kernels::reduces(described_.kind) && wanted.layout.operation == reduction::avg &&
        !kernels::is_floating(wanted.layout.type))
      return "averages are checked for floating-point types only";
    const auto needed = static_cast<double>(collective::memory_bytes(wanted.layout, wanted.where));
    if (needed > usable_memory_fraction * device.memory_bytes) return "the buffers do not fit a GPU's memory";
    return no_code_for(device);
  }

  bool uses(const parameters& values, const device_properties&, int other) const override {
    const auto wanted = read_collective(described_.kind, values);
    return wanted.id.empty() ? other < wanted.layout.ranks : other == wanted.gpu;
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties&) const override {
    return prepare_collective(read_collective(described_.kind, values));
  }

 private:
  /// All sizes, both placements, all types and reductions, all algorithms at three sizes.
  void add_full(case_list& list) const {
    for (std::int64_t bytes = 8; bytes <= 8 * gib; bytes *= 2) list.add(bytes);
    for (std::int64_t bytes = 8; bytes <= 8 * gib; bytes *= 16)
      list.add(bytes, element_type::fp32, reduction::sum, placement::in_place);
    for (const auto& type : collective::types) {
      list.add(256 * mib, type.value);
      if (!kernels::reduces(described_.kind)) continue;
      for (const auto& operation : collective::reductions) {
        if (operation.value != reduction::avg || kernels::is_floating(type.value))
          list.add(16 * mib, type.value, operation.value);
      }
    }
    for (const auto& forced : collective::algorithms_of(described_.kind)) {
      for (const std::int64_t bytes : {8 * kib, mib, 256 * mib})
        list.add(bytes, element_type::fp32, reduction::sum, placement::out_of_place, 0, &forced);
    }
  }

  collective_description described_;
};

const registration<collective_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
