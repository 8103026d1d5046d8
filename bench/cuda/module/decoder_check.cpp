#include "bench/cuda/module/decoder_check.hpp"

#include "bench/cuda/module/cudnn_case.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "reference/deviation.hpp"
#include "reference/transformer.hpp"

namespace gpubench::cuda {

namespace {

std::vector<double> widened(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

double rounding_allowance(kernels::storage type, int units) {
  return units * std::ldexp(1.0, -kernels::significand_bits(type));
}

double decoder_error(const decoder_layer& layer, const decoder_weights& weights, const decoder_cache& cache,
                     const decoder_pass& pass) {
  const auto& s = layer.shape();
  const kernels::storage type = layer.type();
  const std::int64_t sequence = s.batch - 1, first_row = sequence * s.tokens;
  const std::int64_t cached = s.kv_len * s.kv_width();
  const auto w = fetch_weights(s, type, weights);
  const auto input = fetch(type, pass.input, first_row * s.hidden, s.tokens * s.hidden);
  const auto keys = fetch(type, cache.keys.data(), sequence * cached, cached);
  const auto values = fetch(type, cache.values.data(), sequence * cached, cached);

  reference::transformer_sequence of;
  of.shape = s;
  of.projection = w.projection.data();
  of.output = w.output.data();
  of.gate_up = w.gate_up.data();
  of.down = w.down.data();
  of.attention_norm = w.attention_norm.data();
  of.ffn_norm = w.ffn_norm.data();
  of.input = input.data();
  of.keys = keys.data();
  of.values = values.data();
  of.head_stride = s.head_dim;
  of.position_stride = s.kv_width();
  of.stored = s.kv_len;

  // Two results stored one after the other, and inputs of sums of thousands that were rounded before; more on the way
  // to the output. A key too many or too few changes attention by a multiple of it.
  const double short_way = rounding_allowance(type, 10), long_way = rounding_allowance(type, 15);
  worst_error worst;
  const auto compare = [&](const std::vector<float>& found, const std::vector<double>& expected, double allowance) {
    worst.add(reference::relative_deviation(widened(found), expected) / allowance);
  };
  const auto at_position = [&](const std::vector<float>& all, std::int64_t position) {
    const auto first = all.begin() + position * s.kv_width();
    return std::vector<float>(first, first + s.kv_width());
  };
  for (const std::int64_t token :
       std::set<std::int64_t>{s.tokens - 1, s.tokens / 2, std::min<std::int64_t>(5, s.tokens - 1)}) {
    const std::int64_t position = s.kv_len - s.tokens + token, row = first_row + token;
    const auto query = fetch(type, layer.queries(), row * s.query_width(), s.query_width());
    compare(query, reference::transformer_query(of, token), short_way);
    compare(at_position(keys, position), reference::transformer_key(of, token), short_way);
    compare(at_position(values, position), reference::transformer_value(of, token), short_way);
    compare(fetch(type, layer.attended(), row * s.query_width(), s.query_width()),
            reference::transformer_attended(of, widened(query), position), short_way);
    compare(fetch(type, pass.output, row * s.hidden, s.hidden), reference::transformer_token(of, token), long_way);
  }
  return worst.get();
}

}  // namespace gpubench::cuda
