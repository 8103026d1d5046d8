#include "core/text.hpp"

#include <fmt/format.h>

#include <set>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

std::string described(const installed_library& one) {
  return fmt::format("{} {} in /{}", one.name, one.release.text(), one.place);
}

std::vector<std::string> all_of(const nvidia_software& software, const std::string& name) {
  std::vector<std::string> lines;
  for (const auto& one : software.libraries) {
    if (one.name == name) lines.push_back(described(one));
  }
  return lines;
}

outcome one_version_each(const facts& machine, const compatibility&) {
  const auto& software = machine.software;
  if (software.libraries.empty()) return outcome::skipped("no CUDA library was found in the usual folders");
  outcome result;
  for (const char* name : {"cudart", "cublas", "cudnn", "nccl"}) {
    const auto versions = software.versions_of(name);
    if (versions.size() < 2) continue;
    std::vector<std::string> texts;
    for (const auto& one : versions) texts.push_back(one.text());
    const bool other_major = versions.front().major() != versions.back().major();
    result.findings.push_back(
        {"",
         other_major ? severity::warning : severity::note,
         fmt::format("{} versions of {} are installed: {}", versions.size(), name, join(texts, ", ")),
         "which of them a program loads hangs on LD_LIBRARY_PATH and on its own search path, so figures of two runs "
         "can "
         "be of two libraries",
         {"not known: versions of one library differ in speed by kernel and shape", std::nullopt, ""},
         fmt::format("keep one, or see which is used: LD_DEBUG=libs PROGRAM 2>&1 | grep lib{}", name),
         all_of(software, name)});
  }
  return result;
}

outcome cudnn_for_cuda(const facts& machine, const compatibility& known) {
  const auto& software = machine.software;
  if (software.versions_of("cudnn").empty()) return outcome::skipped("cuDNN was not found in the usual folders");
  std::set<int> majors;
  for (const char* name : {"cudart", "cublas"})
    for (const auto& one : software.versions_of(name)) majors.insert(one.major());
  outcome result;
  for (const auto& one : software.libraries) {
    if (one.name != "cudnn") continue;
    // A build names its CUDA; one that does not is held to what else is there, if that is of one kind.
    const auto cuda = one.cuda_major       ? one.cuda_major
                      : majors.size() == 1 ? std::optional(*majors.begin())
                                           : std::nullopt;
    const auto* limits = cuda ? known.find_cudnn(*cuda) : nullptr;
    if (limits == nullptr) continue;
    const bool too_old = limits->unsupported_below && one.release < *limits->unsupported_below;
    const bool too_new = limits->unsupported_from && one.release >= *limits->unsupported_from;
    if (!too_old && !too_new) continue;
    result.findings.push_back(
        {"",
         severity::error,
         fmt::format("cuDNN {} does not work with CUDA {}", one.release.text(), *cuda),
         "cuDNN is made for one major version of CUDA: it does not load, or convolutions and attention fail",
         {"networks that need it do not run on the GPU", std::nullopt, ""},
         too_old ? fmt::format("install cuDNN {} or newer, built for CUDA {}", limits->unsupported_below->text(), *cuda)
                 : fmt::format("install a cuDNN below {}, or a newer CUDA", limits->unsupported_from->text()),
         {described(one), limits->source}});
  }
  return result;
}

outcome one_cuda_major(const facts& machine, const compatibility&) {
  const auto& software = machine.software;
  // Within one place: a program takes its libraries from there.
  std::map<std::string, std::map<int, std::vector<std::string>>> by_place;
  for (const auto& one : software.libraries) {
    if (one.cuda_major) by_place[one.place][*one.cuda_major].push_back(described(one));
  }
  if (by_place.empty()) return outcome::skipped("no library tells which CUDA it was built for");
  outcome result;
  for (const auto& [place, majors] : by_place) {
    if (majors.size() < 2) continue;
    std::vector<std::string> texts, evidence;
    for (const auto& [major, lines] : majors) {
      texts.push_back(fmt::format("CUDA {}", major));
      evidence.insert(evidence.end(), lines.begin(), lines.end());
    }
    result.findings.push_back({"",
                               severity::error,
                               fmt::format("libraries for {} lie side by side in /{}", join(texts, " and "), place),
                               "cuBLAS, cuDNN and NCCL must be built for the major version of the CUDA runtime that "
                               "loads them; mixed ones fail "
                               "to load or crash",
                               {"GPU work may not run at all", std::nullopt, ""},
                               "install all of them for one major version, as a framework's own packages pin them",
                               evidence});
  }
  return result;
}

}  // namespace

std::vector<check> library_checks() {
  return {{"one-version-each", "one version of each CUDA library is installed", one_version_each},
          {"cudnn-for-cuda", "cuDNN works with the CUDA beside it", cudnn_for_cuda},
          {"one-cuda-major", "libraries in one place are built for one major version of CUDA", one_cuda_major}};
}

}  // namespace gpubench::doctor
