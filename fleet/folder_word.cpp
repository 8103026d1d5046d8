#include "fleet/folder_word.hpp"

#include "core/text.hpp"

namespace gpubench::fleet {

std::string folder_word(const std::filesystem::path& folder) {
  const auto text = folder.string();
  return shell_word(!text.empty() && text.front() == '-' ? "./" + text : text);
}

}  // namespace gpubench::fleet
