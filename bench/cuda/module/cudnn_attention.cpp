#include "bench/cuda/module/cudnn_attention.hpp"

#include <cmath>
#include <limits>

namespace gpubench::cuda::dnn {

namespace {

/// batch x heads x tokens x features, token by token in memory.
layout by_token(std::int64_t batch, std::int64_t heads, std::int64_t tokens, std::int64_t features) {
  return {{batch, heads, tokens, features}, {tokens * heads * features, features, heads * features, 1}};
}

/// The last two axes exchanged: the same memory as a transposed matrix.
layout transposed(layout shape) {
  const std::size_t last = shape.sizes.size() - 1;
  std::swap(shape.sizes[last], shape.sizes[last - 1]);
  std::swap(shape.strides[last], shape.strides[last - 1]);
  return shape;
}

layout query_layout(const attention_shape& s) {
  return by_token(s.batch, s.heads, s.q_len, s.head_dim);
}
layout key_layout(const attention_shape& s) {
  return by_token(s.batch, s.kv_heads, s.kv_len, s.head_dim);
}
layout score_layout(const attention_shape& s) {
  return row_major({s.batch, s.heads, s.q_len, s.kv_len});
}
layout row_layout(const attention_shape& s) {
  return row_major({s.batch, s.heads, s.q_len, 1});
}

tensor product(graph& g, tensor a, tensor b, layout shape, element type = element::fp32) {
  const tensor c = g.between(type, std::move(shape));
  g.add(matmul_operation{a, b, c});
  return c;
}

tensor scale_of(graph& g, const attention_shape& s) {
  return g.number(element::fp32, 1 / std::sqrt(static_cast<double>(s.head_dim)), 4);
}

/// Scores with those of later keys at minus infinity. cuDNN matches this very chain of operations. A decoding step sees
/// all keys, and needs no mask.
tensor masked(graph& g, const attention_shape& s, tensor scores) {
  if (!s.causal || s.q_len == 1) return scores;
  tensor row = g.between_of(pointwise::row_index, {scores}, element::int32, 2);
  const tensor column = g.between_of(pointwise::row_index, {scores}, element::int32, 3);
  if (s.q_len != s.kv_len) {
    row =
        g.between_of(pointwise::add, {row, g.number(element::int32, static_cast<double>(s.kv_len), 4)}, element::int32);
    row = g.between_of(pointwise::subtract, {row, g.number(element::int32, static_cast<double>(s.q_len), 4)},
                       element::int32);
  }
  const tensor seen = g.between_of(pointwise::greater_or_equal, {row, column}, element::boolean);
  const tensor never = g.number(element::fp32, -std::numeric_limits<double>::infinity(), 4);
  return g.between_of(pointwise::select, {scores, never, seen});
}

}  // namespace

attention_forward_graph attention_forward(const attention_shape& s, element type) {
  attention_forward_graph result;
  graph& g = result.operations;
  result.q = g.memory(type, query_layout(s));
  result.k = g.memory(type, transposed(key_layout(s)));
  result.v = g.memory(type, key_layout(s));
  result.o = g.memory(type, query_layout(s));

  const tensor products = product(g, result.q, result.k, score_layout(s));
  const tensor scores = masked(g, s, g.between_of(pointwise::multiply, {products, scale_of(g, s)}));
  const tensor largest = g.between(element::fp32, row_layout(s));
  g.add(reduction_operation{reduction::maximum, scores, largest});
  const tensor shifted = g.between_of(pointwise::subtract, {scores, largest});
  const tensor exponentials = g.between_of(pointwise::exponential, {shifted});
  const tensor sums = g.between(element::fp32, row_layout(s));
  g.add(reduction_operation{reduction::sum, exponentials, sums});
  const tensor logarithms = g.between_of(pointwise::logarithm, {sums});
  result.statistics = g.memory(element::fp32, row_layout(s));
  g.add(pointwise_operation{pointwise::add, {largest, logarithms}, result.statistics, -1});
  const tensor weights = g.between_of(pointwise::divide, {exponentials, sums}, type);
  g.add(matmul_operation{weights, result.v, result.o});
  return result;
}

attention_backward_graph attention_backward(const attention_shape& s, element type) {
  attention_backward_graph result;
  graph& g = result.operations;
  result.q = g.memory(type, query_layout(s));
  result.k = g.memory(type, transposed(key_layout(s)));
  result.v = g.memory(type, transposed(key_layout(s)));
  result.o = g.memory(type, query_layout(s));
  result.output_gradient = g.memory(type, query_layout(s));
  result.statistics = g.memory(element::fp32, row_layout(s));
  result.dq = g.memory(type, query_layout(s));
  result.dk = g.memory(type, key_layout(s));
  result.dv = g.memory(type, key_layout(s));
  result.row_sums = g.memory(element::fp32, row_layout(s));
  result.dq_sums = g.memory(element::fp32, row_major({s.batch, s.heads, s.q_len, s.head_dim}));

  // Sum of dO O over the features: what the softmax's gradient subtracts from each of dP's rows.
  const tensor weighted = g.between_of(pointwise::multiply, {result.output_gradient, result.o});
  const tensor sums = g.between(element::fp32, row_layout(s));
  g.add(reduction_operation{reduction::sum, weighted, sums});
  g.add(pointwise_operation{pointwise::multiply, {sums, g.number(element::fp32, 1, 4)}, result.row_sums, -1});

  // P again, from the scores and the statistics.
  const tensor scale = scale_of(g, s);
  const tensor products = product(g, result.q, result.k, score_layout(s));
  const tensor scores = g.between_of(pointwise::multiply, {products, scale});
  const tensor shifted = masked(g, s, g.between_of(pointwise::subtract, {scores, result.statistics}));
  const tensor weights = g.between_of(pointwise::exponential, {shifted});

  // A gradient of the keys or values: `left` transposed times `right`, summed over the heads that share a key head.
  const auto key_gradient = [&](tensor left, tensor right, tensor out) {
    const tensor across = g.between(type, transposed(score_layout(s)));
    g.add(reshape_operation{left, across});
    if (s.heads == s.kv_heads) {
      g.add(matmul_operation{across, right, out});
    } else {
      const tensor all_heads = product(g, across, right, row_major({s.batch, s.heads, s.kv_len, s.head_dim}), type);
      g.add(reduction_operation{reduction::sum, all_heads, out});
    }
  };
  key_gradient(weights, result.output_gradient, result.dv);

  const tensor dp = product(g, result.output_gradient, result.v, score_layout(s));
  const tensor centred = g.between_of(pointwise::subtract, {dp, result.row_sums});
  const tensor unscaled = g.between_of(pointwise::multiply, {centred, weights});
  const tensor ds = g.between_of(pointwise::multiply, {unscaled, scale});
  key_gradient(ds, result.q, result.dk);

  const tensor keys = g.between(type, key_layout(s));
  g.add(reshape_operation{result.k, keys});
  g.add(matmul_operation{ds, keys, result.dq_sums});
  g.add(pointwise_operation{pointwise::identity, {result.dq_sums}, result.dq, -1});
  return result;
}

}  // namespace gpubench::cuda::dnn
