#include "bench/apps/byte_pairs.hpp"
#include "bench/clock.hpp"
#include "bench/host/operands.hpp"
#include "bench/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gpubench::bench::apps {
namespace {

constexpr int merges = 1000;
constexpr std::size_t part_bytes = 1 << 16;
constexpr std::uint64_t training_seed = 1, text_seed = 2;

class text_case : public prepared_case {
 public:
  explicit text_case(const results::parameters& params)
      : threads_(static_cast<int>(host::size_of(params, "threads"))),
        pairs_(text_like(1 << 18, training_seed), merges),
        text_(text_like(static_cast<std::size_t>(host::size_of(params, "bytes")), text_seed)) {
    // Parts end before a space, so that no word is cut.
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t end = std::min(text_.find(' ', begin + part_bytes), text_.size());
      parts_.push_back(std::string_view(text_).substr(begin, end - begin));
      begin = end;
    }
    tokens_.resize(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) tokens_[i].reserve(parts_[i].size());
  }

  std::chrono::duration<double, std::nano> sample() override {
    for (auto& tokens : tokens_) tokens.clear();
    const auto start = steady_now();
#pragma omp parallel for num_threads(threads_) schedule(dynamic)
    for (std::size_t i = 0; i < parts_.size(); ++i) pairs_.encode(parts_[i], tokens_[i]);
    return steady_now() - start;
  }

  results::verification verify() override {
    constexpr std::size_t words_of_part = 64;
    std::size_t errors = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      errors += encoding_errors(pairs_, parts_[i], tokens_[i], words_of_part);
    }
    return {
        "bytes of the text that the tokens do not decode to, and tokens, of the first 64 words of each 64 KiB, that "
        "merging in the order of training does not give",
        static_cast<double>(errors), 0};
  }

  std::map<std::string, std::string> method() override {
    std::size_t tokens = 0;
    for (const auto& part : tokens_) tokens += part.size();
    return {{"tokeniser", fmt::format("byte-pair encoding, {} merges, no cache of words", pairs_.merges())},
            {"tokens",
             fmt::format("{:.2f} bytes a token", static_cast<double>(text_.size()) / static_cast<double>(tokens))}};
  }

 private:
  int threads_;
  byte_pairs pairs_;
  std::string text_;
  std::vector<std::string_view> parts_;
  std::vector<std::vector<std::uint16_t>> tokens_;
};

benchmark_definition text_definition() {
  benchmark_definition definition;
  definition.name = "data_preparation_text";
  definition.description =
      "Rate of cutting text into tokens by byte-pair encoding, as before training a language model";
  definition.backend = "host";
  definition.application = true;
  definition.cases = [](suite, const machine& where) {
    std::vector<results::parameters> cases;
    for (const std::int64_t threads : {std::int64_t{where.threads}, std::int64_t{1}}) {
      cases.push_back({{"bytes", threads << 20}, {"threads", threads}});
      if (where.threads == 1) break;
    }
    return cases;
  };
  definition.work = [](const results::parameters& params) {
    results::work_done work;
    work.items = static_cast<double>(host::size_of(params, "bytes"));
    work.item = "text byte";
    return work;
  };
  definition.unavailable = [](const results::parameters& params, const machine& where) -> std::optional<std::string> {
    if (host::size_of(params, "bytes") < 1 || host::size_of(params, "threads") < 1)
      return "bytes and threads must be at least 1";
    // The text, and two bytes for each of at most as many tokens.
    if (where.usable_memory_bytes > 0 &&
        3.0 * static_cast<double>(host::size_of(params, "bytes")) > where.usable_memory_bytes / 2) {
      return "the text and its tokens do not fit half of the memory";
    }
    return std::nullopt;
  };
  definition.prepare = [](const results::parameters& params, const machine&) {
    return std::make_unique<text_case>(params);
  };
  definition.overhead = [](const results::parameters&, const machine&) { return std::chrono::duration<double>(2); };
  return definition;
}

const registration unused{text_definition()};

}  // namespace
}  // namespace gpubench::bench::apps
