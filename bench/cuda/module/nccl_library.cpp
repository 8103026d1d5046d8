#include "bench/cuda/module/nccl_library.hpp"

#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/library_search.hpp"
#include "bench/cuda/module/nccl.hpp"

namespace gpubench::cuda {

namespace {

nccl_functions load() {
  nccl_functions f;
  const opened_library library = open_library("libnccl.so.2");
  if (library.handle == nullptr) {
    f.missing = library.problem;
    return f;
  }
  find_function(library, "ncclGetVersion", f.get_version, f.missing);
  find_function(library, "ncclGetErrorString", f.get_error_string, f.missing);
  find_function(library, "ncclGetLastError", f.get_last_error, f.missing);
  find_function(library, "ncclGetUniqueId", f.get_unique_id, f.missing);
  find_function(library, "ncclCommInitAll", f.comm_init_all, f.missing);
  find_function(library, "ncclCommInitRank", f.comm_init_rank, f.missing);
  find_function(library, "ncclCommDestroy", f.comm_destroy, f.missing);
  find_function(library, "ncclCommAbort", f.comm_abort, f.missing);
  find_function(library, "ncclCommGetAsyncError", f.comm_get_async_error, f.missing);
  find_function(library, "ncclGroupStart", f.group_start, f.missing);
  find_function(library, "ncclGroupEnd", f.group_end, f.missing);
  find_function(library, "ncclAllReduce", f.all_reduce, f.missing);
  find_function(library, "ncclAllGather", f.all_gather, f.missing);
  find_function(library, "ncclReduceScatter", f.reduce_scatter, f.missing);
  find_function(library, "ncclBroadcast", f.broadcast, f.missing);
  find_function(library, "ncclReduce", f.reduce, f.missing);
  find_function(library, "ncclSend", f.send, f.missing);
  find_function(library, "ncclRecv", f.recv, f.missing);
  return f;
}

}  // namespace

const nccl_functions& nccl() {
  static const nccl_functions functions = load();
  return functions;
}

std::string nccl_sentence(ncclResult_t status, ncclComm_t communicator) {
  std::string text = nccl().get_error_string(status);
  const char* detail = nccl().get_last_error(communicator);
  if (detail != nullptr && *detail != '\0') text.append(" (").append(detail).append(")");
  return text;
}

void require(ncclResult_t status, const char* call) {
  if (status == ncclSuccess) return;
  const bool lost = status == ncclUnhandledCudaError && device_is_lost();
  throw failure(lost ? GPUBENCH_MODULE_DEVICE_LOST : GPUBENCH_MODULE_DEVICE_ERROR,
                std::string(call) + ": " + nccl_sentence(status, nullptr),
                "NCCL_DEBUG=WARN in the environment makes NCCL say more");
}

std::optional<std::string> nccl_unavailable() {
  if (nccl().missing.empty()) return std::nullopt;
  return nccl().missing;
}

std::optional<std::string> nccl_version() {
  int version = 0;
  if (nccl_unavailable() || nccl().get_version(&version) != ncclSuccess) return std::nullopt;
  // Since 2.9 in steps of 10000 and 100 (NCCL_VERSION in nccl.h); older ones lack functions that are needed here.
  return std::to_string(version / 10000) + "." + std::to_string(version % 10000 / 100) + "." +
         std::to_string(version % 100);
}

}  // namespace gpubench::cuda
