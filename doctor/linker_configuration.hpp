#pragma once

#include "bench/system_files.hpp"

#include <string>
#include <vector>

namespace gpubench::doctor {

/// Folders that /etc/ld.so.conf and the files that it includes name, in the order in which ldconfig searches them,
/// without slashes at either end; where it is not there, those of ld.so.conf.d. Source: ldconfig(8), and parse_conf of
/// glibc's elf/ldconfig.c: "#" begins a comment wherever it stands.
std::vector<std::string> linker_folders(const bench::system_files& files);

}  // namespace gpubench::doctor
