#include "profiles/price_lists/snapshot.hpp"

#include "core/csv.hpp"
#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/toml.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

namespace gpubench::profiles {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view schema = "gpubench.price_snapshot/1";
constexpr std::string_view manifest_name = "snapshot.toml";

std::string csv_row(const std::vector<std::string>& cells) {
  std::string row;
  for (const auto& cell : cells) row += (row.empty() ? "" : ",") + csv_escape(cell);
  return row + "\n";
}

std::string number_or_blank(std::optional<double> value, double unit = 1) {
  return value ? fmt::format("{}", *value / unit) : std::string();
}

std::string prices_text(const std::vector<const price*>& prices) {
  std::string text =
      "provider,instance_type,region,price_model,term,amount_per_hour,currency,checked,source,date,note\n";
  for (const auto* cost : prices)
    text += csv_row({cost->provider, cost->instance_type, cost->region, std::string(to_string(cost->model)), cost->term,
                     fmt::format("{}", cost->amount_per_hour), cost->currency, cost->checked ? "yes" : "no",
                     cost->origin.source, cost->origin.date, cost->origin.note});
  return text;
}

std::string instances_text(const std::vector<const instance*>& types) {
  std::string text = "provider,instance_type,gpu,gpu_count,gpu_memory_gib,vcpus,host_memory_gib,source,date,note\n";
  for (const auto* type : types)
    text += csv_row({type->provider, type->type, type->gpu, type->has_gpu() ? fmt::format("{}", type->gpu_count) : "",
                     number_or_blank(type->gpu_memory_bytes, gib), number_or_blank(type->vcpus),
                     number_or_blank(type->host_memory_bytes, gib), type->origin.source, type->origin.date,
                     type->origin.note});
  return text;
}

struct snapshot_file {
  std::string name;
  std::string content;
  std::size_t rows = 0;
};

std::string manifest_text(const snapshot& head, const std::vector<snapshot_file>& files) {
  toml::array providers, sources, listed;
  for (const auto& provider : head.providers) providers.push_back(provider);
  for (const auto& source : head.sources)
    sources.push_back(toml::table{{"file", source.file}, {"sha256", source.sha256}, {"date", source.date}});
  for (const auto& file : files)
    listed.push_back(toml::table{
        {"name", file.name}, {"sha256", sha256_hex(file.content)}, {"rows", static_cast<std::int64_t>(file.rows)}});
  const toml::table document{{"schema", schema},
                             {"format", head.format},
                             {"date", head.date},
                             {"made_at", head.made_at},
                             {"tool_version", head.tool_version},
                             {"providers", std::move(providers)},
                             {"source", std::move(sources)},
                             {"file", std::move(listed)}};
  std::ostringstream text;
  text << document << '\n';
  return text.str();
}

// "aws-2026-11-20-1a2b3c4d": the same sources always give the same name.
std::string name_of(const snapshot& head) {
  std::string digests;
  for (const auto& source : head.sources) digests += source.sha256;
  std::string who = head.providers.size() == 1 ? head.providers.front() : head.format;
  for (auto& c : who)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_')) c = '-';
  return fmt::format("{}-{}-{}", who, head.date, sha256_hex(digests).substr(0, 8));
}

// A folder under a passing name, removed unless it was given its own.
class temporary_folder {
 public:
  explicit temporary_folder(const fs::path& parent) {
    std::string name = (parent / ".snapshot.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw error(error_kind::io, {parent.string(), 0, 0},
                  fmt::format("cannot create a folder there: {}", std::strerror(errno)));
    path_ = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  /// @return false when the name is taken.
  bool rename_to(const fs::path& place) {
    std::error_code code;
    fs::permissions(path_,
                    fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                        fs::perms::others_exec,
                    code);
    fs::rename(path_, place, code);
    if (code && fs::exists(place)) return false;
    if (code) throw error(error_kind::io, {place.string(), 0, 0}, "cannot create: " + code.message());
    path_.clear();
    return true;
  }

 private:
  fs::path path_;
};

std::string text_at(const toml::table& table, std::string_view key) {
  const auto value = table[key].value<std::string>();
  if (!value || value->empty())
    throw error(error_kind::input, fmt::format("snapshot.toml has no '{}'", key), "make the snapshot again");
  return *value;
}

// Tables of an array of tables.
template <class Take>
void each_table(const toml::table& document, std::string_view key, Take take) {
  if (const auto* array = document[key].as_array())
    for (const auto& element : *array)
      if (const auto* table = element.as_table()) take(*table);
}

snapshot read_manifest(const toml::table& document) {
  if (text_at(document, "schema") != schema)
    throw error(error_kind::input, fmt::format("schema '{}' is not {}", text_at(document, "schema"), schema));
  snapshot head;
  head.format = text_at(document, "format");
  head.date = text_at(document, "date");
  head.made_at = text_at(document, "made_at");
  head.tool_version = text_at(document, "tool_version");
  if (const auto* names = document["providers"].as_array())
    for (const auto& name : *names) head.providers.push_back(name.value_or(std::string()));
  each_table(document, "source", [&](const toml::table& source) {
    head.sources.push_back({text_at(source, "file"), text_at(source, "sha256"), text_at(source, "date")});
  });
  return head;
}

// Reads one folder and holds its files to their digests.
listed_snapshot inspect(const fs::path& folder) {
  listed_snapshot found{folder, {}, ""};
  try {
    const auto document = load_toml(folder / manifest_name);
    auto head = read_manifest(document);
    head.path = folder;
    each_table(document, "file", [&](const toml::table& file) {
      const auto name = text_at(file, "name");
      const auto rows = static_cast<std::size_t>(std::max<std::int64_t>(0, file["rows"].value_or<std::int64_t>(0)));
      (name == "prices.csv" ? head.prices : head.new_types) = rows;
      if (name != "prices.csv" && name != "instances.csv")
        throw error(error_kind::input, "names a file that is none of a snapshot");
      if (sha256_hex(read_file(folder / name)) != text_at(file, "sha256")) found.defect = name + " was altered";
    });
    found.content = std::move(head);
  } catch (const error& e) {
    found.defect = e.where().file.empty() ? e.what() : e.where().to_string() + ": " + e.what();
  }
  return found;
}

}  // namespace

written_snapshot write_snapshot(const fs::path& folder, snapshot head, const screened_list& list,
                                const std::vector<price_change>& changes,
                                const std::function<void(const fs::path&)>& check) {
  std::vector<const price*> prices;
  std::set<std::pair<std::string, std::string>> needed;
  for (const auto& change : changes) {
    if (!change.after || change.kind == price_change_kind::older) continue;
    prices.push_back(change.after);
    needed.emplace(change.after->provider, change.after->instance_type);
  }
  std::vector<const instance*> types;
  for (const auto& type : list.new_types)
    if (needed.count({type.provider, type.type})) types.push_back(&type);

  std::vector<snapshot_file> files{{"prices.csv", prices_text(prices), prices.size()}};
  if (!types.empty()) files.push_back({"instances.csv", instances_text(types), types.size()});
  const fs::path place = folder / name_of(head);
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw error(error_kind::io, {folder.string(), 0, 0}, "cannot create: " + code.message());
  temporary_folder temporary(folder);
  for (const auto& file : files) write_file_atomically(temporary.path() / file.name, file.content);
  write_file_atomically(temporary.path() / manifest_name, manifest_text(head, files));
  check(temporary.path());
  if (temporary.rename_to(place)) return {place, true};
  for (const auto& file : files) {
    std::error_code ignored;
    if (!fs::is_regular_file(place / file.name, ignored) || read_file(place / file.name) != file.content)
      throw error(error_kind::input, {place.string(), 0, 0}, "is there already, with other content",
                  "the catalogue it was compared with has changed since: remove it, or name another folder");
  }
  return {place, false};
}

std::vector<listed_snapshot> list_snapshots(const fs::path& folder) {
  std::vector<fs::path> places;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    std::error_code ignored;
    // Prices without a manifest are a snapshot that lost it: inspect() says so.
    if (fs::exists(entry->path() / manifest_name, ignored) || fs::exists(entry->path() / "prices.csv", ignored))
      places.push_back(entry->path());
  }
  if (code) throw error(error_kind::io, {folder.string(), 0, 0}, "cannot read the folder: " + code.message());
  std::sort(places.begin(), places.end());
  std::vector<listed_snapshot> all;
  for (const auto& place : places) all.push_back(inspect(place));
  return all;
}

}  // namespace gpubench::profiles
