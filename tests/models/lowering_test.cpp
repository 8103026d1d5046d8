#include "models/lowering.hpp"

#include "core/error.hpp"
#include "models/known_transformers.hpp"
#include "models/optimizer_step.hpp"

#include <gtest/gtest.h>

#include "tests/models/network_totals.hpp"

namespace gpubench::models {
namespace {

constexpr std::int64_t batch = 2, sequence = 4, tokens = batch * sequence;
constexpr double hidden_values = tokens * 8;

// Three layers of hidden 8, two heads of 4, inner width 32, ten words.
network_request small(transformer_family family) {
  network_request r;
  r.shape = shape_of({family, 3, 8, 2, 0, 32, 10});
  r.batch = batch;
  r.sequence = sequence;
  return r;
}

network_request training(transformer_family family, optimizer_kind optimizer = optimizer_kind::adam) {
  auto r = small(family);
  r.phase = phase::full_step;
  r.optimizer = optimizer;
  r.head = network_head::lm;
  return r;
}

constexpr transformer_family all_families[] = {transformer_family::bert, transformer_family::gpt2,
                                               transformer_family::opt, transformer_family::llama};
constexpr numerics all_types[] = {numerics::fp32, numerics::tf32,     numerics::fp16,
                                  numerics::bf16, numerics::fp16_amp, numerics::bf16_amp};

// What one layer adds: four layers less three.
double launches_a_layer(network_request r) {
  const double three = launch_count(lower(r));
  r.shape.layers = 4;
  return launch_count(lower(r)) - three;
}

TEST(lowering, launches_what_each_family_runs_eagerly) {
  // Query, key, value, three copies, scores, scale, mask, softmax, context, merged heads, output, residual, norm; up,
  // GELU, down, residual, norm.
  EXPECT_EQ(launches_a_layer(small(transformer_family::bert)), 20);
  // Two norms, one projection, three copies, scores, scale, mask and two constants, softmax, context, merge, output,
  // residual; up, eight for the GELU, down, residual.
  EXPECT_EQ(launches_a_layer(small(transformer_family::gpt2)), 27);
  // Two norms, three projections, scaled queries, three copies, scores, mask, clamp, softmax, context, merge, output,
  // residual; up, ReLU, down, residual.
  EXPECT_EQ(launches_a_layer(small(transformer_family::opt)), 21);
  // Two norms of six, three projections, two rotations of five, three copies, scores, scale, mask, softmax, context,
  // merge, output, residual; gate, up, SiLU, product, down, residual.
  EXPECT_EQ(launches_a_layer(small(transformer_family::llama)), 42);
}

// Counted at PyTorch's dispatcher for such layers in training mode, views left out, with what is more than one kernel
// on a GPU: backward of LayerNorm two, of a slice a clear and a copy; forward and backward of dropout one each.
TEST(lowering, launches_what_autograd_runs) {
  const auto backward = [](transformer_family family, std::int64_t kv_heads, double dropouts) {
    auto r = small(family);
    r.shape.kv_heads = kv_heads;
    const double forward = launches_a_layer(r) + dropouts;
    r.phase = phase::forward_backward;
    return launches_a_layer(r) - forward;
  };
  EXPECT_EQ(backward(transformer_family::bert, 2, 3), 40);
  EXPECT_EQ(backward(transformer_family::gpt2, 2, 3), 43);
  EXPECT_EQ(backward(transformer_family::opt, 2, 2), 44);
  EXPECT_EQ(backward(transformer_family::llama, 2, 0), 78);
  EXPECT_EQ(backward(transformer_family::llama, 1, 0), 80);
}

TEST(lowering, launches_less_where_attention_is_one_kernel) {
  auto r = small(transformer_family::bert);
  r.attention = attention_kind::flash;
  // Without the copies and the seven kernels of the scores.
  EXPECT_EQ(launches_a_layer(r), 20 - 3 - 6 + 1);
  EXPECT_EQ(count_of(lower(r), "attention"), 3);
}

TEST(lowering, multiplies_every_matrix_once) {
  for (const auto family : all_families) {
    auto r = small(family);
    r.head = network_head::lm;
    const auto& m = r.shape;
    const double scores = 2 * 3 * 2.0 * batch * 2 * sequence * sequence * 4;  // both products, three layers
    EXPECT_EQ(total_of(lower(r), "gemm").flop, 2.0 * tokens * matrix_parameter_count(m) + scores) << to_string(family);
  }
}

TEST(lowering, of_training_multiplies_three_times_as_much) {
  for (const auto family : all_families) {
    auto r = small(family);
    r.head = network_head::lm;
    const double forward = total_of(lower(r), "gemm").flop;
    r.phase = phase::forward_backward;
    EXPECT_EQ(total_of(lower(r), "gemm").flop, 3 * forward) << to_string(family);
  }
}

TEST(lowering, reads_and_writes_what_each_kernel_touches) {
  const auto bert = lower(small(transformer_family::bert));
  EXPECT_EQ(total_of(bert, "streaming", "residual").bytes, 6 * 3 * hidden_values * 4);
  EXPECT_EQ(total_of(bert, "streaming", "GELU").bytes, 3 * 2 * 4 * hidden_values * 4);
  const double scores = batch * 2 * sequence * sequence;
  EXPECT_EQ(total_of(bert, "streaming", "attention scale").bytes, 3 * 2 * scores * 4);
  EXPECT_EQ(total_of(bert, "streaming", "attention softmax").bytes, 3 * 2 * scores * 4);
  EXPECT_EQ(total_of(bert, "streaming", "copy for attention").bytes, 3 * 3 * 2 * hidden_values * 4);
}

TEST(lowering, spends_an_operator_on_each_step_of_gelu) {
  const auto gpt = lower(small(transformer_family::gpt2));
  double bytes = 0;
  for (const auto& op : gpt)
    if (op.name.rfind("GELU", 0) == 0) bytes += op.count * work_of(op.shape, op.precision).bytes;
  EXPECT_EQ(bytes, 3 * 18 * 4 * hidden_values * 4);  // eighteen reads and writes of the inner width
}

TEST(lowering, of_adam_passes_over_the_weights) {
  auto r = training(transformer_family::gpt2);
  // Embeddings 10 x 8 and 1024 x 8, the last norm; a layer: 12 h^2 matrices, 13 h biases and norms.
  const double parameters = 80 + 8192 + 16 + 3 * (12 * 64 + 13 * 8);
  EXPECT_EQ(device_parameters(r), parameters);
  EXPECT_EQ(device_parameters(r), parameter_count(r.shape));
  const auto bytes_of_optimizer = [&] {
    double bytes = 0;
    for (const auto& op : lower(r))
      if (op.name.rfind("optimizer", 0) == 0) bytes += op.count * work_of(op.shape, op.precision).bytes;
    return bytes / parameters;
  };
  EXPECT_DOUBLE_EQ(bytes_of_optimizer(), 72);
  r.optimizer = optimizer_kind::adamw;
  EXPECT_DOUBLE_EQ(bytes_of_optimizer(), 80);
  r.fused_optimizer = true;
  EXPECT_DOUBLE_EQ(bytes_of_optimizer(), 28);
  r.fused_optimizer = false;
  r.optimizer = optimizer_kind::sgd;
  EXPECT_DOUBLE_EQ(bytes_of_optimizer(), 12);
}

TEST(lowering, of_an_optimizer_needs_more_launches_for_many_weights) {
  // 335 M values in chunks of 320 x 65,536.
  const auto step = optimizer_step(optimizer_kind::adam, {335e6, 390}, 4, false);
  ASSERT_EQ(step.size(), 7U);
  EXPECT_EQ(step[0].count, 16);
}

TEST(lowering, casts_weights_under_autocast) {
  auto r = small(transformer_family::llama);
  EXPECT_EQ(count_of(lower(r), "weight cast"), 0);
  r.numerics = numerics::bf16_amp;
  const auto amp = lower(r);
  EXPECT_EQ(count_of(amp, "weight cast"), 3 * 7);
  // A weight of a layer is read in four bytes and written in two.
  const double matrices = 3 * (4 * 64 + 3 * 8 * 32);
  EXPECT_EQ(total_of(amp, "streaming", "weight cast").bytes, matrices * 6);
  for (const auto& op : amp) {
    const bool product = kind_of(op.shape) == "gemm";
    EXPECT_TRUE(!product || op.precision == precision::bf16) << op.name;
  }
}

TEST(lowering, of_compiled_networks_moves_and_launches_less) {
  for (const auto family : all_families)
    for (const auto types : all_types) {
      auto r = training(family);
      r.numerics = types;
      const auto eager = lower(r);
      r.execution = execution::compiled;
      const auto compiled = lower(r);
      EXPECT_LT(launch_count(compiled), launch_count(eager)) << to_string(family) << ' ' << to_string(types);
      EXPECT_LT(total_work(compiled).bytes, total_work(eager).bytes) << to_string(family) << ' ' << to_string(types);
      EXPECT_EQ(total_of(compiled, "gemm").flop, total_of(eager, "gemm").flop);
    }
}

TEST(lowering, counts_every_operator_and_finite_work) {
  for (const auto family : all_families)
    for (const auto types : all_types)
      for (const auto part : {phase::forward, phase::forward_backward, phase::full_step})
        for (const auto kind : {attention_kind::unfused, attention_kind::flash}) {
          auto r = training(family);
          r.numerics = types;
          r.phase = part;
          r.attention = kind;
          for (const auto& op : lower(r)) {
            EXPECT_GT(op.count, 0) << op.name;
            EXPECT_GT(work_of(op.shape, op.precision).bytes, 0) << op.name;
          }
        }
}

TEST(lowering, of_pipeline_stages_adds_up_to_the_network) {
  for (const auto family : all_families) {
    auto r = small(family);
    r.head = network_head::lm;
    const double whole = total_of(lower(r), "gemm").flop;
    double parts = 0;
    r.pipeline_stages = 2;
    for (r.pipeline_stage = 0; r.pipeline_stage < 2; ++r.pipeline_stage) parts += total_of(lower(r), "gemm").flop;
    EXPECT_EQ(parts, whole) << to_string(family);
  }
}

TEST(lowering, of_tensor_parallel_devices_halves_the_products) {
  auto r = small(transformer_family::llama);
  r.head = network_head::lm;
  const double whole = total_of(lower(r), "gemm").flop;
  r.tensor_parallel = 2;
  EXPECT_EQ(total_of(lower(r), "gemm").flop, whole / 2);
}

TEST(lowering, of_an_engine_is_fused) {
  auto r = small(transformer_family::llama);
  r.execution = execution::engine;
  const auto engine = lower(r);
  EXPECT_EQ(count_of(engine, "qkv projection"), 3);
  EXPECT_EQ(count_of(engine, "residual and normalization"), 7);
  EXPECT_LT(launch_count(engine), 3 * 12 + 6);
}

TEST(lowering, masks_a_window_or_skips_what_it_hides) {
  auto r = small(transformer_family::llama);
  const double without = total_work(lower(r)).flop;
  r.shape.local.window = 2;
  EXPECT_EQ(total_work(lower(r)).flop, without);
  r.attention = attention_kind::flash;
  const auto windows = [](const network_request& asked) {
    double layers = 0;
    for (const auto& op : lower(asked)) {
      const auto* a = std::get_if<attention>(&op.shape);
      if (a && a->window == 2) layers += op.count;
    }
    return layers;
  };
  EXPECT_EQ(windows(r), 3);
  r.shape.local = {.window = 2, .full_every = 2};  // the second of three layers sees all
  EXPECT_EQ(windows(r), 2);
  r.shape.local.window = 4;  // no longer than the sequence: nothing is hidden
  EXPECT_EQ(windows(r), 0);
}

TEST(lowering, cuts_chunks_into_sequences_of_their_own) {
  auto r = small(transformer_family::llama);
  r.attention = attention_kind::flash;
  r.shape.local = {.window = 3, .full_every = 3, .chunked = true};
  double chunks = 0, rests = 0, full = 0;
  for (const auto& op : lower(r)) {
    const auto* a = std::get_if<attention>(&op.shape);
    if (!a) continue;
    EXPECT_EQ(a->window, 0);
    EXPECT_EQ(a->batch, batch);  // a sequence of 4 is one chunk of 3 and a rest of 1
    (a->q_len == 3 ? chunks : a->q_len == 1 ? rests : full) += op.count;
  }
  EXPECT_EQ(chunks, 2);
  EXPECT_EQ(rests, 2);
  EXPECT_EQ(full, 1);
}

// Four experts of inner width 16, two of which a token uses, and a shared one of 8, after one dense layer.
network_request mixture_training() {
  auto r = training(transformer_family::llama);
  r.shape.gated_ffn = true;
  r.shape.experts = {.experts = 4, .experts_per_token = 2, .ffn = 16, .shared_ffn = 8, .first_dense_layers = 1};
  return r;
}

TEST(lowering, multiplies_each_token_with_as_many_experts_as_it_is_sent_to) {
  auto r = mixture_training();
  r.phase = phase::forward;
  r.optimizer = optimizer_kind::none;
  const auto net = lower(r);
  EXPECT_EQ(count_of(net, "router"), 2);
  EXPECT_EQ(count_of(net, "gate projection"), 1);  // the dense layer's
  // 8 tokens to 2 of 4 experts: 4 rows an expert, gate and up of 16 each, two layers.
  EXPECT_EQ(total_of(net, "gemm", "expert gate and up projection").flop, 2 * 2.0 * 16 * 8 * 32);
  EXPECT_EQ(total_of(net, "gemm", "expert down projection").flop, 2 * 2.0 * 16 * 16 * 8);
  EXPECT_EQ(total_of(net, "gemm", "shared expert down projection").flop, 2 * 2.0 * 8 * 8 * 8);
}

TEST(lowering, trains_experts_with_two_more_products_and_updates_all_of_them) {
  auto r = mixture_training();
  const auto net = lower(r);
  for (const char* const name : {"expert gate and up projection", "expert down projection"}) {
    const double forward = total_of(net, "gemm", name).flop;
    EXPECT_EQ(total_of(net, "gemm", std::string(name) + " backward data").flop, forward);
    EXPECT_EQ(total_of(net, "gemm", std::string(name) + " backward weights").flop, forward);
  }
  // Half of the experts' parameters is what a token uses; the optimiser takes all.
  EXPECT_EQ(device_parameters(r), parameter_count(r.shape));
  r.tensor_parallel = 2;
  const auto share = lower(r);
  EXPECT_EQ(total_of(share, "gemm", "expert down projection").flop,
            total_of(net, "gemm", "expert down projection").flop / 2);
}

// Queries of rank 6 and keys of rank 4, heads of 3 columns and 2 rotated ones, values of 5.
network_request latent_training() {
  auto r = training(transformer_family::llama);
  r.shape.latent = {.kv_rank = 4, .q_rank = 6, .nope_dim = 3, .rope_dim = 2, .value_dim = 5};
  return r;
}

TEST(lowering, trains_latent_attention_with_keys_and_values_of_every_head) {
  auto r = latent_training();
  EXPECT_EQ(device_parameters(r), parameter_count(r.shape));
  r.attention = attention_kind::flash;
  double layers = 0;
  for (const auto& op : lower(r)) {
    const auto* a = std::get_if<attention>(&op.shape);
    if (!a) continue;
    EXPECT_EQ(a->kv_heads, 2);
    EXPECT_EQ(a->head_dim, 5);
    EXPECT_EQ(a->value_width(), 5);
    layers += a->backward ? 0 : op.count;
  }
  EXPECT_EQ(layers, 3);
  r.attention = attention_kind::unfused;
  // Scores contract 5 columns, contexts have 5: 4 x 4 of each of 2 x 2 heads, 3 layers.
  EXPECT_EQ(total_of(lower(r), "gemm", "attention scores").flop, 3 * 4 * 2.0 * 4 * 4 * 5);
  EXPECT_EQ(total_of(lower(r), "gemm", "key and value projection").flop, 3 * 2.0 * tokens * 4 * 2 * (3 + 5));
  r.tensor_parallel = 2;
  EXPECT_EQ(total_of(lower(r), "gemm", "key and value projection").flop, 3 * 2.0 * tokens * 4 * 8);
  EXPECT_EQ(total_of(lower(r), "gemm", "latent projection").flop, 3 * 2.0 * tokens * 8 * 6);  // on every rank
}

TEST(lowering, refuses_networks_that_frameworks_are_not_lowered_for) {
  auto r = latent_training();
  r.shape.latent.index_heads = 2;
  r.shape.latent.index_dim = 2;
  r.shape.latent.index_keys = 2;
  EXPECT_THROW(lower(r), error);
  r = training(transformer_family::llama);
  r.shape.linear = {.value_heads = 2, .key_heads = 2, .key_dim = 4, .value_dim = 4};
  EXPECT_THROW(lower(r), error);
}

TEST(lowering, of_an_engine_has_the_head_that_is_asked_for) {
  auto r = small(transformer_family::llama);
  r.execution = execution::engine;
  EXPECT_EQ(count_of(lower(r), "output head"), 0);
  r.head = network_head::lm;
  EXPECT_EQ(total_of(lower(r), "gemm", "output head").flop, 2.0 * tokens * 8 * 10);
}

TEST(lowering, refuses_what_cannot_be) {
  const auto refused = [](auto change) {
    auto r = training(transformer_family::bert);
    change(r);
    EXPECT_THROW(lower(r), error);
  };
  refused([](network_request& r) { r.sequence = 513; });
  refused([](network_request& r) { r.pipeline_stages = 4; });
  refused([](network_request& r) { r.pipeline_stage = 1; });
  refused([](network_request& r) { r.tensor_parallel = 3; });
  refused([](network_request& r) { r.execution = execution::engine; });
  refused([](network_request& r) { r.optimizer = optimizer_kind::none; });
  refused([](network_request& r) { r.batch = 0; });
  refused([](network_request& r) { r.shape.experts = {8, 2, 16}; });
  refused([](network_request& r) {
    r.shape.family = transformer_family::gpt2;
    r.head = network_head::pretraining;
  });
}

TEST(names, are_read_as_they_are_written) {
  for (const auto types : all_types) EXPECT_EQ(parse_numerics(to_string(types)), types);
  for (const auto part : {phase::forward, phase::forward_backward, phase::full_step})
    EXPECT_EQ(parse_phase(to_string(part)), part);
  for (const auto how : {execution::eager, execution::compiled, execution::engine})
    EXPECT_EQ(parse_execution(to_string(how)), how);
  EXPECT_EQ(parse_optimizer("adamw"), optimizer_kind::adamw);
  EXPECT_EQ(parse_head("lm"), network_head::lm);
  EXPECT_FALSE(parse_numerics("fp33"));
}

TEST(known_transformers, have_their_published_sizes) {
  const auto millions = [](std::string_view name) { return parameter_count(find_known_transformer(name).shape) / 1e6; };
  EXPECT_NEAR(millions("bert_base"), 110, 1.2);
  EXPECT_NEAR(millions("bert-large"), 336, 1.5);
  EXPECT_NEAR(millions("gpt2"), 124.4, 0.1);
  EXPECT_NEAR(millions("gpt2-xl"), 1557.6, 1);
  EXPECT_NEAR(millions("facebook/opt-1.3b"), 1315.8, 2);
  EXPECT_NEAR(millions("opt_13b"), 12853, 20);
  EXPECT_NEAR(millions("gpt3_175b"), 175e3, 1e3);
}

TEST(known_transformers, are_named_loosely_and_suggested) {
  EXPECT_EQ(find_known_transformer("BERT-Large").name, "bert_large");
  EXPECT_EQ(find_known_transformer("bert").name, "bert_base");
  try {
    find_known_transformer("bert_larg");
    FAIL();
  } catch (const error& refused) {
    EXPECT_NE(refused.hint().find("bert_large"), std::string::npos);
  }
}

TEST(stated_shapes, follow_their_family) {
  const auto llama = shape_of({transformer_family::llama, 32, 4096, 32});
  EXPECT_EQ(llama.ffn, 11008);
  EXPECT_EQ(llama.head_dim, 128);
  EXPECT_EQ(llama.positions, 0);
  const auto gpt = shape_of({.family = transformer_family::gpt2, .layers = 2, .hidden = 128, .sequence = 2048});
  EXPECT_EQ(gpt.positions, 2048);
  EXPECT_EQ(gpt.heads, 2);
  EXPECT_THROW(shape_of({transformer_family::bert, 0, 128}), error);
  EXPECT_THROW(shape_of({transformer_family::bert, 2, 128, 3}), error);
}

}  // namespace
}  // namespace gpubench::models
