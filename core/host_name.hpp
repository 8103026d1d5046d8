#pragma once

#include <string>

namespace gpubench {

/// This machine's own, as gethostname() says it; "unknown" where it says nothing.
std::string host_name();

}  // namespace gpubench
