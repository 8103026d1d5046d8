#include "bench/cuda/module/transformer_cases.hpp"

#include "models/transformer.hpp"

namespace gpubench::cuda {

namespace {

const char* length_name(bool decode) {
  return decode ? "kv_len" : "length";
}

}  // namespace

models::transformer_layer_shape layer_shape_of(bool decode, const parameters& values) {
  models::transformer_layer_shape s;
  s.batch = positive_parameter(values, "batch");
  s.kv_len = positive_parameter(values, length_name(decode));
  s.tokens = decode ? 1 : s.kv_len;
  s.hidden = positive_parameter(values, "hidden");
  s.heads = positive_parameter(values, "heads");
  s.kv_heads = positive_parameter(values, "kv_heads");
  s.head_dim = positive_parameter(values, "head_dim");
  s.ffn = positive_parameter(values, "ffn");
  return s;
}

std::vector<parameters> llama_layer_cases(bool decode, const sequence_sizes& sizes,
                                          const std::function<bool(const models::transformer_layer_shape&)>& fits) {
  const auto& m = models::llama3_8b_shape;
  std::vector<parameters> result;
  for (const auto& [batch, length] : sizes) {
    const auto values = make_parameters({{"batch", batch},
                                         {length_name(decode), length},
                                         {"hidden", m.hidden},
                                         {"heads", m.heads},
                                         {"kv_heads", m.kv_heads},
                                         {"head_dim", m.head_dim},
                                         {"ffn", m.ffn}});
    if (result.empty() || fits(layer_shape_of(decode, values))) result.push_back(values);
  }
  return result;
}

gpubench_module_work token_work(const std::vector<models::network_operator>& operators,
                                const models::transformer_layer_shape& shape) {
  const auto total = models::total_work(operators);
  gpubench_module_work result{};
  result.has_flop = result.has_bytes = result.has_items = 1;
  result.flop = total.flop;
  result.bytes = total.bytes;
  result.items = static_cast<double>(shape.rows());
  result.item = "token";
  return result;
}

}  // namespace gpubench::cuda
