// Time of predicting lists of operators on one core, loading excluded: a network's, which repeat layer by layer and are
// priced once with their count, and 300 of which no two are alike, on a GPU that was measured, whose points are asked
// at every shape, and on one that was not.
#include "models/lowering.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/language_model.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "predictor/gpu_model.hpp"
#include "predictor/network_time.hpp"

namespace {

using namespace gpubench;
using models::precision;
using predictor::launch;
using predictor::operator_call;

constexpr int operators = 300;

const std::string data_directory = std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data";

const profiles::catalogue& catalogue() {
  static const profiles::catalogue known = profiles::load_catalogue(data_directory);
  return known;
}

const predictor::operator_calibration& calibration() {
  static const auto known = predictor::load_operator_calibration(data_directory);
  return known;
}

/// The i-th of a family: sizes go through the octaves that networks have, no two of a list alike.
operator_call matrix_product(int i) {
  return {models::gemm{16 << (i % 9), 1024 + 128 * (i % 37), 1024 + 256 * (i % 13)}, precision::bf16, launch::captured};
}
operator_call batched_product(int i) {
  return {models::gemm{128 + 8 * i, 128 << (i % 4), 64, 16 + i}, precision::fp16, launch::captured};
}
operator_call element_wise(int i) {
  const double elements = 4096.0 * (256 + 64 * i);
  return {models::streaming{3 * 4 * elements, elements}, precision::fp32, launch::eager};
}
operator_call row_operation(int i) {
  using kind = models::row_operation::kind;
  return {models::row_operation{i % 2 ? kind::softmax : kind::layer_norm, 512 + 32 * i, 256 << (i % 5)},
          precision::fp32, launch::eager};
}
operator_call convolution(int i) {
  models::convolution c;
  c.n = 8 << (i % 4);
  c.c_in = c.c_out = 64 << (i % 3);
  c.height = c.width = 7 + i;
  c.kernel = i % 2 ? 3 : 1;
  c.padding = i % 2;
  return {c, precision::fp32, launch::eager};
}
operator_call prompt(int i) {
  return {models::attention{1 + i % 8, 512 + 64 * i, 512 + 64 * i, 32, 8, 128}, precision::bf16, launch::captured};
}
operator_call decoding(int i) {
  return {models::attention{1 << (i % 8), 1, 1024 + 128 * i, 32, 8, 128}, precision::bf16, launch::captured};
}

constexpr operator_call (*families[])(int) = {matrix_product, batched_product, element_wise, row_operation,
                                              convolution,    prompt,          decoding};

std::vector<operator_call> mixture() {
  std::vector<operator_call> calls;
  for (int i = 0; i < operators; ++i) calls.push_back(families[i % std::size(families)](i / 7));
  return calls;
}

std::vector<operator_call> only(operator_call (*one)(int)) {
  std::vector<operator_call> calls;
  for (int i = 0; i < operators; ++i) calls.push_back(one(i));
  return calls;
}

void predict(benchmark::State& state, const std::string& gpu, const std::vector<operator_call>& calls) {
  const predictor::gpu_model model(predictor::traits_of_gpu(gpu, catalogue()), calibration());
  for (auto _ : state) {
    predictor::estimate_sum sum;
    for (const operator_call& call : calls) sum.add(model.time(call));
    benchmark::DoNotOptimize(sum.total().seconds);
  }
  state.counters["operators"] = static_cast<double>(calls.size());
  state.counters["seconds_per_operator"] = benchmark::Counter(
      static_cast<double>(calls.size()), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void with_points(benchmark::State& state) {
  predict(state, "A100-PCIe-40GB", mixture());
}
void without_points(benchmark::State& state) {
  predict(state, "L40S", mixture());
}
/// A decoder's forward pass as a framework launches it: lowered and priced.
void network(benchmark::State& state, const std::string& gpu) {
  const predictor::gpu_model model(predictor::traits_of_gpu(gpu, catalogue()), calibration());
  models::network_request request;
  request.shape = profiles::find_language_model(profiles::load_language_models(data_directory), "llama3-8b").shape;
  request.sequence = 2048;
  request.numerics = models::numerics::bf16;
  request.attention = models::attention_kind::flash;
  request.head = models::network_head::lm;
  double launched = 0;
  for (auto _ : state) {
    const auto list = models::lower(request);
    benchmark::DoNotOptimize(predictor::device_time(list, model).total().seconds);
    launched = models::launch_count(list);
  }
  state.counters["operators"] = launched;
}
void one_family(benchmark::State& state, operator_call (*family)(int)) {
  predict(state, "A100-SXM4-80GB", only(family));
}

BENCHMARK_CAPTURE(network, measured_gpu, "A100-SXM4-80GB")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(network, other_gpu, "L40S")->Unit(benchmark::kMicrosecond);
BENCHMARK(with_points)->Unit(benchmark::kMicrosecond);
BENCHMARK(without_points)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_family, matrix_product, matrix_product)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_family, batched_product, batched_product)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_family, element_wise, element_wise)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_family, row_operation, row_operation)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_family, convolution, convolution)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_family, prompt, prompt)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_family, decoding, decoding)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
