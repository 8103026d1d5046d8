#include "profiles/detail/huggingface_architectures.hpp"

namespace gpubench::profiles::detail {
namespace {

constexpr architecture known[] = {
    {"bert", read_bert},
    {"deepseek_v3", read_deepseek},
    {"deepseek_v32", read_deepseek},
    {"gemma3", read_gemma3},
    {"gemma3_text", read_gemma3},
    {"glm4_moe", read_glm4_moe},
    {"glm_moe_dsa", read_deepseek},
    {"gpt2", read_gpt2},
    {"gpt_oss", read_gpt_oss},
    {"kimi_k2", read_deepseek},
    {"kimi_k25", read_deepseek},
    {"llama", read_llama},
    {"llama4", read_llama4},
    {"llama4_text", read_llama4},
    {"minimax_m2", read_minimax_m2},
    {"mistral", read_mistral},
    {"mixtral", read_mixtral},
    {"opt", read_opt},
    {"qwen2", read_qwen2},
    {"qwen3", read_qwen3},
    {"qwen3_5", read_qwen3_hybrid},
    {"qwen3_5_moe", read_qwen3_hybrid},
    {"qwen3_5_moe_text", read_qwen3_hybrid},
    {"qwen3_5_text", read_qwen3_hybrid},
    {"qwen3_moe", read_qwen3_moe},
    {"qwen3_next", read_qwen3_hybrid},
};

}  // namespace

std::span<const architecture> architectures() {
  return known;
}

}  // namespace gpubench::profiles::detail
