#include "core/text.hpp"

#include <cmath>

#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {
namespace {

prediction_case case_from(const csv_table::row& row) {
  const auto optional_text = [&](const char* column) { return row.has(column) ? row.text(column) : std::string(); };
  row.require_whole();
  prediction_case c;
  c.id = row.required_text("case_id");
  c.gpu = row.required_text("gpu");
  c.params = row.required_text("params");
  c.precision = optional_text("precision");
  c.unit = optional_text("unit");
  c.is_anchor = to_lower(optional_text("role")) == "anchor";
  c.position = row.position("params");
  if (row.has("gpu_count") && !row.text("gpu_count").empty()) {
    const double count = row.required_number("gpu_count");
    if (count < 1 || count > 1e6 || count != std::floor(count))
      row.refuse("gpu_count", "is not a whole number of GPUs", "1 for one GPU");
    c.gpu_count = static_cast<int>(count);
  }
  if (row.has("anchor_value")) {
    c.anchor_value = row.number("anchor_value");
    if (c.anchor_value && !(*c.anchor_value > 0)) row.refuse("anchor_value", "is not a positive measurement");
  }
  return c;
}

}  // namespace

std::vector<prediction_case> read_cases(const csv_table& table) {
  table.require_columns({"case_id", "gpu", "params"});
  std::vector<prediction_case> cases;
  for (std::size_t i = 0; i < table.size(); ++i) {
    try {
      cases.push_back(case_from(table[i]));
    } catch (const error& e) {
      prediction_case& unread = cases.emplace_back();
      unread.position = table[i].position();
      unread.fault = e;
      try {
        unread.id = table[i].text("case_id");
      } catch (const error&) {
        // A record too short to have a name keeps its place without.
      }
    }
  }
  return cases;
}

}  // namespace gpubench::predictor
