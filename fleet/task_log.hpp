#pragma once

#include <filesystem>
#include <string>

namespace gpubench::fleet {

/// Where what a task printed lies, with the last error that gpubench told in it and its hint: "error: ... (...); see
/// FILE"; where it told none, with what its launcher said of the last attempt. Only the end of a long log is read.
/// Empty where there is no log.
std::string last_error_in(const std::filesystem::path& log);

}  // namespace gpubench::fleet
