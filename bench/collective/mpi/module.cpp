// The MPI module: a thin translation of the C table into MPI calls.
#include "bench/collective/mpi/interface.h"
#include "bench/collective/shape.hpp"

#include <mpi.h>

#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace gpubench::collective {

namespace {

struct mpi_state {
  MPI_Comm all = MPI_COMM_NULL;  ///< a communicator of our own, whose errors are returned
  int rank = 0, ranks = 1, local_rank = 0;
  std::string error, library;
};

mpi_state& state() {
  static mpi_state instance;
  return instance;
}

std::int32_t checked(int code, const char* call) {
  if (code == MPI_SUCCESS) return 0;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  state().error = std::string(call) + ": " + text.data();
  return 1;
}

std::int32_t initialize() {
  int already = 0;
  MPI_Initialized(&already);
  if (already == 0) {
    // Other threads of the program never call MPI.
    int provided = 0;
    if (const auto failed =
            checked(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread"))
      return failed;
  }
  auto& s = state();
  if (const auto failed = checked(MPI_Comm_dup(MPI_COMM_WORLD, &s.all), "MPI_Comm_dup")) return failed;
  MPI_Comm_set_errhandler(s.all, MPI_ERRORS_RETURN);
  MPI_Comm_rank(s.all, &s.rank);
  MPI_Comm_size(s.all, &s.ranks);
  MPI_Comm here = MPI_COMM_NULL;
  const int split = MPI_Comm_split_type(s.all, MPI_COMM_TYPE_SHARED, s.rank, MPI_INFO_NULL, &here);
  if (const auto failed = checked(split, "MPI_Comm_split_type")) return failed;
  MPI_Comm_rank(here, &s.local_rank);
  MPI_Comm_free(&here);
  return 0;
}

void finalize() {
  int already = 0;
  MPI_Finalized(&already);
  if (already != 0) return;
  if (state().all != MPI_COMM_NULL) MPI_Comm_free(&state().all);
  MPI_Finalize();
}

const char* last_error() {
  return state().error.c_str();
}

const char* library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  if (MPI_Get_library_version(text.data(), &length) != MPI_SUCCESS) return "";
  // Some name their build's options and folders after the first comma or line.
  const std::string whole(text.data());
  state().library = whole.substr(0, whole.find_first_of(",\n"));
  return state().library.c_str();
}

std::int32_t rank() {
  return state().rank;
}
std::int32_t ranks() {
  return state().ranks;
}
std::int32_t local_rank() {
  return state().local_rank;
}

std::int32_t barrier() {
  return checked(MPI_Barrier(state().all), "MPI_Barrier");
}

std::int32_t too_large(const char* what) {
  state().error = std::string(what) + " is too large for MPI, which counts in int";
  return 1;
}

constexpr int gather_tag = 1, exchange_tag = 2, broadcast_tag = 3;

/// From rank 0 to each, and not from rank to rank as MPI_Bcast goes: a rank that hangs must not keep others from
/// hearing, or they would be taken for hung too.
std::int32_t broadcast(void* data, std::uint64_t bytes) {
  if (bytes > std::numeric_limits<int>::max()) return too_large("a broadcast");
  const auto& s = state();
  const int count = static_cast<int>(bytes);
  if (s.rank != 0)
    return checked(MPI_Recv(data, count, MPI_BYTE, 0, broadcast_tag, s.all, MPI_STATUS_IGNORE), "MPI_Recv");
  std::vector<MPI_Request> requests;
  for (int to = 1; to < s.ranks; ++to) {
    MPI_Request& request = requests.emplace_back(MPI_REQUEST_NULL);
    const int code = MPI_Isend(data, count, MPI_BYTE, to, broadcast_tag, s.all, &request);
    if (const auto failed = checked(code, "MPI_Isend")) return failed;
  }
  return checked(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
}

/// Point to point, because a collective that one rank never enters never ends and names nobody. A request that was not
/// answered is cancelled and left to MPI: whoever meets one ends the run.
std::int32_t gather_at_root(const void* mine, int bytes, char* all, double limit_seconds, std::int32_t* arrived) {
  const auto& s = state();
  std::vector<MPI_Request> requests(static_cast<std::size_t>(s.ranks), MPI_REQUEST_NULL);
  for (int from = 0; from < s.ranks; ++from) {
    arrived[from] = 0;
    const int code = MPI_Irecv(all + static_cast<std::size_t>(from) * static_cast<std::size_t>(bytes), bytes, MPI_BYTE,
                               from, gather_tag, s.all, &requests[static_cast<std::size_t>(from)]);
    if (const auto failed = checked(code, "MPI_Irecv")) return failed;
  }
  // To itself without waiting: MPI may hold back a blocking message until it is received.
  MPI_Request own = MPI_REQUEST_NULL;
  if (const auto failed = checked(MPI_Isend(mine, bytes, MPI_BYTE, 0, gather_tag, s.all, &own), "MPI_Isend"))
    return failed;
  const auto start = std::chrono::steady_clock::now();
  int missing = s.ranks;
  while (missing > 0) {
    int index = MPI_UNDEFINED;
    int done = 0;
    const int code = MPI_Testany(s.ranks, requests.data(), &index, &done, MPI_STATUS_IGNORE);
    if (const auto failed = checked(code, "MPI_Testany")) return failed;
    if (done != 0 && index != MPI_UNDEFINED) {
      arrived[index] = 1;
      --missing;
      continue;
    }
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    if (waited.count() > limit_seconds) break;
    // Where ranks share cores, one that spins keeps the others from answering.
    if (waited.count() > 0.001) std::this_thread::yield();
  }
  for (auto& request : requests) {
    if (request == MPI_REQUEST_NULL) continue;
    MPI_Cancel(&request);
    MPI_Request_free(&request);
  }
  return missing > 0 ? 0 : checked(MPI_Wait(&own, MPI_STATUS_IGNORE), "MPI_Wait");
}

std::int32_t gather(const void* mine, std::uint64_t bytes, void* all, double limit_seconds, std::int32_t* arrived) {
  if (bytes > std::numeric_limits<int>::max()) return too_large("a message");
  const int count = static_cast<int>(bytes);
  if (state().rank == 0) return gather_at_root(mine, count, static_cast<char*>(all), limit_seconds, arrived);
  return checked(MPI_Send(mine, count, MPI_BYTE, 0, gather_tag, state().all), "MPI_Send");
}

/// MPI_DATATYPE_NULL for what MPI cannot compute with.
MPI_Datatype datatype(element_type type, bool computes) {
  switch (type) {
    case element_type::int8:
      return MPI_INT8_T;
    case element_type::uint8:
      return MPI_UINT8_T;
    case element_type::int32:
      return MPI_INT32_T;
    case element_type::uint32:
      return MPI_UINT32_T;
    case element_type::int64:
      return MPI_INT64_T;
    case element_type::uint64:
      return MPI_UINT64_T;
    case element_type::fp32:
      return MPI_FLOAT;
    case element_type::fp64:
      return MPI_DOUBLE;
    default:
      return computes ? MPI_DATATYPE_NULL : MPI_UINT16_T;
  }
}

MPI_Op operation_of(reduction operation) {
  switch (operation) {
    case reduction::sum:
      return MPI_SUM;
    case reduction::prod:
      return MPI_PROD;
    case reduction::min:
      return MPI_MIN;
    case reduction::max:
      return MPI_MAX;
    default:
      return MPI_OP_NULL;
  }
}

const char* unavailable(const gpubench_mpi_collective* what) {
  const bool computes = kernels::reduces(static_cast<collective_kind>(what->kind));
  if (computes && operation_of(static_cast<reduction>(what->operation)) == MPI_OP_NULL) return "MPI has no average";
  if (datatype(static_cast<element_type>(what->type), computes) == MPI_DATATYPE_NULL)
    return "MPI computes in no 16-bit floating-point type";
  if (static_cast<collective_kind>(what->kind) == collective_kind::broadcast && what->in_place == 0)
    return "MPI broadcasts in place only";
  if (what->block > std::numeric_limits<int>::max()) return "MPI takes at most 2147483647 elements";
  return nullptr;
}

int run_of(const gpubench_mpi_collective& what) {
  const auto kind = static_cast<collective_kind>(what.kind);
  const MPI_Datatype type = datatype(static_cast<element_type>(what.type), kernels::reduces(kind));
  const MPI_Op operation = operation_of(static_cast<reduction>(what.operation));
  const int count = static_cast<int>(what.block);
  const auto& s = state();
  const bool in_place = what.in_place != 0;
  const void* send = in_place ? MPI_IN_PLACE : what.send;
  switch (kind) {
    case collective_kind::all_reduce:
      return MPI_Allreduce(send, what.receive, count, type, operation, s.all);
    case collective_kind::all_gather:
      return MPI_Allgather(send, count, type, what.receive, count, type, s.all);
    case collective_kind::reduce_scatter:
      // In place MPI takes the operands from the receive buffer and leaves the block at its start.
      return MPI_Reduce_scatter_block(send, what.receive, count, type, operation, s.all);
    case collective_kind::broadcast:
      return MPI_Bcast(what.receive, count, type, 0, s.all);
    case collective_kind::reduce:
      if (in_place && s.rank != 0) send = what.receive;
      return MPI_Reduce(send, what.receive, count, type, operation, 0, s.all);
    case collective_kind::all_to_all:
      return MPI_Alltoall(what.send, count, type, what.receive, count, type, s.all);
    case collective_kind::send_recv:
      return MPI_Sendrecv(what.send, count, type, (s.rank + 1) % s.ranks, exchange_tag, what.receive, count, type,
                          (s.rank + s.ranks - 1) % s.ranks, exchange_tag, s.all, MPI_STATUS_IGNORE);
    default:
      if (what.partner == s.rank) return MPI_SUCCESS;
      return MPI_Sendrecv(what.send, count, type, what.partner, exchange_tag, what.receive, count, type, what.partner,
                          exchange_tag, s.all, MPI_STATUS_IGNORE);
  }
}

std::int32_t run(const gpubench_mpi_collective* what) {
  return checked(run_of(*what), "the collective");
}

}  // namespace

}  // namespace gpubench::collective

extern "C" {

__attribute__((visibility("default"))) extern const gpubench_mpi_table gpubench_mpi_module;

constinit const gpubench_mpi_table gpubench_mpi_module = {
    GPUBENCH_MPI_INTERFACE_VERSION,    GPUBENCH_MODULE_BUILD,
    gpubench::collective::initialize,  gpubench::collective::finalize,
    gpubench::collective::last_error,  gpubench::collective::library,
    gpubench::collective::rank,        gpubench::collective::ranks,
    gpubench::collective::local_rank,  gpubench::collective::barrier,
    gpubench::collective::broadcast,   gpubench::collective::gather,
    gpubench::collective::unavailable, gpubench::collective::run,
};

}  // extern "C"
