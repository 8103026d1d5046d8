#include "doctor/software.hpp"

#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <regex>
#include <set>

#include "doctor/linker_configuration.hpp"

namespace gpubench::doctor {

namespace {

using bench::system_files;

std::optional<version> driver_in(const std::string& text) {
  static const std::regex form(R"(\b([0-9]{3}\.[0-9]+(?:\.[0-9]+)?)\b)");
  std::smatch found;
  return std::regex_search(text, found, form) ? version::parse(found[1].str()) : std::nullopt;
}

void read_kernel_module(const system_files& files, nvidia_software& software) {
  const auto line = files.line("proc/driver/nvidia/version");
  if (line) {
    software.kernel_module = driver_in(*line);
    software.open_module = line->find("Open Kernel Module") != std::string::npos;
  } else if (const auto module = files.line("sys/module/nvidia/version")) {
    software.kernel_module = version::parse(*module);
  }
}

/// Folders of toolkits: usr/local/cuda-12.4. The link usr/local/cuda names one of them, unless it stands alone.
std::vector<std::string> toolkit_folders(const system_files& files) {
  std::vector<std::string> folders;
  for (const auto& name : files.entries("usr/local")) {
    if (name.rfind("cuda-", 0) == 0) folders.push_back("usr/local/" + name);
  }
  if (files.exists("usr/local/cuda") && !files.link_name("usr/local/cuda")) folders.emplace_back("usr/local/cuda");
  return folders;
}

std::optional<version> toolkit_version(const system_files& files, const std::string& folder) {
  if (const auto text = files.text(folder + "/version.json")) {
    const auto document = json::parse(*text, nullptr, false);
    const json::json_pointer place("/cuda/version");
    if (document.is_object() && document.contains(place) && document.at(place).is_string())
      return version::parse(document.at(place).get<std::string>());
  }
  // "CUDA Version 11.0.228", before 11.1
  if (const auto line = files.line(folder + "/version.txt")) return version::parse(line->substr(line->rfind(' ') + 1));
  return std::nullopt;
}

/// A major version of CUDA; nothing for a number that is none.
std::optional<int> major_number(const std::string& text) {
  constexpr long long largest = 1000;
  const auto number = parse_integer(text);
  return number && *number >= 0 && *number <= largest ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<int> major_in_folder(const std::string& folder) {
  static const std::regex form("cuda-([0-9]+)");
  std::smatch found;
  return std::regex_search(folder, found, form) ? major_number(found[1].str()) : std::nullopt;
}

bool has_cuda_version(const std::string& library) {
  return library == "cudart" || library == "cublas";
}

void add_library_file(const std::string& name, const std::string& folder, nvidia_software& software) {
  static const std::regex library(R"(^lib(cudart|cublas|cudnn|nccl)\.so\.([0-9]+\.[0-9]+\.[0-9]+(?:\.[0-9]+)?)$)");
  static const std::regex driver(R"(^lib(?:cuda|nvidia-ml)\.so\.([0-9]{3}\.[0-9]+(?:\.[0-9]+)?)$)");
  std::smatch parts;
  if (std::regex_match(name, parts, library)) {
    const auto release = version::parse(parts[2].str());
    if (!release) return;
    const auto built_for = has_cuda_version(parts[1].str()) ? release->major() : major_in_folder(folder);
    software.libraries.push_back({parts[1].str(), *release, folder, built_for});
  } else if (std::regex_match(name, parts, driver)) {
    if (const auto release = version::parse(parts[1].str())) software.user_libraries.push_back(*release);
  }
}

void search_folder(const system_files& files, const std::string& folder, nvidia_software& software) {
  for (const auto& name : files.entries(folder)) add_library_file(name, folder, software);
}

/// nvidia_cublas_cu12-12.4.5.8.dist-info; from CUDA 13 on some names have no ending.
void search_packages(const system_files& files, const std::string& folder, nvidia_software& software) {
  static const std::regex form(
      R"(^nvidia[_-](cuda[_-]runtime|cublas|cudnn|nccl)(?:[_-]cu([0-9]+))?-([0-9.]+)\.dist-info$)");
  for (const auto& name : files.entries(folder)) {
    std::smatch parts;
    if (!std::regex_match(name, parts, form)) continue;
    const auto release = version::parse(parts[3].str());
    if (!release) continue;
    const std::string library = parts[1].str().rfind("cuda", 0) == 0 ? "cudart" : parts[1].str();
    auto built_for = has_cuda_version(library) ? std::optional(release->major()) : std::nullopt;
    if (parts[2].matched) built_for = major_number(parts[2].str());
    software.libraries.push_back({library, *release, "Python packages in " + folder, built_for});
  }
}

/// In NVIDIA's framework containers the package's libraries lie in lib.real, and lib names them where they are wanted.
void add_compatibility(const system_files& files, const std::string& folder, nvidia_software& software) {
  static const std::regex form(R"(^libcuda\.so\.([0-9]{3}\.[0-9]+(?:\.[0-9]+)?)$)");
  for (const char* inner : {"", "/lib.real"}) {
    for (const auto& name : files.entries(folder + inner)) {
      std::smatch parts;
      const auto release = std::regex_match(name, parts, form) ? version::parse(parts[1].str()) : std::nullopt;
      if (!release) continue;
      software.compatibility.push_back({*release, folder});
      return;
    }
  }
}

std::vector<std::string> package_folders(const system_files& files) {
  std::vector<std::string> folders;
  for (const char* root : {"usr/lib", "usr/local/lib", "opt/conda/lib", "opt/venv/lib"}) {
    for (const auto& name : files.entries(root)) {
      if (name.rfind("python3", 0) != 0) continue;
      for (const char* kind : {"/dist-packages", "/site-packages"})
        folders.push_back(std::string(root) + '/' + name + kind);
    }
  }
  return folders;
}

void sort_unique(std::vector<version>& versions) {
  std::sort(versions.begin(), versions.end());
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
}

}  // namespace

std::vector<version> nvidia_software::versions_of(const std::string& library) const {
  std::vector<version> found;
  for (const auto& one : libraries) {
    if (one.name == library) found.push_back(one.release);
  }
  sort_unique(found);
  return found;
}

nvidia_software find_nvidia_software(const system_files& files, const std::vector<std::string>& more_folders) {
  nvidia_software software;
  read_kernel_module(files, software);
  software.linker_folders = linker_folders(files);
  std::set<std::string> folders{
      "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib", "usr/local/lib",
      "usr/local/nvidia/lib64"};
  for (const auto& toolkit : toolkit_folders(files)) {
    if (const auto release = toolkit_version(files, toolkit)) software.toolkits.push_back({*release, toolkit});
    for (const char* machine : {"x86_64-linux", "sbsa-linux"}) folders.insert(toolkit + "/targets/" + machine + "/lib");
    add_compatibility(files, toolkit + "/compat", software);
    if (!files.exists(toolkit + "/targets")) folders.insert(toolkit + "/lib64");
  }
  folders.insert(more_folders.begin(), more_folders.end());
  for (const auto& folder : folders) {
    // Libraries of forward compatibility carry a driver's version, and are none of the driver's.
    if (folder.find("/compat") == std::string::npos) search_folder(files, folder, software);
  }
  for (const auto& folder : package_folders(files)) search_packages(files, folder, software);
  sort_unique(software.user_libraries);
  return software;
}

}  // namespace gpubench::doctor
