#include "results/device_name.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace gpubench::results {
namespace {

constexpr std::string_view prefix = "gpu";

/// Digits alone: no sign and no blank. Six of them are more than any machine has.
std::optional<std::int64_t> index_of(std::string_view text) {
  constexpr std::size_t most_digits = 6;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() > most_digits || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  return parse_integer(text);
}

std::optional<gpu_span> span_of(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = index_of(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : index_of(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return gpu_span{*first, *last};
}

}  // namespace

bool is_gpu_name(std::string_view device) {
  return device.starts_with(prefix);
}

std::optional<std::vector<gpu_span>> gpus_named(std::string_view device) {
  if (!is_gpu_name(device)) return std::nullopt;
  std::vector<gpu_span> spans;
  for (auto rest = device.substr(prefix.size());;) {
    const auto plus = rest.find('+');
    const auto span = span_of(rest.substr(0, plus));
    if (!span) return std::nullopt;
    spans.push_back(*span);
    if (plus == std::string_view::npos) break;
    rest.remove_prefix(plus + 1);
  }
  std::sort(spans.begin(), spans.end(), [](const gpu_span& a, const gpu_span& b) { return a.first < b.first; });
  const auto overlap = [](const gpu_span& a, const gpu_span& b) { return b.first <= a.last; };
  if (std::adjacent_find(spans.begin(), spans.end(), overlap) != spans.end()) return std::nullopt;
  return spans;
}

std::optional<std::int64_t> count_of_gpus(std::string_view device) {
  const auto spans = gpus_named(device);
  if (!spans) return std::nullopt;
  std::int64_t count = 0;
  for (const auto& span : *spans) count += span.last - span.first + 1;
  return count;
}

}  // namespace gpubench::results
