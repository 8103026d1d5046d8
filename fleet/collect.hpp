#pragma once

#include <chrono>

#include "fleet/collection.hpp"
#include "fleet/submit.hpp"

namespace gpubench::fleet {

/// Fetches what nodes left, holds each result against its record (campaign, job, task, SHA-256, suite, whole or cut
/// short), asks the engine about the tasks without result, and holds clocks of nodes against that of the engine and of
/// this machine. Files are read by several threads. Where results cannot be fetched those count that are here.
/// @param now  of this machine
/// @throws error: environment while another process collects this campaign; io
collection collect(const opened_campaign& what, std::chrono::system_clock::time_point now);

}  // namespace gpubench::fleet
