#include "models/transformer.hpp"

#include "models/transformer_shape.hpp"

namespace gpubench::models {
namespace {

double to_double(std::int64_t value) {
  return static_cast<double>(value);
}

}  // namespace

activation_function activation_of(const transformer& model) {
  return model.activation.value_or(model.gated_ffn ? activation_function::silu : activation_function::gelu);
}

double trainable_parameters(const transformer& model, const training_method& method) {
  if (!method.lora) return parameter_count(model);
  require_valid(method);
  double layer = 0;
  for (const auto& matrix : layer_matrices(model, 1))
    layer += to_double(method.lora_rank) * (to_double(matrix.inputs) + to_double(matrix.outputs));
  return to_double(model.layers) * layer;
}

double activation_bytes(const transformer& model, std::int64_t batch, std::int64_t length,
                        const training_method& method, std::int64_t tensor_parallel) {
  require_valid(model, batch, length, tensor_parallel);
  const auto share = share_of(model, tensor_parallel);
  const double tokens = to_double(batch) * to_double(length);
  const double hidden = to_double(model.hidden), ffn = to_double(share.ffn);
  const double query = to_double(share.heads * model.head_dim), key_value = to_double(share.kv_heads * model.head_dim);
  // Models with biases (BERT, GPT) train with dropout, whose mask is a byte; Llama-like ones without.
  const double dropout = model.biases ? 1 : 0;

  // Two bytes an element. On every device: inputs of both normalisations, of the projections and of the feed-forward
  // block, and two dropout masks.
  const double replicated = hidden * (4 + 2 + 2 + 2 * dropout);
  // Split: queries, keys, values and the output projection's input; and of the feed-forward block the activation's
  // input and output, or with gating the gate, its SiLU, the other branch and their product.
  const double split = 2 * query + 4 * key_value + 2 * query + 2 * ffn * (model.gated_ffn ? 4 : 2);
  const double layer = tokens * (replicated + split);

  const double layers = to_double(model.layers);
  const double all_layers = method.recompute_activations ? layers * 2 * tokens * hidden + layer : layers * layer;
  // Section 4.3: the embedding's dropout mask, the inputs of the last normalisation and of the output head, and the
  // logits in fp32.
  const double ends = tokens * (hidden * (4 + dropout) + 4 * to_double(share.vocabulary));
  return all_layers + ends;
}

}  // namespace gpubench::models
