#pragma once

#include "kernels/decode_attention.hpp"
#include "kernels/operands.hpp"

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

struct decode_attention_arguments {
  decode_attention_shape shape;  ///< one that decode_attention_fits()
  std::int64_t parts = 1;        ///< of decode_parts()
  const void* queries = nullptr;
  const void* keys = nullptr;
  const void* values = nullptr;
  void* attended = nullptr;
  void* workspace = nullptr;  ///< decode_workspace_bytes()
};

/// @param type  fp16 or bf16. Errors are left to cudaGetLastError().
void launch_decode_attention(storage type, const decode_attention_arguments& with, cudaStream_t stream);

}  // namespace gpubench::kernels
