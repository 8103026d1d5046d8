#include "bench/cuda/module/liquid_on_device.hpp"

#include "bench/cuda/module/watchdog.hpp"

namespace gpubench::cuda {

double liquid_device_bytes(std::int64_t atoms, double value_bytes) {
  // Five arrays of triples, lists, and three integers; cells are few.
  return static_cast<double>(atoms) * (5 * 4 * value_bytes + 4.0 * kernels::liquid::list_room + 12);
}

template <class T>
liquid_on_device<T>::liquid_on_device(std::int64_t atoms, cudaStream_t stream) : stream_(stream) {
  const auto count = static_cast<std::size_t>(atoms);
  std::vector<kernels::triple<T>> places(count), velocities(count);
  kernels::start_liquid(atoms, places.data(), velocities.data());

  const auto triples = [&] {
    return memory_.emplace_back(count * sizeof(kernels::triple<T>)).template as<kernels::triple<T>>();
  };
  const auto integers = [&](std::size_t n) {
    return memory_.emplace_back(n * sizeof(std::int32_t)).template as<std::int32_t>();
  };
  arrays_.atoms = static_cast<std::int32_t>(atoms);
  arrays_.grid = kernels::cells_of<T>(kernels::liquid_side(atoms));
  arrays_.places = triples();
  arrays_.velocities = triples();
  arrays_.forces = triples();
  arrays_.sorted_places = triples();
  arrays_.sorted_velocities = triples();
  arrays_.lists = integers(count * static_cast<std::size_t>(kernels::liquid::list_room));
  arrays_.lengths = integers(count);
  arrays_.cell_of = integers(count);
  arrays_.rank_of = integers(count);
  const auto cells = static_cast<std::size_t>(arrays_.grid.count());
  arrays_.cell_begin = integers(cells + 1);
  arrays_.cell_count = integers(cells);
  arrays_.longest = integers(1);

  GPUBENCH_CUDA(cudaMemsetAsync(arrays_.longest, 0, sizeof(std::int32_t), stream_));
  GPUBENCH_CUDA(
      cudaMemcpyAsync(arrays_.places, places.data(), count * sizeof places[0], cudaMemcpyHostToDevice, stream_));
  GPUBENCH_CUDA(cudaMemcpyAsync(arrays_.velocities, velocities.data(), count * sizeof velocities[0],
                                cudaMemcpyHostToDevice, stream_));
  // The first step's first half needs forces: those of the start, from which no velocity is kicked.
  sort();
  kernels::launch_liquid_forces(arrays_, false, stream_);
  GPUBENCH_CUDA(cudaGetLastError());
  wait_for(stream_, "preparing a Lennard-Jones liquid");
}

template <class T>
void liquid_on_device<T>::sort() {
  kernels::launch_liquid_sort(arrays_, stream_);
  std::swap(arrays_.places, arrays_.sorted_places);
  std::swap(arrays_.velocities, arrays_.sorted_velocities);
  kernels::launch_liquid_lists(arrays_, stream_);
}

template <class T>
void liquid_on_device<T>::enqueue(std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    kernels::launch_liquid_move(arrays_, stream_);
    if (steps_ % kernels::liquid::rebuild_every == 0) sort();
    kernels::launch_liquid_forces(arrays_, true, stream_);
    ++steps_;
  }
}

template <class T>
kernels::liquid_state<T> liquid_on_device<T>::state() const {
  wait_for(stream_, "a Lennard-Jones liquid");
  kernels::liquid_state<T> result;
  result.side = kernels::liquid_side(arrays_.atoms);
  for (const auto& [to, from] : {std::pair{&result.places, arrays_.places},
                                 {&result.velocities, arrays_.velocities},
                                 {&result.forces, arrays_.forces}}) {
    to->resize(static_cast<std::size_t>(arrays_.atoms));
    GPUBENCH_CUDA(cudaMemcpy(to->data(), from, to->size() * sizeof(kernels::triple<T>), cudaMemcpyDeviceToHost));
  }
  return result;
}

template <class T>
std::int32_t liquid_on_device<T>::longest_list() const {
  wait_for(stream_, "a Lennard-Jones liquid");
  std::int32_t longest = 0;
  GPUBENCH_CUDA(cudaMemcpy(&longest, arrays_.longest, sizeof longest, cudaMemcpyDeviceToHost));
  return longest;
}

template class liquid_on_device<float>;
template class liquid_on_device<double>;

}  // namespace gpubench::cuda
