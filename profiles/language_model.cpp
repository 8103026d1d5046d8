#include "profiles/language_model.hpp"

#include "core/text.hpp"
#include "models/known_transformers.hpp"
#include "profiles/huggingface.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace gpubench::profiles {
namespace {

namespace fs = std::filesystem;
using models::precision;
using models::weight_storage;

// Letters, digits and points, without the organisation.
std::string plain(std::string_view name) {
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  std::string letters;
  for (const char c : to_lower(name))
    if (c == '.' || std::isalnum(static_cast<unsigned char>(c)) != 0) letters += c;
  return letters;
}

bool drop_ending(std::string& name, std::string_view ending) {
  if (name.size() <= ending.size() || name.compare(name.size() - ending.size(), ending.size(), ending) != 0)
    return false;
  name.resize(name.size() - ending.size());
  return true;
}

void drop_tuning(std::string& name) {
  for (const auto* ending : {"instruct", "it", "chat", "base", "bf16"}) drop_ending(name, ending);
}

struct narrow_ending {
  std::string_view ending;
  weight_storage storage;
};
// Square blocks of 128 with an fp32 scale; groups of 16, 128 and 128 with scales of 8 and 16 bits.
const narrow_ending narrow_endings[] = {{"fp8", {precision::fp8, 4.0 / (128 * 128)}},
                                        {"nvfp4", {precision::fp4, 1.0 / 16}},
                                        {"awq", {precision::fp4, 2.0 / 128}},
                                        {"int4", {precision::fp4, 2.0 / 128}}};

const language_model* find_plain(const std::vector<language_model>& known, std::string wanted) {
  for (int round = 0; round < 2; ++round, drop_tuning(wanted))
    for (const auto& model : known) {
      const auto same = [&](const std::string& name) {
        std::string other = plain(name);
        if (round > 0) drop_tuning(other);
        return other == wanted;
      };
      if (same(model.name) || std::any_of(model.aliases.begin(), model.aliases.end(), same)) return &model;
    }
  return nullptr;
}

bool names_a_file(const std::string& name) {
  std::error_code ignored;
  const bool json_file = name.size() > 5 && name.compare(name.size() - 5, 5, ".json") == 0;
  return json_file || fs::is_regular_file(fs::path(name) / "config.json", ignored);
}

language_model from_file(const std::string& name) {
  language_model model;
  model.shape = load_huggingface_config(name);
  fs::path place = name;
  if (place.extension() == ".json") place = place.parent_path();
  model.name = model.title = place.filename().empty() ? name : place.filename().string();
  model.model_type = "file";
  model.published_parameters = models::parameter_count(model.shape);
  return model;
}

language_model from_known(const models::known_transformer& known) {
  language_model model;
  model.name = model.title = std::string(known.name);
  model.model_type = std::string(models::to_string(known.shape.family));
  model.shape = known.shape;
  model.published_parameters = models::parameter_count(known.shape);
  model.origin.source = std::string(known.source);
  return model;
}

}  // namespace

std::string attention_of(const models::transformer& shape) {
  std::string kind = shape.latent.kv_rank > 0       ? "latent"
                     : shape.kv_heads == 1          ? "multi-query"
                     : shape.kv_heads < shape.heads ? "grouped-query"
                                                    : "multi-head";
  if (shape.latent.index_keys > 0) kind += fmt::format(", sparse over {} keys", shape.latent.index_keys);
  const auto but = [](std::int64_t every) { return every > 0 ? fmt::format(" but for one layer in {}", every) : ""; };
  if (shape.local.window > 0)
    kind += fmt::format(", {} of {}{}", shape.local.chunked ? "chunks" : "sliding window", shape.local.window,
                        but(shape.local.full_every));
  if (shape.linear.value_heads > 0) kind += ", linear" + but(shape.linear.full_every);
  return kind;
}

language_model find_language_model(const std::vector<language_model>& known, const std::string& name) {
  if (names_a_file(name)) return from_file(name);
  std::string wanted = plain(name);
  if (const auto* found = find_plain(known, wanted)) return *found;
  for (const auto& [ending, storage] : narrow_endings) {
    std::string rest = wanted;
    if (!drop_ending(rest, ending)) continue;
    if (const auto* found = find_plain(known, rest)) {
      language_model narrow = *found;
      narrow.title += fmt::format(" in {}", ending);
      narrow.shape.matrices = narrow.shape.expert_weights = storage;
      return narrow;
    }
  }
  if (const auto* trained = models::known_transformer_or_null(name)) return from_known(*trained);
  std::vector<std::string> names;
  for (const auto& trained : models::known_transformers()) names.emplace_back(trained.name);
  for (const auto& model : known) {
    names.push_back(model.name);
    names.insert(names.end(), model.aliases.begin(), model.aliases.end());
  }
  throw error(error_kind::usage, fmt::format("model '{}' is not known", name),
              suggestion(name, names) + "  A config.json of Hugging Face is taken too: name the file");
}

}  // namespace gpubench::profiles
