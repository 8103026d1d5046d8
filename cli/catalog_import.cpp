#include "cli/catalog.hpp"
#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/price_list_tables.hpp"
#include "cli/values.hpp"
#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"
#include "profiles/price_lists/format.hpp"
#include "profiles/price_lists/screening.hpp"
#include "profiles/price_lists/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <system_error>

namespace gpubench::cli {
namespace {

namespace fs = std::filesystem;

struct import_options {
  std::string format;
  std::vector<std::string> files;
  std::string provider;
  std::string currency = "USD";
  std::string date;
  std::vector<std::string> regions;
  std::vector<std::string> show;
  fs::path into;
  bool strict = false;
  bool known_types = false;
};

std::string parse_shown(const std::string& text) {
  static const std::vector<std::string> known{"new", "changed", "unchanged", "older", "gone", "refused"};
  if (std::find(known.begin(), known.end(), text) == known.end())
    throw error(error_kind::usage, fmt::format("'{}' is no status of a price", text), "known are " + join(known, ", "));
  return text;
}

// Names of providers become parts of file names and cells of tables.
std::string parse_provider_name(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  if (text.empty() || text.front() == '.' || !std::all_of(text.begin(), text.end(), is_plain))
    throw error(error_kind::usage, fmt::format("'{}' is no name of a provider", text),
                "letters, digits, '-', '_' and '.', as aws");
  return text;
}

// When a file without a date of its own was last written: for a download that is its day.
std::string day_of(const fs::path& file) {
  std::error_code code;
  const auto written = fs::last_write_time(file, code);
  if (code) throw error(error_kind::io, {file.string(), 0, 0}, "cannot read: " + code.message());
  return format_utc(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
                        std::chrono::file_clock::to_sys(written)))
      .substr(0, 10);
}

// A day later than here it may be elsewhere; a price of later than that nobody has read yet, and it would pass for the
// newest until then.
std::string not_to_come(std::string day, const std::string& whose, const std::string& hint) {
  const auto tomorrow = format_utc(std::chrono::system_clock::now() + std::chrono::hours(24)).substr(0, 10);
  if (day > tomorrow) throw error(error_kind::usage, fmt::format("{}: {} is a day to come", whose, day), hint);
  return day;
}

std::string parse_list_date(const std::string& text) {
  return not_to_come(parse_date_text(text), "the day of a list",
                     "give the day on which the list was read, as 2026-11-22");
}

// A file's name with its folder's: enough to find it again, nothing of the machine it lies on.
std::string public_name(const fs::path& file) {
  const auto folder = fs::absolute(file).parent_path().filename().string();
  return folder.empty() ? file.filename().string() : folder + "/" + file.filename().string();
}

struct read_list {
  profiles::price_list list;
  std::vector<profiles::snapshot_source> sources;
  std::map<std::string, profiles::provenance> origins;
};

read_list read_files(const import_options& options, const profiles::catalogue& known) {
  const auto& format = profiles::find_price_list_format(options.format);
  read_list all;
  for (const auto& file : options.files) {
    format.read(file, {options.provider, options.currency, &known}, all.list);
    profiles::snapshot_source source{public_name(file), digest_of_file(file).sha256,
                                     options.date.empty()
                                         ? not_to_come(day_of(file), file + " was written", "state its day with --date")
                                         : options.date};
    all.origins[file] = {fmt::format("{} {} (SHA-256 {})", options.format, source.file, source.sha256.substr(0, 12)),
                         source.date,
                         "",
                         {file, 0, 0}};
    all.sources.push_back(std::move(source));
  }
  return all;
}

// Keeps the chosen regions and, if asked for, the types that the catalogue has.
void restrict(const import_options& options, const profiles::catalogue& known, profiles::price_list& list) {
  const auto unwanted = [&](const auto& offer) {
    const auto& regions = options.regions;
    return (!regions.empty() && std::find(regions.begin(), regions.end(), offer.region) == regions.end()) ||
           (options.known_types && !known.find_instance(offer.provider, offer.instance_type));
  };
  list.prices.erase(std::remove_if(list.prices.begin(), list.prices.end(), unwanted), list.prices.end());
  list.refused.erase(std::remove_if(list.refused.begin(), list.refused.end(), unwanted), list.refused.end());
}

profiles::snapshot describe(const import_options& options, const read_list& read,
                            const profiles::screened_list& screened) {
  profiles::snapshot head;
  head.format = options.format;
  head.made_at = format_utc(std::chrono::system_clock::now());
  head.tool_version = version;
  head.sources = read.sources;
  for (const auto& source : read.sources) head.date = std::max(head.date, source.date);
  std::set<std::string> providers;
  for (const auto& cost : screened.prices) providers.insert(cost.provider);
  head.providers.assign(providers.begin(), providers.end());
  return head;
}

exit_status import_list(const global_options& global, const import_options& options) {
  require_table_format(global, "a price list");
  require_output(global, {options.files.begin(), options.files.end()});
  const auto known = load_catalogue(global);
  auto read = read_files(options, known);
  restrict(options, known, read.list);
  if (!read.list.unused_columns.empty())
    say(global, "note: columns that are not known and not used: " + join(read.list.unused_columns, ", "));
  const auto screened = profiles::screen(std::move(read.list), known, read.origins);
  const auto changes = profiles::compare(screened, known);
  deliver_table(global, change_table(screened, changes, options.show));
  say(global, change_summary(screened, changes));
  if (screened.prices.empty())
    throw error(error_kind::input, {options.files.front(), 0, 0}, "no price of this list can be used",
                "the table says why for each of them; see --provider and --region");
  if (options.strict && !screened.refused.empty())
    throw error(
        error_kind::input, screened.refused.front().position,
        fmt::format("{}; nothing is taken over with --strict", count_of(screened.refused.size(), "refused price")),
        "correct the list, or leave --strict out to go without them");
  if (options.into.empty()) {
    say(global, "Nothing was written: --into DIR writes these prices as a snapshot there");
    return exit_status::done;
  }
  const auto directory = find_data_directory(global.profiles);
  const auto written = profiles::write_snapshot(options.into, describe(options, read, screened), screened, changes,
                                                [&](const fs::path& made) {
                                                  auto overlays = global.overlays;
                                                  overlays.push_back(made);
                                                  static_cast<void>(profiles::load_catalogue(directory, overlays));
                                                });
  say(global, labelled("Snapshot", written.path.string() + (written.is_new ? "" : " (was there already, the same)")));
  say(global, labelled("Use it", "--overlay " + written.path.string()));
  return exit_status::done;
}

std::string format_names() {
  std::vector<std::string> lines;
  for (const auto& format : profiles::price_list_formats())
    lines.push_back(format.name + " (" + format.description + ")");
  return join(lines, "; ");
}

}  // namespace

void declare_catalog_import(CLI::App& catalog, program& chosen) {
  auto* command =
      catalog.add_subcommand("import", "Hold a published price list to the catalogue, and take a snapshot of it");
  const auto options = std::make_shared<import_options>();
  const auto as_is = [](const std::string& text) { return text; };
  command->add_option("format", options->format, "form of the list: " + format_names())
      ->type_name("FORMAT")
      ->required();
  command->add_option("files", options->files, "files of one list")->type_name("FILE")->required();
  add_value(*command, "--provider", options->provider, parse_provider_name, "NAME",
            "whose prices these are, where the file does not tell");
  add_value(*command, "--currency", options->currency, as_is, "CUR", "currency of the list (default USD)");
  add_value(*command, "--date", options->date, parse_list_date, "DATE",
            "day of the list (default: when the file was written)");
  add_values(*command, "--region", options->regions, as_is, "NAME", "only this region; repeatable");
  command->add_flag("--known-types", options->known_types, "only instance types that the catalogue has");
  add_values(*command, "--show", options->show, parse_shown, "STATUS",
             "only these rows: new, changed, unchanged, older, gone, refused; repeatable (default: all but unchanged)");
  command->add_option("--into", options->into, "write the accepted prices as a snapshot into this folder")
      ->type_name("DIR");
  command->add_flag("--strict", options->strict, "write nothing if any price is refused");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return import_list(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
