#include "fleet/fetched_files.hpp"

#include "core/error.hpp"

#include <system_error>
#include <vector>

namespace gpubench::fleet {
namespace {

namespace fs = std::filesystem;

void check(const std::error_code& code, const fs::path& path, const char* what) {
  if (code) throw error(error_kind::io, {path.string(), 0, 0}, what + std::string(": ") + code.message());
}

}  // namespace

void fetch_whole_files(const fs::path& into, const std::function<void(const fs::path&)>& fetch) {
  // On the same file system, so that each file takes its place in one step.
  const fs::path incoming = into / ".incoming";
  std::error_code code;
  fs::remove_all(incoming, code);  // what a fetch that was killed left
  check(code, incoming, "cannot be removed");
  fs::create_directories(incoming, code);
  check(code, incoming, "cannot be made");
  struct cleaner {
    const fs::path& folder;
    ~cleaner() {
      std::error_code ignored;
      fs::remove_all(folder, ignored);
    }
  } const clean{incoming};

  fetch(incoming);
  std::vector<fs::path> brought;
  // What cannot be entered is left out: the others count.
  constexpr auto skip = fs::directory_options::skip_permission_denied;
  std::error_code ignored;
  for (auto entry = fs::recursive_directory_iterator(incoming, skip, code); entry != fs::recursive_directory_iterator();
       entry.increment(code)) {
    check(code, incoming, "cannot be read");
    if (entry->is_regular_file(ignored) && !entry->is_symlink(ignored))
      brought.push_back(entry->path());  // a link could lead elsewhere
  }
  check(code, incoming, "cannot be read");
  for (const fs::path& file : brought) {
    const fs::path target = into / file.lexically_relative(incoming);
    fs::create_directories(target.parent_path(), code);
    check(code, target.parent_path(), "cannot be made");
    fs::rename(file, target, code);
    check(code, target, "cannot be written");
  }
}

}  // namespace gpubench::fleet
