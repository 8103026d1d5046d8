#include "reference/transformer.hpp"

#include "bench/host/operands.hpp"
#include "bench/host/transformer_layer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::bench::host {
namespace {

class transformer_case : public prepared_case {
 public:
  transformer_case(const transformer_layer_shape& shape, int threads) : layer_(shape, threads) {}

  std::chrono::duration<double, std::nano> sample() override {
    return time_of([this] { layer_.run(); });
  }

  results::verification verify() override {
    const auto& s = layer_.shape();
    // The last token sees every other; one in the middle must not see those after it.
    double error = 0;
    for (const std::int64_t token : {s.tokens / 2, s.tokens - 1}) {
      const std::int64_t row = (s.batch - 1) * s.tokens + token;
      const float* first = layer_.output().data() + row * s.hidden;
      const std::vector<double> actual(first, first + s.hidden);
      error = std::max(error,
                       relative_deviation(actual, reference::transformer_token(layer_.sequence(s.batch - 1), token)));
      if (s.tokens == 1) break;
    }
    return {fmt::format("output of {} of the last sequence against a second implementation in double precision, "
                        "relative to its root mean square",
                        s.tokens == 1 ? "the token" : "the last and the middle token"),
            error, 1e-4};
  }

 private:
  transformer_layer layer_;
};

/// Llama-3-8B. Source: "The Llama 3 Herd of Models", arXiv 2407.21783, table 3.
results::parameters with_llama_shape(results::parameters given) {
  const results::parameters shape{{"hidden", 4096}, {"heads", 32}, {"kv_heads", 8}, {"head_dim", 128}, {"ffn", 14336}};
  given.insert(given.end(), shape.begin(), shape.end());
  return given;
}

std::vector<results::parameters> prefill_cases(suite s) {
  std::vector<results::parameters> cases{with_llama_shape({{"batch", 1}, {"length", 128}})};
  if (s != suite::quick) cases.push_back(with_llama_shape({{"batch", 1}, {"length", 512}}));
  if (s == suite::full) cases.push_back(with_llama_shape({{"batch", 1}, {"length", 2048}}));
  return cases;
}

std::vector<results::parameters> decode_cases(suite s) {
  std::vector<results::parameters> cases{with_llama_shape({{"batch", 1}, {"kv_len", 1024}})};
  if (s != suite::quick) cases.push_back(with_llama_shape({{"batch", 8}, {"kv_len", 1024}}));
  if (s == suite::full) {
    for (const std::int64_t batch : {1, 32}) cases.push_back(with_llama_shape({{"batch", batch}, {"kv_len", 4096}}));
  }
  return cases;
}

benchmark_definition definition_of(bool decode) {
  benchmark_definition definition;
  definition.name = decode ? "transformer_layer_decode_fp32" : "transformer_layer_prefill_fp32";
  definition.description =
      decode ? "One Llama-3-8B layer on one new token a sequence, with kv_len tokens in the cache, by OpenBLAS"
             : "One Llama-3-8B layer on sequences of `length` tokens, by OpenBLAS";
  definition.backend = "host";
  definition.cases = [decode](suite s, const machine&) { return decode ? decode_cases(s) : prefill_cases(s); };
  definition.work = [](const results::parameters& values) {
    const auto shape = transformer_layer_of(values);
    const auto work = models::total_work(models::transformer_layer_forward(shape, models::precision::fp32));
    return results::work_done{work.flop, work.bytes, static_cast<double>(shape.rows()), "token"};
  };
  definition.unavailable = [](const results::parameters& values, const machine& where) -> std::optional<std::string> {
    if (const auto reason = openblas_unavailable()) return reason;
    return lacks_memory(where, memory_bytes(transformer_layer_of(values)));
  };
  definition.prepare = [](const results::parameters& values, const machine& where) -> std::unique_ptr<prepared_case> {
    return std::make_unique<transformer_case>(transformer_layer_of(values), where.threads);
  };
  definition.overhead = [](const results::parameters&, const machine&) { return std::chrono::duration<double>(1.5); };
  // Decode reads every weight for a single token: memory decides.
  definition.peak = decode ? benchmark_definition::peak_kind::memory_bandwidth : benchmark_definition::peak_kind::dense;
  definition.precision = models::precision::fp32;
  return definition;
}

const registration prefill_registered{definition_of(false)};
const registration decode_registered{definition_of(true)};

}  // namespace
}  // namespace gpubench::bench::host
