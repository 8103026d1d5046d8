#pragma once

#include <string>

#include "rightsizing/advice.hpp"

namespace gpubench::rightsizing {

/// The answer for one machine: what to do, then why.
std::string sentence_of(const machine_advice& of);

/// "2 x aws g6.xlarge (us-east-1, on-demand)".
std::string name_of(const option& of);

/// "half idle", "idle", or nothing.
std::string idleness_of(const device_summary& of);

}  // namespace gpubench::rightsizing
