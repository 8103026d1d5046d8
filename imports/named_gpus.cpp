#include "imports/named_gpus.hpp"

#include "results/device_name.hpp"

#include <cstdint>
#include <set>
#include <vector>

namespace gpubench::imports {

void name_gpus(imported_file& content, const std::string& model) {
  constexpr std::int64_t most_gpus = 1024;  // of one machine
  std::set<int> indexes;
  for (const auto& m : content.measurements) {
    if (results::count_of_gpus(m.device).value_or(most_gpus + 1) > most_gpus) continue;
    const auto spans = results::gpus_named(m.device).value_or(std::vector<results::gpu_span>{});
    for (const auto& span : spans)
      for (auto index = span.first; index <= span.last; ++index) indexes.insert(static_cast<int>(index));
  }
  for (const int index : indexes) {
    auto& gpu = content.environment.gpus.emplace_back();
    gpu.index = index;
    gpu.name = model;
  }
}

}  // namespace gpubench::imports
