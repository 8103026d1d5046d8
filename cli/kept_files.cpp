#include "cli/kept_files.hpp"

#include "core/error.hpp"
#include "results/document_kind.hpp"

#include <fmt/format.h>

#include <utility>

namespace gpubench::cli {

void require_same_kind(const std::string& option, const std::filesystem::path& written, std::string_view schema) {
  static constexpr std::pair<std::string_view, std::string_view> kept[] = {
      {"gpubench.run", "a run"},
      {"gpubench.noise", "a noise profile"},
      {"gpubench.lock", "a lock file"},
      {"gpubench.link", "a measured link"},
      {"gpubench.seal", "a seal"},
      {"gpubench.price_snapshot", "a price list"},
      {"gpubench.fleet", "a campaign"},
      {"gpubench.fleet-state", "a campaign's state"},
      {"gpubench.fleet-task", "a task's record"}};
  const auto there = results::document_kind_of(written);
  if (there.empty() || there == schema.substr(0, schema.find('/'))) return;
  for (const auto& [kind, name] : kept) {
    if (there == kind)
      throw error(
          error_kind::usage, fmt::format("{} names {}, which holds {}", option, written.string(), name),
          fmt::format("give the result a file of its own (where {} is followed by a wildcard, its first file is "
                      "the one written), or remove that file first",
                      option));
  }
}

}  // namespace gpubench::cli
