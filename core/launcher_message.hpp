#pragma once

#include <string>
#include <vector>

namespace gpubench {

/// Whether it is a line that only frames others, as mpirun draws them.
bool is_ruler(const std::string& line);

/// Why a launcher or the SSH that it calls (mpirun, srun, ssh, kubectl, sky) says that it failed, in one line, of the
/// lines that it and what it started printed: the first line of those programs, else the first sentence between rulers.
/// Empty where they say nothing.
std::string launcher_message(const std::vector<std::string>& lines);

}  // namespace gpubench
