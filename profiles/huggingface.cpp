#include "profiles/huggingface.hpp"

#include "core/text.hpp"
#include "profiles/detail/huggingface_architectures.hpp"
#include "profiles/detail/huggingface_quantization.hpp"

#include <fmt/format.h>

namespace gpubench::profiles {

std::vector<std::string> known_model_types() {
  std::vector<std::string> names;
  for (const auto& known : detail::architectures()) names.emplace_back(known.model_type);
  return names;
}

models::transformer read_huggingface_config(const json& config, const std::string& file) {
  const detail::json_reader top(config, file);
  const auto type = top.text("model_type");
  for (const auto& known : detail::architectures()) {
    if (known.model_type != type) continue;
    const bool nested = top.has("text_config");
    const detail::json_reader part = nested ? top.object("text_config") : top;
    auto shape = known.read(part);
    detail::read_quantization(top.has("quantization_config") ? top : part, shape);
    if (nested && top.has("tie_word_embeddings"))
      shape.tied_embeddings = top.flag_or("tie_word_embeddings", shape.tied_embeddings);
    return shape;
  }
  const auto near = suggestion(type, known_model_types());
  top.refuse("model_type", fmt::format("architecture '{}' is not known", type),
             near.empty() ? "known are " + join(known_model_types(), ", ") : near);
}

models::transformer load_huggingface_config(const std::filesystem::path& path) {
  const auto file = std::filesystem::is_directory(path) ? path / "config.json" : path;
  return read_huggingface_config(load_json(file), file.string());
}

}  // namespace gpubench::profiles
