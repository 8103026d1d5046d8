#pragma once

#include "models/transformer.hpp"
#include "profiles/provenance.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::profiles {

/// A language model that people serve (models/NAME.json): names, and its shape in the keys of a Hugging Face
/// configuration.
struct language_model {
  std::string name;  ///< "llama3.1-8b"
  std::string title;
  std::vector<std::string> aliases;  ///< "meta-llama/Llama-3.1-8B-Instruct"
  std::string model_type;            ///< "llama"
  models::transformer shape;
  /// Parameters as their publishers state them; parameter_count() and active_parameter_count() of the shape come near.
  double published_parameters = 0;
  std::optional<double> published_active_parameters;
  std::string published_source;
  provenance origin;
};

/// "grouped-query", "latent", "sliding window" and so on: how the model attends, for people.
std::string attention_of(const models::transformer& shape);

/// @throws error: io, or input naming file and key.
language_model load_language_model(const std::filesystem::path& file);

/// All models of DIRECTORY/models, then of each overlay (same name replaces), by name.
std::vector<language_model> load_language_models(const std::filesystem::path& directory,
                                                 const std::vector<std::filesystem::path>& overlays = {});

/// Every finding in the model files of these directories, one a file.
std::vector<error> validate_language_models(const std::filesystem::path& directory,
                                            const std::vector<std::filesystem::path>& overlays = {});

/// A model by name or alias, a network of models::known_transformers(), or a config.json or the directory that holds
/// one. Case, hyphens and underscores,
/// the organisation before a slash and an ending of -Instruct, -it, -Chat or -Base do not matter. An ending of -FP8,
/// -NVFP4, -AWQ or -Int4 stores the weights so. @throws error: usage with the nearest names; io and input for a file.
language_model find_language_model(const std::vector<language_model>& known, const std::string& name);

}  // namespace gpubench::profiles
