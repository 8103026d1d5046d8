#include "serving/mean_field.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::serving {
namespace {

double prompt_seconds(const replica_model& m, double prompt_tokens, std::size_t beside) {
  const double cached = std::floor(m.prefix_cache_share * prompt_tokens);
  const double tokens = std::max(1.0, prompt_tokens - cached);
  const double room = std::max(1.0, m.step_tokens - static_cast<double>(beside));
  return tokens * (m.prompt_token_seconds + m.prompt_attention_seconds * (cached + tokens / 2)) +
         std::ceil(tokens / room) * m.decode[beside].prompt_step_seconds;
}

}  // namespace

mean_field_point mean_field_at(const replica_model& m, double prompt_tokens, double output_tokens,
                               std::size_t running) {
  mean_field_point p;
  p.running = static_cast<double>(running);
  const double further = std::max(0.0, output_tokens - 1);
  const double steps = further > 0 ? std::max(1.0, further / m.tokens_per_step) : 0;
  const std::size_t others = running - 1;
  const double context = prompt_tokens + output_tokens / 2;
  const auto decode_seconds = [&](std::size_t b) {
    return b == 0 ? 0 : m.decode[b].seconds + static_cast<double>(b) * context * m.decode[b].seconds_per_context_token;
  };
  const double step = decode_seconds(running) +
                      static_cast<double>(others) / std::max(1.0, steps) * prompt_seconds(m, prompt_tokens, running);
  const double beside = decode_seconds(others) + prompt_seconds(m, prompt_tokens, others);
  const double first = others > 0 ? step / 2 + beside : std::max(m.least_prompt_step_seconds, beside);
  p.ttft_seconds = m.first_token_seconds + first;
  p.tpot_seconds = further > 0 ? step * steps / further : 0;
  p.e2e_seconds = p.ttft_seconds + step * steps;
  p.requests_per_second = p.running / (first + step * steps);
  return p;
}

std::optional<mean_field_point> mean_field_capacity(const replica_model& m, double prompt_tokens, double output_tokens,
                                                    const std::vector<latency_limit>& limits) {
  const double fitting = std::floor(m.kv_capacity_tokens / (prompt_tokens + output_tokens));
  const auto most = static_cast<std::size_t>(std::min(fitting, static_cast<double>(m.batch_limit())));
  const auto keeps = [&](std::size_t running) {
    const auto p = mean_field_at(m, prompt_tokens, output_tokens, running);
    return std::all_of(limits.begin(), limits.end(),
                       [&](const latency_limit& limit) { return p.seconds_of(limit.metric) <= limit.seconds; });
  };
  if (most < 1 || !keeps(1)) return std::nullopt;
  std::size_t good = 1, bad = most + 1;
  while (bad - good > 1) {
    const std::size_t middle = (good + bad) / 2;
    (keeps(middle) ? good : bad) = middle;
  }
  return mean_field_at(m, prompt_tokens, output_tokens, good);
}

}  // namespace gpubench::serving
