#pragma once

#include "models/transformer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gpubench::models {

/// A published network that is trained or timed by name.
struct known_transformer {
  std::string_view name;    ///< "bert_large"
  std::string_view source;  ///< of the shape
  transformer shape;
};

/// BERT (Devlin et al., arXiv 1810.04805), GPT-2 (Radford et al. 2019), GPT-3 (Brown et al., arXiv 2005.14165, table
/// 2.1) and OPT (Zhang et al., arXiv 2205.01068, table 1), with the vocabularies of their published configurations.
const std::vector<known_transformer>& known_transformers();

/// A shape of such a family from what a user states; what is not stated follows the family: ffn 4 hidden (Llama: 8/3
/// hidden, to a multiple of 256), the published vocabulary and positions, heads of hidden / 64.
struct stated_shape {
  transformer_family family = transformer_family::bert;
  std::int64_t layers = 0, hidden = 0;
  std::int64_t heads = 0, kv_heads = 0, ffn = 0, vocabulary = 0, positions = 0;  ///< 0: not stated
  std::int64_t sequence = 0;  ///< tokens it is run on: there are as many positions at least
};
/// @throws error: usage for missing layers or hidden, or heads that do not divide hidden.
transformer shape_of(const stated_shape& stated);

/// "bert-large", "BERT_Large" and "bertlarge" are one name.   @throws error: usage with the nearest names.
const known_transformer& find_known_transformer(std::string_view name);
/// The same, without a network of that name: nothing.
const known_transformer* known_transformer_or_null(std::string_view name);

}  // namespace gpubench::models
