#include "bench/cuda/module/cublaslt.hpp"

#include "bench/cuda/module/cublaslt_algorithm.hpp"
#include "bench/cuda/module/cublaslt_library.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/matmul_layout.hpp"
#include "bench/cuda/module/owners.hpp"

#include <utility>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::storage;

/// Block-scaled fp4 and its descriptors came with 12.8.
constexpr std::size_t first_with_fp4 = 120800;

cudaDataType_t data_type(storage type) {
  switch (type) {
    case storage::fp64:
      return CUDA_R_64F;
    case storage::fp32:
    case storage::tf32:
      return CUDA_R_32F;
    case storage::fp16:
      return CUDA_R_16F;
    case storage::bf16:
      return CUDA_R_16BF;
    case storage::fp8_e4m3:
      return CUDA_R_8F_E4M3;
    case storage::fp8_e5m2:
      return CUDA_R_8F_E5M2;
    case storage::int8:
      return CUDA_R_8I;
    case storage::int32:
      return CUDA_R_32I;
    case storage::fp4:
#if CUBLAS_VERSION >= 120800
      return CUDA_R_4F_E2M1;
#else
      throw failure(GPUBENCH_MODULE_UNSUPPORTED, *cublaslt_lacks_fp4());
#endif
  }
  throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "no such type of matrix");
}

cublasComputeType_t compute_type(storage type) {
  switch (type) {
    case storage::fp64:
      return CUBLAS_COMPUTE_64F;
    case storage::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    case storage::int8:
      return CUBLAS_COMPUTE_32I;
    default:
      return CUBLAS_COMPUTE_32F;
  }
}

/// Of alpha and beta.
cudaDataType_t scale_type(storage type) {
  if (type == storage::fp64) return CUDA_R_64F;
  return type == storage::int8 ? CUDA_R_32I : CUDA_R_32F;
}

/// alpha or beta as cuBLASLt reads it.
union scalar {
  double wide;
  float narrow;
  std::int32_t whole;
};

scalar scalar_of(storage type, double value) {
  scalar result{};
  if (type == storage::fp64) {
    result.wide = value;
  } else if (type == storage::int8) {
    result.whole = static_cast<std::int32_t>(value);
  } else {
    result.narrow = static_cast<float>(value);
  }
  return result;
}

template <class T>
void set(cublasLtMatmulDesc_t description, cublasLtMatmulDescAttributes_t attribute, T value) {
  require(lt().description_set(description, attribute, &value, sizeof value), "cublasLtMatmulDescSetAttribute");
}

template <class T>
void set(cublasLtMatrixLayout_t layout, cublasLtMatrixLayoutAttribute_t attribute, T value) {
  require(lt().layout_set(layout, attribute, &value, sizeof value), "cublasLtMatrixLayoutSetAttribute");
}

template <class T>
void set(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute, T value) {
  require(lt().preference_set(preference, attribute, &value, sizeof value), "cublasLtMatmulPreferenceSetAttribute");
}

/// A matrix as it lies in memory, `rows` rows of `row` elements each: to cuBLASLt, which is column-major, a matrix of
/// `row` rows and `rows` columns.
cublaslt_layout_owner make_layout(const stored_matrix& matrix) {
  cublasLtMatrixLayout_t raw = nullptr;
  require(lt().layout_create(&raw, data_type(matrix.type), static_cast<std::uint64_t>(matrix.row),
                             static_cast<std::uint64_t>(matrix.rows), matrix.distance),
          "cublasLtMatrixLayoutCreate");
  cublaslt_layout_owner layout(raw);
  if (matrix.batch > 1) {
    set(raw, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, static_cast<std::int32_t>(matrix.batch));
    set(raw, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, matrix.step);
  }
  return layout;
}

cublasLtEpilogue_t epilogue_of(matmul_epilogue wanted) {
  switch (wanted) {
    case matmul_epilogue::bias:
      return CUBLASLT_EPILOGUE_BIAS;
    case matmul_epilogue::bias_relu:
      return CUBLASLT_EPILOGUE_RELU_BIAS;
    case matmul_epilogue::bias_gelu:
      return CUBLASLT_EPILOGUE_GELU_BIAS;
    case matmul_epilogue::none:
      break;
  }
  return CUBLASLT_EPILOGUE_DEFAULT;
}

/// What cuBLASLt computes is C' = B' A', so that its A is our B and its bias, one for each of its rows, one for each of
/// our columns.
cublaslt_description_owner describe(const matmul_problem& problem) {
  cublasLtMatmulDesc_t raw = nullptr;
  require(lt().description_create(&raw, compute_type(problem.a), scale_type(problem.a)), "cublasLtMatmulDescCreate");
  cublaslt_description_owner description(raw);
  const auto operation = [](bool transposed) {
    return static_cast<std::int32_t>(transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  };
  set(raw, CUBLASLT_MATMUL_DESC_TRANSA, operation(problem.b_transposed));
  set(raw, CUBLASLT_MATMUL_DESC_TRANSB, operation(problem.a_transposed));
  if (problem.epilogue != matmul_epilogue::none) {
    set(raw, CUBLASLT_MATMUL_DESC_EPILOGUE, static_cast<std::uint32_t>(epilogue_of(problem.epilogue)));
    set(raw, CUBLASLT_MATMUL_DESC_BIAS_POINTER, problem.bias);
  }
  if (problem.scale_b != nullptr) set(raw, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, problem.scale_b);
  if (problem.scale_a != nullptr) set(raw, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, problem.scale_a);
  if (problem.fast_accumulation) set(raw, CUBLASLT_MATMUL_DESC_FAST_ACCUM, std::int8_t{1});
#if CUBLAS_VERSION >= 120800
  if (problem.a == storage::fp4) {
    const auto mode = static_cast<std::int32_t>(CUBLASLT_MATMUL_MATRIX_SCALE_VEC16_UE4M3);
    set(raw, CUBLASLT_MATMUL_DESC_A_SCALE_MODE, mode);
    set(raw, CUBLASLT_MATMUL_DESC_B_SCALE_MODE, mode);
  }
#endif
  return description;
}

/// What the cuBLAS documentation advises for its workspace ("cublasSetWorkspace"), or more.
std::size_t workspace_bytes(const device_properties& device) {
  return std::size_t{device.at_least(9, 0) ? 32u : 8u} << 20;
}

std::string shape_text(const matmul_problem& problem) {
  std::string text =
      "m=" + std::to_string(problem.m) + " n=" + std::to_string(problem.n) + " k=" + std::to_string(problem.k);
  if (problem.batch > 1) text += " batch=" + std::to_string(problem.batch);
  return text;
}

template <class T>
std::optional<int> setting(const cublasLtMatmulAlgo_t& algorithm, cublasLtMatmulAlgoConfigAttributes_t attribute) {
  T value{};
  std::size_t written = 0;
  const auto status = lt().algorithm_get(&algorithm, attribute, &value, sizeof value, &written);
  if (status != CUBLAS_STATUS_SUCCESS || written != sizeof value) return std::nullopt;
  return static_cast<int>(value);
}

}  // namespace

std::optional<std::string> cublaslt_unavailable() {
  if (lt().missing.empty()) return std::nullopt;
  return lt().missing;
}

std::optional<std::string> cublaslt_version() {
  if (cublaslt_unavailable()) return std::nullopt;
  const std::size_t version = lt().version();
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

std::optional<std::string> cublaslt_lacks_fp4() {
  if (CUBLAS_VERSION < first_with_fp4) return "block-scaled fp4 needs a build with cuBLAS 12.8 or newer";
  if (auto reason = cublaslt_unavailable()) return reason;
  if (lt().version() >= first_with_fp4) return std::nullopt;
  return "block-scaled fp4 came with cuBLASLt 12.8; this is " + *cublaslt_version();
}

struct matmul_context::state {
  cublaslt_handle_owner handle;
  device_buffer workspace;
  cudaStream_t stream = nullptr;
};

matmul_context::matmul_context(const device_properties& device, cudaStream_t stream) {
  cublasLtHandle_t raw = nullptr;
  require(require_lt().create(&raw), "cublasLtCreate");
  cublaslt_handle_owner handle(raw);
  state_ = std::make_unique<state>(state{std::move(handle), device_buffer(workspace_bytes(device)), stream});
}
matmul_context::matmul_context(matmul_context&&) noexcept = default;
matmul_context& matmul_context::operator=(matmul_context&&) noexcept = default;
matmul_context::~matmul_context() = default;

struct matmul::state {
  const matmul_context::state* context = nullptr;
  matmul_problem problem;
  cublaslt_description_owner description;
  cublaslt_layout_owner a, b, c;
  scalar alpha{}, beta{};
  std::vector<cublasLtMatmulAlgo_t> algorithms;
  std::size_t used = 0;

  void ask(int most_candidates) {
    cublasLtMatmulPreference_t raw = nullptr;
    require(lt().preference_create(&raw), "cublasLtMatmulPreferenceCreate");
    const cublaslt_preference_owner preference(raw);
    set(raw, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::uint64_t>(context->workspace.bytes()));
    const auto aligned = [&](const stored_matrix& matrix) { return alignment_of(matrix, problem.alignment_bytes); };
    set(raw, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, aligned(stored_b(problem)));
    set(raw, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, aligned(stored_a(problem)));
    set(raw, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, aligned(stored_c(problem)));
    set(raw, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, aligned(stored_c(problem)));
    // Partial sums of a split k are added up in the computing type, or not split: added in a narrower output type they
    // would be less exact than the product is said to be.
    set(raw, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
        static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
    std::vector<cublasLtMatmulHeuristicResult_t> found(static_cast<std::size_t>(most_candidates));
    int count = 0;
    const auto status = lt().heuristic(context->handle.get(), description.get(), b.get(), a.get(), c.get(), c.get(),
                                       raw, most_candidates, found.data(), &count);
    if (status != CUBLAS_STATUS_NOT_SUPPORTED) require(status, "cublasLtMatmulAlgoGetHeuristic");
    for (int i = 0; i < count; ++i) {
      const auto& one = found[static_cast<std::size_t>(i)];
      if (one.state == CUBLAS_STATUS_SUCCESS && one.workspaceSize <= context->workspace.bytes()) {
        algorithms.push_back(one.algo);
      }
    }
    if (algorithms.empty()) {
      throw failure(GPUBENCH_MODULE_UNSUPPORTED, "cuBLASLt " + cublaslt_version().value_or("") +
                                                     " has no algorithm for " + shape_text(problem) +
                                                     " in this precision on this device");
    }
  }
};

matmul::matmul(matmul_context& context, const matmul_problem& problem, int most_candidates)
    : state_(std::make_unique<state>()) {
  auto& s = *state_;
  s.context = context.state_.get();
  s.problem = problem;
  s.description = describe(problem);
  s.a = make_layout(stored_a(problem));
  s.b = make_layout(stored_b(problem));
  s.c = make_layout(stored_c(problem));
  s.alpha = scalar_of(problem.a, problem.alpha);
  s.beta = scalar_of(problem.a, problem.beta);
  s.ask(most_candidates);
}
matmul::matmul(matmul&&) noexcept = default;
matmul& matmul::operator=(matmul&&) noexcept = default;
matmul::~matmul() = default;

const matmul_problem& matmul::problem() const noexcept {
  return state_->problem;
}

int matmul::candidates() const noexcept {
  return static_cast<int>(state_->algorithms.size());
}

void matmul::use(int candidate) {
  if (candidate < 0 || candidate >= candidates()) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "no such algorithm");
  state_->used = static_cast<std::size_t>(candidate);
}

int matmul::used() const noexcept {
  return static_cast<int>(state_->used);
}

std::string matmul::algorithm() const {
  const auto& chosen = state_->algorithms[state_->used];
  algorithm_settings settings;
  settings.id = setting<std::int32_t>(chosen, CUBLASLT_ALGO_CONFIG_ID);
  settings.tile = setting<std::uint32_t>(chosen, CUBLASLT_ALGO_CONFIG_TILE_ID);
  settings.stages = setting<std::uint32_t>(chosen, CUBLASLT_ALGO_CONFIG_STAGES_ID);
  settings.cluster = setting<std::uint16_t>(chosen, CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID);
  settings.split_k = setting<std::int32_t>(chosen, CUBLASLT_ALGO_CONFIG_SPLITK_NUM);
  settings.reduction = setting<std::uint32_t>(chosen, CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME);
  settings.swizzle = setting<std::uint32_t>(chosen, CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING);
  settings.custom = setting<std::uint32_t>(chosen, CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION);
  return text_of(settings);
}

void matmul::enqueue(const void* a, const void* b, void* c) {
  const auto& s = *state_;
  const auto status = lt().matmul(s.context->handle.get(), s.description.get(), &s.alpha, b, s.b.get(), a, s.a.get(),
                                  &s.beta, c, s.c.get(), c, s.c.get(), &s.algorithms[s.used],
                                  s.context->workspace.data(), s.context->workspace.bytes(), s.context->stream);
  // An algorithm can still refuse a problem that the heuristics proposed it for.
  if (status == CUBLAS_STATUS_INVALID_VALUE) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED,
                  "cublasLtMatmul refused " + shape_text(s.problem) + ": " + lt().status_name(status));
  }
  require(status, "cublasLtMatmul");
}

}  // namespace gpubench::cuda
