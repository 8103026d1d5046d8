#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/compatibility.hpp"
#include "doctor/facts.hpp"
#include "doctor/finding.hpp"

namespace gpubench::doctor {

/// What a check found out. A check that could not look says why.
struct outcome {
  std::vector<finding> findings;
  std::optional<std::string> not_checked;

  static outcome skipped(std::string reason) { return {{}, std::move(reason)}; }
};

/// A question put to the facts of a machine: pure, and told apart by its identifier ("pcie-link").
struct check {
  const char* id;
  const char* title;  ///< what it looks at, in a few words
  outcome (*run)(const facts&, const compatibility&);
};

/// All checks, in the order in which they are shown.
const std::vector<check>& all_checks();

// The checks by what they look at, a file each.
std::vector<check> driver_checks();
std::vector<check> cuda_checks();
std::vector<check> library_checks();
std::vector<check> gpu_checks();
std::vector<check> gpu_fault_checks();
std::vector<check> gpu_setting_checks();
std::vector<check> gpu_sharing_checks();
std::vector<check> link_checks();
std::vector<check> host_checks();
std::vector<check> nccl_checks();
std::vector<check> efa_checks();
std::vector<check> kubernetes_checks();

/// "gpu0".
std::string gpu_name(int index);
inline constexpr const char* no_gpu = "no GPU that the driver opens";

}  // namespace gpubench::doctor
