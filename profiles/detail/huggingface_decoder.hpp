#pragma once

#include "profiles/detail/huggingface_architectures.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gpubench::profiles::detail {

// Beyond these a digit has slipped: the largest models published lie well within.
inline constexpr std::int64_t widest = 1'000'000, most_layers = 10'000, most_heads = 10'000, most_words = 10'000'000;
inline constexpr std::int64_t widest_head = 65'536;

models::activation_function read_activation(const json_reader& config, std::string_view key,
                                            const std::string& otherwise);

/// Heads and their width. What is not stated: `key_value_heads` and `head_dim` where they are not 0, else as many as
/// heads, and hidden over heads.
void read_heads(const json_reader& config, models::transformer& shape, std::int64_t key_value_heads,
                std::int64_t head_dim);

/// What all decoders after Llama state by the same keys; the width of the feed-forward block is 0 where not stated.
models::transformer read_decoder(const json_reader& config, std::int64_t key_value_heads = 0,
                                 std::int64_t head_dim = 0);

/// How many layers the one that sees all keys completes: by the list of kinds, the key, or `otherwise`.
std::int64_t full_every(const json_reader& config, std::string_view interval_key, std::int64_t otherwise);

/// @throws error: input when no intermediate_size was read.
void require_ffn(const json_reader& config, const models::transformer& shape);

}  // namespace gpubench::profiles::detail
