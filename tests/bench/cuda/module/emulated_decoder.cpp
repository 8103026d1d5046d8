#include "emulated_decoder.hpp"

namespace gpubench::cuda {

namespace {

/// y = x W'
host_matrix linear(const host_matrix& x, const host_matrix& w) {
  host_matrix y(x.rows, w.rows);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t o = 0; o < w.rows; ++o) {
      float sum = 0;
      for (std::int64_t i = 0; i < x.columns; ++i) sum += x.at(r, i) * w.at(o, i);
      y.at(r, o) = to_bf16(sum);
    }
  }
  return y;
}

/// dx = dy W   @param skipped  an output that is left out
host_matrix input_gradient_of(const host_matrix& gradient, const host_matrix& w, std::int64_t skipped = -1) {
  host_matrix x(gradient.rows, w.columns);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t i = 0; i < x.columns; ++i) {
      float sum = 0;
      for (std::int64_t o = 0; o < w.rows; ++o) sum += o == skipped ? 0 : gradient.at(r, o) * w.at(o, i);
      x.at(r, i) = to_bf16(sum);
    }
  }
  return x;
}

/// dW = dy' x   @param skipped  a row that is left out
host_matrix weight_gradient_of(const host_matrix& gradient, const host_matrix& x, std::int64_t skipped = -1) {
  host_matrix w(gradient.columns, x.columns);
  for (std::int64_t o = 0; o < w.rows; ++o) {
    for (std::int64_t i = 0; i < w.columns; ++i) {
      float sum = 0;
      for (std::int64_t r = 0; r < x.rows; ++r) sum += r == skipped ? 0 : gradient.at(r, o) * x.at(r, i);
      w.at(o, i) = to_bf16(sum);
    }
  }
  return w;
}

float factor_of(const host_matrix& x, std::int64_t row) {
  float squares = 0;
  for (std::int64_t i = 0; i < x.columns; ++i) squares += x.at(row, i) * x.at(row, i);
  return kernels::rms_factor(squares, x.columns, models::llama3_norm_epsilon);
}

host_matrix normalized(const host_matrix& x, const host_matrix& scale) {
  host_matrix y(x.rows, x.columns);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    const float factor = factor_of(x, r);
    for (std::int64_t i = 0; i < x.columns; ++i) y.at(r, i) = to_bf16(x.at(r, i) * factor * scale.at(0, i));
  }
  return y;
}

struct norm_gradients {
  host_matrix input, scale;
};
norm_gradients norm_backward(const host_matrix& x, const host_matrix& scale, const host_matrix& gradient,
                             const host_matrix& residual, defect planted) {
  norm_gradients result{host_matrix(x.rows, x.columns), host_matrix(1, x.columns)};
  std::vector<float> sums(static_cast<std::size_t>(x.columns));
  for (std::int64_t r = 0; r < x.rows; ++r) {
    const float factor = factor_of(x, r);
    float along = 0;
    for (std::int64_t i = 0; i < x.columns; ++i) along += gradient.at(r, i) * scale.at(0, i) * x.at(r, i);
    float mean = along * factor / static_cast<float>(x.columns);
    if (planted == defect::norm_without_mean) mean = 0;
    const int times = planted == defect::scale_of_one_row_twice && r == 3 ? 2 : 1;
    for (std::int64_t i = 0; i < x.columns; ++i) {
      const float normal = x.at(r, i) * factor;
      sums[static_cast<std::size_t>(i)] += static_cast<float>(times) * gradient.at(r, i) * normal;
      const float own = kernels::rms_norm_gradient(gradient.at(r, i) * scale.at(0, i), normal, factor, mean);
      const float by = planted == defect::norm_without_residual ? 0 : residual.at(r, i);
      result.input.at(r, i) = to_bf16(by + own);
    }
  }
  for (std::int64_t i = 0; i < x.columns; ++i) result.scale.at(0, i) = to_bf16(sums[static_cast<std::size_t>(i)]);
  return result;
}

kernels::rotated_pair angle_of(const models::transformer_layer_shape& s, std::int64_t token, std::int64_t i) {
  const double exponent = -2 * static_cast<double>(i) / static_cast<double>(s.head_dim);
  const double angle = static_cast<double>(token) * std::pow(models::llama3_rotary_base, exponent);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

}  // namespace

emulated_decoder::emulated_decoder(defect planted) : planted_(planted) {
  weights = for_each_tensor(
      [](const matrix_size& size, const random_fill& how) { return random_matrix(size.rows, size.columns, how); },
      decoder_sizes(shape), decoder_fills(shape, 0));
  input = random_matrix(shape.rows(), shape.hidden, {1, 0, 1});
  output_gradient = random_matrix(shape.rows(), shape.hidden, {2, 0, 1});
  run_forward();
  run_backward();
}

void emulated_decoder::run_forward() {
  const auto& s = shape;
  attention_normed = normalized(input, weights.attention_norm);
  const host_matrix projected = linear(attention_normed, weights.projection);
  queries = host_matrix(s.rows(), s.query_width());
  keys = values = host_matrix(s.rows(), s.kv_width());
  for (std::int64_t r = 0; r < s.rows(); ++r) {
    for (std::int64_t head = 0; head < s.heads + 2 * s.kv_heads; ++head) {
      const std::int64_t kv_head = head - s.heads;
      host_matrix& to = kv_head < 0 ? queries : kv_head < s.kv_heads ? keys : values;
      const std::int64_t start = (kv_head < 0 ? head : kv_head % s.kv_heads) * s.head_dim;
      for (std::int64_t i = 0; i < s.head_dim / 2; ++i) {
        const auto turn = kv_head < s.kv_heads ? angle_of(s, r % s.tokens, i) : kernels::rotated_pair{1, 0};
        const std::int64_t from = head * s.head_dim + i;
        const auto turned = kernels::rotate_pair(projected.at(r, from), projected.at(r, from + s.head_dim / 2),
                                                 turn.first, turn.second);
        to.at(r, start + i) = to_bf16(turned.first);
        to.at(r, start + i + s.head_dim / 2) = to_bf16(turned.second);
      }
    }
  }

  attended = host_matrix(s.rows(), s.query_width());
  statistics = host_matrix(s.batch * s.heads, s.tokens);
  for (std::int64_t r = 0; r < s.rows(); ++r) {
    const std::int64_t first = r / s.tokens * s.tokens;
    for (std::int64_t head = 0; head < s.heads; ++head) {
      const std::int64_t own = head * s.head_dim, shared = head / 2 * s.head_dim;
      std::vector<float> weight;
      float total = 0;
      for (std::int64_t k = first; k <= r; ++k) {
        float score = 0;
        for (std::int64_t d = 0; d < s.head_dim; ++d) score += queries.at(r, own + d) * keys.at(k, shared + d);
        weight.push_back(std::exp(score / std::sqrt(static_cast<float>(s.head_dim))));
        total += weight.back();
      }
      statistics.at(r / s.tokens * s.heads + head, r % s.tokens) = std::log(total);
      for (std::int64_t d = 0; d < s.head_dim; ++d) {
        float mixed = 0;
        for (std::int64_t k = first; k <= r; ++k) {
          mixed += to_bf16(weight[static_cast<std::size_t>(k - first)]) * values.at(k, shared + d);
        }
        attended.at(r, own + d) = to_bf16(mixed / total);
      }
    }
  }

  sum = linear(attended, weights.output);
  for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] = to_bf16(sum.values[i] + input.values[i]);
  ffn_normed = normalized(sum, weights.ffn_norm);
  gate_up = linear(ffn_normed, weights.gate_up);
  activated = host_matrix(s.rows(), s.ffn);
  for (std::int64_t r = 0; r < s.rows(); ++r) {
    for (std::int64_t i = 0; i < s.ffn; ++i) {
      activated.at(r, i) = to_bf16(kernels::gated_silu(gate_up.at(r, i), gate_up.at(r, s.ffn + i)));
    }
  }
}

void emulated_decoder::run_backward() {
  const auto& s = shape;
  weight_gradients.down = weight_gradient_of(output_gradient, activated);
  activated_gradient = input_gradient_of(output_gradient, weights.down);
  gate_up_gradient = host_matrix(s.rows(), 2 * s.ffn);
  for (std::int64_t r = 0; r < s.rows(); ++r) {
    for (std::int64_t i = 0; i < s.ffn; ++i) {
      const float gate = gate_up.at(r, i), up = gate_up.at(r, s.ffn + i), given = activated_gradient.at(r, i);
      auto found = kernels::gated_silu_gradient(gate, up, given);
      if (planted_ == defect::gate_without_curve) found.gate = given * up / (1 + std::exp(-gate));
      gate_up_gradient.at(r, i) = to_bf16(found.gate);
      gate_up_gradient.at(r, s.ffn + i) = to_bf16(found.up);
    }
  }
  weight_gradients.gate_up = weight_gradient_of(gate_up_gradient, ffn_normed);
  ffn_normed_gradient =
      input_gradient_of(gate_up_gradient, weights.gate_up, planted_ == defect::product_left_out ? 70 : -1);
  auto ffn = norm_backward(planted_ == defect::stale_input ? input : sum, weights.ffn_norm, ffn_normed_gradient,
                           output_gradient, planted_);
  sum_gradient = std::move(ffn.input);
  weight_gradients.ffn_norm = std::move(ffn.scale);

  weight_gradients.output = weight_gradient_of(sum_gradient, attended, planted_ == defect::row_left_out ? 2 : -1);
  attended_gradient = input_gradient_of(sum_gradient, weights.output);
  run_attention_backward();
  turn_back();
  weight_gradients.projection = weight_gradient_of(projected_gradient, attention_normed);
  attention_normed_gradient = input_gradient_of(projected_gradient, weights.projection);
  const defect here = planted_ == defect::norm_without_residual ? defect::none : planted_;
  auto first = norm_backward(input, weights.attention_norm, attention_normed_gradient, sum_gradient, here);
  input_gradient = std::move(first.input);
  weight_gradients.attention_norm = std::move(first.scale);
}

void emulated_decoder::run_attention_backward() {
  const auto& s = shape;
  const float scale = 1 / std::sqrt(static_cast<float>(s.head_dim));
  query_gradient = host_matrix(s.rows(), s.query_width());
  host_matrix dk(s.rows(), s.kv_width()), dv = dk;
  for (std::int64_t head = 0; head < s.heads; ++head) {
    const std::int64_t own = head * s.head_dim, shared = head / 2 * s.head_dim;
    host_matrix dq(s.rows(), s.head_dim), head_dk = dq, head_dv = dq;
    for (std::int64_t r = 0; r < s.rows(); ++r) {
      const std::int64_t first = r / s.tokens * s.tokens;
      const std::int64_t last = planted_ == defect::unmasked ? first + s.tokens - 1 : r;
      float row_sum = 0;
      for (std::int64_t d = 0; d < s.head_dim; ++d)
        row_sum += attended_gradient.at(r, own + d) * attended.at(r, own + d);
      if (planted_ == defect::row_sum_left_out) row_sum = 0;
      for (std::int64_t k = first; k <= last; ++k) {
        float score = 0, dp = 0;
        for (std::int64_t d = 0; d < s.head_dim; ++d) {
          score += queries.at(r, own + d) * keys.at(k, shared + d);
          dp += attended_gradient.at(r, own + d) * values.at(k, shared + d);
        }
        const float p = std::exp(score * scale - statistics.at(r / s.tokens * s.heads + head, r % s.tokens));
        const float ds = to_bf16(p * (dp - row_sum) * (planted_ == defect::unscaled ? 1 : scale));
        for (std::int64_t d = 0; d < s.head_dim; ++d) {
          dq.at(r, d) += ds * keys.at(k, shared + d);
          head_dk.at(k, d) += ds * queries.at(r, own + d);
          head_dv.at(k, d) += to_bf16(p) * attended_gradient.at(r, own + d);
        }
      }
    }
    for (std::int64_t r = 0; r < s.rows(); ++r) {
      for (std::int64_t d = 0; d < s.head_dim; ++d) {
        query_gradient.at(r, own + d) = to_bf16(dq.at(r, d));
        if (planted_ == defect::one_head_of_group && head % 2 == 1) continue;
        dk.at(r, shared + d) += to_bf16(head_dk.at(r, d));
        dv.at(r, shared + d) += to_bf16(head_dv.at(r, d));
      }
    }
  }
  for (auto* sums : {&dk, &dv}) {
    for (float& v : sums->values) v = to_bf16(v);
  }
  key_gradient = std::move(dk);
  value_gradient = std::move(dv);
}

void emulated_decoder::turn_back() {
  const auto& s = shape;
  projected_gradient = host_matrix(s.rows(), s.projected_width());
  const kernels::head_layout layout{s.rows(), s.tokens, s.heads, s.kv_heads, s.head_dim, s.kv_len};
  constexpr int width = 8;
  const std::int64_t half = s.head_dim / 2;
  for (std::int64_t n = 0; n < kernels::items_of(layout, width); ++n) {
    const auto item = kernels::item_at(layout, width, n);
    const std::int64_t kv_head = item.head - s.heads;
    const bool is_value = kv_head >= s.kv_heads;
    const host_matrix& from = kv_head < 0 ? query_gradient : is_value ? value_gradient : key_gradient;
    const std::int64_t start = kv_head < 0 ? kernels::place_in_queries(layout, item)
                                           : kernels::place_in_cache(layout, item, kv_head % s.kv_heads);
    const std::int64_t to = kernels::place_in_projected(layout, item);
    for (std::int64_t e = 0; e < width; ++e) {
      auto turn = angle_of(s, item.row % s.tokens + (planted_ == defect::turned_from_one ? 1 : 0), item.first + e);
      if (is_value) turn = {1, 0};
      if (planted_ == defect::turned_forward) turn.second = -turn.second;
      const auto turned =
          kernels::rotate_pair_back(from.values[static_cast<std::size_t>(start + e)],
                                    from.values[static_cast<std::size_t>(start + e + half)], turn.first, turn.second);
      projected_gradient.values[static_cast<std::size_t>(to + e)] = to_bf16(turned.first);
      projected_gradient.values[static_cast<std::size_t>(to + e + half)] = to_bf16(turned.second);
    }
  }
}

decoder_passes emulated_decoder::passes() const {
  const auto readable = [](const host_matrix& one) { return one.readable(); };
  decoder_passes of;
  of.shape = shape;
  of.weights = for_each_tensor(readable, weights);
  of.weight_gradients = for_each_tensor(readable, weight_gradients);
  of.forward = {input.readable(),      attention_normed.readable(), queries.readable(),    keys.readable(),
                values.readable(),     attended.readable(),         statistics.readable(), sum.readable(),
                ffn_normed.readable(), gate_up.readable(),          activated.readable()};
  of.gradients = {output_gradient.readable(),
                  activated_gradient.readable(),
                  gate_up_gradient.readable(),
                  ffn_normed_gradient.readable(),
                  sum_gradient.readable(),
                  attended_gradient.readable(),
                  query_gradient.readable(),
                  key_gradient.readable(),
                  value_gradient.readable(),
                  projected_gradient.readable(),
                  attention_normed_gradient.readable(),
                  input_gradient.readable()};
  return of;
}

}  // namespace gpubench::cuda
