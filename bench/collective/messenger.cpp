#include "bench/collective/messenger.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace gpubench::collective {

std::string broadcast_text(messenger& between, std::string text) {
  std::uint64_t length = text.size();
  between.broadcast(&length, sizeof length);
  text.resize(length);
  if (length > 0) between.broadcast(text.data(), length);
  return text;
}

std::vector<std::string> gather_texts(messenger& between, const std::string& mine, std::string_view asked_for) {
  using slot = std::array<char, 501>;
  slot own{};
  std::memcpy(own.data(), mine.data(), std::min(mine.size(), own.size() - 1));
  std::vector<slot> all(between.is_root() ? static_cast<std::size_t>(between.ranks()) : 0);
  require_all(between.gather(&own, sizeof own, all.data()), asked_for);
  std::vector<std::string> texts;
  for (const auto& one : all) texts.emplace_back(one.data());
  return texts;
}

std::vector<std::string> gather_long_texts(messenger& between, const std::string& mine, std::string_view asked_for) {
  constexpr std::size_t piece = 500;
  std::uint64_t rounds = (mine.size() + piece - 1) / piece;
  std::vector<std::uint64_t> wanted(between.is_root() ? static_cast<std::size_t>(between.ranks()) : 0);
  require_all(between.gather(&rounds, sizeof rounds, wanted.data()), asked_for);
  if (between.is_root()) rounds = *std::max_element(wanted.begin(), wanted.end());
  between.broadcast(&rounds, sizeof rounds);
  std::vector<std::string> whole(wanted.size());
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::size_t begin = round * piece;
    const auto pieces = gather_texts(between, begin < mine.size() ? mine.substr(begin, piece) : "", asked_for);
    for (std::size_t rank = 0; rank < pieces.size(); ++rank) whole[rank] += pieces[rank];
  }
  return whole;
}

std::string rank_list(const std::vector<int>& ranks) {
  constexpr std::size_t most = 8;
  if (ranks.size() == 1) return fmt::format("rank {}", ranks.front());
  std::string text = "ranks ";
  const std::size_t shown = std::min(ranks.size(), most);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == ranks.size();
    text += fmt::format("{}{}", i == 0 ? "" : last ? " and " : ", ", ranks[i]);
  }
  if (ranks.size() > shown) text += fmt::format(" and {} more", ranks.size() - shown);
  return text;
}

void require_all(const std::vector<int>& missing, std::string_view asked_for) {
  if (missing.empty()) return;
  throw error(error_kind::collective, fmt::format("{} did not answer in time ({})", rank_list(missing), asked_for),
              "look whether that process still runs; GPUBENCH_WATCHDOG_SECONDS sets another limit");
}

std::vector<int> lone_messenger::gather(const void* mine, std::size_t bytes, void* all) {
  std::memcpy(all, mine, bytes);
  return {};
}

}  // namespace gpubench::collective
