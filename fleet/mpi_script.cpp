#include "fleet/mpi_script.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

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
  for (const auto& host : what.hosts) {
    const auto bad = [](unsigned char c) { return c <= ' ' || c == 127 || c == ':' || c == '\'' || c == '"'; };
    if (host.empty() || host.front() == '-' || host.front() == '#' || std::any_of(host.begin(), host.end(), bad))
      throw error(error_kind::usage, fmt::format("'{}' is no name of a host", host),
                  "as node1.example.org; user and port stand in the configuration of SSH");
  }
}

/// What the host does, as its shell reads it. $index and $hosts are put in by the script.
std::string remote_line(const campaign& of, const job& what) {
  std::vector<std::string> launcher;
  if (what.collective) {
    launcher = {"mpirun", "-np", std::to_string(what.ranks()), "--host", "$hosts", "--map-by", "slot"};
    for (const auto& [name, value] : what.variables) launcher.insert(launcher.end(), {"-x", name});
  }
  auto words = task_command(of, what, "", launcher);
  const auto end = std::find(words.begin(), words.end(), "--");
  words.insert(end, {"--index", "$index"});
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + (word.front() == '$' ? word : shell_word(word));
  std::string variables;
  for (const auto& [name, value] : what.variables) variables += name + "=" + shell_word(value) + " ";
  if (!variables.empty()) line = "env " + variables + line;
  const auto folder = shell_word((of.results / what.name).string());
  // The run must not end with the connection, nor hold it.
  return fmt::format(
      "command -v {0} >/dev/null || {{ echo \"{0} is not on this host\" >&2; exit 127; }}; mkdir -p {1} && "
      "{{ nohup setsid {2} >>{1}/$index.log 2>&1 </dev/null & }}",
      shell_word(of.program), folder, line);
}

}  // namespace

std::string ssh_script_name(const job& what) {
  return what.name + ".sh";
}

const std::string& host_of(const job& what, int task) {
  return what.hosts.at(what.collective ? 0 : static_cast<std::size_t>(task));
}

std::vector<std::string> ssh_words(const campaign& of) {
  std::vector<std::string> words{"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"};
  const auto config = of.settings.find("ssh-config");
  if (config != of.settings.end()) words.insert(words.end(), {"-F", config->second});
  return words;
}

manifest host_file(const job& what) {
  require_hosts(what);
  std::string text;
  for (const auto& host : what.hosts) text += fmt::format("{} slots={}\n", host, what.ranks() / what.nodes);
  return {host_file_name(what), text};
}

manifest ssh_script(const campaign& of, const job& what) {
  require_hosts(what);
  if (of.image)
    throw error(error_kind::usage, "MPI over SSH starts no containers",
                "gpubench must be on the hosts: --program PATH");
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
  line("index=$1");
  line("here=$(dirname \"$0\")");
  line(fmt::format("host=$(sed -n \"{}p\" \"$here/{}\" | cut -d' ' -f1)", what.collective ? "1" : "$((index + 1))",
                   file));
  if (what.collective) line(fmt::format("hosts=$(sed 's/ slots=/:/' \"$here/{}\" | paste -s -d,)", file));
  line(fmt::format("exec {} \"$host\" \"index=$index{}; \"{}", shell_line(ssh_words(of)),
                   what.collective ? "; hosts=$hosts" : "", shell_word(remote)));
  return {ssh_script_name(what), text, true};
}

}  // namespace gpubench::fleet
