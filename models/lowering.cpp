#include "models/lowering.hpp"

#include "core/error.hpp"
#include "models/framework_kernels.hpp"
#include "models/serving_step.hpp"
#include "models/transformer_shape.hpp"

namespace gpubench::models {
namespace {

using input = framework_kernels::input;

// One device's part of a pass.
class pass_of_families {
 public:
  explicit pass_of_families(const network_request& request)
      : r_(request),
        run_(request),
        share_(share_of(request.shape, request.tensor_parallel)),
        tokens_(request.batch * request.sequence),
        range_(stage_layers(model_.layers, request.pipeline_stages, request.pipeline_stage)),
        layers_(static_cast<double>(range_.count())) {}

  std::vector<network_operator> operators() {
    if (r_.first_stage()) start();
    run_.mask();
    switch (model_.family) {
      case transformer_family::bert:
        bert_layers();
        break;
      case transformer_family::gpt2:
      case transformer_family::opt:
        gpt_layers();
        break;
      case transformer_family::llama:
        llama_layers();
        break;
    }
    if (r_.last_stage()) end();
    return run_.finish();
  }

  double parameters() const { return run_.parameters(); }

 private:
  std::int64_t query_width() const { return run_.heads() * model_.head_dim; }
  std::int64_t key_width() const { return run_.kv_heads() * model_.head_dim; }
  double hidden_elements() const { return static_cast<double>(tokens_) * static_cast<double>(model_.hidden); }
  bool normalises_first() const { return model_.family != transformer_family::bert; }

  void start() {
    run_.embedding();
    if (!normalises_first()) run_.norm(tokens_, model_.hidden, 1, false);
    if (model_.family != transformer_family::opt) run_.dropout(hidden_elements(), run_.wide_bytes(), 1);
  }

  void separate_projections(bool biases, double count) {
    run_.linear("query projection", tokens_, model_.hidden, query_width(), biases, count);
    run_.linear("key projection", tokens_, model_.hidden, key_width(), biases, count);
    run_.linear("value projection", tokens_, model_.hidden, key_width(), biases, count);
    // Three matrices read the same input: their gradients of it are added.
    if (r_.trains() && r_.execution == execution::eager)
      run_.elementwise("sum of gradients", hidden_elements(), 2 * run_.wide_bytes(), run_.wide_bytes(), 2 * count);
  }

  void output_projection(bool bias) {
    run_.linear("output projection", tokens_, query_width(), model_.hidden, bias, layers_, input::narrow);
  }

  void feed_forward() {
    run_.linear("feed-forward up", tokens_, model_.hidden, share_.ffn, true, layers_);
    run_.activation(tokens_, share_.ffn, layers_);
    run_.linear("feed-forward down", tokens_, share_.ffn, model_.hidden, true, layers_, input::narrow);
  }

  void close_block() {
    run_.dropout(hidden_elements(), run_.narrow_bytes(), layers_);
    run_.residual(tokens_, layers_);
  }

  // Each block: branch, dropout, residual, normalisation.
  void bert_layers() {
    separate_projections(true, layers_);
    run_.attention_block(layers_);
    output_projection(true);
    close_block();
    run_.norm(tokens_, model_.hidden, layers_, true);
    feed_forward();
    close_block();
    run_.norm(tokens_, model_.hidden, layers_, true);
  }

  // Each block: normalisation, branch, dropout, residual. Compiled, all normalisations but a stage's first stand behind
  // a residual.
  void gpt_layers() {
    leading_norms();
    if (model_.family == transformer_family::gpt2) {
      run_.linear("qkv projection", tokens_, model_.hidden, query_width() + 2 * key_width(), true, layers_);
    } else {
      separate_projections(true, layers_);
    }
    run_.attention_block(layers_);
    output_projection(true);
    close_block();
    feed_forward();
    close_block();
  }

  void llama_layers() {
    leading_norms();
    for (const layer_group& group : layer_groups(model_, range_.first, range_.last)) {
      const auto count = static_cast<double>(group.count);
      if (model_.latent.kv_rank > 0) {
        run_.latent_attention(count);
        run_.linear("output projection", tokens_, run_.heads() * model_.latent.value_dim, model_.hidden,
                    model_.output_bias, count, input::narrow);
      } else {
        llama_attention(group.local, count);
      }
      run_.residual(tokens_, count);
      if (group.mixture) {
        run_.mixture(count);
      } else {
        llama_feed_forward(count);
      }
      run_.residual(tokens_, count);
    }
  }

  void llama_attention(bool local, double count) {
    separate_projections(model_.projection_biases, count);
    if (model_.query_key_norm) {
      run_.norm(tokens_ * run_.heads(), model_.head_dim, count, false);
      run_.norm(tokens_ * run_.kv_heads(), model_.head_dim, count, false);
    }
    if (model_.wide_query_key_norm) {
      run_.norm(tokens_, query_width(), count, false);
      run_.norm(tokens_, key_width(), count, false);
    }
    if (model_.positions == 0) run_.rotary(count);
    run_.attention_block(count, local);
    if (model_.sinks) run_.weights(static_cast<double>(run_.heads()) * count, count);
    run_.linear("output projection", tokens_, query_width(), model_.hidden, model_.output_bias, count, input::narrow);
  }

  void llama_feed_forward(double count) {
    if (model_.gated_ffn) {
      run_.linear("gate projection", tokens_, model_.hidden, share_.ffn, false, count);
      run_.linear("up projection", tokens_, model_.hidden, share_.ffn, false, count);
      run_.gated_activation(tokens_, share_.ffn, count);
    } else {
      run_.linear("up projection", tokens_, model_.hidden, share_.ffn, model_.biases, count);
      run_.activation(tokens_, share_.ffn, count);
    }
    run_.linear("down projection", tokens_, share_.ffn, model_.hidden, model_.biases, count, input::narrow);
  }

  void leading_norms() {
    run_.norm(tokens_, model_.hidden, 1, false);
    const double others = static_cast<double>(model_.norms_per_layer) * layers_ - 1;
    run_.norm(tokens_, model_.hidden, others, true);
  }

  void end() {
    if (normalises_first()) run_.norm(tokens_, model_.hidden, 1, true);
    const bool bert = !normalises_first();
    const auto width = model_.embedding_width > 0 ? model_.embedding_width : model_.hidden;
    if (model_.embedding_width > 0) run_.linear("embedding projection", tokens_, model_.hidden, width, false, 1);
    switch (r_.head) {
      case network_head::none:
        if (bert) run_.pooler();
        return;
      case network_head::lm:
      case network_head::pretraining:
        if (bert) {
          run_.linear("head transform", tokens_, model_.hidden, model_.hidden, true, 1);
          run_.activation(tokens_, model_.hidden, 1);
          run_.norm(tokens_, model_.hidden, 1, false);
        }
        run_.linear("output head", tokens_, width, share_.vocabulary, bert, 1);
        if (model_.tied_embeddings && r_.first_stage())  // the table is the embedding's: counted there
          run_.weights(-static_cast<double>(width) * static_cast<double>(share_.vocabulary), -1);
        if (r_.head == network_head::pretraining) {
          run_.pooler();
          run_.linear("next-sentence classifier", r_.batch, model_.hidden, 2, true, 1);
        }
        if (r_.trains()) run_.loss(tokens_, share_.vocabulary, !bert);
        return;
      case network_head::classification:
        if (bert) run_.pooler();
        run_.linear("classifier", bert ? r_.batch : tokens_, model_.hidden, 2, bert, 1);
        if (r_.trains()) run_.loss(r_.batch, 2, false);
        return;
    }
  }

  network_request r_;
  const transformer& model_ = r_.shape;
  framework_kernels run_;
  tensor_parallel_share share_;
  std::int64_t tokens_;
  layer_range range_;
  double layers_;
};

/// What frameworks are not lowered for.
void require_trainable(const transformer& model) {
  const char* const hint = "served it is: predict --cases with serve=";
  const bool special = model.experts.experts > 0 || model.latent.kv_rank > 0 || model.local.window > 0;
  if (special && model.family != transformer_family::llama)
    throw error(error_kind::usage,
                std::string(to_string(model.family)) + " has no experts, latents or windows in its implementations",
                "these are parts of decoders of the llama family");
  if (model.linear.value_heads > 0)
    throw error(error_kind::usage, "eager or compiled execution of a model with linear attention is not modelled",
                hint);
  if (model.latent.index_keys > 0)
    throw error(error_kind::usage, "eager or compiled execution of latent attention over chosen keys is not modelled",
                hint);
}

}  // namespace

std::vector<network_operator> lower(const network_request& request) {
  require_valid(request);
  if (request.execution == execution::engine) return engine_forward(request);
  require_trainable(request.shape);
  return pass_of_families(request).operators();
}

double device_parameters(const network_request& request) {
  require_valid(request);
  require_trainable(request.shape);
  auto eager = request;
  eager.execution = execution::eager;
  pass_of_families pass(eager);
  pass.operators();
  return pass.parameters();
}

double launch_count(const std::vector<network_operator>& network) {
  double count = 0;
  for (const auto& op : network) count += op.count;
  return count;
}

}  // namespace gpubench::models
