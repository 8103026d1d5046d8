#include "predictor/serving_engine.hpp"

#include <cctype>
#include <cmath>
#include <string>

namespace gpubench::predictor {
namespace {

// Fitted for each version on served models on H100-SXM5-80GB (AIConfigurator, silicon_sample.csv, commit 095f58a,
// 2026-08-21): 479 rows of trtllm 1.0 (Llama-3.1-8B, Qwen3-32B, Qwen3-235B), 90 of vllm 0.12 (Qwen3-32B), 88 of vllm
// 0.18 (MiniMax-M2.5, gpt-oss-120b), 84 of sglang 0.5 (Qwen3-32B). vllm served about 100 of 512 requests at a time.
// sglang puts whole prompts before the next decode step: they delay their own first token more and others' tokens less.
constexpr serving_engine measured[] = {
    {"trtllm", 1000, 4.31e-6, 1.24, 0.076, 0.95, 0.5, 1e9, true},
    {"vllm", 12, 6.07e-6, 1.30, 0.018, 0.89, 0.5, 128, true},
    {"vllm", 18, 5.48e-6, 1.16, 0.008, 0.69, 0.5, 128, true},
    {"sglang", 5, 4.29e-6, 0.51, 0.042, 1.08, 0.85, 1e9, true},
};

bool is_named(std::string_view name, std::string_view asked) {
  if (asked.empty()) return false;
  std::string lower;
  for (const char c : asked) {
    if (c != '-' && c != '_') lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return lower == name || (name == "trtllm" && lower == "tensorrtllm");
}

}  // namespace

double parse_engine_version(std::string_view version) {
  double parts[2] = {0, 0};
  std::size_t part = 0;
  for (const char c : version) {
    if (c >= '0' && c <= '9') {
      parts[part] = parts[part] * 10 + (c - '0');
    } else if (c == '.' && part == 0) {
      part = 1;
    } else if (!(c == 'v' && part == 0)) {
      break;
    }
  }
  return parts[0] * 1000 + parts[1];
}

serving_engine serving_engine_of(std::string_view name, std::string_view version) {
  const double wanted = parse_engine_version(version);
  serving_engine mean;
  double logs[4] = {}, running = 0, power = 0;
  const serving_engine* nearest = nullptr;
  bool known = false;
  for (const serving_engine& e : measured) known = known || is_named(e.name, name);
  int count = 0;
  for (const serving_engine& e : measured) {
    if (known && !is_named(e.name, name)) continue;
    if (!nearest || std::abs(e.version - wanted) < std::abs(nearest->version - wanted)) nearest = &e;
    const double values[4] = {e.kernel_seconds, e.prefill_factor, e.first_token_seconds, e.queue_factor};
    for (int i = 0; i < 4; ++i) logs[i] += std::log(values[i]);
    power += e.queue_power;
    running += std::log(e.most_running_requests);
    ++count;
  }
  if (known && wanted > 0) {
    serving_engine found = *nearest;
    found.exact = found.version == wanted;
    return found;
  }
  mean.name = known ? nearest->name : std::string_view{};
  mean.kernel_seconds = std::exp(logs[0] / count);
  mean.prefill_factor = std::exp(logs[1] / count);
  mean.first_token_seconds = std::exp(logs[2] / count);
  mean.queue_factor = std::exp(logs[3] / count);
  mean.queue_power = power / count;
  mean.most_running_requests = known ? std::exp(running / count) : 1e9;
  mean.exact = false;
  return mean;
}

}  // namespace gpubench::predictor
