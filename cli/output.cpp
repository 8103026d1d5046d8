#include "cli/output.hpp"

#include "cli/kept_files.hpp"
#include "core/encoding.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

namespace gpubench::cli {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

void write_standard_output(std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(STDOUT_FILENO, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return;
    if (written < 0)
      throw error(error_kind::io, fmt::format("cannot write to standard output: {}", std::strerror(errno)),
                  "use --output FILE");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

int terminal_width(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const auto given = columns ? parse_integer(columns) : std::nullopt;
  return given && *given >= 20 && *given <= 10000 ? static_cast<int>(*given) : 120;
}

report::style style_for(const global_options& global) {
  report::style look;
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  look.colour = !global.no_color && !is_set("NO_COLOR") && !dumb && global.output.empty() && ::isatty(STDOUT_FILENO);
  look.width = terminal_width(STDOUT_FILENO);
  return look;
}

const report::sink& form_of(const global_options& global) {
  const auto& form = report::find_sink(global.format);
  if (form.binary && global.output.empty() && ::isatty(STDOUT_FILENO))
    throw error(error_kind::usage, fmt::format("'{}' is no text for a terminal", form.name),
                "give it a file: --output FILE");
  return form;
}

void deliver(const global_options& global, const std::function<void(std::ostream&)>& write) {
  std::ostringstream content;
  write(content);
  if (global.output.empty()) {
    write_standard_output(content.str());
  } else {
    write_file_atomically(global.output, content.str());
  }
}

void require_table_format(const global_options& global, std::string_view what) {
  static const std::vector<std::string> forms{"table", "json", "csv", "markdown"};
  if (std::find(forms.begin(), forms.end(), global.format) == forms.end())
    throw error(error_kind::usage, fmt::format("{} has no form '{}'", what, global.format),
                "known are " + join(forms, ", "));
}

void deliver_table(const global_options& global, const report::table& values) {
  require_table_format(global);
  deliver(global, [&](std::ostream& out) {
    if (global.format == "json") {
      values.write_json(out);
    } else if (global.format == "csv") {
      values.write_csv(out);
    } else if (global.format == "markdown") {
      values.write_markdown(out);
    } else {
      // A pipe or file has no width that a list would have to fit in.
      auto look = style_for(global);
      if (!global.output.empty() || !::isatty(STDOUT_FILENO)) look.width = 0;
      if (global.width) look.width = *global.width;
      values.write_text(out, look);
    }
  });
}

void require_apart(const std::string& option, const std::filesystem::path& written,
                   const std::vector<std::filesystem::path>& inputs) {
  std::error_code absent;  // a file that is not there yet is none of the inputs
  for (const auto& input : inputs) {
    // What is no file, as a terminal or /dev/null, holds nothing that could be lost.
    if (std::filesystem::is_regular_file(input, absent) && std::filesystem::equivalent(input, written, absent))
      throw error(error_kind::usage, option + " names " + input.string() + ", which is to be read",
                  "give the result a file of its own");
  }
}

void require_distinct(const std::string& option, const std::filesystem::path& file, const std::string& other_option,
                      const std::filesystem::path& other_file) {
  std::error_code ignored;
  if (file.empty() || other_file.empty() || std::filesystem::is_other(file, ignored)) return;
  if (is_same_file(file, other_file))
    throw error(error_kind::usage, fmt::format("{} and {} name one file, {}", option, other_option, file.string()),
                "give each a file of its own");
}

void require_outside_catalogue(const global_options& global, const std::string& option,
                               const std::filesystem::path& written) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(written, ignored)) return;  // there is nothing that could be lost
  auto folders = global.overlays;
  try {
    folders.push_back(find_data_directory(global.profiles));
  } catch (const error&) {
    // Refused where it is needed: not every command does.
  }
  for (const auto& folder : folders) {
    for (std::filesystem::recursive_directory_iterator each(folder, ignored), end; each != end;
         each.increment(ignored)) {
      const auto& file = each->path();
      const auto ending = file.extension();
      // Other JSON of a folder that is an overlay, as run files, is none of the catalogue's.
      if (ending == ".csv" || ending == ".toml" || (ending == ".json" && file.parent_path().filename() == "models"))
        require_apart(option, written, {file});
    }
  }
}

void require_output(const global_options& global, const std::vector<std::filesystem::path>& inputs) {
  require_output_of_kind(global, inputs, {});
}

void require_output_of_kind(const global_options& global, const std::vector<std::filesystem::path>& inputs,
                            std::string_view schema) {
  if (global.output.empty()) return;
  require_apart("--output", global.output, inputs);
  require_outside_catalogue(global, "--output", global.output);
  require_same_kind("--output", global.output, schema);
  require_writable(global.output);
}

void say(const global_options& global, std::string_view line) {
  if (global.quiet) return;
  const std::string text = printable_lines(line) + "\n";
  // Talk that nobody can read is lost, not an error.
  static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

std::string labelled(std::string_view label, std::string_view text) {
  return fmt::format("{:<15}{}", label, text);
}

}  // namespace gpubench::cli
