#pragma once

#include "bench/host/onednn.hpp"

#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

namespace gpubench::bench::host::onednn {

/// A fixed sequence of primitives and loops over tensors, put together once and run many times. Tensors that are given
/// back while it is put together lend their memory to later ones, as the memory plan of a framework does.
class program {
 public:
  using arguments = std::unordered_map<int, memory>;

  /// Appends a primitive.
  void then(dnnl::primitive primitive, arguments values);
  /// Appends other work.
  void then(std::function<void()> work) { steps_.push_back(std::move(work)); }

  /// A tensor for values that live until give_back().
  memory take(const memory::desc& description);
  void give_back(const memory& tensor);

  /// The tensor in another layout; appends the conversion if that differs, which is then part of the timed work.
  memory in_layout(const memory& tensor, const memory::desc& wanted);

  void run() const;

 private:
  std::vector<std::function<void()>> steps_;
  std::multimap<std::size_t, memory> free_;  ///< by size; owners of storage
  std::map<const void*, memory> storage_;    ///< what each lent tensor's memory belongs to
};

}  // namespace gpubench::bench::host::onednn
