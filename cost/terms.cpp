#include "cost/terms.hpp"

namespace gpubench::cost {

profiles::billing_rule billing_of(const terms& agreed, const std::string& provider) {
  const auto rule = agreed.billing.find(provider);
  if (rule != agreed.billing.end()) return rule->second;
  profiles::billing_rule exact;
  exact.granularity_seconds = 0;
  return exact;
}

}  // namespace gpubench::cost
