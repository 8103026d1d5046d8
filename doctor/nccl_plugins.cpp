#include "doctor/nccl_plugins.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace gpubench::doctor {

std::vector<nccl_plugin> find_nccl_plugins(const bench::system_files& files,
                                           const std::vector<std::string>& loader_folders) {
  // What the loader searches by itself.
  std::set<std::string> searched{"usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib"};
  searched.insert(loader_folders.begin(), loader_folders.end());
  auto folders = searched;
  folders.insert("usr/local/lib");
  for (const char* root : {"opt/amazon/ofi-nccl", "opt/amazon/aws-ofi-nccl", "opt/aws-ofi-nccl"})
    for (const char* inner : {"/lib", "/lib64", "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu"})
      folders.insert(std::string(root) + inner);
  static const std::regex form(R"(^libnccl-net(?:-[A-Za-z0-9_-]+)?\.so(?:\.[0-9.]+)?$)");
  std::vector<nccl_plugin> found;
  for (const auto& folder : folders) {
    for (const auto& name : files.entries(folder))
      if (std::regex_match(name, form)) found.push_back({"/" + folder + "/" + name, searched.count(folder) > 0});
  }
  return found;
}

}  // namespace gpubench::doctor
