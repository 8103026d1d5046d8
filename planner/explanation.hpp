#pragma once

#include "planner/decision.hpp"
#include "planner/helper_hosts.hpp"
#include "planner/offer_pricer.hpp"
#include "planner/recommend.hpp"
#include "planner/system_planner.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::planner {

/// Changes that would make another offer the best: a dearer first, a cheaper second, a shorter or longer deadline, no
/// spot. Each a sentence that follows "it would be".
/// @param later   the offer of the least hours' cost that only the deadline keeps away
/// @param pricer     prices what is not ranked: start-up, interruptions and the rest are in its figures
/// @param unhurried  the same without a deadline, by which `later` is priced
/// @param hosts      helpers that make more of a system
std::vector<std::string> flip_points(const recommendation& answer, const std::vector<const system_plan*>& plans,
                                     const std::optional<cheaper_later::offer>& later, offer_pricer& pricer,
                                     offer_pricer& unhurried, const helper_hosts& hosts);

/// What the reader must know: assumptions, old prices, spot, precision that a device lacks, whether anything was
/// measured.
std::vector<std::string> notes(const recommendation& answer, const system_planner& planner, const offer_pricer& pricer,
                               const profiles::catalogue& known);

/// "aws g6.12xlarge spot", with the region where it matters.
std::string offer_name(const profiles::instance& type, const profiles::price& offer);

}  // namespace gpubench::planner
