#pragma once

#include "bench/collective/shape.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What is known of NCCL's algorithms. Header only and without a library, because the CUDA module shares it.
namespace gpubench::collective {

/// As NCCL_ALGO and NCCL_PROTO name them.
struct forced_algorithm {
  const char* algorithm;
  const char* protocol;
};

/// Algorithms and protocols that NCCL has for a collective; on a given machine some may be missing. Point to point has
/// none to choose. Source: NCCL documentation, "NCCL_ALGO" and "NCCL_PROTO"; NCCL's src/graph/tuning.cc, which gives
/// NVLS, CollNet and PAT the Simple protocol only.
inline std::vector<forced_algorithm> algorithms_of(collective_kind kind) {
  switch (kind) {
    case collective_kind::all_reduce:
      return {{"Ring", "LL"},
              {"Ring", "LL128"},
              {"Ring", "Simple"},
              {"Tree", "LL"},
              {"Tree", "LL128"},
              {"Tree", "Simple"},
              {"NVLS", "Simple"},
              {"NVLSTree", "Simple"},
              {"CollnetDirect", "Simple"},
              {"CollnetChain", "Simple"}};
    case collective_kind::all_gather:
    case collective_kind::reduce_scatter:
      return {{"Ring", "LL"},     {"Ring", "LL128"},           {"Ring", "Simple"},
              {"NVLS", "Simple"}, {"CollnetDirect", "Simple"}, {"PAT", "Simple"}};
    case collective_kind::broadcast:
    case collective_kind::reduce:
      return {{"Ring", "LL"}, {"Ring", "LL128"}, {"Ring", "Simple"}};
    default:
      return {};
  }
}

/// The function's name in NCCL's log.
constexpr const char* nccl_name(collective_kind kind) {
  switch (kind) {
    case collective_kind::all_reduce:
      return "AllReduce";
    case collective_kind::all_gather:
      return "AllGather";
    case collective_kind::reduce_scatter:
      return "ReduceScatter";
    case collective_kind::broadcast:
      return "Broadcast";
    case collective_kind::reduce:
      return "Reduce";
    case collective_kind::all_to_all:
      return "AlltoAll";
    default:
      return "SendRecv";
  }
}

/// NCCL_VERSION_CODE since which NCCL_ALGO and NCCL_PROTO may be limited to a function: 2.24.
inline constexpr int version_with_functions = 22400;

/// Value of NCCL_ALGO or NCCL_PROTO that forces `choice` for one function and leaves the others, of which a barrier is
/// one, to NCCL: "allgather:PAT". Older versions know no functions, so that all are forced. Source: NCCL documentation,
/// "NCCL_ALGO", and parseList() in NCCL's src/graph/tuning.cc.
inline std::string forced_for(collective_kind kind, const std::string& choice, int version) {
  if (version < version_with_functions) return choice;
  std::string function = nccl_name(kind);
  for (char& c : function) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return function + ":" + choice;
}

/// What NCCL's log says that it uses: "RING", "LL128", as it spells them.
struct logged_choice {
  std::string algorithm, protocol;
  std::optional<int> channels;
};

namespace algorithms_detail {

inline std::string word_at(std::string_view text, std::size_t start) {
  const std::size_t end = text.find_first_of(" \r\n", start);
  return std::string(text.substr(start, end == std::string_view::npos ? end : end - start));
}

inline std::optional<std::uint64_t> number_before(std::string_view text, std::size_t end) {
  std::size_t start = end;
  while (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9') --start;
  if (start == end || end - start > 18) return std::nullopt;
  return std::stoull(std::string(text.substr(start, end - start)));
}

/// Channels of "channel{Lo..Hi}={0..15}".
inline std::optional<int> channels_of(std::string_view line) {
  constexpr std::string_view mark = "channel{Lo..Hi}={";
  const auto at = line.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto dots = line.find("..", at + mark.size());
  const auto close = dots == std::string_view::npos ? dots : line.find('}', dots);
  if (close == std::string_view::npos) return std::nullopt;
  const auto low = number_before(line, dots);
  const auto high = number_before(line, close);
  if (!low || !high || *high < *low || *high > 1024) return std::nullopt;
  return static_cast<int>(*high - *low) + 1;
}

}  // namespace algorithms_detail

/// The last choice for a collective of a size in NCCL's log (NCCL_DEBUG=INFO, NCCL_DEBUG_SUBSYS=TUNING), which since
/// NCCL 2.24 has lines such as "AllReduce: 4096 Bytes -> Algo RING proto LL channel{Lo..Hi}={0..1}". Nothing where the
/// log has no such line: older versions write numbers that name no collective.
inline std::optional<logged_choice> choice_in_log(std::string_view log, collective_kind kind, std::uint64_t bytes) {
  using namespace algorithms_detail;
  constexpr std::string_view size_mark = " Bytes -> Algo ";
  constexpr std::string_view protocol_mark = " proto ";
  const std::string name = std::string(" ") + nccl_name(kind) + ": ";
  std::optional<logged_choice> found;
  for (std::size_t start = 0; start < log.size();) {
    const std::size_t end = std::min(log.find('\n', start), log.size());
    const std::string_view line = log.substr(start, end - start);
    start = end + 1;
    const auto size_at = line.find(size_mark);
    const auto protocol_at = line.find(protocol_mark);
    if (size_at == std::string_view::npos || protocol_at == std::string_view::npos) continue;
    if ((" " + std::string(line)).find(name) == std::string::npos) continue;
    if (number_before(line, size_at) != bytes) continue;
    found = logged_choice{word_at(line, size_at + size_mark.size()), word_at(line, protocol_at + protocol_mark.size()),
                          channels_of(line)};
  }
  return found;
}

/// Whether the log's spelling names the forced one: "NVLS_TREE" is "NVLSTree".
inline bool same_name(std::string_view logged, std::string_view forced) {
  const auto plain = [](std::string_view text) {
    std::string result;
    for (const char c : text) {
      if (c == '_') continue;
      result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
  };
  return plain(logged) == plain(forced);
}

}  // namespace gpubench::collective
