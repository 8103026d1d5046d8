#pragma once

#include "profiles/billing.hpp"

namespace gpubench::cost {

/// Seconds that a provider bills for one use of an instance: rounded up to whole granules (0 rounds nothing), and no
/// less than the minimum. Nothing used is nothing billed.
double billed_seconds(const profiles::billing_rule& rule, double used_seconds);

}  // namespace gpubench::cost
