#include "fleet/patient_attempts.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::fleet {
namespace {

constexpr std::size_t most_reasons = 5;

/// "p5 0-3,7; g6 1 (hosta)"
std::string text_of(const campaign& of, const tasks_by_job& all) {
  std::vector<std::string> parts;
  for (auto [job, tasks] : all) {
    std::sort(tasks.begin(), tasks.end());
    std::vector<std::string> hosts;
    for (const int task : tasks)
      if (auto host = named_host(find_job(of, job), task); !host.empty()) hosts.push_back(std::move(host));
    parts.push_back(fmt::format("{} {}{}", job, ranges_of(tasks), hosts.empty() ? "" : " (" + join(hosts, ", ") + ")"));
  }
  return join(parts, "; ");
}

}  // namespace

patient_attempts::patient_attempts(const opened_campaign& what)
    : of_(what.of), gives_up_(!what.runs_on->reaches_hosts_apart()) {}

void patient_attempts::note(tasks_by_job& into, const std::string& job, const std::vector<int>& tasks) {
  auto& noted = into[job];
  noted.insert(noted.end(), tasks.begin(), tasks.end());
}

void patient_attempts::fail(const error& why, bool is_in_doubt, const std::string& job, const std::vector<int>& tasks) {
  if (!first_) first_ = why;
  ++in_a_row_;
  const std::string reason = why.what();
  auto known = std::find_if(failed_.begin(), failed_.end(),
                            [&](const failure& one) { return one.reason == reason && one.is_in_doubt == is_in_doubt; });
  if (known == failed_.end()) known = failed_.insert(failed_.end(), {reason, is_in_doubt, {}});
  note(known->tasks, job, tasks);
}

void patient_attempts::finish() const {
  if (!first_) return;
  std::vector<std::string> parts;
  for (const auto& one : failed_) {
    if (parts.size() == most_reasons) {
      parts.push_back(fmt::format("{} for other reasons, which gpubench fleet status lists",
                                  count_of(failed_.size() - most_reasons, "submission")));
      break;
    }
    parts.push_back(fmt::format(
        "{}; {}: {}", one.reason,
        one.is_in_doubt ? "may have been handed over, which gpubench fleet submit finds out" : "not handed over",
        text_of(of_, one.tasks)));
  }
  if (!not_tried_.empty()) parts.push_back("not tried after that: " + text_of(of_, not_tried_));
  throw error(first_->kind(), first_->where(), join(parts, "; "), first_->hint());
}

}  // namespace gpubench::fleet
