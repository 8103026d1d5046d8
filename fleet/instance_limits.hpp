#pragma once

#include "profiles/catalogue.hpp"

#include <string>
#include <vector>

#include "fleet/job.hpp"

namespace gpubench::fleet {

// What an instance type of the catalogue cannot give a job, which would wait for ever or be refused by its cloud. What
// the catalogue does not know of a type is not held against it. Each throws error: usage.

/// More GPUs than the type has; and, since gpubench's back-end for GPUs is CUDA, any of another vendor for a job that
/// does not measure CPUs alone.
void require_gpus_of_type(const job& what, const profiles::instance& type, const profiles::catalogue& known);

/// More vCPUs or memory than the type has, or more ranks on CPUs than it has vCPUs.
void require_room_in_type(const job& what, const profiles::instance& type);

/// The options by which a job asks for all vCPUs or all memory of its instance type: "--cpus 192".
std::vector<std::string> all_asked_for(const job& what, const profiles::catalogue& known);

}  // namespace gpubench::fleet
