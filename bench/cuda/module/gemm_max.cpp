// The highest rate of matrix products: a search over shapes of one volume m n k, of which the fastest is measured.
//
// All shapes have the same FLOP, so that the work is known before the search and every sample counts the same.
#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/gemm_cases.hpp"
#include "bench/cuda/module/gemm_choice.hpp"
#include "bench/cuda/module/gemm_operands.hpp"
#include "bench/cuda/module/race.hpp"
#include "bench/cuda/module/timer.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace gpubench::cuda {

namespace {

using kernels::gemm_shape;
using kernels::storage;
using std::chrono::steady_clock;

struct search_description {
  storage type;
  const char* name;
  const char* precision;
  const char* text;
};

constexpr search_description descriptions[] = {
    {storage::fp64, "gemm_max_fp64", "fp64", "Highest rate of matrix products in double precision, over shapes"},
    {storage::fp32, "gemm_max_fp32", "fp32", "Highest rate of matrix products in single precision, over shapes"},
    {storage::tf32, "gemm_max_tf32", "tf32", "Highest rate of matrix products on TF32 tensor cores, over shapes"},
    {storage::fp16, "gemm_max_fp16", "fp16", "Highest rate of matrix products in fp16, over shapes"},
    {storage::bf16, "gemm_max_bf16", "bf16", "Highest rate of matrix products in bf16, over shapes"},
    {storage::int8, "gemm_max_int8", "int8", "Highest rate of matrix products of int8 into int32, over shapes"},
    {storage::fp8_e4m3, "gemm_max_fp8", "fp8", "Highest rate of matrix products of e4m3 into bf16, over shapes"},
    {storage::fp4, "gemm_max_fp4", "fp4", "Highest rate of matrix products in block-scaled e2m1, over shapes"},
};

constexpr std::size_t most_shapes = 128;
constexpr auto search_budget = std::chrono::milliseconds(2500);
constexpr auto refine_budget = std::chrono::milliseconds(1000);
constexpr auto settled = std::chrono::milliseconds(50);
constexpr std::size_t refined_shapes = 3;

class search_case final : public prepared_case {
 public:
  search_case(const std::string& name, const std::vector<gemm_shape>& shapes, const device_properties& device)
      : timer_(device, name),
        context_(device, timer_.stream()),
        operands_(shapes.front().type, shapes, timer_.stream()) {
    const auto start = steady_clock::now();
    const auto places = race(
        shapes.size(), [&](std::size_t i) { return quick_time(shapes[i], {}); },
        [&](std::size_t i) { return quick_time(shapes[i], settled); },
        [&](double share) { return steady_clock::now() - start > share * search_budget; });
    if (places.empty()) throw failure(GPUBENCH_MODULE_UNSUPPORTED, "cuBLASLt has no algorithm for any of the shapes");
    tried_ = places.size();
    std::size_t refined = 0;
    for (auto place = places.begin(); place != places.end() && refined < refined_shapes; ++place) {
      if (refine(shapes[place->contestant])) ++refined;
    }
    if (!chosen_) throw failure(GPUBENCH_MODULE_UNSUPPORTED, "cuBLASLt runs none of the shapes");
    operands_.ready(chosen_->shape);
  }

  sample_times sample() override {
    const auto buffers = operands_.buffers();
    return timer_.cold([&] { chosen_->product.enqueue(buffers.a, buffers.b, buffers.c); });
  }

  verification verify() override { return operands_.verify(chosen_->shape); }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    for (const auto& note : operands_.notes()) result.push_back(note);
    result.emplace_back("shape", text_of(chosen_->shape));
    result.emplace_back("shapes_tried", std::to_string(tried_) + " of one volume");
    if (refused_ > 0) result.emplace_back("shapes_left_out", std::to_string(refused_) + " that cuBLASLt does not take");
    for (const auto& note : chosen_->notes()) result.push_back(note);
    return result;
  }

 private:
  /// With the heuristics' first guess, in the layout that all types have: of one run, or settled.
  std::optional<double> quick_time(const gemm_shape& shape, std::optional<std::chrono::nanoseconds> enough) {
    const auto time = unless_unsupported([&] {
      matmul product(context_, operands_.problem(both_layouts(shape).back()), 1);
      if (!awake_) wake_up(timer_, product, operands_.buffers());
      awake_ = true;
      return enough ? settled_time_of(timer_, product, operands_.buffers(), *enough)
                    : time_of(timer_, product, operands_.buffers());
    });
    if (!time || !*time) {
      ++refused_;
      return std::nullopt;
    }
    return *time;
  }

  /// Tries all algorithms in both layouts and keeps the shape when it beats those before.
  /// @return false when cuBLASLt turns out to take none of them
  bool refine(const gemm_shape& shape) {
    auto found = unless_unsupported(
        [&] { return choose_gemm(timer_, context_, operands_, both_layouts(shape), refine_budget); });
    if (!found) {
      ++refused_;
      return false;
    }
    if (!chosen_ || found->choice.time_ns < chosen_->choice.time_ns) chosen_.emplace(std::move(*found));
    return true;
  }

  timer timer_;
  matmul_context context_;
  gemm_operands operands_;
  std::optional<chosen_gemm> chosen_;
  std::size_t tried_ = 0, refused_ = 0;
  bool awake_ = false;
};

class search_benchmark final : public benchmark {
 public:
  explicit search_benchmark(const search_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision,
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            4.0};
  }

  /// 2 FLOP for each of the m n k multiply-adds; the bytes depend on the shape that is found.
  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_flop = 1;
    result.flop = 2 * static_cast<double>(positive_parameter(values, "mnk"));
    return result;
  }

  /// Not in the quick suite, whose squares come near; of the standard suite in what neural networks run in.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    const bool standard = described_.type == storage::bf16 || described_.type == storage::fp8_e4m3;
    if (suite == GPUBENCH_MODULE_QUICK || (suite == GPUBENCH_MODULE_STANDARD && !standard)) return {};
    return {make_parameters({{"mnk", gemm_search_volume(described_.type, device)}})};
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto shapes = shapes_for(values, device);
    if (shapes.empty()) return "no shapes with this volume, m and n multiples of 128 and k of 64, fit the device";
    return gemm_unavailable(shapes.front(), device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<search_case>(described_.name, shapes_for(values, device), device);
  }

 private:
  std::vector<gemm_shape> shapes_for(const parameters& values, const device_properties& device) const {
    auto shapes = shapes_of_volume(described_.type, positive_parameter(values, "mnk"), most_shapes);
    while (!shapes.empty() && !gemm_fits(shapes, device)) shapes.pop_back();
    return shapes;
  }

  search_description described_;
};

const registration<search_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
