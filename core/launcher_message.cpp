#include "core/launcher_message.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gpubench {
namespace {

bool begins_with(std::string_view line, std::string_view words) {
  return line.substr(0, words.size()) == words;
}

/// What srun says of a task that ended by itself, and mpirun of a rank, follows from a reason that stands elsewhere.
bool is_consequence(std::string_view text) {
  return text.find(": Exited with exit code ") != std::string_view::npos || begins_with(text, "Primary job ");
}

/// "slurmstepd: error: ", and with the node's name as Debian's says it: "slurmstepd-node1: error: ".
bool is_said_by_slurmstepd(std::string_view line) {
  const auto colon = line.find(':');
  return begins_with(line, "slurmstepd") && colon != std::string_view::npos &&
         begins_with(line.substr(colon), ": error: ");
}

bool is_said_by_program(const std::string& line) {
  constexpr std::array<std::string_view, 6> beginnings{
      "ssh: ", "srun: error: ", "mpirun: ", "Error from server", "sky.exceptions.", "sky: ",
  };
  if (std::any_of(beginnings.begin(), beginnings.end(), [&](auto words) { return begins_with(line, words); }))
    return !is_consequence(line);
  if (is_said_by_slurmstepd(line)) return true;
  // ssh(1) says these without its name, the first behind "user@host: ".
  return line.find("Permission denied (") != std::string::npos || begins_with(line, "Host key verification failed") ||
         begins_with(line, "kex_exchange_identification: ");
}

/// The first paragraph between rulers that tells a reason, which may go over several lines.
std::string framed_in(const std::vector<std::string>& lines) {
  std::string text, consequence;
  bool framed = false, ended = false;
  for (const auto& line : lines) {
    if (is_ruler(line)) {
      if (is_consequence(text)) {
        consequence = text;
        text.clear();
      } else if (!text.empty()) {
        break;
      }
      framed = !framed;
      ended = false;
    } else if (line.empty()) {
      ended = !text.empty();
    } else if (framed && !ended) {
      text += (text.empty() ? "" : " ") + line;
    }
  }
  return text.empty() || is_consequence(text) ? consequence : text;
}

}  // namespace

bool is_ruler(const std::string& line) {
  return line.size() > 2 && line.find_first_not_of("-=*") == std::string::npos;
}

std::string launcher_message(const std::vector<std::string>& lines) {
  const auto said = std::find_if(lines.begin(), lines.end(), is_said_by_program);
  auto text = said == lines.end() ? framed_in(lines) : *said;
  while (!text.empty() && text.back() == ':') text.pop_back();  // a list would follow
  return text;
}

}  // namespace gpubench
