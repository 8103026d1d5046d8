#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fleet/job.hpp"
#include "fleet/manifest.hpp"

namespace gpubench::fleet {

/// Refuses a host of two jobs, whose tasks would be measured at the same moment.   @throws error: usage
void require_hosts_apart(const campaign& of);

/// "nodes.hosts": a host file as mpirun takes it, a line a host.
manifest host_file(const job& what);

/// Refuses a host file in which other hosts stand than the job has, or in another order: its script would begin tasks
/// on hosts that nobody asks about them. Slots may differ.   @throws error: input, at the line; io
void require_hosts_as_asked(const job& what, const std::filesystem::path& folder);

/// "nodes.sh": begins task $1 on its host over SSH and returns while it runs there; a collective on the first host,
/// which starts its ranks by mpirun on all. Hosts are those of the host file.   @throws error: usage without hosts
manifest ssh_script(const campaign& of, const job& what);

std::string ssh_script_name(const job& what);

/// ssh with the options that keep it from asking and from waiting for ever.
std::vector<std::string> ssh_words(const campaign& of);

/// The host of a task: its own, or the first of a collective.
const std::string& host_of(const job& what, int task);

}  // namespace gpubench::fleet
