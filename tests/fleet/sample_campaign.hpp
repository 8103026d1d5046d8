#pragma once

#include "fleet/job.hpp"

namespace gpubench::fleet {

/// Four nodes of eight GPUs, each of which runs the quick suite.
inline campaign sample_campaign() {
  job one;
  one.name = "p5-48xlarge";
  one.command = {"run", "--suite", "quick"};
  one.nodes = 4;
  one.gpus_per_node = 8;
  one.variables = {{"NCCL_DEBUG", "INFO"}, {"NCCL_SOCKET_IFNAME", "eth0"}};
  campaign value;
  value.id = "night-3f9a12c4";
  value.engine = "slurm";
  value.results = "/shared/night/results";
  value.jobs = {one};
  return value;
}

}  // namespace gpubench::fleet
