#include "bench/cuda/module/peer_access.hpp"

#include "bench/cuda/module/owners.hpp"

namespace gpubench::cuda {

namespace {

void enable_from(int device, int peer) {
  const device_guard current(device);
  const cudaError_t status = cudaDeviceEnablePeerAccess(peer, 0);
  if (status == cudaErrorPeerAccessAlreadyEnabled) {
    cudaGetLastError();  // no error: an earlier case enabled it
    return;
  }
  GPUBENCH_CUDA(status);
}

}  // namespace

int visible_devices() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

bool can_access_peer(int device, int peer) {
  int can = 0;
  if (cudaDeviceCanAccessPeer(&can, device, peer) == cudaSuccess) return can != 0;
  cudaGetLastError();
  return false;
}

std::optional<std::string> no_pair(int device, int peer, int devices) {
  if (devices < 2) return "it takes two GPUs, and " + std::to_string(devices) + " can be seen";
  if (peer >= devices) return "there is no GPU " + std::to_string(peer) + " among " + std::to_string(devices);
  if (peer == device) return "a GPU is no peer of itself";
  return std::nullopt;
}

bool enable_peer_access(int one, int other) {
  if (!can_access_peer(one, other) || !can_access_peer(other, one)) return false;
  enable_from(one, other);
  enable_from(other, one);
  return true;
}

}  // namespace gpubench::cuda
