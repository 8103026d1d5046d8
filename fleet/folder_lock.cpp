#include "fleet/folder_lock.hpp"

#include "core/error.hpp"

#include <optional>
#include <utility>

namespace gpubench::fleet {

file_lock lock_folder(const std::filesystem::path& folder, const std::string& name, const std::string& busy) {
  std::optional<file_lock> lock;
  try {
    lock = file_lock::try_take(folder / name);
  } catch (const error& e) {
    throw error(e.kind(), e.where(), e.what(),
                "what is submitted and collected is noted in the campaign's folder: make it writable, or copy it to "
                "where you may write");
  }
  if (lock) return std::move(*lock);
  throw error(error_kind::environment, {folder.string(), 0, 0}, busy, "wait for its end");
}

}  // namespace gpubench::fleet
