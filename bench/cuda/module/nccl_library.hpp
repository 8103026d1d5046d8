#pragma once

#include <nccl.h>

#include <string>

namespace gpubench::cuda {

/// The functions of NCCL that are used, as the library of the machine has them.
struct nccl_functions {
  std::string missing;  ///< why there are none; empty when all were found
  decltype(&ncclGetVersion) get_version = nullptr;
  decltype(&ncclGetErrorString) get_error_string = nullptr;
  decltype(&ncclGetLastError) get_last_error = nullptr;
  decltype(&ncclGetUniqueId) get_unique_id = nullptr;
  decltype(&ncclCommInitAll) comm_init_all = nullptr;
  decltype(&ncclCommInitRank) comm_init_rank = nullptr;
  decltype(&ncclCommDestroy) comm_destroy = nullptr;
  decltype(&ncclCommAbort) comm_abort = nullptr;
  decltype(&ncclCommGetAsyncError) comm_get_async_error = nullptr;
  decltype(&ncclGroupStart) group_start = nullptr;
  decltype(&ncclGroupEnd) group_end = nullptr;
  decltype(&ncclAllReduce) all_reduce = nullptr;
  decltype(&ncclAllGather) all_gather = nullptr;
  decltype(&ncclReduceScatter) reduce_scatter = nullptr;
  decltype(&ncclBroadcast) broadcast = nullptr;
  decltype(&ncclReduce) reduce = nullptr;
  decltype(&ncclSend) send = nullptr;
  decltype(&ncclRecv) recv = nullptr;
};

/// Opened at the first call.
const nccl_functions& nccl();

/// What NCCL says of a status.
/// @param communicator  whose last error is told too; nullptr: the last error of all
std::string nccl_sentence(ncclResult_t status, ncclComm_t communicator);

/// @throws failure: device lost or device error.
void require(ncclResult_t status, const char* call);

}  // namespace gpubench::cuda
