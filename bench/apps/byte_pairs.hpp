#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpubench::bench::apps {

/// Byte-pair encoding (Gage 1994; Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword
/// units", ACL 2016) over bytes, as GPT-2 and its successors have it: text is cut into words, each with the space
/// before it; a word begins as its bytes, tokens 0 to 255, and the adjacent pair that was merged first in training
/// becomes one token, again and again. No word's tokens are kept for the next time it comes.
class byte_pairs {
 public:
  /// Learns `merges` of a text, the most frequent pair first; ties go to the smaller tokens. Ends early when no pair
  /// comes twice.
  byte_pairs(std::string_view text, int merges);

  /// Appends the tokens of a text.
  void encode(std::string_view text, std::vector<std::uint16_t>& tokens) const;
  std::string decode(const std::vector<std::uint16_t>& tokens) const;

  int merges() const { return static_cast<int>(merges_.size()); }
  /// The two tokens that merge `i` makes one of, which is token 256 + i.
  std::pair<std::uint16_t, std::uint16_t> merge(int i) const { return merges_[static_cast<std::size_t>(i)]; }

 private:
  static constexpr std::uint16_t none = 0xffff;

  /// The token of a pair, or none.
  std::uint16_t merged(std::uint16_t left, std::uint16_t right) const;
  void add(std::uint16_t left, std::uint16_t right);

  std::vector<std::pair<std::uint16_t, std::uint16_t>> merges_;
  /// Open addressing: pairs as left * 65536 + right, and their tokens; four times as many places as merges.
  std::vector<std::uint32_t> keys_;
  std::vector<std::uint16_t> tokens_;
  std::uint32_t mask_ = 0;
};

/// Words of a text, each with the space before it.
std::vector<std::string_view> words_of(std::string_view text);

/// A text of `bytes` bytes: words made of syllables, drawn with the frequencies of natural languages (Zipf's law), with
/// commas, full stops and new lines.
std::string text_like(std::size_t bytes, std::uint64_t seed);

/// What makes `tokens` no encoding of `text`: bytes that decode to others (or are too few or many), and, of the first
/// `words` words, those whose tokens are not what merging in the order of training gives.
std::size_t encoding_errors(const byte_pairs& pairs, std::string_view text, const std::vector<std::uint16_t>& tokens,
                            std::size_t words);

}  // namespace gpubench::bench::apps
