#include "fleet/mpi_script.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <map>
#include <sstream>

#include "fleet/campaign_file.hpp"
#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

std::string host_file_name(const job& what) {
  return what.name + ".hosts";
}

void require_hosts(const job& what) {
  if (what.hosts.empty())
    throw error(error_kind::usage, fmt::format("job {}: MPI over SSH needs to know its hosts", what.name),
                "--host NAME,NAME ...");
}

constexpr const char* index_variable = "GPUBENCH_TASK";

/// The words of a task, each of which stands for itself but for the hosts of a collective, which the script puts in.
std::string task_line(const campaign& of, const job& what) {
  const auto command = [&](const std::vector<std::string>& launcher) {
    auto words = task_command(of, what, index_variable, launcher);
    words.insert(std::find(words.begin(), words.end(), "--"), "--alone");
    return words;
  };
  if (!what.collective) return shell_line(command({}));
  const std::vector<std::string> before_hosts{"mpirun", "-np", std::to_string(what.ranks()), "--host"};
  std::vector<std::string> after_hosts{"--map-by", "slot"};
  for (const auto& [name, value] : what.variables) after_hosts.insert(after_hosts.end(), {"-x", name});
  auto launcher = before_hosts;
  launcher.insert(launcher.end(), after_hosts.begin(), after_hosts.end());
  const auto words = command(launcher);
  // By position: a word that the user gave may look like anything.
  const auto hosts = words.end() - static_cast<std::ptrdiff_t>(1 + what.command.size() + after_hosts.size());
  return shell_line({words.begin(), hosts}) + " \"$hosts\" " + shell_line({hosts, words.end()});
}

/// Begun again where it fails, as Slurm's script does it.
std::string patient(const std::string& line, int retries) {
  return fmt::format(
      "for attempt in $(seq 0 {}); do {} && exit 0; status=$?; case $status in 2 | 4) break ;; esac; "
      "echo \"attempt $attempt ended with exit code $status\" >&2; done; exit $status",
      retries, line);
}

/// What the host does, as its shell reads it. The script sets the task's index and $hosts.
std::string remote_line(const campaign& of, const job& what) {
  auto line = task_line(of, what);
  std::string variables;
  for (const auto& [name, value] : what.variables) variables += name + "=" + shell_word(value) + " ";
  if (!variables.empty()) line = "env " + variables + line;
  const auto folder = shell_word((of.results / what.name).string());
  // The run must not end with the connection, nor hold it.
  return fmt::format(
      "command -v {0} >/dev/null || {{ echo \"{0} is not on this host\" >&2; exit 127; }}; mkdir -p {1} && "
      "{{ nohup setsid sh -c {2} >>{1}/${3}.log 2>&1 </dev/null & }}",
      shell_word(of.program), folder, shell_word(patient(line, what.retries)), index_variable);
}

}  // namespace

std::string ssh_script_name(const job& what) {
  return what.name + ".sh";
}

const std::string& host_of(const job& what, int task) {
  return what.hosts.at(what.collective ? 0 : static_cast<std::size_t>(task));
}

std::vector<std::string> ssh_words(const campaign& of) {
  std::vector<std::string> words{"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10",
                                 // A connection that is dead ends after half a minute.
                                 "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"};
  const auto config = of.settings.find("ssh-config");
  if (config != of.settings.end()) words.insert(words.end(), {"-F", config->second});
  return words;
}

void require_hosts_apart(const campaign& of) {
  std::map<std::string, std::string> job_of;
  for (const auto& one : of.jobs)
    for (const auto& host : one.hosts)
      if (const auto [there, is_new] = job_of.emplace(same_for_all_spellings(host), one.name);
          !is_new && there->second != one.name)
        throw error(error_kind::usage,
                    fmt::format("host {} is of two jobs, {} and {}: they would be measured at the same moment", host,
                                there->second, one.name),
                    "render a campaign for each");
}

manifest host_file(const job& what) {
  require_hosts(what);
  std::string text;
  for (const auto& host : what.hosts) text += fmt::format("{} slots={}\n", host, what.ranks() / what.nodes);
  return {host_file_name(what), text};
}

void require_hosts_as_asked(const job& what, const std::filesystem::path& folder) {
  const auto file = folder / host_file_name(what);
  const auto refuse = [&](std::size_t line, const std::string& why) {
    throw error(error_kind::input, {file.string(), line, 0}, why,
                "status, collect and resume ask the hosts of campaign.json: for others gpubench fleet render --host, "
                "into another folder");
  };
  std::istringstream lines(read_file(file));
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line); ++number) {
    const auto host = line.substr(0, line.find(' '));  // as the script reads it
    if (number >= what.hosts.size())
      refuse(number + 1, fmt::format("names '{}' behind the {} of {}", host, count_of(what.hosts.size(), "host"),
                                     campaign_file_name));
    if (host != what.hosts[number])
      refuse(number + 1, fmt::format("names '{}', and {} '{}'", host, campaign_file_name, what.hosts[number]));
  }
  if (number < what.hosts.size())
    refuse(number, fmt::format("ends before '{}' of {}", what.hosts[number], campaign_file_name));
}

manifest ssh_script(const campaign& of, const job& what) {
  require_hosts(what);
  // The script and collect are called in folders of their own.
  if (const auto config = of.settings.find("ssh-config");
      config != of.settings.end() && !std::filesystem::path(config->second).is_absolute())
    throw error(error_kind::usage, fmt::format("--set ssh-config: '{}' is no whole path", config->second),
                "as /home/me/.ssh/config");
  if (of.image)
    throw error(error_kind::usage, "MPI over SSH starts no containers",
                "gpubench must be on the hosts: --program PATH");
  if (what.gpu_product || what.gpu_resource || what.cpus_per_node || what.memory_bytes)
    throw error(error_kind::usage,
                fmt::format("MPI over SSH chooses no machines: {} says nothing to hosts that are named",
                            what.gpu_product     ? "--gpu-product"
                            : what.gpu_resource  ? "--gpu-resource"
                            : what.cpus_per_node ? "--cpus"
                                                 : "--memory"),
                "leave it out");
  if (what.spot) throw error(error_kind::usage, "MPI over SSH rents nothing: its hosts are there", "leave --spot out");
  if (what.time_limit)
    throw error(error_kind::usage, "MPI over SSH has no time limit", "say it to the suite: -- run --budget DURATION");
  const auto file = host_file_name(what);
  const auto remote = remote_line(of, what);
  std::string text = "#!/bin/sh\n";
  const auto line = [&](const std::string& one) { text += one + "\n"; };
  line(fmt::format("# Campaign {}, job {}: {}.", of.id, what.name, shell_line(what.command)));
  line(fmt::format("# gpubench fleet submit does it; by hand: ./{} INDEX for each index from 0 to {}.",
                   ssh_script_name(what), what.tasks() - 1));
  line("set -eu");
  line("case ${1:-} in '' | *[!0-9]*) echo \"usage: $0 INDEX\" >&2; exit 2 ;; esac");
  line("index=$1");
  line("here=$(dirname \"$0\")");
  line(fmt::format("host=$(sed -n \"{}p\" \"$here/{}\" | cut -d' ' -f1)", what.collective ? "1" : "$((index + 1))",
                   file));
  if (what.collective) line(fmt::format("hosts=$(sed 's/ slots=/:/' \"$here/{}\" | paste -s -d,)", file));
  line(fmt::format("exec {} \"$host\" \"export {}=$index{}; \"{}", shell_line(ssh_words(of)), index_variable,
                   what.collective ? "; export hosts='$hosts'" : "", shell_word(remote)));
  return {ssh_script_name(what), text, true};
}

}  // namespace gpubench::fleet
