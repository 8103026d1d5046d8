#include "serving/replica.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::serving {

double replica::needed(const request& r) const {
  return static_cast<double>(r.prompt_tokens) + static_cast<double>(r.output_tokens);
}

bool replica::admits(const request& r) const {
  return decoding_.size() + prefilling_.size() < model_->batch_limit() &&
         reserved_tokens_ + needed(r) <= model_->kv_capacity_tokens;
}

bool replica::take(const request& r, double now) {
  if (needed(r) > model_->kv_capacity_tokens) return false;
  waiting_.push(r);
  if (phase_ == phase::idle) {
    boundary_ = now;
    start_steps();
  } else if (phase_ == phase::decoding && waiting_.size() == 1 && admits(r)) {
    cut_at(now);
  }
  return true;
}

// The step under way at `now` becomes the last: n steps take n d + g n (n - 1) / 2.
void replica::cut_at(double now) {
  const double elapsed = now - started_;
  const double linear = step_seconds_ - growth_seconds_ / 2;
  const double root = 2 * elapsed / (linear + std::sqrt(linear * linear + 2 * growth_seconds_ * elapsed));
  double steps = std::clamp(std::floor(root), 1.0, steps_);
  while (steps < steps_ && seconds_of(steps) < elapsed) ++steps;
  steps_ = steps;
  boundary_ = std::max(now, started_ + seconds_of(steps));
  phase_ = phase::fixed;
}

void replica::end_steps(std::vector<completion>& ended) {
  const double now = boundary_;
  phase_ = phase::deciding;
  if (decodes_ > 0) {
    decode_step_ += static_cast<std::uint64_t>(steps_);
    context_tokens_ += steps_ * static_cast<double>(decoding_.size()) * model_->tokens_per_step;
    while (!decoding_.empty() && decoding_.front().last_step <= decode_step_) {
      const decoding& done = decoding_.front();
      ended.push_back({done.arrival_seconds, done.first_token_seconds, now, done.output_tokens});
      context_tokens_ -= done.context;
      reserved_tokens_ -= done.reserved;
      std::pop_heap(decoding_.begin(), decoding_.end());
      decoding_.pop_back();
    }
    if (decoding_.empty()) context_tokens_ = 0;  // no rounding is carried over
  }
  // A prompt's last step gives the first token.
  while (!prefilling_.empty() && prefilling_.front().done == prefilling_.front().what.prompt_tokens) {
    const request& r = prefilling_.front().what;
    if (r.output_tokens == 1) {
      ended.push_back({r.arrival_seconds, now, now, 1});
      reserved_tokens_ -= needed(r);
    } else {
      const double steps = std::max(1.0, std::round((r.output_tokens - 1.0) / model_->tokens_per_step));
      const double begins = static_cast<double>(r.prompt_tokens) + 1;
      context_tokens_ += begins;
      decoding_.push_back({decode_step_ + static_cast<std::uint64_t>(steps), begins + steps * model_->tokens_per_step,
                           r.arrival_seconds, now, r.output_tokens, needed(r)});
      std::push_heap(decoding_.begin(), decoding_.end());
    }
    prefilling_.pop();
  }
}

void replica::start_steps() {
  while (!waiting_.empty() && admits(waiting_.front())) {
    const request& r = waiting_.front();
    reserved_tokens_ += needed(r);
    const double cached = std::floor(model_->prefix_cache_share * r.prompt_tokens);
    prefilling_.push({r, static_cast<std::uint32_t>(std::min(cached, r.prompt_tokens - 1.0))});
    waiting_.pop();
  }
  started_ = boundary_;
  if (!prefilling_.empty()) {
    start_prompts();
  } else if (!decoding_.empty()) {
    const auto batch = decoding_.size();
    const decode_cost& cost = model_->decode[batch];
    phase_ = phase::decoding;
    decodes_ = 1;
    steps_ = static_cast<double>(decoding_.front().last_step - decode_step_);
    step_seconds_ = cost.seconds + cost.seconds_per_context_token * context_tokens_;
    growth_seconds_ = cost.seconds_per_context_token * static_cast<double>(batch) * model_->tokens_per_step;
    boundary_ = started_ + seconds_of(steps_);
  } else {
    phase_ = phase::idle;
    boundary_ = std::numeric_limits<double>::infinity();
  }
}

// One step with as many prompt tokens as it has room for, the eldest first.
void replica::start_prompts() {
  const bool chunked = model_->policy == prefill_policy::chunked;
  const std::size_t batch = chunked ? decoding_.size() : 0;
  double room = model_->step_tokens - static_cast<double>(batch);
  double prompts = 0;
  for (std::size_t i = 0; i < prefilling_.size() && room > 0; ++i) {
    prefilling& p = prefilling_[i];
    const double left = p.what.prompt_tokens - static_cast<double>(p.done);
    if (!chunked && i > 0 && left > room) break;
    const double tokens = chunked ? std::min(left, std::floor(room)) : left;
    if (tokens < 1) break;
    prompts += tokens * (model_->prompt_token_seconds +
                         model_->prompt_attention_seconds * (static_cast<double>(p.done) + tokens / 2));
    p.done += static_cast<std::uint32_t>(tokens);
    room -= tokens;
  }
  const decode_cost& cost = model_->decode[batch];
  prompts += cost.prompt_step_seconds;
  step_seconds_ = batch > 0 ? cost.seconds + cost.seconds_per_context_token * context_tokens_ + prompts
                            : std::max(prompts, model_->least_prompt_step_seconds);
  growth_seconds_ = 0;
  steps_ = 1;
  decodes_ = batch > 0 ? 1 : 0;
  phase_ = phase::fixed;
  boundary_ = started_ + step_seconds_;
}

}  // namespace gpubench::serving
