#include "models/known_transformers.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace gpubench::models {
namespace {

using family = transformer_family;

// What all networks of a family share.
transformer family_defaults(family which) {
  transformer shape;
  shape.family = which;
  switch (which) {
    case family::bert:
      shape.vocabulary = 30522;
      shape.positions = 512;
      shape.causal = false;
      shape.pretraining_head = true;
      shape.activation = activation_function::gelu;
      break;
    case family::gpt2:
      shape.vocabulary = 50257;
      shape.positions = 1024;
      shape.activation = activation_function::gelu_tanh;
      break;
    case family::opt:
      shape.vocabulary = 50272;
      shape.positions = 2048;
      shape.activation = activation_function::relu;
      break;
    case family::llama:
      shape.vocabulary = 32000;
      shape.gated_ffn = true;
      shape.activation = activation_function::silu;
      break;
  }
  shape.biases = which != family::llama;
  shape.tied_embeddings = which != family::llama;
  return shape;
}

transformer sized(family which, std::int64_t layers, std::int64_t hidden, std::int64_t heads) {
  return shape_of({which, layers, hidden, heads});
}

transformer gpt3(std::int64_t layers, std::int64_t hidden, std::int64_t heads, std::int64_t head_dim) {
  auto shape = sized(family::gpt2, layers, hidden, 1);
  shape.heads = shape.kv_heads = heads;
  shape.head_dim = head_dim;
  shape.positions = 2048;
  return shape;
}

std::vector<known_transformer> make_known() {
  constexpr std::string_view bert = "arXiv 1810.04805", gpt2 = "Radford et al. 2019, table 2";
  constexpr std::string_view brown = "arXiv 2005.14165, table 2.1", opt = "arXiv 2205.01068, table 1";
  return {
      {"bert_base", bert, sized(family::bert, 12, 768, 12)},
      {"bert_large", bert, sized(family::bert, 24, 1024, 16)},
      {"gpt2", gpt2, sized(family::gpt2, 12, 768, 12)},
      {"gpt2_medium", gpt2, sized(family::gpt2, 24, 1024, 16)},
      {"gpt2_large", gpt2, sized(family::gpt2, 36, 1280, 20)},
      {"gpt2_xl", gpt2, sized(family::gpt2, 48, 1600, 25)},
      {"gpt3_small", brown, gpt3(12, 768, 12, 64)},
      {"gpt3_medium", brown, gpt3(24, 1024, 16, 64)},
      {"gpt3_large", brown, gpt3(24, 1536, 16, 96)},
      {"gpt3_xl", brown, gpt3(24, 2048, 24, 128)},
      {"gpt3_2.7b", brown, gpt3(32, 2560, 32, 80)},
      {"gpt3_6.7b", brown, gpt3(32, 4096, 32, 128)},
      {"gpt3_13b", brown, gpt3(40, 5140, 40, 128)},
      {"gpt3_175b", brown, gpt3(96, 12288, 96, 128)},
      {"opt_125m", opt, sized(family::opt, 12, 768, 12)},
      {"opt_1.3b", opt, sized(family::opt, 24, 2048, 32)},
      {"opt_2.7b", opt, sized(family::opt, 32, 2560, 32)},
      {"opt_6.7b", opt, sized(family::opt, 32, 4096, 32)},
      {"opt_13b", opt, sized(family::opt, 40, 5120, 40)},
      {"opt_30b", opt, sized(family::opt, 48, 7168, 56)},
      {"opt_66b", opt, sized(family::opt, 64, 9216, 72)},
  };
}

// Letters, digits and the point that tells opt-1.3b from opt-13b: hyphens, underscores and organisations are dropped.
std::string plain(std::string_view name) {
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  std::string letters;
  for (const char c : to_lower(name))
    if (c == '.' || std::isalnum(static_cast<unsigned char>(c)) != 0) letters += c;
  return letters;
}

// Names that mean one of the list.
struct other_name {
  std::string_view name, known;
};
constexpr other_name other_names[] = {{"bert", "bert_base"},
                                      {"bert-base-uncased", "bert_base"},
                                      {"bert-large-uncased", "bert_large"},
                                      {"gpt2-small", "gpt2"},
                                      {"gpt3", "gpt3_175b"}};

}  // namespace

transformer shape_of(const stated_shape& stated) {
  if (stated.layers < 1 || stated.hidden < 1)
    throw error(error_kind::usage, fmt::format("a {} needs its layers and its hidden size", to_string(stated.family)),
                "state layers=... and hidden=...");
  transformer shape = family_defaults(stated.family);
  const auto or_else = [](std::int64_t value, std::int64_t otherwise) { return value > 0 ? value : otherwise; };
  shape.layers = stated.layers;
  shape.hidden = stated.hidden;
  shape.heads = or_else(stated.heads, std::max<std::int64_t>(stated.hidden / 64, 1));
  if (stated.hidden % shape.heads != 0)
    throw error(error_kind::usage, fmt::format("{} heads do not divide hidden {}", shape.heads, stated.hidden),
                "state heads=... that divide it");
  shape.head_dim = stated.hidden / shape.heads;
  shape.kv_heads = or_else(stated.kv_heads, shape.heads);
  const std::int64_t llama_ffn = (stated.hidden * 8 / 3 + 255) / 256 * 256;
  shape.ffn = or_else(stated.ffn, stated.family == family::llama ? llama_ffn : 4 * stated.hidden);
  shape.vocabulary = or_else(stated.vocabulary, shape.vocabulary);
  if (stated.positions > 0) shape.positions = stated.positions;
  if (shape.positions > 0) shape.positions = std::max(shape.positions, stated.sequence);
  return shape;
}

const std::vector<known_transformer>& known_transformers() {
  static const std::vector<known_transformer> known = make_known();
  return known;
}

const known_transformer* known_transformer_or_null(std::string_view name) {
  std::string wanted = plain(name);
  for (const auto& other : other_names)
    if (plain(other.name) == wanted) wanted = plain(other.known);
  for (const auto& known : known_transformers())
    if (plain(known.name) == wanted) return &known;
  return nullptr;
}

const known_transformer& find_known_transformer(std::string_view name) {
  if (const auto* found = known_transformer_or_null(name)) return *found;
  std::vector<std::string> names;
  for (const auto& known : known_transformers()) names.emplace_back(known.name);
  throw error(error_kind::usage, fmt::format("network '{}' is not known", name), suggestion(name, names));
}

}  // namespace gpubench::models
