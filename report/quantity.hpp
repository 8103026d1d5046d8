#pragma once

#include <string>
#include <string_view>

namespace gpubench::report {

/// A record's key as a column of a spreadsheet.
struct quantity {
  std::string header;         ///< "median low, ns" for "median_low_ns"; a key without unit in words
  std::string number_format;  ///< of its numbers: "#,##0.00", "0.0%"; empty: as they come
};
quantity quantity_of(std::string_view key);

}  // namespace gpubench::report
