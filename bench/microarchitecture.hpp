#pragma once

#include "results/environment.hpp"

#include <optional>
#include <string>

namespace gpubench::bench {

/// Name of a server CPU's microarchitecture as the catalogue's column "microarchitecture" writes it, from vendor,
/// family, model and stepping: clouds hide the part's name but not these. Nothing for any other CPU. Source: Linux,
/// arch/x86/include/asm/intel-family.h; Intel, "Xeon Processor Scalable Family Specification Update" (steppings 5 to 7
/// of model 85 are Cascade Lake); AMD, "Revision Guides" of families 17h, 19h and 1Ah.
std::optional<std::string> x86_microarchitecture(const results::cpu_environment& cpu);

/// The same for Arm, by MIDR implementer and part.
/// Source: Linux, arch/arm64/include/asm/cputype.h.
std::optional<std::string> arm_microarchitecture(int implementer, int part);

}  // namespace gpubench::bench
