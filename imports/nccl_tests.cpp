#include "imports/nccl_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gpubench::imports {

void nccl_ranks::add(int device, const std::string& host, std::string gpu, std::int64_t group) {
  ++ranks_by_group_[group];
  devices_.insert(device);
  if (hosts_.empty()) first_host_ = host;
  hosts_.insert(host);
  const bool known =
      std::any_of(gpus_.begin(), gpus_.end(), [&](const results::gpu_environment& g) { return g.index == device; });
  if (host != first_host_ || known) return;
  auto& added = gpus_.emplace_back();
  added.index = device;
  added.name = std::move(gpu);
}

std::int64_t nccl_ranks::count() const {
  if (ranks_by_group_.empty()) return 0;
  const auto first = ranks_by_group_.begin()->second;
  const bool alike = std::all_of(ranks_by_group_.begin(), ranks_by_group_.end(),
                                 [&](const auto& group) { return group.second == first; });
  return alike ? first : 0;
}

std::string nccl_ranks::why_unknown() const {
  if (ranks_by_group_.empty()) return "names no devices, so the number of ranks is not known";
  if (count() > 0) return {};
  return fmt::format("its {} groups have different numbers of ranks, so the number of ranks of a figure is not known",
                     ranks_by_group_.size());
}

std::string nccl_ranks::device() const {
  if (devices_.empty()) return "gpu";
  const int first = *devices_.begin(), last = *devices_.rbegin();
  std::string name = fmt::format("gpu{}", first);
  if (last - first + 1 == static_cast<int>(devices_.size())) {
    if (last > first) name += fmt::format("-{}", last);
  } else {
    name = fmt::format("gpu{}", fmt::join(devices_, ","));
  }
  return hosts_.size() > 1 ? fmt::format("{} on {} nodes", name, hosts_.size()) : name;
}

namespace {

bool recognizes(const source_file& file) {
  if (file.starts_as_json())
    return file.text().find("\"average_bus_bandwidth\"") != std::string::npos ||
           (file.text().find("\"nccl_version\"") != std::string::npos &&
            file.text().find("\"out_of_place\"") != std::string::npos);
  return file.text().find("busbw") != std::string::npos && file.text().find("algbw") != std::string::npos &&
         file.text().find('#') != std::string::npos;
}

imported_file read(const source_file& file, const import_options& options) {
  return file.starts_as_json() ? read_nccl_tests_json(file, options) : read_nccl_tests_text(file, options);
}

const importer_registration registered{
    {"nccl-tests", "output of nccl-tests, as text or as its JSON file (-J)", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
