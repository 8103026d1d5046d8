#pragma once

#include <filesystem>

#include "tests/temporary_folder.hpp"

namespace gpubench::profiles::test {

inline std::filesystem::path shipped() {
  return std::filesystem::path(GPUBENCH_SOURCE_DIR) / "profiles" / "data";
}

}  // namespace gpubench::profiles::test
