#include "results/history.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"
#include "results/history_index.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace gpubench::results {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::vector<history_file> find_files(const fs::path& folder) {
  std::vector<history_file> files;
  std::error_code code;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    if (entry->path().extension() != ".json") continue;
    struct ::stat status {};
    if (::stat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    history_file file;
    file.path = entry->path().lexically_relative(folder).string();
    file.bytes = static_cast<std::uint64_t>(status.st_size);
    file.modified_ns = std::int64_t{status.st_mtim.tv_sec} * second_ns + status.st_mtim.tv_nsec;
    files.push_back(std::move(file));
  }
  if (code) throw error(error_kind::io, {folder.string(), 0, 0}, "cannot read the folder: " + code.message());
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

void read_one(const fs::path& folder, history_file& file) {
  try {
    auto summary = load_run_summary(folder / file.path);
    file.is = summary ? history_file::kind::run : history_file::kind::other;
    if (summary) file.summary = std::move(*summary);
  } catch (const error& e) {
    file.is = history_file::kind::broken;
    file.problem = e.where().to_string() + ": " + e.what();
  }
}

void read_all(const fs::path& folder, const std::vector<history_file*>& stale) {
  in_parallel(stale.size(), 16, [&](std::size_t i) { read_one(folder, *stale[i]); });
}

std::optional<detail::history_index> load_index(const fs::path& index) {
  std::error_code code;
  if (index.empty() || !fs::is_regular_file(index, code)) return std::nullopt;
  try {
    return detail::read_index(read_file(index));
  } catch (const error&) {
    return std::nullopt;
  }
}

history load_files(const fs::path& folder, const fs::path& index) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t made_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  history all;
  all.files = find_files(folder);
  auto known = load_index(index);
  std::unordered_map<std::string_view, history_file*> by_path;
  if (known)
    for (auto& file : known->files) by_path.emplace(file.path, &file);
  std::vector<history_file*> stale;
  for (auto& file : all.files) {
    const auto found = by_path.find(file.path);
    // A file that was changed just before it was indexed may change again without its time telling it.
    constexpr std::int64_t clock_grain_ns = 2 * second_ns;
    const bool fresh = found != by_path.end() && found->second->bytes == file.bytes &&
                       found->second->modified_ns == file.modified_ns &&
                       file.modified_ns < known->made_ns - clock_grain_ns;
    if (!fresh) {
      stale.push_back(&file);
      continue;
    }
    file.is = found->second->is;
    file.problem = std::move(found->second->problem);
    file.summary = std::move(found->second->summary);
  }
  read_all(folder, stale);
  all.read = stale.size();
  if (index.empty() || (known && stale.empty() && known->files.size() == all.files.size())) return all;
  try {
    std::error_code ignored;
    fs::create_directories(index.parent_path(), ignored);
    write_file_atomically(index, detail::write_index(all.files, made_ns));
  } catch (const error& e) {
    all.index_problem = e.what();
  }
  return all;
}

// One run counted several times would look like several that agree.
void mark_copies(std::vector<history_file>& files) {
  std::unordered_map<std::string, history_file*> counted;
  for (auto& file : files) {
    if (file.is != history_file::kind::run) continue;
    const auto [place, is_new] = counted.emplace(file.summary.id, &file);
    if (!is_new && file.summary.measurements.size() > place->second->summary.measurements.size()) place->second = &file;
  }
  for (auto& file : files) {
    if (file.is != history_file::kind::run || counted.at(file.summary.id) == &file) continue;
    file.is = history_file::kind::copy;
    file.problem = counted.at(file.summary.id)->path;
  }
}

}  // namespace

history load_history(const fs::path& folder, const fs::path& index) {
  auto all = load_files(folder, index);
  mark_copies(all.files);
  return all;
}

}  // namespace gpubench::results
