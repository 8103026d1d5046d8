#include "cost/terms.hpp"

namespace gpubench::cost {

profiles::billing_rule billing_of(const terms& agreed, const profiles::catalogue& known, const std::string& provider) {
  const auto own = agreed.billing.find(provider);
  if (own != agreed.billing.end()) return own->second;
  if (const auto* rule = known.billing_of(provider)) return *rule;
  return {};
}

}  // namespace gpubench::cost
