#pragma once

#include "cli/program.hpp"
#include "report/document.hpp"
#include "report/sink.hpp"
#include "report/table.hpp"

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::cli {

/// Columns of the terminal behind a descriptor; $COLUMNS, else 100, where it is none.
int terminal_width(int descriptor);

/// How text for standard output looks: no colour for pipes, files, NO_COLOR, TERM=dumb or --no-color.
report::style style_for(const global_options& global);

/// The form that --format names.   @throws error: usage for an unknown one, and for a binary one on a terminal.
const report::sink& form_of(const global_options& global);

/// The result of a command: to --output, written whole or not at all, else to standard output. A reader that closed the
/// pipe has what it wanted: not an error.
/// @throws error: io for a full disk, a closed descriptor or an unwritable file.
void deliver(const global_options& global, const std::function<void(std::ostream&)>& write);

/// Refuses a --format that a plain table has not.   @throws error: usage with the known names.
/// @param what  that is a table: "a list"
void require_table_format(const global_options& global, std::string_view what = "a list");

/// deliver() for a table, in the form of --format: table, json, csv or markdown.
void deliver_table(const global_options& global, const report::table& values);

/// Refuses a file to be written that is one of those to be read, which it would replace.   @throws error: usage
/// @param option  that names the file
void require_apart(const std::string& option, const std::filesystem::path& written,
                   const std::vector<std::filesystem::path>& inputs);

/// Refuses a file to be written that is of the catalogue in use: the one that is found without an option, too.
/// @throws error: usage
void require_outside_catalogue(const global_options& global, const std::string& option,
                               const std::filesystem::path& written);

/// Refuses two options that would write one file, of which either may be empty or not there yet; /dev/null holds both.
/// @throws error: usage
void require_distinct(const std::string& option, const std::filesystem::path& file, const std::string& other_option,
                      const std::filesystem::path& other_file);

/// Refuses an unwritable --output, or one that is among the inputs or of the catalogue, before anything else is done.
/// @throws error: io, usage
void require_output(const global_options& global, const std::vector<std::filesystem::path>& inputs = {});

/// The command's talk on standard error: one line, or nothing with --quiet. Never fails.
void say(const global_options& global, std::string_view line);

/// "Run file       here.json": a line whose label is as wide as those of the terminal report.
std::string labelled(std::string_view label, std::string_view text);

}  // namespace gpubench::cli
