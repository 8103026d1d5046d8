#include "fleet/task_log.hpp"

#include "core/launcher_message.hpp"
#include "core/text.hpp"

#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "fleet/call.hpp"

namespace gpubench::fleet {
namespace {

std::string end_of(const std::filesystem::path& file) {
  constexpr std::streamoff most_bytes = 64 * 1024;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  const std::streamoff size = in.tellg();
  in.seekg(size > most_bytes ? size - most_bytes : 0);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// As manifests end each attempt: "attempt 0 ended with exit code 1".
bool ends_attempt(const std::string& line) {
  return line.rfind("attempt ", 0) == 0 && line.find(" ended with exit code ") != std::string::npos;
}

/// What was printed since the attempt before the last.
std::vector<std::string> last_attempt(const std::vector<std::string>& lines) {
  std::vector<std::string> current, last;
  for (const auto& line : lines) {
    current.push_back(line);
    if (ends_attempt(line)) last = std::exchange(current, {});
  }
  return current.empty() || current == std::vector<std::string>{""} ? last : current;
}

}  // namespace

std::string last_error_in(const std::filesystem::path& log) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(log, ignored)) return {};
  const auto lines = split(end_of(log), '\n');
  std::string error, hint;
  for (const auto& line : lines) {
    if (line.rfind("error: ", 0) == 0) {
      error = line;
      hint.clear();
    } else if (hint.empty() && line.rfind("hint: ", 0) == 0) {
      hint = line.substr(std::string("hint: ").size());
    }
  }
  if (error.empty())
    error = launcher_message(last_attempt(lines));
  else if (!hint.empty())
    error += " (" + hint + ")";
  if (!error.empty()) error = one_line(error) + "; ";
  return error + "see " + log.string();
}

}  // namespace gpubench::fleet
