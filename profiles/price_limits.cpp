#include "profiles/detail/price_limits.hpp"

namespace gpubench::profiles::detail {
namespace {

// Wide enough for every catalogued offer with room on both sides: on demand a GPU costs 0.1 to 30 USD an hour, spot and
// one's own machines less; a vCPU 0.005 to 0.1 USD.
constexpr double lowest_usd_per_gpu_hour = 0.01, highest_usd_per_gpu_hour = 60;
constexpr double lowest_usd_per_vcpu_hour = 0.0005, highest_usd_per_vcpu_hour = 1;

}  // namespace

std::optional<usd_range> sane_price(const instance& type) {
  if (type.has_gpu()) {
    const double gpus = type.gpu_count * type.gpu_fraction;
    return usd_range{gpus * lowest_usd_per_gpu_hour, gpus * highest_usd_per_gpu_hour};
  }
  if (!type.vcpus) return std::nullopt;
  return usd_range{*type.vcpus * lowest_usd_per_vcpu_hour, *type.vcpus * highest_usd_per_vcpu_hour};
}

}  // namespace gpubench::profiles::detail
