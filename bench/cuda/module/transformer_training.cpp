#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/decoder_training.hpp"
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

constexpr const char* what = "a training step of a transformer layer";

struct training_description {
  storage type;
  models::precision precision;
  const char* name;
  const char* precision_name;
  const char* text;
};

constexpr training_description descriptions[] = {
    {storage::bf16, models::precision::bf16, "transformer_layer_training_bf16", "bf16",
     "Whole training step of one decoder layer on sequences of `length` tokens in mixed precision with bf16, by "
     "cuBLASLt and cuDNN: forward, backward, AdamW"},
};

bool fits(const transformer_layer_shape& s, storage type, const device_properties& device) {
  return fits_device(decoder_training::memory_bytes(s, type), device);
}

class transformer_training_case final : public prepared_case {
 public:
  transformer_training_case(const transformer_layer_shape& s, storage type, const device_properties& device)
      : timer_(device, what), training_(s, type, device, timer_) {
    // Once as it is, so that all code is loaded before it is captured.
    training_.enqueue();
    wait_for(timer_.stream(), what);
    captured_ = captured_work(timer_.stream(), [this] { training_.enqueue(); });
    // The graph's first launch loads it, which must not happen behind the timer's blocking kernel.
    captured_.launch(timer_.stream());
    wait_for(timer_.stream(), what);
    training_.poison();
    training_.remember();
  }

  sample_times sample() override {
    training_.remember();
    return step();
  }

  verification verify() override {
    const auto errors = training_.errors();
    std::string compared =
        "query, key, value, attention and output of three tokens, each step of the backward pass at four tokens or "
        "sixteen entries, and moments, weights and copies in up to 512 pieces, against double precision, in units of "
        "what rounding explains";
    if (const auto wrong = errors.wrong(); !wrong.empty()) compared += "; wrong: " + wrong;
    return {compared, errors.worst(), 1};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    for (auto& note : training_.notes()) result.push_back(std::move(note));
    result.emplace_back("launch", "one graph of " + std::to_string(captured_.nodes()) + " nodes");
    return result;
  }

 private:
  sample_times step() {
    return timer_.cold([this] { captured_.launch(timer_.stream()); });
  }

  timer timer_;
  decoder_training training_;
  captured_work captured_;
};

class transformer_training_benchmark final : public benchmark {
 public:
  explicit transformer_training_benchmark(const training_description& described) : described_(described) {}

  /// Tuning tries some hundred algorithms of twelve products, and checking reads all weights and activations.
  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.precision_name,
            GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            7.0};
  }

  gpubench_module_work work(const parameters& values) const override {
    const auto shape = layer_shape_of(false, values);
    return token_work(models::transformer_layer_training_step(shape, described_.precision), shape);
  }

  /// None in the quick suite, since it takes seconds to tune and to check.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    sequence_sizes wanted;
    if (suite != GPUBENCH_MODULE_QUICK) wanted = {{1, 4096}};
    if (suite == GPUBENCH_MODULE_FULL) wanted = {{1, 4096}, {4, 4096}, {8, 1024}, {1, 1024}, {1, 16384}};
    return llama_layer_cases(false, wanted,
                             [&](const transformer_layer_shape& s) { return fits(s, described_.type, device); });
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto shape = layer_shape_of(false, values);
    if (!fits(shape, described_.type, device)) {
      return "weights, their optimiser's state and the activations do not fit the device's memory";
    }
    return decoder_training_unavailable(shape, described_.type, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<transformer_training_case>(layer_shape_of(false, values), described_.type, device);
  }

 private:
  training_description described_;
};

const registration<transformer_training_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
