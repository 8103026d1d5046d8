#pragma once

#include "models/transformer.hpp"
#include "profiles/detail/json_reader.hpp"

#include <span>
#include <string_view>

namespace gpubench::profiles::detail {

/// How one `model_type` states its shape. Keys and defaults: the configuration classes of Hugging Face transformers
/// (src/transformers/models/NAME/configuration_NAME.py).
struct architecture {
  std::string_view model_type;
  models::transformer (*read)(const json_reader& config) = nullptr;
};

/// One reader a family of configurations.
models::transformer read_bert(const json_reader& config);
models::transformer read_deepseek(const json_reader& config);
models::transformer read_gemma3(const json_reader& config);
models::transformer read_glm4_moe(const json_reader& config);
models::transformer read_gpt2(const json_reader& config);
models::transformer read_gpt_oss(const json_reader& config);
models::transformer read_llama(const json_reader& config);
models::transformer read_llama4(const json_reader& config);
models::transformer read_minimax_m2(const json_reader& config);
models::transformer read_mistral(const json_reader& config);
models::transformer read_mixtral(const json_reader& config);
models::transformer read_opt(const json_reader& config);
models::transformer read_qwen2(const json_reader& config);
models::transformer read_qwen3(const json_reader& config);
models::transformer read_qwen3_hybrid(const json_reader& config);
models::transformer read_qwen3_moe(const json_reader& config);

/// Sorted by model_type.
std::span<const architecture> architectures();

}  // namespace gpubench::profiles::detail
