#pragma once

#include "profiles/catalogue.hpp"

#include "fleet/job.hpp"

namespace gpubench::fleet {

/// Refuses what SkyPilot would look for in vain or gpubench cannot measure, by the catalogue: an instance type in a
/// cloud that does not have it; of candidates those with less than was asked for; accelerators without a back-end.
/// @throws error: usage
void require_skypilot_offers(const campaign& of, const profiles::catalogue& known);

}  // namespace gpubench::fleet
