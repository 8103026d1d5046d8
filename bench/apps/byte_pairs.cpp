#include "bench/apps/byte_pairs.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <unordered_map>

#include "reference/random.hpp"

namespace gpubench::bench::apps {
namespace {

constexpr std::uint32_t no_pair = 0xffffffff;

constexpr std::uint32_t key_of(std::uint16_t left, std::uint16_t right) {
  return static_cast<std::uint32_t>(left) << 16 | right;
}
constexpr std::uint32_t place_of(std::uint32_t key) {
  return (key * 0x9e3779b1U) >> 8;  // Knuth's multiplicative hashing
}

using token_list = std::vector<std::uint16_t>;

void replace_pair(token_list& tokens, std::uint16_t left, std::uint16_t right, std::uint16_t merged) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tokens.size(); ++kept) {
    const bool is_pair = i + 1 < tokens.size() && tokens[i] == left && tokens[i + 1] == right;
    tokens[kept] = is_pair ? merged : tokens[i];
    i += is_pair ? 2 : 1;
  }
  tokens.resize(kept);
}

token_list bytes_of(std::string_view word) {
  token_list tokens;
  for (const char byte : word) tokens.push_back(static_cast<std::uint8_t>(byte));
  return tokens;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin + 1), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

byte_pairs::byte_pairs(std::string_view text, int merges) {
  mask_ = std::bit_ceil(static_cast<std::uint32_t>(4 * std::max(1, merges))) - 1;
  keys_.assign(std::size_t{mask_} + 1, no_pair);
  tokens_.assign(std::size_t{mask_} + 1, none);
  std::map<std::string_view, std::int64_t> frequencies;
  for (const auto word : words_of(text)) ++frequencies[word];
  std::vector<std::pair<token_list, std::int64_t>> words;
  for (const auto& [word, frequency] : frequencies) words.emplace_back(bytes_of(word), frequency);
  while (this->merges() < merges) {
    std::unordered_map<std::uint32_t, std::int64_t> counts;
    for (const auto& [tokens, frequency] : words) {
      for (std::size_t i = 0; i + 1 < tokens.size(); ++i) counts[key_of(tokens[i], tokens[i + 1])] += frequency;
    }
    std::uint32_t best = no_pair;
    std::int64_t most = 1;
    for (const auto& [key, count] : counts) {
      if (count > most || (count == most && best != no_pair && key < best)) {
        best = key;
        most = count;
      }
    }
    if (best == no_pair) break;
    const auto left = static_cast<std::uint16_t>(best >> 16), right = static_cast<std::uint16_t>(best);
    add(left, right);
    for (auto& [tokens, frequency] : words) replace_pair(tokens, left, right, merged(left, right));
  }
}

void byte_pairs::add(std::uint16_t left, std::uint16_t right) {
  std::uint32_t place = place_of(key_of(left, right)) & mask_;
  while (keys_[place] != no_pair) place = (place + 1) & mask_;
  keys_[place] = key_of(left, right);
  tokens_[place] = static_cast<std::uint16_t>(256 + merges_.size());
  merges_.emplace_back(left, right);
}

std::uint16_t byte_pairs::merged(std::uint16_t left, std::uint16_t right) const {
  const std::uint32_t key = key_of(left, right);
  for (std::uint32_t place = place_of(key) & mask_;; place = (place + 1) & mask_) {
    if (keys_[place] == key) return tokens_[place];
    if (keys_[place] == no_pair) return none;
  }
}

void byte_pairs::encode(std::string_view text, std::vector<std::uint16_t>& tokens) const {
  // Tokens of one word, and what each makes with the next; the smallest is the one that was merged first.
  token_list word, with_next;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin + 1), text.size());
    word.clear();
    with_next.clear();
    for (std::size_t i = begin; i < end; ++i) word.push_back(static_cast<std::uint8_t>(text[i]));
    for (std::size_t i = 0; i + 1 < word.size(); ++i) with_next.push_back(merged(word[i], word[i + 1]));
    while (!with_next.empty()) {
      const auto smallest = std::min_element(with_next.begin(), with_next.end());
      if (*smallest == none) break;
      const auto at = smallest - with_next.begin();
      word[static_cast<std::size_t>(at)] = *smallest;
      word.erase(word.begin() + at + 1);
      with_next.erase(smallest);
      const auto i = static_cast<std::size_t>(at);
      if (i > 0) with_next[i - 1] = merged(word[i - 1], word[i]);
      if (i < with_next.size()) with_next[i] = merged(word[i], word[i + 1]);
    }
    tokens.insert(tokens.end(), word.begin(), word.end());
    begin = end;
  }
}

std::string byte_pairs::decode(const std::vector<std::uint16_t>& tokens) const {
  std::string text;
  std::vector<std::uint16_t> left_over;
  for (const std::uint16_t token : tokens) {
    left_over.assign(1, token);
    while (!left_over.empty()) {
      const std::uint16_t next = left_over.back();
      left_over.pop_back();
      if (next < 256) {
        text.push_back(static_cast<char>(next));
      } else if (next - 256 < merges()) {
        const auto [left, right] = merge(next - 256);
        left_over.insert(left_over.end(), {right, left});
      }
    }
  }
  return text;
}

std::string text_like(std::size_t bytes, std::uint64_t seed) {
  static constexpr const char* starts[] = {"b", "c", "d", "f", "g", "h", "l",  "m",
                                           "n", "p", "r", "s", "t", "v", "st", "tr"};
  static constexpr const char* middles[] = {"a", "e", "i", "o", "u", "ea", "ou", "ai"};
  static constexpr const char* ends[] = {"", "", "n", "r", "s", "t", "l", "nd"};
  constexpr std::size_t vocabulary = 4096;
  std::vector<std::string> words;
  for (std::uint64_t w = 0; w < vocabulary; ++w) {
    std::string word;
    // Frequent words are short.
    for (std::uint64_t syllable = 0; syllable < 1 + std::bit_width(w / 16) / 3; ++syllable) {
      const std::uint64_t chance = reference::hash_of(7, w * 8 + syllable);
      word += starts[chance % 16];
      word += middles[(chance >> 8) % 8];
      word += ends[(chance >> 16) % 8];
    }
    words.push_back(word);
  }
  std::string text;
  for (std::uint64_t i = 0; text.size() < bytes; ++i) {
    const std::uint64_t chance = reference::hash_of(seed, i);
    // The inverse of Zipf's distribution: rank r with a probability as 1 / r.
    const double uniform = static_cast<double>(chance >> 11) / 9007199254740992.0;
    const auto rank = static_cast<std::size_t>(std::pow(static_cast<double>(vocabulary), uniform)) - 1;
    text += words[std::min(rank, vocabulary - 1)];
    text += chance % 16 == 0 ? ". " : chance % 16 == 1 ? ", " : chance % 128 == 2 ? "\n " : " ";
  }
  text.resize(bytes);
  return text;
}

std::size_t encoding_errors(const byte_pairs& pairs, std::string_view text, const std::vector<std::uint16_t>& tokens,
                            std::size_t words) {
  const std::string decoded = pairs.decode(tokens);
  std::size_t errors = std::max(decoded.size(), text.size()) - std::min(decoded.size(), text.size());
  for (std::size_t i = 0; i < std::min(decoded.size(), text.size()); ++i) errors += decoded[i] == text[i] ? 0 : 1;
  std::size_t at = 0;
  for (const auto word : words_of(text)) {
    if (words-- == 0) break;
    token_list expected = bytes_of(word);
    for (int i = 0; i < pairs.merges(); ++i) {
      const auto [left, right] = pairs.merge(i);
      replace_pair(expected, left, right, static_cast<std::uint16_t>(256 + i));
    }
    for (const std::uint16_t token : expected) errors += at < tokens.size() && tokens[at++] == token ? 0 : 1;
  }
  return errors;
}

}  // namespace gpubench::bench::apps
