#include "bench/host/onednn_program.hpp"

#include <utility>

namespace gpubench::bench::host::onednn {

void program::then(dnnl::primitive primitive, arguments values) {
  steps_.push_back(
      [primitive = std::move(primitive), values = std::move(values)] { primitive.execute(stream(), values); });
}

memory program::take(const memory::desc& description) {
  const std::size_t bytes = description.get_size();
  auto found = free_.lower_bound(bytes);
  // Much larger memory is kept for a tensor that needs it.
  if (found == free_.end() || found->first > 2 * bytes) {
    found = free_.emplace(bytes, allocate(description));
  }
  const memory owner = found->second;
  free_.erase(found);
  storage_[owner.get_data_handle()] = owner;
  return memory(description, engine(), owner.get_data_handle());
}

void program::give_back(const memory& tensor) {
  // Tensors that a program does not own, its input for one, stay where they are.
  const auto found = storage_.find(tensor.get_data_handle());
  if (found == storage_.end()) return;
  free_.emplace(found->second.get_desc().get_size(), found->second);
}

memory program::in_layout(const memory& tensor, const memory::desc& wanted) {
  if (tensor.get_desc() == wanted) return tensor;
  const memory copy = take(wanted);
  then(dnnl::reorder(tensor, copy), {{DNNL_ARG_FROM, tensor}, {DNNL_ARG_TO, copy}});
  return copy;
}

void program::run() const {
  for (const auto& step : steps_) step();
  stream().wait();
}

}  // namespace gpubench::bench::host::onednn
