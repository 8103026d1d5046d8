#include "kernels/md_lennard_jones.cuh"

namespace gpubench::kernels {

namespace {

constexpr int block = 128;
constexpr int scan_block = 1024;

unsigned blocks_for(std::int32_t items) {
  return static_cast<unsigned>((items + block - 1) / block);
}

__device__ std::int32_t own_item() {
  return static_cast<std::int32_t>(blockIdx.x * blockDim.x + threadIdx.x);
}

/// All four values in as few loads as there are, whether the last is used or not.
__device__ triple<float> load(const triple<float>* from) {
  const float4 v = __ldg(reinterpret_cast<const float4*>(from));
  return {v.x, v.y, v.z, v.w};
}
__device__ triple<double> load(const triple<double>* from) {
  const double2 low = __ldg(reinterpret_cast<const double2*>(from));
  return {low.x, low.y, __ldg(reinterpret_cast<const double*>(from) + 2), 0};
}

template <class T>
__global__ void __launch_bounds__(block) move_kernel(liquid_arrays<T> a) {
  const std::int32_t i = own_item();
  if (i >= a.atoms) return;
  triple<T> v = a.velocities[i], p = a.places[i];
  const triple<T> f = a.forces[i];
  v = {kicked(v.x, f.x), kicked(v.y, f.y), kicked(v.z, f.z), 0};
  p = {drifted(p.x, v.x), drifted(p.y, v.y), drifted(p.z, v.z), 0};
  a.velocities[i] = v;
  a.places[i] = p;
}

template <class T>
__global__ void __launch_bounds__(block) count_kernel(liquid_arrays<T> a) {
  const std::int32_t i = own_item();
  if (i >= a.atoms) return;
  triple<T> p = a.places[i];
  p = {into_box(p.x, a.grid.side), into_box(p.y, a.grid.side), into_box(p.z, a.grid.side), 0};
  a.places[i] = p;
  const std::int32_t cell = a.grid.of(p.x, p.y, p.z);
  a.cell_of[i] = cell;
  a.rank_of[i] = atomicAdd(a.cell_count + cell, 1);
}

/// One block: each thread sums a run of cells, the sums are summed up, and the run is written.
template <class T>
__global__ void __launch_bounds__(scan_block) scan_kernel(liquid_arrays<T> a) {
  __shared__ std::int32_t sums[scan_block];
  const std::int32_t cells = a.grid.count(), thread = static_cast<std::int32_t>(threadIdx.x);
  const std::int32_t run = (cells + scan_block - 1) / scan_block;
  const std::int32_t begin = thread * run < cells ? thread * run : cells;
  const std::int32_t end = begin + run < cells ? begin + run : cells;
  std::int32_t sum = 0;
  for (std::int32_t c = begin; c < end; ++c) sum += a.cell_count[c];
  sums[thread] = sum;
  __syncthreads();
  for (int step = 1; step < scan_block; step *= 2) {  // Hillis, Steele, CACM 29, 1986
    const std::int32_t before = thread >= step ? sums[thread - step] : 0;
    __syncthreads();
    sums[thread] += before;
    __syncthreads();
  }
  std::int32_t at = sums[thread] - sum;
  for (std::int32_t c = begin; c < end; ++c) {
    a.cell_begin[c] = at;
    at += a.cell_count[c];
  }
  if (thread == scan_block - 1) a.cell_begin[cells] = sums[thread];
}

template <class T>
__global__ void __launch_bounds__(block) place_kernel(liquid_arrays<T> a) {
  const std::int32_t i = own_item();
  if (i >= a.atoms) return;
  const std::int32_t to = a.cell_begin[a.cell_of[i]] + a.rank_of[i];
  a.sorted_places[to] = a.places[i];
  a.sorted_velocities[to] = a.velocities[i];
}

template <class T>
__global__ void __launch_bounds__(block) lists_kernel(liquid_arrays<T> a) {
  const std::int32_t i = own_item();
  if (i >= a.atoms) return;
  constexpr T reach = T(liquid::list_radius * liquid::list_radius);
  const triple<T> p = load(a.places + i);
  const std::int32_t x = a.grid.along(p.x), y = a.grid.along(p.y), z = a.grid.along(p.z);
  std::int32_t found = 0;
  for (std::int32_t offset = 0; offset < 27; ++offset) {
    const std::int32_t cell = a.grid.index(a.grid.neighbour(x, offset % 3 - 1), a.grid.neighbour(y, offset / 3 % 3 - 1),
                                           a.grid.neighbour(z, offset / 9 - 1));
    for (std::int32_t j = a.cell_begin[cell]; j < a.cell_begin[cell + 1]; ++j) {
      const triple<T> q = load(a.places + j);
      const T squared = squared_length(minimum_image(p.x - q.x, a.grid.side), minimum_image(p.y - q.y, a.grid.side),
                                       minimum_image(p.z - q.z, a.grid.side));
      if (squared < reach && j != i) {
        if (found < liquid::list_room) a.lists[static_cast<std::int64_t>(found) * a.atoms + i] = j;
        ++found;
      }
    }
  }
  a.lengths[i] = found < liquid::list_room ? found : liquid::list_room;
  if (found > *a.longest) atomicMax(a.longest, found);
}

template <class T, bool kicks>
__global__ void __launch_bounds__(block) forces_kernel(liquid_arrays<T> a) {
  const std::int32_t i = own_item();
  if (i >= a.atoms) return;
  const triple<T> p = load(a.places + i);
  const std::int32_t length = a.lengths[i];
  const std::int32_t* list = a.lists + i;
  T fx = 0, fy = 0, fz = 0;
#pragma unroll 4
  for (std::int32_t k = 0; k < length; ++k, list += a.atoms) {
    const triple<T> q = load(a.places + __ldg(list));
    const T dx = minimum_image(p.x - q.x, a.grid.side);
    const T dy = minimum_image(p.y - q.y, a.grid.side);
    const T dz = minimum_image(p.z - q.z, a.grid.side);
    const T factor = force_over_distance(squared_length(dx, dy, dz));
    fx += factor * dx;
    fy += factor * dy;
    fz += factor * dz;
  }
  a.forces[i] = {fx, fy, fz, 0};
  if constexpr (kicks) {
    const triple<T> v = a.velocities[i];
    a.velocities[i] = {kicked(v.x, fx), kicked(v.y, fy), kicked(v.z, fz), 0};
  }
}

}  // namespace

template <class T>
void launch_liquid_move(const liquid_arrays<T>& a, cudaStream_t stream) {
  move_kernel<T><<<blocks_for(a.atoms), block, 0, stream>>>(a);
}

template <class T>
void launch_liquid_sort(const liquid_arrays<T>& a, cudaStream_t stream) {
  cudaMemsetAsync(a.cell_count, 0, static_cast<std::size_t>(a.grid.count()) * sizeof(std::int32_t), stream);
  count_kernel<T><<<blocks_for(a.atoms), block, 0, stream>>>(a);
  scan_kernel<T><<<1, scan_block, 0, stream>>>(a);
  place_kernel<T><<<blocks_for(a.atoms), block, 0, stream>>>(a);
}

template <class T>
void launch_liquid_lists(const liquid_arrays<T>& a, cudaStream_t stream) {
  lists_kernel<T><<<blocks_for(a.atoms), block, 0, stream>>>(a);
}

template <class T>
void launch_liquid_forces(const liquid_arrays<T>& a, bool kicks, cudaStream_t stream) {
  if (kicks) {
    forces_kernel<T, true><<<blocks_for(a.atoms), block, 0, stream>>>(a);
  } else {
    forces_kernel<T, false><<<blocks_for(a.atoms), block, 0, stream>>>(a);
  }
}

template void launch_liquid_move(const liquid_arrays<float>&, cudaStream_t);
template void launch_liquid_move(const liquid_arrays<double>&, cudaStream_t);
template void launch_liquid_sort(const liquid_arrays<float>&, cudaStream_t);
template void launch_liquid_sort(const liquid_arrays<double>&, cudaStream_t);
template void launch_liquid_lists(const liquid_arrays<float>&, cudaStream_t);
template void launch_liquid_lists(const liquid_arrays<double>&, cudaStream_t);
template void launch_liquid_forces(const liquid_arrays<float>&, bool, cudaStream_t);
template void launch_liquid_forces(const liquid_arrays<double>&, bool, cudaStream_t);

}  // namespace gpubench::kernels
