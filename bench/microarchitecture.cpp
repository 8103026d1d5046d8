#include "bench/microarchitecture.hpp"

namespace gpubench::bench {

namespace {

std::optional<std::string> intel(int family, int model, int stepping) {
  // Family 19 holds Diamond Rapids and later, which the catalogue does not know yet.
  if (family != 6) return std::nullopt;
  switch (model) {
    case 85:
      if (stepping <= 4) return "Skylake-SP";
      if (stepping <= 7) return "Cascade Lake";
      return std::nullopt;  // 10 and 11: Cooper Lake
    case 106:
    case 108:
      return "Ice Lake-SP";
    case 143:
      return "Sapphire Rapids";
    case 207:
      return "Emerald Rapids";
    case 173:
    case 174:
      return "Granite Rapids";
    default:
      return std::nullopt;
  }
}

/// The large-cache parts (Milan-X, Genoa-X) differ from the plain ones in the stepping alone.
std::optional<std::string> amd(int family, int model, int stepping) {
  if (family == 0x17) {
    if (model == 0x01) return "Zen (Naples)";
    if (model == 0x31) return "Zen 2 (Rome)";
  }
  if (family == 0x19) {
    if (model == 0x01) return stepping == 2 ? "Zen 3 (Milan-X)" : "Zen 3 (Milan)";
    if (model == 0x11) return stepping == 2 ? "Zen 4 (Genoa-X)" : "Zen 4 (Genoa)";
    if (model >= 0xa0 && model <= 0xaf) return "Zen 4c (Bergamo)";
  }
  if (family == 0x1a) {
    if (model <= 0x02) return "Zen 5 (Turin)";
    if (model >= 0x10 && model <= 0x1f) return "Zen 5c (Turin Dense)";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> x86_microarchitecture(const results::cpu_environment& cpu) {
  if (!cpu.vendor || !cpu.family || !cpu.model_number || !cpu.stepping) return std::nullopt;
  if (*cpu.vendor == "GenuineIntel") return intel(*cpu.family, *cpu.model_number, *cpu.stepping);
  if (*cpu.vendor == "AuthenticAMD") return amd(*cpu.family, *cpu.model_number, *cpu.stepping);
  return std::nullopt;
}

std::optional<std::string> arm_microarchitecture(int implementer, int part) {
  constexpr int arm_limited = 0x41;
  constexpr int microsoft = 0x6d;
  if (implementer == microsoft && part == 0xd49) return "Neoverse N2";  // Cobalt 100
  if (implementer != arm_limited) return std::nullopt;
  switch (part) {
    case 0xd0c:
      return "Neoverse N1";
    case 0xd40:
      return "Neoverse V1";
    case 0xd49:
      return "Neoverse N2";
    case 0xd4f:
      return "Neoverse V2";
    default:
      return std::nullopt;
  }
}

}  // namespace gpubench::bench
