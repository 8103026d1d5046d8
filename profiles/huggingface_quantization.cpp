#include "profiles/detail/huggingface_quantization.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::profiles::detail {
namespace {

using models::precision;
using models::weight_storage;

// fp32 scales of square blocks, or one of a tensor.
weight_storage blocks_of_fp8(const json_reader& config) {
  const auto block = config.integers("weight_block_size");
  const bool blocks = block.size() == 2 && block[0] > 0 && block[1] > 0;
  return {precision::fp8, blocks ? 4.0 / (static_cast<double>(block[0]) * static_cast<double>(block[1])) : 0};
}

// 16-bit scales of groups along the input.
weight_storage groups_of(std::int64_t bits, std::int64_t group) {
  const double scale = group > 0 ? 2.0 / static_cast<double>(group) : 0;
  return {bits <= 4 ? precision::fp4 : precision::fp8, scale};
}

void store_all(models::transformer& shape, const weight_storage& storage) {
  shape.matrices = shape.expert_weights = storage;
}

// @return whether the attention's matrices are left as they were
bool spares_attention(const json_reader& config, std::string_view key) {
  const auto names = config.texts(key);
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return name.find("self_attn") != std::string::npos; });
}

void read_compressed_tensors(const json_reader& config, models::transformer& shape) {
  const auto groups = config.object("config_groups");
  if (groups.value().empty()) groups.refuse("group_0", "missing", "a group says how its weights are stored");
  const auto weights = groups.object(groups.value().begin().key()).object("weights");
  const auto bits = weights.integer("num_bits", 1, 16);
  if (bits > 8) return;
  const auto storage = groups_of(bits, weights.integer_or("group_size", -1, 1'000'000, 0));
  shape.expert_weights = storage;
  if (!spares_attention(config, "ignore")) shape.matrices = storage;
}

}  // namespace

void read_quantization(const json_reader& config, models::transformer& shape) {
  if (!config.has("quantization_config")) return;
  const auto quantization = config.object("quantization_config");
  const auto method = quantization.text_or("quant_method", quantization.text_or("quant_algo", ""));
  if (method == "fp8" || method == "fbgemm_fp8" || method == "FP8") {
    store_all(shape, blocks_of_fp8(quantization));
  } else if (method == "mxfp4") {
    shape.expert_weights = {precision::fp4, 1.0 / 32};  // an 8-bit exponent for 32 values
  } else if (method == "compressed-tensors") {
    read_compressed_tensors(quantization, shape);
  } else if (method == "gptq" || method == "awq") {
    store_all(shape,
              groups_of(quantization.integer("bits", 1, 8), quantization.integer_or("group_size", -1, 1'000'000, 128)));
  } else if (method == "modelopt" || method == "NVFP4") {
    const auto algorithm = quantization.text_or("quant_algo", "FP8");
    store_all(shape, algorithm == "FP8" ? weight_storage{precision::fp8, 0} : weight_storage{precision::fp4, 1.0 / 16});
  } else {
    const std::vector<std::string> known{"fp8", "fbgemm_fp8", "mxfp4", "compressed-tensors", "gptq", "awq", "modelopt"};
    const auto near = suggestion(method, known);
    quantization.refuse("quant_method", fmt::format("method '{}' is not known", method),
                        near.empty() ? "known are " + join(known, ", ") : near);
  }
}

}  // namespace gpubench::profiles::detail
