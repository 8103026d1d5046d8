#include "fleet/job.hpp"

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>

namespace gpubench::fleet {
namespace {

constexpr std::size_t longest_name = 63;  // a label of Kubernetes (RFC 1123); Slurm and SkyPilot allow more

/// Characters behind campaign and job in a key: a hyphen, and a number for ten submissions of each task, which some
/// engines are given one by one.
std::size_t length_of_number(const job& one) {
  return 1 + std::max<std::size_t>(3, std::to_string(10LL * one.tasks()).size());
}

void require_variable_name(const std::string& name) {
  const auto part_of_name = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  if (!name.empty() && !std::isdigit(static_cast<unsigned char>(name.front())) &&
      std::all_of(name.begin(), name.end(), part_of_name))
    return;
  throw error(error_kind::usage, fmt::format("'{}' is no name of an environment variable", name), "as NCCL_DEBUG");
}

// Shells, ssh, mpirun, Slurm and Kubernetes take these as they are.
void require_host_name(const std::string& host) {
  const auto part_of_name = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; };
  if (!host.empty() && host.front() != '-' && std::all_of(host.begin(), host.end(), part_of_name)) return;
  const bool is_list = host.find_first_of("[]") != std::string::npos;
  throw error(error_kind::usage, fmt::format("'{}' is no name of a host", host),
              is_list ? "each by its own name, as --host node1,node2; scontrol show hostnames lists those of a range"
                      : "as node1.example.org; user and port stand in the configuration of SSH");
}

// Of registries, and for Slurm also files and "registry#image". No engine's program must take it for an option.
void require_image_name(const std::string& image) {
  const auto part_of_name = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("._-:/@#+~").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!image.empty() && image.front() != '-' && std::all_of(image.begin(), image.end(), part_of_name)) return;
  throw error(error_kind::usage, fmt::format("'{}' is no name of a container image", image),
              "as registry.example/gpubench:0.1");
}

// Manifests and campaign files hold it.
void require_text(const std::string& text, const std::string& said) {
  const auto readable = valid_utf8(text);
  if (readable == text) return;
  throw error(error_kind::usage, fmt::format("{}: '{}' is not UTF-8, and cannot stand in a manifest", said, readable),
              "where it names a file, give that another name");
}

void require_sound_job(const job& one) {
  require_plain_name(one.name, "job");
  const auto refuse = [&](const std::string& why, const std::string& hint = {}) {
    throw error(error_kind::usage, fmt::format("job {}: {}", one.name, why), hint);
  };
  if (one.command.empty()) refuse("it measures nothing", "as run --suite quick");
  // Manifests have the command in a comment, which a line break would end.
  for (const auto& word : one.command)
    if (word.find_first_of("\n\r") != std::string::npos)
      refuse(fmt::format("a word of its command has a line break: {}", shell_word(word)));
  if (one.nodes < 1) refuse("it has no node");
  if (one.gpus_per_node < 0 || one.retries < 0) refuse("a count is below zero");
  if (one.ranks_per_node && *one.ranks_per_node < 1) refuse("it has no rank");
  if (!one.hosts.empty() && one.hosts.size() != static_cast<std::size_t>(one.nodes))
    refuse(fmt::format("{} named for {}", count_of(one.hosts.size(), "host"),
                       count_of(static_cast<std::size_t>(one.nodes), "node")));
  for (const auto& host : one.hosts) require_host_name(host);
  std::map<std::string, std::string> spellings;
  for (const auto& host : one.hosts)
    if (const auto [other, is_new] = spellings.emplace(same_for_all_spellings(host), host); !is_new)
      refuse(fmt::format("a host comes twice: {}", other->second == host ? host : other->second + " and " + host));
  for (const auto& [name, value] : one.variables) {
    require_variable_name(name);
    require_text(value, "--env " + name);
  }
  for (const auto& word : one.command) require_text(word, "the command");
}

}  // namespace

std::string plain_name(std::string_view text) {
  std::string name;
  for (const unsigned char c : text) {
    if (std::isalnum(c))
      name += static_cast<char>(std::tolower(c));
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  if (!name.empty() && name.back() == '-') name.pop_back();
  return name;
}

void require_plain_name(const std::string& name, std::string_view what) {
  if (!name.empty() && name == plain_name(name)) return;
  throw error(error_kind::usage,
              fmt::format("{} '{}' has other characters than a-z, 0-9 and hyphens within", what, name),
              plain_name(name).empty() ? "as p5-48xlarge" : fmt::format("as {}", plain_name(name)));
}

void require_registry_image(const std::string& image) {
  static const std::regex form(
      "([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
      "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,})?");
  if (std::regex_match(image, form)) return;
  throw error(error_kind::usage, fmt::format("'{}' is no image of a registry", image),
              "as registry.example/gpubench:0.1, in lower-case letters");
}

void require_sound(const campaign& value) {
  require_plain_name(value.id, "campaign");
  if (value.jobs.empty()) throw error(error_kind::usage, "a campaign without jobs");
  if (value.results.empty()) throw error(error_kind::usage, "a campaign without a folder for results");
  if (value.program.empty() || value.program.front() == '-')
    throw error(error_kind::usage, fmt::format("'{}' is no program", value.program),
                "--program PATH, of gpubench on the nodes or in the image");
  if (value.image) require_image_name(*value.image);
  require_text(value.program, "--program");
  require_text(value.results.string(), "--results-dir");
  for (const auto& [key, text] : value.settings) require_text(text, "--set " + valid_utf8(key));
  std::set<std::string> names;
  for (const auto& one : value.jobs) {
    require_sound_job(one);
    if (!names.insert(one.name).second) throw error(error_kind::usage, fmt::format("two jobs are named {}", one.name));
    const auto number = length_of_number(one);
    if (value.id.size() + 1 + one.name.size() + number > longest_name)
      throw error(error_kind::usage,
                  fmt::format("the names '{}' and '{}' are too long together: {} characters at most", value.id,
                              one.name, longest_name - 1 - number),
                  "choose a shorter --name");
  }
}

std::string same_for_all_spellings(const std::string& host) {
  auto name = to_lower(host);
  if (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

std::string named_host(const job& what, int task) {
  const auto place = static_cast<std::size_t>(task);
  return what.collective || place >= what.hosts.size() ? std::string() : what.hosts[place];
}

const job& find_job(const campaign& value, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& one : value.jobs) {
    if (one.name == name) return one;
    names.push_back(one.name);
  }
  throw error(error_kind::usage, fmt::format("campaign {} has no job '{}'", value.id, name),
              "it has " + join(names, ", "));
}

}  // namespace gpubench::fleet
