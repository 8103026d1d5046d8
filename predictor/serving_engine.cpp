#include "predictor/serving_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace gpubench::predictor {
namespace {

serving_engine measured(const char* name, double version, double kernel_seconds, double prefill_factor,
                        double first_token_seconds, double queue_factor, double queue_power, double running,
                        std::size_t rows) {
  serving_engine e;
  e.name = name;
  e.version = version;
  e.kernel_seconds = kernel_seconds;
  e.prefill_factor = prefill_factor;
  e.first_token_seconds = first_token_seconds;
  e.queue_factor = queue_factor;
  e.queue_power = queue_power;
  e.most_running_requests = running;
  e.gpus = {"H100-SXM5-80GB"};
  e.rows = rows;
  return e;
}

}  // namespace

// AIConfigurator, silicon_sample.csv, commit 095f58a, 2026-08-21: 479 rows of trtllm 1.0 (Llama-3.1-8B, Qwen3-32B,
// Qwen3-235B), 90 of vllm 0.12 (Qwen3-32B), 88 of vllm 0.18 (MiniMax-M2.5, gpt-oss-120b), 84 of sglang 0.5 (Qwen3-32B).
// vllm served about 100 of 512 requests at a time. sglang puts whole prompts before the next decode step: they delay
// their own first token more and others' tokens less.
served_engines shipped_engines() {
  return {{measured("trtllm", 1000, 4.31e-6, 1.24, 0.076, 0.95, 0.5, 1e9, 479),
           measured("vllm", 12, 6.07e-6, 1.30, 0.018, 0.89, 0.5, 128, 90),
           measured("vllm", 18, 5.48e-6, 1.16, 0.008, 0.69, 0.5, 128, 88),
           measured("sglang", 5, 4.29e-6, 0.51, 0.042, 1.08, 0.85, 1e9, 84)},
          {}};
}

std::string engine_name(std::string_view name) {
  std::string lower;
  for (const char c : name) {
    if (c != '-' && c != '_') lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return lower == "tensorrtllm" ? "trtllm" : lower;
}

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

std::string engine_version_text(double version) {
  return fmt::format("{:.0f}.{:.0f}", std::floor(version / 1000), std::fmod(version, 1000));
}

serving_engine serving_engine_of(const served_engines& known, std::string_view name, std::string_view version) {
  const double wanted = parse_engine_version(version);
  const std::string asked = engine_name(name);
  const bool is_known =
      std::any_of(known.all.begin(), known.all.end(), [&](const serving_engine& e) { return e.name == asked; });
  serving_engine mean;
  double logs[4] = {}, running = 0, power = 0;
  const serving_engine* nearest = nullptr;
  int count = 0;
  for (const serving_engine& e : known.all) {
    if (is_known && e.name != asked) continue;
    if (!nearest || std::abs(e.version - wanted) < std::abs(nearest->version - wanted)) nearest = &e;
    const double values[4] = {e.kernel_seconds, e.prefill_factor, e.first_token_seconds, e.queue_factor};
    for (int i = 0; i < 4; ++i) logs[i] += std::log(values[i]);
    power += e.queue_power;
    running += std::log(e.most_running_requests);
    for (const std::string& gpu : e.gpus) {
      if (std::find(mean.gpus.begin(), mean.gpus.end(), gpu) == mean.gpus.end()) mean.gpus.push_back(gpu);
    }
    ++count;
  }
  if (is_known && wanted > 0) {
    serving_engine found = *nearest;
    found.exact = found.version == wanted;
    return found;
  }
  mean.name = is_known ? nearest->name : std::string();
  mean.kernel_seconds = std::exp(logs[0] / count);
  mean.prefill_factor = std::exp(logs[1] / count);
  mean.first_token_seconds = std::exp(logs[2] / count);
  mean.queue_factor = std::exp(logs[3] / count);
  mean.queue_power = power / count;
  mean.most_running_requests = is_known ? std::exp(running / count) : 1e9;
  mean.exact = false;
  return mean;
}

}  // namespace gpubench::predictor
