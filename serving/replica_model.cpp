#include "serving/replica_model.hpp"

#include "core/error.hpp"

#include <cmath>
#include <utility>

namespace gpubench::serving {

void replica_model::validate() const {
  const auto require = [](bool good, const char* what) {
    if (!good) throw error(error_kind::usage, std::string("model of a replica: ") + what);
  };
  const auto is_time = [](double seconds) { return seconds >= 0 && std::isfinite(seconds); };
  require(decode.size() >= 2, "the batch limit must be at least 1");
  for (std::size_t b = 0; b < decode.size(); ++b) {
    require(is_time(decode[b].seconds) && is_time(decode[b].seconds_per_context_token) &&
                is_time(decode[b].prompt_step_seconds),
            "times of steps must be finite and not negative");
    require(b == 0 || decode[b].seconds > 0, "a step of some sequences must take time");
  }
  require(is_time(prompt_token_seconds) && is_time(prompt_attention_seconds) && is_time(least_prompt_step_seconds) &&
              is_time(first_token_seconds),
          "times of prompts must be finite and not negative");
  require(kv_capacity_tokens >= 2, "the cache must hold a request");
  require(step_tokens >= 1 && (policy == prefill_policy::whole || step_tokens > static_cast<double>(batch_limit())),
          "the tokens of a step must be more than the batch limit, or prompts would never be worked on");
  require(prefix_cache_share >= 0 && prefix_cache_share < 1, "the share of cached prefixes must be 0 to below 1");
  require(tokens_per_step >= 1 && tokens_per_step <= 64, "tokens a step must be 1 to 64");
}

replica_model scaled(replica_model model, double step_factor, double first_token_factor) {
  for (decode_cost& cost : model.decode) {
    cost.seconds *= step_factor;
    cost.seconds_per_context_token *= step_factor;
    cost.prompt_step_seconds *= step_factor;
  }
  model.prompt_token_seconds *= step_factor;
  model.prompt_attention_seconds *= step_factor;
  model.least_prompt_step_seconds *= step_factor;
  model.first_token_seconds *= first_token_factor;
  return model;
}

}  // namespace gpubench::serving
