#include "doctor/diagnosis.hpp"

#include "core/units.hpp"
#include "core/version.hpp"
#include "results/run.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace gpubench::doctor {

namespace {

json cost_json(const likely_cost& cost) {
  return {{"words", cost.words},
          {"lost_fraction", cost.lost_fraction ? json(*cost.lost_fraction) : json(nullptr)},
          {"source", cost.source.empty() ? json(nullptr) : json(cost.source)}};
}

}  // namespace

std::string_view to_string(check_state state) {
  switch (state) {
    case check_state::passed:
      return "passed";
    case check_state::found:
      return "found";
    case check_state::not_checked:
      break;
  }
  return "not checked";
}

const std::vector<check>& all_checks() {
  static const std::vector<check> all = [] {
    std::vector<check> checks;
    for (const auto part :
         {driver_checks, cuda_checks, library_checks, gpu_checks, gpu_fault_checks, gpu_setting_checks,
          gpu_sharing_checks, link_checks, host_checks, nccl_checks, efa_checks, kubernetes_checks}) {
      auto some = part();
      std::move(some.begin(), some.end(), std::back_inserter(checks));
    }
    return checks;
  }();
  return all;
}

std::size_t diagnosis::count(severity level) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [&](const auto& one) { return one.level == level; }));
}

std::size_t diagnosis::count(check_state state) const {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(), [&](const auto& one) { return one.state == state; }));
}

void add_findings(diagnosis& to, const checked& by, std::vector<finding> findings) {
  to.checks.push_back(by);
  if (!findings.empty()) to.checks.back().state = check_state::found;
  for (auto& one : findings) {
    one.check = by.id;
    to.findings.push_back(std::move(one));
  }
  std::stable_sort(to.findings.begin(), to.findings.end(),
                   [](const auto& a, const auto& b) { return a.level < b.level; });
}

diagnosis diagnose(const facts& machine, const compatibility& known) {
  diagnosis found;
  for (const auto& one : all_checks()) {
    auto outcome = one.run(machine, known);
    const auto state = outcome.not_checked ? check_state::not_checked : check_state::passed;
    add_findings(found, {one.id, one.title, state, outcome.not_checked.value_or("")}, std::move(outcome.findings));
  }
  return found;
}

json to_json(const diagnosis& found, const facts& machine) {
  json findings = json::array(), checks = json::array();
  for (const auto& one : found.findings)
    findings.push_back({{"check", one.check},
                        {"severity", to_string(one.level)},
                        {"what", one.what},
                        {"why", one.why},
                        {"cost", cost_json(one.cost)},
                        {"mend", one.mend},
                        {"evidence", one.evidence}});
  for (const auto& one : found.checks)
    checks.push_back({{"id", one.id},
                      {"title", one.title},
                      {"state", to_string(one.state)},
                      {"reason", one.reason.empty() ? json(nullptr) : json(one.reason)}});
  return {{"schema", doctor_schema},
          {"made_at", format_utc(std::chrono::system_clock::now())},
          {"tool_version", gpubench::version},
          {"environment", results::to_json(machine.machine)},
          {"errors", found.count(severity::error)},
          {"warnings", found.count(severity::warning)},
          {"notes", found.count(severity::note)},
          {"findings", findings},
          {"checks", checks}};
}

}  // namespace gpubench::doctor
