#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn_attention.hpp"
#include "bench/cuda/module/cudnn_case.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/sampled_place.hpp"
#include "kernels/attention_check.hpp"
#include "models/operators.hpp"

#include <algorithm>
#include <array>

namespace gpubench::cuda {

namespace {

using kernels::attention_problem;
using kernels::storage;

enum class attention_kind { forward, decode, backward };

struct attention_description {
  storage type;
  attention_kind kind;
  const char* name;
  const char* precision;
  const char* text;
};

constexpr attention_description descriptions[] = {
    {storage::fp16, attention_kind::forward, "attention_forward_fp16", "fp16", "Flash attention in fp16 by cuDNN"},
    {storage::bf16, attention_kind::forward, "attention_forward_bf16", "bf16", "Flash attention in bf16 by cuDNN"},
    {storage::fp16, attention_kind::decode, "attention_decode_fp16", "fp16",
     "Attention of one new token a sequence to its cached keys and values, in fp16 by cuDNN"},
    {storage::bf16, attention_kind::decode, "attention_decode_bf16", "bf16",
     "Attention of one new token a sequence to its cached keys and values, in bf16 by cuDNN"},
    {storage::fp16, attention_kind::backward, "attention_backward_fp16", "fp16",
     "Gradients of flash attention in fp16 by cuDNN"},
    {storage::bf16, attention_kind::backward, "attention_backward_bf16", "bf16",
     "Gradients of flash attention in bf16 by cuDNN"},
};

dnn::attention_shape shape_of(const attention_problem& p) {
  return {p.batch, p.heads, p.kv_heads, p.q_len, p.kv_len, p.head_dim, p.causal};
}

dnn::plan_rules rules() {
  dnn::plan_rules result;
  result.tensor_cores = dnn::tensor_cores::required;
  return result;
}

/// Rows that take a fraction of a second to compute apart.
std::int64_t rows_to_check(std::int64_t products_each) {
  constexpr std::int64_t products_in_all = 1 << 25;
  return std::clamp<std::int64_t>(products_in_all / products_each, 4, 32);
}

class attention_forward_case final : public cudnn_case {
 public:
  attention_forward_case(const attention_problem& problem, const device_properties& device)
      : cudnn_case(device, "attention"),
        problem_(problem),
        graph_(dnn::attention_forward(shape_of(problem), dnn::element_of(problem.type))) {
    allocate(graph_.operations);
    fill(graph_.q, problem.type, kernels::attention_q);
    fill(graph_.k, problem.type, kernels::attention_k);
    fill(graph_.v, problem.type, kernels::attention_v);
    choose(rules(), {graph_.o, graph_.statistics});
  }

  verification verify() override {
    const auto& p = problem_;
    const std::int64_t rows = rows_to_check(2 * p.kv_len * p.head_dim);
    const auto features = static_cast<std::uint64_t>(p.head_dim);
    worst_error worst;
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::int64_t batch = sampled(i, 1, p.batch);
      const std::int64_t head = sampled(i, 2, p.heads);
      const std::int64_t query = sampled(i, 3, p.q_len);
      const auto expected = kernels::reference_output(p, batch, head, query);
      worst.add(expected.row.error_of(values(graph_.o, kernels::query_at(p, batch, head, query), features)));
      const auto at = static_cast<std::uint64_t>((batch * p.heads + head) * p.q_len + query);
      const double tolerance = 4 * kernels::attention_blur * (1 + std::abs(expected.statistic));
      worst.add(std::abs(value(graph_.statistics, at) - expected.statistic) / tolerance);
    }
    return {std::to_string(rows) + " output rows against double precision, in units of their rounding bound",
            worst.get(), 1};
  }

 private:
  attention_problem problem_;
  dnn::attention_forward_graph graph_;
};

class attention_backward_case final : public cudnn_case {
 public:
  attention_backward_case(const attention_problem& problem, const device_properties& device)
      : cudnn_case(device, "attention's gradients"),
        problem_(problem),
        graph_(dnn::attention_backward(shape_of(problem), dnn::element_of(problem.type))) {
    allocate(graph_.operations);
    fill(graph_.q, problem.type, kernels::attention_q);
    fill(graph_.k, problem.type, kernels::attention_k);
    fill(graph_.v, problem.type, kernels::attention_v);
    fill(graph_.output_gradient, problem.type, kernels::attention_do);
    fill(graph_.o, problem.type, kernels::attention_o);
    std::vector<float> statistics(static_cast<std::size_t>(problem.batch * problem.heads * problem.q_len));
    for (std::size_t i = 0; i < statistics.size(); ++i) statistics[i] = kernels::attention_statistic(problem, i);
    copy_in(graph_.statistics, statistics);
    choose(rules(), {graph_.dq, graph_.dk, graph_.dv});
    zero_as_needed(graph_.dq_sums, graph_.dq);
  }

  verification verify() override {
    const auto& p = problem_;
    const auto features = static_cast<std::uint64_t>(p.head_dim);
    worst_error worst;
    const std::int64_t queries = rows_to_check(3 * p.kv_len * p.head_dim);
    for (std::int64_t i = 0; i < queries; ++i) {
      const std::int64_t batch = sampled(i, 1, p.batch);
      const std::int64_t head = sampled(i, 2, p.heads);
      const std::int64_t query = sampled(i, 3, p.q_len);
      const auto expected = kernels::reference_query_gradient(p, batch, head, query);
      worst.add(expected.error_of(values(graph_.dq, kernels::query_at(p, batch, head, query), features)));
    }
    const std::int64_t keys = rows_to_check(5 * p.q_len * p.group() * p.head_dim);
    for (std::int64_t i = 0; i < keys; ++i) {
      const std::int64_t batch = sampled(i, 4, p.batch);
      const std::int64_t head = sampled(i, 5, p.kv_heads);
      const std::int64_t key = sampled(i, 6, p.kv_len);
      const auto expected = kernels::reference_key_gradients(p, batch, head, key);
      const auto at = kernels::key_at(p, batch, head, key);
      worst.add(expected.dk.error_of(values(graph_.dk, at, features)));
      worst.add(expected.dv.error_of(values(graph_.dv, at, features)));
    }
    return {std::to_string(queries) + " rows of dQ and " + std::to_string(keys) +
                " of dK and dV against double precision, in units of their rounding bound",
            worst.get(), 1};
  }

 private:
  attention_problem problem_;
  dnn::attention_backward_graph graph_;
};

class attention_benchmark final : public benchmark {
 public:
  explicit attention_benchmark(const attention_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    const auto peak = decodes() ? GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH : GPUBENCH_MODULE_PEAK_DENSE;
    return {described_.name, described_.text, described_.precision, peak, GPUBENCH_MODULE_ONE_DEVICE, 2.5};
  }

  /// As models::work_of counts it: with a causal mask only what is seen, the gradients 2.5 times the forward FLOP.
  gpubench_module_work work(const parameters& values) const override {
    const auto p = problem_of(values);
    const models::attention shape{p.batch, p.q_len, p.kv_len, p.heads, p.kv_heads, p.head_dim, p.causal, backward()};
    const auto counted = models::work_of(shape, *models::parse_precision(described_.precision));
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = 1;
    result.flop = counted.flop;
    result.bytes = counted.bytes;
    return result;
  }

  /// Heads and head_dim of an 8-billion-parameter Llama 3 first; then full attention as BERT-large has it.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    std::vector<parameters> result;
    const auto add = [&](std::int64_t batch, std::int64_t heads, std::int64_t kv_heads, std::int64_t q_len,
                         std::int64_t kv_len, std::int64_t head_dim, const char* mask) {
      auto values = make_parameters({{"batch", batch},
                                     {"heads", heads},
                                     {"kv_heads", kv_heads},
                                     {"q_len", q_len},
                                     {"kv_len", kv_len},
                                     {"head_dim", head_dim}});
      add_text_parameter(values, "mask", mask);
      if (fits(problem_of(values), device)) result.push_back(values);
    };
    const bool first = described_.type == storage::bf16;
    if (suite == GPUBENCH_MODULE_QUICK && (!first || backward())) return result;
    if (decodes()) {
      // Bound by memory, and so the same in fp16.
      if (suite == GPUBENCH_MODULE_STANDARD && !first) return result;
      add(64, 32, 8, 1, 4096, 128, "none");
      if (suite == GPUBENCH_MODULE_QUICK) return result;
      add(1, 32, 8, 1, 32768, 128, "none");
      if (suite == GPUBENCH_MODULE_STANDARD) return result;
      add(16, 32, 8, 1, 16384, 128, "none");
      add(256, 32, 8, 1, 1024, 128, "none");
      return result;
    }
    add(4, 32, 8, 4096, 4096, 128, "causal");
    if (suite == GPUBENCH_MODULE_QUICK || (suite == GPUBENCH_MODULE_STANDARD && !first)) return result;
    add(16, 16, 16, 512, 512, 64, "none");
    if (suite == GPUBENCH_MODULE_STANDARD) return result;
    add(16, 32, 8, 1024, 1024, 128, "causal");
    add(1, 32, 8, 16384, 16384, 128, "causal");
    add(4, 32, 32, 4096, 4096, 128, "none");
    if (!backward()) add(4, 32, 8, 512, 8192, 128, "causal");  // a further piece of a long prompt
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const auto p = problem_of(values);
    const auto mask = text_parameter(values, "mask").value_or("");
    if (mask != "causal" && mask != "none") return "mask is causal or none";
    if (p.heads % p.kv_heads != 0) return "kv_heads must divide heads";
    if (p.head_dim % 8 != 0) return "cuDNN wants a head_dim that is a multiple of 8";
    if (p.causal && p.q_len > p.kv_len) return "with a causal mask there are no more queries than keys";
    if (decodes() && p.q_len != 1) return "decoding has one query a sequence";
    if (backward() && p.q_len == 1) return "cuDNN has no gradient of a single query";
    // cuDNN's fused attention: support matrix of the graph API's "Fused Flash Attention".
    if (!device.at_least(8, 0)) {
      return "cuDNN's flash attention comes with compute capability 8.0; this device has " + device.compute_capability;
    }
    if (!fits(p, device)) return "the tensors and a workspace do not fit the device's memory";
    return cudnn_cannot(described_.type, true, device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const auto problem = problem_of(values);
    if (backward()) return std::make_unique<attention_backward_case>(problem, device);
    return std::make_unique<attention_forward_case>(problem, device);
  }

 private:
  bool decodes() const { return described_.kind == attention_kind::decode; }
  bool backward() const { return described_.kind == attention_kind::backward; }

  attention_problem problem_of(const parameters& values) const {
    attention_problem p;
    p.type = described_.type;
    p.batch = positive_parameter(values, "batch");
    p.heads = positive_parameter(values, "heads");
    p.kv_heads = positive_parameter(values, "kv_heads");
    p.q_len = positive_parameter(values, "q_len");
    p.kv_len = positive_parameter(values, "kv_len");
    p.head_dim = positive_parameter(values, "head_dim");
    p.causal = text_parameter(values, "mask").value_or("") == "causal";
    return p;
  }

  bool fits(const attention_problem& p, const device_properties& device) const {
    const double queries = static_cast<double>(p.batch * p.heads * p.q_len) * static_cast<double>(p.head_dim);
    const double keys = static_cast<double>(p.batch * p.kv_heads * p.kv_len) * static_cast<double>(p.head_dim);
    // Q and O, K and V; with gradients dO and each one's gradient, and dQ's sums in fp32.
    const double bytes = backward() ? 2 * (4 * queries + 4 * keys) + 4 * queries : 2 * (2 * queries + 2 * keys);
    const double workspace = static_cast<double>(dnn::plan_rules{}.workspace_limit_bytes);
    return fits_device(bytes + workspace, device);
  }

  attention_description described_;
};

const registration<attention_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
