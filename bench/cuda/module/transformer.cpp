#include "kernels/transformer.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/decoder_check.hpp"
#include "bench/cuda/module/decoder_layer.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/transformer_cases.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "models/transformer_layer.hpp"

#include <utility>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::storage;
using models::transformer_layer_shape;

struct transformer_description {
  bool decode;
  storage type;
  models::precision precision;
  const char* name;
  const char* precision_name;
  const char* text;
};

constexpr transformer_description descriptions[] = {
    {false, storage::bf16, models::precision::bf16, "transformer_layer_prefill_bf16", "bf16",
     "One decoder layer on sequences of `length` tokens in bf16, by cuBLASLt and cuDNN"},
    {false, storage::fp16, models::precision::fp16, "transformer_layer_prefill_fp16", "fp16",
     "One decoder layer on sequences of `length` tokens in fp16, by cuBLASLt and cuDNN"},
    {true, storage::bf16, models::precision::bf16, "transformer_layer_decode_bf16", "bf16",
     "One decoder layer on one new token a sequence in bf16, with kv_len tokens in the cache, by cuBLASLt"},
    {true, storage::fp16, models::precision::fp16, "transformer_layer_decode_fp16", "fp16",
     "One decoder layer on one new token a sequence in fp16, with kv_len tokens in the cache, by cuBLASLt"},
};

bool fits(const transformer_layer_shape& s, storage type, const device_properties& device) {
  const double weights = models::parameter_count(s) * kernels::bytes_of(type);
  const double cache = 2.0 * static_cast<double>(s.batch * s.kv_len * s.kv_width()) * kernels::bytes_of(type);
  const double ends = 2.0 * static_cast<double>(s.rows() * s.hidden) * kernels::bytes_of(type);
  return fits_device(weights + cache + ends + decoder_layer::buffer_bytes(s, type), device);
}

class transformer_case final : public prepared_case {
 public:
  transformer_case(const transformer_layer_shape& s, storage type, const device_properties& device)
      : type_(type),
        timer_(device, "a transformer layer"),
        stored_weights_(random_decoder_weights(s, type, 0, timer_.stream())),
        weights_(addresses_of(stored_weights_)),
        cache_(s, type, 0, timer_.stream()),
        layer_(s, type, device, timer_, weights_, cache_),
        input_(random_values(type, s.rows() * s.hidden, 1, timer_.stream())),
        output_(input_.bytes()) {
    // Once as it is, so that all code is loaded before it is captured.
    enqueue();
    wait_for(timer_.stream(), "a transformer layer");
    pass_ = captured_work(timer_.stream(), [this] { enqueue(); });
    pass_.launch(timer_.stream());
    layer_.poison();
    GPUBENCH_CUDA(cudaMemsetAsync(output_.data(), 0xff, output_.bytes(), timer_.stream()));
    wait_for(timer_.stream(), "a transformer layer");
  }

  sample_times sample() override {
    return timer_.cold([this] { pass_.launch(timer_.stream()); });
  }

  verification verify() override {
    return {
        "query, key, value, attention and output of three tokens of the last sequence against a second implementation "
        "in double precision, in units of what rounding to the type explains",
        decoder_error(layer_, weights_, cache_, {input_.data(), output_.data()}), 1};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    for (auto& note : layer_.notes()) result.push_back(std::move(note));
    result.emplace_back("launch", "one graph of " + std::to_string(pass_.nodes()) + " nodes");
    return result;
  }

 private:
  void enqueue() {
    layer_.enqueue(weights_, cache_, input_.data(), nullptr);
    kernels::launch_add(type_, layer_.sum(), layer_.delta(), output_.data(),
                        layer_.shape().rows() * layer_.shape().hidden, timer_.stream());
  }

  storage type_;
  timer timer_;
  stored_decoder_weights stored_weights_;
  decoder_weights weights_;
  decoder_cache cache_;
  decoder_layer layer_;
  device_buffer input_, output_;
  captured_work pass_;
};

class transformer_benchmark final : public benchmark {
 public:
  explicit transformer_benchmark(const transformer_description& described) : described_(described) {}

  /// Decoding reads every weight for a few tokens: memory decides.
  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision_name,
            described_.decode ? GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH : GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            3.0};
  }

  gpubench_module_work work(const parameters& values) const override {
    const auto shape = layer_shape_of(described_.decode, values);
    return token_work(models::transformer_layer_forward(shape, described_.precision), shape);
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    using sizes = sequence_sizes;
    sizes wanted;
    // bf16 is what today's models run in; fp16 waits for the full suite.
    const bool common = described_.type == storage::bf16;
    if (common || suite == GPUBENCH_MODULE_FULL) wanted = described_.decode ? sizes{{32, 4096}} : sizes{{1, 2048}};
    const auto append = [&](const sizes& more) { wanted.insert(wanted.end(), more.begin(), more.end()); };
    if (common && suite != GPUBENCH_MODULE_QUICK) {
      append(described_.decode ? sizes{{1, 1024}, {8, 1024}} : sizes{{4, 4096}});
    }
    if (suite == GPUBENCH_MODULE_FULL) {
      append(described_.decode ? sizes{{1, 4096}, {1, 32768}, {64, 8192}, {128, 2048}}
                               : sizes{{1, 512}, {1, 128}, {8, 2048}, {1, 8192}, {1, 32768}});
    }
    return llama_layer_cases(described_.decode, wanted,
                             [&](const transformer_layer_shape& s) { return fits(s, described_.type, device); });
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto shape = layer_shape_of(described_.decode, values);
    if (!fits(shape, described_.type, device)) return "weights and activations do not fit the device's memory";
    return decoder_unavailable(shape, described_.type, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<transformer_case>(layer_shape_of(described_.decode, values), described_.type, device);
  }

 private:
  transformer_description described_;
};

const registration<transformer_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
