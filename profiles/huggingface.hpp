#pragma once

#include "core/json.hpp"
#include "models/transformer.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gpubench::profiles {

/// The transformer that a config.json of Hugging Face's transformers describes: Bert, GPT-2, OPT, Llama, Mistral,
/// Mixtral, Qwen2, Qwen3 and Qwen3.5 (dense and mixtures), gpt-oss, DeepSeek-V3, Kimi-K2, MiniMax-M2, GLM-4.5 and
/// GLM-5, Gemma 3, Llama 4. Of a model that also sees images it is the text part, `text_config`. Weights are stored as
/// `quantization_config` says (fp8, mxfp4, 4-bit groups). Keys with no bearing on speed are passed over; what a
/// configuration leaves out has the default of its class in transformers.
/// @param file  name used in complaints
/// @throws error: input naming file and key, with a hint: an architecture that is not known (nearest names), a missing
///         key (nearest key), a value of the wrong type or out of range.
models::transformer read_huggingface_config(const json& config, const std::string& file);

/// From a config.json, or from the directory that holds it.   @throws error: io, and as read_huggingface_config().
models::transformer load_huggingface_config(const std::filesystem::path& path);

/// `model_type`s that can be read, sorted.
std::vector<std::string> known_model_types();

}  // namespace gpubench::profiles
