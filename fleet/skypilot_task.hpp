#pragma once

#include "core/json.hpp"

#include <string>
#include <vector>

#include "fleet/engine.hpp"
#include "fleet/job.hpp"
#include "fleet/manifest.hpp"

namespace gpubench::fleet {

/// Environment variable of a node that holds its task's index; empty: SkyPilot's own rank of the node.
inline constexpr const char* skypilot_task_variable = "GPUBENCH_TASK";

std::vector<engine_setting> skypilot_settings();

/// One of --set candidates.
struct skypilot_candidate {
  std::string where;  ///< SkyPilot's infra, "aws/us-east-1"; empty: anywhere
  std::string type;   ///< "p5.48xlarge", "n1-standard-4+1xT4"
};

/// --set candidates, none where nothing is said.   @throws error: usage
std::vector<skypilot_candidate> skypilot_candidates(const campaign& of);

/// A task in the fields that SkyPilot documents ("SkyPilot YAML", docs.skypilot.co, read in 2026-11): candidates of
/// resources, spot and recovery, nodes, variables, the bucket of results, and what each node runs.
/// @throws error: usage for what it cannot be told: no bucket, no program, hosts by name, malformed candidates.
json skypilot_task(const campaign& of, const job& what);

/// "p5-48xlarge.sky.yaml"
std::string skypilot_manifest_name(const job& what);
manifest skypilot_manifest(const campaign& of, const job& what);

}  // namespace gpubench::fleet
