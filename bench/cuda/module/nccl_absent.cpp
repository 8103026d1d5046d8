// Takes the place of nccl.cpp where there is no NCCL header: collectives are listed and say why they cannot run.
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nccl.hpp"

namespace gpubench::cuda {

namespace {

[[noreturn]] void refuse() {
  throw failure(GPUBENCH_MODULE_UNSUPPORTED, *nccl_unavailable(), "install NCCL's development files and rebuild");
}

}  // namespace

struct nccl_ranks::state {};

std::optional<std::string> nccl_unavailable() {
  return "built without NCCL: no nccl.h was found";
}

std::optional<std::string> nccl_version() {
  return std::nullopt;
}

std::string new_nccl_id() {
  refuse();
}

nccl_ranks::nccl_ranks(nccl_membership) {
  refuse();
}

nccl_ranks::~nccl_ranks() = default;

cudaStream_t nccl_ranks::stream(std::size_t) const {
  refuse();
}

void nccl_ranks::enqueue(const kernels::collective_layout&, const std::vector<rank_memory>&) {
  refuse();
}

void nccl_ranks::enqueue_barrier() {
  refuse();
}

void nccl_ranks::wait(const std::string&) {
  refuse();
}

void nccl_ranks::abandon(const std::string&) {
  refuse();
}

bool nccl_ranks::usable() const {
  return false;
}

std::string nccl_ranks::take_log() {
  return {};
}

std::shared_ptr<nccl_ranks> shared_nccl_ranks(const nccl_membership&) {
  refuse();
}

}  // namespace gpubench::cuda
