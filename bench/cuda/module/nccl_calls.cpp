#include "bench/cuda/module/nccl_calls.hpp"

#include "bench/cuda/module/nccl_library.hpp"

#include <cstddef>

namespace gpubench::cuda {

namespace {

using collective::collective_kind;
using collective::element_type;
using collective::reduction;

ncclDataType_t data_type(element_type type) {
  switch (type) {
    case element_type::int8:
      return ncclInt8;
    case element_type::uint8:
      return ncclUint8;
    case element_type::int32:
      return ncclInt32;
    case element_type::uint32:
      return ncclUint32;
    case element_type::int64:
      return ncclInt64;
    case element_type::uint64:
      return ncclUint64;
    case element_type::fp16:
      return ncclFloat16;
    case element_type::bf16:
      return ncclBfloat16;
    case element_type::fp64:
      return ncclFloat64;
    default:
      return ncclFloat32;
  }
}

ncclRedOp_t operation_of(reduction operation) {
  switch (operation) {
    case reduction::prod:
      return ncclProd;
    case reduction::min:
      return ncclMin;
    case reduction::max:
      return ncclMax;
    case reduction::avg:
      return ncclAvg;
    default:
      return ncclSum;
  }
}

}  // namespace

void call_collective(const kernels::collective_layout& l, int rank, const rank_memory& memory, ncclComm_t communicator,
                     cudaStream_t stream) {
  const auto& f = nccl();
  const ncclDataType_t type = data_type(l.type);
  const ncclRedOp_t operation = operation_of(l.operation);
  const std::size_t block_bytes = l.block * static_cast<std::size_t>(kernels::bytes_of(l.type));
  const void* send = memory.send;
  void* receive = memory.receive;
  const auto exchange = [&](const void* out, int to, void* in, int from) {
    require(f.send(out, l.block, type, to, communicator, stream), "ncclSend");
    require(f.recv(in, l.block, type, from, communicator, stream), "ncclRecv");
  };
  switch (l.kind) {
    case collective_kind::all_reduce:
      return require(f.all_reduce(send, receive, l.block, type, operation, communicator, stream), "ncclAllReduce");
    case collective_kind::all_gather:
      return require(f.all_gather(send, receive, l.block, type, communicator, stream), "ncclAllGather");
    case collective_kind::reduce_scatter:
      return require(f.reduce_scatter(send, receive, l.block, type, operation, communicator, stream),
                     "ncclReduceScatter");
    case collective_kind::broadcast:
      return require(f.broadcast(send, receive, l.block, type, 0, communicator, stream), "ncclBroadcast");
    case collective_kind::reduce:
      return require(f.reduce(send, receive, l.block, type, operation, 0, communicator, stream), "ncclReduce");
    case collective_kind::all_to_all:
      for (int peer = 0; peer < l.ranks; ++peer) {
        const std::size_t place = block_bytes * static_cast<std::size_t>(peer);
        exchange(static_cast<const char*>(send) + place, peer, static_cast<char*>(receive) + place, peer);
      }
      return;
    case collective_kind::send_recv:
      return exchange(send, (rank + 1) % l.ranks, receive, (rank + l.ranks - 1) % l.ranks);
    default: {
      const int partner = kernels::pair_partner(rank, l.ranks, l.round);
      if (partner != rank) exchange(send, partner, receive, partner);
    }
  }
}

}  // namespace gpubench::cuda
