#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn_case.hpp"
#include "bench/cuda/module/decoder_check.hpp"
#include "bench/cuda/module/decoder_layer.hpp"
#include "bench/cuda/module/matmul_choice.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/transformer.cuh"
#include "models/transformer.hpp"
#include "models/transformer_layer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "reference/deviation.hpp"
#include "reference/transformer.hpp"

namespace gpubench::cuda {

namespace {

using kernels::storage;
using models::transformer_layer_shape;

constexpr auto type = storage::bf16;
constexpr const auto& model = models::llama3_8b_shape;

struct llama_description {
  bool decode;
  const char* name;
  const char* text;
};

constexpr llama_description descriptions[] = {
    {false, "llama3_8b_prefill_bf16",
     "Model of Llama-3-8B's shape in bf16 on prompts of `length` tokens: 32 layers with weights of their own, "
     "embedding "
     "and output head"},
    {true, "llama3_8b_decode_bf16",
     "Model of Llama-3-8B's shape in bf16 on one new token a sequence, with kv_len tokens in the cache: 32 layers with "
     "weights of their own, embedding and output head"},
};

transformer_layer_shape shape_of(bool decode, const parameters& values) {
  const std::int64_t batch = positive_parameter(values, "batch");
  const std::int64_t kv_len = positive_parameter(values, decode ? "kv_len" : "length");
  return {batch, decode ? 1 : kv_len, kv_len, model.hidden, model.heads, model.kv_heads, model.head_dim, model.ffn};
}

double memory_bytes(const transformer_layer_shape& s) {
  const double cached = static_cast<double>(s.batch * s.kv_len);
  // The layers' input; two more such matrices when the result is checked.
  const double ends = static_cast<double>(3 * s.rows() * s.hidden + s.batch * (s.hidden + model.vocabulary));
  return models::parameter_count(model) * kernels::bytes_of(type) +
         models::kv_bytes_per_token(model, models::precision::bf16) * cached + decoder_layer::buffer_bytes(s, type) +
         ends * kernels::bytes_of(type) + decoder_layer::product_workspace_bytes;
}

bool fits(const transformer_layer_shape& s, const device_properties& device) {
  return fits_device(memory_bytes(s), device);
}

class llama_case final : public prepared_case {
 public:
  llama_case(const transformer_layer_shape& s, const device_properties& device)
      : shape_(s),
        timer_(device, "a pass of an 8-billion-parameter model"),
        table_(random_values(type, model.vocabulary * model.hidden, 2, timer_.stream())),
        head_weights_(filled(type, model.vocabulary * model.hidden, linear_fill(model.hidden, 3), timer_.stream())),
        final_norm_(filled(type, model.hidden, norm_fill(4), timer_.stream())),
        x_(values(s.rows(), model.hidden)),
        normed_(values(s.batch, model.hidden)),
        logits_(values(s.batch, model.vocabulary)),
        context_(device, timer_.stream()),
        head_(head_product()) {
    for (std::int64_t l = 0; l < model.layers; ++l) {
      stored_weights_.push_back(random_decoder_weights(s, type, static_cast<std::uint64_t>(l), timer_.stream()));
      weights_.push_back(addresses_of(stored_weights_.back()));
      caches_.emplace_back(s, type, static_cast<std::uint64_t>(l), timer_.stream());
    }
    choose_tokens();
    layer_ = std::make_unique<decoder_layer>(s, type, device, timer_, weights_.front(), caches_.front());
    for (std::size_t l = 1; l < caches_.size(); ++l) layer_->bind(caches_[l]);
    enqueue_fill(type, normed_.data(), s.batch * model.hidden, {5, 0, 1}, timer_.stream());
    choose_fastest(timer_, {&head_}, {normed_.data(), head_weights_.data(), logits_.data()},
                   std::chrono::milliseconds(250));
    // Once as it is, so that all code is loaded before it is captured.
    enqueue();
    wait();
    pass_ = captured_work(timer_.stream(), [this] { enqueue(); });
    pass_.launch(timer_.stream());
    layer_->poison();
    GPUBENCH_CUDA(cudaMemsetAsync(logits_.data(), 0xff, logits_.bytes(), timer_.stream()));
    wait();
  }

  sample_times sample() override {
    return timer_.cold([this] { pass_.launch(timer_.stream()); });
  }

  /// The scores of the timed pass, against the output head in double precision on what a second, slower pass left, of
  /// which the first and the last layer are checked from their own inputs.
  verification verify() override {
    const std::int64_t last = shape_.batch - 1;
    const auto scores = fetch(type, logits_.data(), last * model.vocabulary, model.vocabulary);
    const device_buffer before(x_.bytes()), after(x_.bytes());
    enqueue_embedding();
    const void* x = x_.data();
    const void* delta = nullptr;
    worst_error worst;
    for (std::size_t l = 0; l < weights_.size(); ++l) {
      const bool checked = l == 0 || l + 1 == weights_.size();
      if (checked) add(x, delta, before);
      layer_->enqueue(weights_[l], caches_[l], x, delta);
      x = layer_->sum();
      delta = layer_->delta();
      if (!checked) continue;
      add(x, delta, after);
      wait();
      worst.add(decoder_error(*layer_, weights_[l], caches_[l], {before.data(), after.data()}));
    }
    worst.add(head_error(scores, after));
    return {
        "query, key, value, attention and output of three tokens in the first and the last layer, and all scores of "
        "the "
        "last sequence, against a second implementation in double precision, in units of what rounding to bf16 "
        "explains",
        worst.get(), 1};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    for (auto& note : layer_->notes()) result.push_back(std::move(note));
    result.emplace_back("launch", "one graph of " + std::to_string(pass_.nodes()) + " nodes");
    return result;
  }

 private:
  static device_buffer values(std::int64_t rows, std::int64_t width) {
    return device_buffer(values_bytes(type, rows * width));
  }

  matmul head_product() {
    matmul_problem problem;
    problem.m = shape_.batch;
    problem.n = model.vocabulary;
    problem.k = model.hidden;
    problem.a = problem.b = problem.c = type;
    problem.b_transposed = true;
    return matmul(context_, problem);
  }

  void choose_tokens() {
    std::vector<std::int32_t> tokens;
    for (std::int64_t row = 0; row < shape_.rows(); ++row) {
      const std::uint64_t bits = kernels::mix_bits(static_cast<std::uint64_t>(row));
      tokens.push_back(static_cast<std::int32_t>(bits % static_cast<std::uint64_t>(model.vocabulary)));
    }
    tokens_ = uploaded(tokens.data(), tokens.size() * sizeof(std::int32_t), timer_.stream());
  }

  void wait() const { wait_for(timer_.stream(), "a pass of an 8-billion-parameter model"); }

  void enqueue_embedding() {
    kernels::launch_embedding(type, table_.data(), tokens_.as<std::int32_t>(), x_.data(), shape_.rows(), model.hidden,
                              timer_.stream());
  }

  /// sum = x + delta; x alone where delta is null.
  void add(const void* x, const void* delta, const device_buffer& sum) {
    if (delta != nullptr) {
      kernels::launch_add(type, x, delta, sum.data(), shape_.rows() * model.hidden, timer_.stream());
    } else {
      GPUBENCH_CUDA(cudaMemcpyAsync(sum.data(), x, sum.bytes(), cudaMemcpyDeviceToDevice, timer_.stream()));
    }
    GPUBENCH_CUDA(cudaGetLastError());
  }

  /// The head runs for the last token of each sequence.
  void enqueue() {
    enqueue_embedding();
    const void* x = x_.data();
    const void* delta = nullptr;
    for (std::size_t l = 0; l < weights_.size(); ++l) {
      layer_->enqueue(weights_[l], caches_[l], x, delta);
      x = layer_->sum();
      delta = layer_->delta();
    }
    kernels::rms_norm_arguments with;
    with.x = x;
    with.delta = delta;
    with.scale = final_norm_.data();
    with.normed = normed_.data();
    with.rows = {shape_.batch, shape_.tokens - 1, shape_.tokens};
    with.hidden = model.hidden;
    with.epsilon = models::llama3_norm_epsilon;
    kernels::launch_rms_norm(type, with, timer_.stream());
    head_.enqueue(normed_.data(), head_weights_.data(), logits_.data());
    GPUBENCH_CUDA(cudaGetLastError());
  }

  /// @param output  of the last layer
  double head_error(const std::vector<float>& scores, const device_buffer& output) const {
    const auto row = fetch(type, output.data(), (shape_.rows() - 1) * model.hidden, model.hidden);
    const auto scale = fetch(type, final_norm_.data(), 0, model.hidden);
    const auto normed = reference::rms_normalized({row.begin(), row.end()}, scale.data());
    // In parts: all weights of the head as floats are 2 GB.
    constexpr std::int64_t parts = 16, rows = model.vocabulary / parts;
    static_assert(model.vocabulary % parts == 0);
    std::vector<double> expected;
    for (std::int64_t part = 0; part < parts; ++part) {
      const auto weights = fetch(type, head_weights_.data(), part * rows * model.hidden, rows * model.hidden);
      const auto some = reference::linear(weights.data(), 0, rows, normed);
      expected.insert(expected.end(), some.begin(), some.end());
    }
    return reference::relative_deviation({scores.begin(), scores.end()}, expected) / rounding_allowance(type, 10);
  }

  transformer_layer_shape shape_;
  timer timer_;
  device_buffer table_, head_weights_, final_norm_, tokens_, x_, normed_, logits_;
  std::vector<stored_decoder_weights> stored_weights_;
  std::vector<decoder_weights> weights_;
  std::vector<decoder_cache> caches_;
  std::unique_ptr<decoder_layer> layer_;
  matmul_context context_;
  matmul head_;
  captured_work pass_;
};

class llama_benchmark final : public benchmark {
 public:
  explicit llama_benchmark(const llama_description& described) : described_(described) {}

  /// Decoding reads every weight for a few tokens: memory decides.
  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            "bf16",
            described_.decode ? GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH : GPUBENCH_MODULE_PEAK_DENSE,
            GPUBENCH_MODULE_ONE_DEVICE,
            8.0};
  }

  /// All but the softmax over the scores, which belongs to sampling.
  gpubench_module_work work(const parameters& values) const override {
    const auto s = shape_of(described_.decode, values);
    auto operators = described_.decode
                         ? models::transformer_decode_step(model, s.batch, s.kv_len, models::precision::bf16)
                         : models::transformer_forward(model, s.batch, s.kv_len, models::precision::bf16, 1, false);
    operators.erase(std::remove_if(operators.begin(), operators.end(),
                                   [](const models::network_operator& one) { return one.name == "softmax"; }),
                    operators.end());
    const auto total = models::total_work(operators);
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = result.has_items = 1;
    result.flop = total.flop;
    result.bytes = total.bytes;
    result.items = static_cast<double>(s.rows());
    result.item = "token";
    return result;
  }

  /// None in the quick suite: 16 GB of weights take seconds to make and to check.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    using sizes = std::vector<std::pair<std::int64_t, std::int64_t>>;  // batch and length
    sizes wanted;
    if (suite != GPUBENCH_MODULE_QUICK) wanted = described_.decode ? sizes{{1, 2048}, {32, 2048}} : sizes{{1, 2048}};
    if (suite == GPUBENCH_MODULE_FULL) {
      const sizes more = described_.decode ? sizes{{8, 2048}, {64, 4096}, {128, 2048}, {1, 8192}}
                                           : sizes{{1, 512}, {8, 2048}, {1, 8192}};
      wanted.insert(wanted.end(), more.begin(), more.end());
    }
    std::vector<parameters> result;
    for (const auto& [batch, length] : wanted) {
      const auto values = make_parameters({{"batch", batch}, {described_.decode ? "kv_len" : "length", length}});
      // The first one stays where nothing fits, to say why.
      if (result.empty() || fits(shape_of(described_.decode, values), device)) result.push_back(values);
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto s = shape_of(described_.decode, values);
    if (!fits(s, device)) {
      return "all 32 layers with their cache need " + std::to_string(static_cast<int>(memory_bytes(s) / 1e9)) +
             " GB of device memory, and a part of the model is no figure of it";
    }
    return decoder_unavailable(s, type, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<llama_case>(shape_of(described_.decode, values), device);
  }

 private:
  llama_description described_;
};

const registration<llama_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
