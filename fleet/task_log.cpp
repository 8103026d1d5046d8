#include "fleet/task_log.hpp"

#include "core/text.hpp"

#include <fstream>
#include <iterator>
#include <system_error>

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

}  // namespace

std::string last_error_in(const std::filesystem::path& log) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(log, ignored)) return {};
  std::string error, hint;
  for (const auto& line : split(end_of(log), '\n')) {
    if (line.rfind("error: ", 0) == 0) {
      error = line;
      hint.clear();
    } else if (hint.empty() && line.rfind("hint: ", 0) == 0) {
      hint = line.substr(std::string("hint: ").size());
    }
  }
  if (!error.empty()) error = one_line(hint.empty() ? error : error + " (" + hint + ")") + "; ";
  return error + "see " + log.string();
}

}  // namespace gpubench::fleet
