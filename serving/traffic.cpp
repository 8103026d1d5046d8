#include "serving/traffic.hpp"

#include "core/error.hpp"

#include <utility>

namespace gpubench::serving {
namespace {

class replayed_requests : public request_source {
 public:
  replayed_requests(std::shared_ptr<const trace> recorded, double speed)
      : recorded_(std::move(recorded)), rest_(recorded_->requests), speed_(speed) {}
  std::size_t read(std::span<request> block) override {
    const std::size_t n = rest_.read(block);
    for (request& r : block.first(n)) r.arrival_seconds /= speed_;
    return n;
  }

 private:
  std::shared_ptr<const trace> recorded_;
  listed_requests rest_;
  double speed_;
};

}  // namespace

traffic::traffic(request_mix mix, std::uint64_t seed)
    : mix_(std::move(mix)),
      seed_(seed),
      mean_prompt_(mix_.prompts.mean_tokens()),
      mean_output_(mix_.outputs.mean_tokens()) {}

traffic::traffic(std::shared_ptr<const trace> recorded, std::optional<double> rate_per_second)
    : recorded_(std::move(recorded)) {
  if (!(recorded_->rate_per_second() > 0))
    throw error(error_kind::usage,
                recorded_->requests.size() == 1 ? "the trace has one request: it has no rate"
                                                : "the trace's requests arrive all at once: it has no rate",
                "a trace needs at least two requests at different times");
  mix_.rate_per_second = rate_per_second.value_or(recorded_->rate_per_second());
  mean_prompt_ = mean_output_ = 0;
  for (const request& r : recorded_->requests) {
    mean_prompt_ += r.prompt_tokens;
    mean_output_ += r.output_tokens;
  }
  mean_prompt_ /= static_cast<double>(recorded_->requests.size());
  mean_output_ /= static_cast<double>(recorded_->requests.size());
}

std::int64_t traffic::count_for(std::int64_t wanted) const {
  return recorded_ ? static_cast<std::int64_t>(recorded_->requests.size()) : wanted;
}

std::unique_ptr<request_source> traffic::requests(std::int64_t count, double rate_factor) const {
  if (recorded_) {
    const double speed = rate_factor * mix_.rate_per_second / recorded_->rate_per_second();
    return std::make_unique<replayed_requests>(recorded_, speed);
  }
  request_mix mix = mix_;
  mix.rate_per_second *= rate_factor;
  return std::make_unique<generated_requests>(std::move(mix), seed_, count);
}

}  // namespace gpubench::serving
