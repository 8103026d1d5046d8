// Takes the place of cublaslt.cpp where the toolkit has no header of cuBLASLt: GEMM is listed and says why it cannot
// run.
#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/failure.hpp"

namespace gpubench::cuda {

namespace {

[[noreturn]] void throw_absent() {
  throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, *cublaslt_unavailable(),
                "install cuBLAS's development files and rebuild");
}

}  // namespace

std::optional<std::string> cublaslt_unavailable() {
  return "built without cuBLASLt: the toolkit had no cublasLt.h";
}

std::optional<std::string> cublaslt_version() {
  return std::nullopt;
}

std::optional<std::string> cublaslt_lacks_fp4() {
  return cublaslt_unavailable();
}

struct matmul_context::state {};

matmul_context::matmul_context(const device_properties&, cudaStream_t) {
  throw_absent();
}
matmul_context::matmul_context(matmul_context&&) noexcept = default;
matmul_context& matmul_context::operator=(matmul_context&&) noexcept = default;
matmul_context::~matmul_context() = default;

struct matmul::state {
  matmul_problem problem;
};

matmul::matmul(matmul_context&, const matmul_problem&, int) {
  throw_absent();
}
matmul::matmul(matmul&&) noexcept = default;
matmul& matmul::operator=(matmul&&) noexcept = default;
matmul::~matmul() = default;

const matmul_problem& matmul::problem() const noexcept {
  return state_->problem;
}

int matmul::candidates() const noexcept {
  return 0;
}

void matmul::use(int) {
  throw_absent();
}

int matmul::used() const noexcept {
  return 0;
}

std::string matmul::algorithm() const {
  return {};
}

void matmul::enqueue(const void*, const void*, void*) {
  throw_absent();
}

}  // namespace gpubench::cuda
