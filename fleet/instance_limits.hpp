#pragma once

#include "profiles/catalogue.hpp"

#include <string>
#include <vector>

#include "fleet/job.hpp"

namespace gpubench::fleet {

// What an instance type of the catalogue cannot give a job, which would wait for ever or be refused by its cloud. What
// the catalogue does not know of a type is not held against it. Each throws error: usage.

/// A slice that its GPU cannot be cut into, as a MIG profile of a GPU without MIG.
/// @param said  what names the slice   @param profile  "3g.40gb"; empty refuses nothing
void require_slices_of(const profiles::gpu_spec& gpu, const std::string& said, const std::string& profile);

/// More GPUs than the type has, or slices of its GPUs where the job has a `profile` of them, or none such; and, since
/// gpubench's back-end for GPUs is CUDA, any of another vendor for a job that does not measure CPUs alone.
void require_gpus_of_type(const job& what, const profiles::instance& type, const profiles::catalogue& known,
                          const std::string& profile = {});

/// More vCPUs or memory than the type has, or more ranks on CPUs than it has vCPUs.
void require_room_in_type(const job& what, const profiles::instance& type);

/// The options by which a job asks for all vCPUs or all memory of its instance type: "--cpus 192".
std::vector<std::string> all_asked_for(const job& what, const profiles::catalogue& known);

}  // namespace gpubench::fleet
