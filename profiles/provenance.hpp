#pragma once

#include "core/error.hpp"

#include <string>

namespace gpubench::profiles {

/// Where a fact comes from. Every row of the catalogue has one; the loader refuses a row without.
struct provenance {
  std::string source;
  std::string date;  ///< "YYYY-MM-DD", "YYYY-MM" or "YYYY", of the source
  std::string note;
  file_position position;  ///< of the row
};

}  // namespace gpubench::profiles
