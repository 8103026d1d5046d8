#include "core/error.hpp"
#include "core/json.hpp"
#include "core/parallel.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <system_error>
#include <utility>

#include "fleet/call.hpp"
#include "fleet/engine.hpp"
#include "fleet/mpi_script.hpp"
#include "fleet/mpi_status.hpp"
#include "fleet/task.hpp"
#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* missing_ssh = "apt-get install openssh-client";
constexpr const char* missing_rsync = "apt-get install rsync, here and on the hosts";
constexpr std::size_t most_hosts_at_once = 16;
constexpr std::chrono::seconds patience{60};  // with a host that lets one in and then hangs
constexpr int ssh_failed = 255;               // ssh(1), "EXIT STATUS": else it is that of the remote command

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

host_answer ask(const campaign& of, const job& what, int task) {
  auto words = ssh_words(of);
  words.push_back(host_of(what, task));
  words.push_back(shell_line({of.program, "fleet", "task", "--campaign", of.id, "--job", what.name, "--results-dir",
                              of.results.string(), "--index", std::to_string(task), "--report"}));
  const auto before = now_seconds();
  const auto done = call(words, missing_ssh, patience);
  const auto after = now_seconds();
  host_answer answer;
  if (done.timed_out) {
    answer.problem = fmt::format("does not answer: it hangs, and said nothing for {} s", patience.count());
  } else if (done.exit_code == ssh_failed) {
    answer.problem = fmt::format("not reached: {}", trim(done.errors));
  } else if (done.exit_code != 0) {
    answer.problem = fmt::format("does not answer: {}", trim(done.errors.empty() ? done.output : done.errors));
    answer.is_refused = done.exit_code == static_cast<int>(exit_status::usage);
  } else {
    try {
      answer.says = report_from_json(parse_foreign_json(done.output, host_of(what, task)), host_of(what, task));
      // It looked at its clock somewhere between, which leaves no more doubt than the way there and back.
      const auto clock = answer.says.asked_at ? parse_utc_seconds(*answer.says.asked_at) : std::nullopt;
      if (clock && *clock > after) answer.node_ahead = std::chrono::seconds(std::llround(*clock - after));
      if (clock && *clock < before - 1) answer.node_ahead = std::chrono::seconds(std::llround(*clock - before));
    } catch (const error& e) {
      answer.problem = fmt::format("answers in an unknown form: {}", one_line(e.what()));
    }
  }
  return answer;
}

class mpi final : public engine {
 public:
  std::string name() const override { return "mpi"; }
  std::string description() const override { return "hosts by SSH, and their ranks by mpirun"; }
  std::vector<engine_setting> settings() const override { return {{"ssh-config", "configuration file of SSH"}}; }

  std::vector<manifest> render(const campaign& of) const override {
    require_hosts_apart(of);
    std::vector<manifest> all;
    for (const auto& one : of.jobs) {
      all.push_back(host_file(one));
      all.push_back(ssh_script(of, one));
    }
    return all;
  }

  void require_hosts_kept(const campaign& of, const std::filesystem::path& folder) const override {
    for (const auto& one : of.jobs) require_hosts_as_asked(one, folder);
  }

  bool submits_tasks_apart(const job&) const override { return true; }
  bool reaches_hosts_apart() const override { return true; }

  std::string submit(const campaign& of, const submission& what, const std::filesystem::path& folder) const override {
    const auto& one = find_job(of, what.job);
    const int task = what.tasks.front();
    if (!is_program("ssh"))
      throw error(error_kind::environment, "ssh is not installed here, or not in PATH", missing_ssh);
    require_call({std::filesystem::absolute(folder / ssh_script_name(one)).string(), std::to_string(task)}, missing_ssh,
                 patience);
    return host_of(one, task);
  }

  // A task that has ended by now, and may be done again, takes no harm: what is measured stays.
  std::optional<std::string> find(const campaign& of, const submission& what) const override {
    const auto& one = find_job(of, what.job);
    const auto answer = ask(of, one, what.tasks.front());
    return answer.problem.empty() && answer.says.running ? std::optional(host_of(one, what.tasks.front()))
                                                         : std::nullopt;
  }

  // Its host keeps a task from being done twice.
  std::optional<std::string> find_of_copy(const campaign&, const submission&) const override { return std::nullopt; }

  std::vector<task_status> status(const campaign& of, const submission& what) const override {
    return statuses(of, {what}).front();
  }

  bool tells_all_at_once() const override { return true; }

  std::vector<std::vector<task_status>> statuses(const campaign& of,
                                                 const std::vector<submission>& submissions) const override {
    std::vector<std::vector<task_status>> all(submissions.size());
    wait_in_parallel(submissions.size(), most_hosts_at_once, [&](std::size_t i) {
      for (const int task : submissions[i].tasks) {
        const auto answer = ask(of, find_job(of, submissions[i].job), task);
        all[i].push_back(status_of(answer, of, submissions[i], task, std::chrono::system_clock::now()));
      }
    });
    return all;
  }

  fetched_results fetch(const campaign& of, const std::vector<submission>&,
                        const std::filesystem::path& into) const override {
    std::error_code code;
    std::filesystem::create_directories(into, code);
    if (code) throw error(error_kind::io, {into.string(), 0, 0}, "cannot be made: " + code.message());
    std::vector<std::pair<const job*, int>> tasks;
    for (const auto& one : of.jobs)
      for (int task = 0; task < one.tasks(); ++task) tasks.emplace_back(&one, task);
    std::vector<std::string> problems(tasks.size());
    wait_in_parallel(tasks.size(), most_hosts_at_once, [&](std::size_t i) {
      const auto& [what, task] = tasks[i];
      const auto done = call({"rsync", "--archive", "--exclude=*.lock", fmt::format("--timeout={}", patience.count()),
                              "--rsh=" + shell_line(ssh_words(of)),
                              host_of(*what, task) + ":" + (of.results / what->name).string(), into.string() + "/"},
                             missing_rsync, std::nullopt);
      if (done.exit_code != 0)
        problems[i] = fmt::format("rsync failed with exit code {}: {}", done.exit_code, one_line(done.errors));
    });
    fetched_results brought(into);
    for (std::size_t i = 0; i < tasks.size(); ++i)
      if (!problems[i].empty()) brought.problems[{tasks[i].first->name, tasks[i].second}] = problems[i];
    return brought;
  }
};

const mpi one;
const engine_registration registered(one);

}  // namespace
}  // namespace gpubench::fleet
