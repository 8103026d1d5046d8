#include "bench/cuda/module/network_cases.hpp"

#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/cudnn_case.hpp"

namespace gpubench::cuda {

using kernels::storage;

gpubench_module_work image_work(const std::vector<models::network_operator>& operators, std::int64_t n) {
  const auto total = models::total_work(operators);
  gpubench_module_work result{};
  result.has_flop = result.has_bytes = result.has_items = 1;
  result.flop = total.flop;
  result.bytes = total.bytes;
  result.items = static_cast<double>(n);
  result.item = "image";
  return result;
}

std::vector<parameters> image_cases(storage type, gpubench_module_suite suite, std::int64_t first,
                                    const std::vector<std::int64_t>& more,
                                    const std::function<bool(std::int64_t)>& fits) {
  constexpr std::int64_t image_size = 224;
  std::vector<std::int64_t> wanted;
  if (suite == GPUBENCH_MODULE_FULL || (suite == GPUBENCH_MODULE_STANDARD && type == storage::fp16)) {
    wanted.push_back(first);
  }
  if (suite == GPUBENCH_MODULE_FULL) wanted.insert(wanted.end(), more.begin(), more.end());
  std::vector<parameters> result;
  for (const std::int64_t n : wanted) {
    if (result.empty() || fits(n)) result.push_back(make_parameters({{"n", n}, {"image_size", image_size}}));
  }
  return result;
}

std::optional<std::string> network_unavailable(const network_description& described, const device_properties& device) {
  if (auto reason = cudnn_cannot(described.type, true, device)) return reason;
  return cublaslt_unavailable();
}

}  // namespace gpubench::cuda
