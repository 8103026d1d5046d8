#include "fleet/manifest.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <system_error>

namespace gpubench::fleet {
namespace {

enum class on_disk { absent, same, differs };

on_disk compare(const manifest& wanted, const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) return on_disk::absent;
  if (!std::filesystem::is_regular_file(file, ignored)) return on_disk::differs;
  return read_file(file) == wanted.text ? on_disk::same : on_disk::differs;
}

}  // namespace

std::vector<std::filesystem::path> write_manifests(const std::vector<manifest>& manifests,
                                                   const std::filesystem::path& folder, bool force) {
  std::vector<std::string> differing;
  std::vector<const manifest*> to_write;
  for (const auto& one : manifests) {
    const auto state = compare(one, folder / one.file_name);
    if (state != on_disk::same) to_write.push_back(&one);
    if (state == on_disk::differs) differing.push_back((folder / one.file_name).string());
  }
  if (!differing.empty() && !force)
    throw error(error_kind::input, fmt::format("would overwrite what differs: {}", join(differing, ", ")),
                "--force replaces it, or name another folder");
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw error(error_kind::io, {folder.string(), 0, 0}, "cannot be made: " + code.message());
  std::vector<std::filesystem::path> written;
  for (const auto* one : to_write) {
    const auto file = folder / one->file_name;
    write_file_atomically(file, one->text);
    if (one->executable) {
      using std::filesystem::perms;
      std::filesystem::permissions(file, perms::owner_exec | perms::group_exec | perms::others_exec,
                                   std::filesystem::perm_options::add);
    }
    written.push_back(file);
  }
  return written;
}

}  // namespace gpubench::fleet
