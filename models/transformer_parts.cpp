#include "models/transformer_parts.hpp"

namespace gpubench::models {

std::string_view to_string(transformer_family family) {
  switch (family) {
    case transformer_family::bert:
      return "bert";
    case transformer_family::gpt2:
      return "gpt2";
    case transformer_family::opt:
      return "opt";
    case transformer_family::llama:
      return "llama";
  }
  return "";
}

std::string_view to_string(activation_function function) {
  switch (function) {
    case activation_function::gelu:
      return "gelu";
    case activation_function::gelu_tanh:
      return "gelu_tanh";
    case activation_function::relu:
      return "relu";
    case activation_function::silu:
      return "silu";
  }
  return "";
}

}  // namespace gpubench::models
