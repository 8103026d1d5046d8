#include "cli/forms.hpp"
#include "cli/imported_runs.hpp"
#include "cli/knowledge.hpp"
#include "cli/measuring.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/run_files.hpp"
#include "core/encoding.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "imports/import_run.hpp"

namespace gpubench::cli {
namespace {

constexpr std::size_t most_notes = 20;

struct command_options {
  std::vector<std::string> words;  ///< [FORMAT] FILE...
  std::string benchmark, gpu, node;
  std::filesystem::path mapping, run_file, output_dir = ".";
};

struct request {
  std::string format;  ///< empty: told from each file
  std::vector<std::filesystem::path> files;
};

// The first word is a format where it is the name of one; a file of that name is "./NAME".
request parse_words(const std::vector<std::string>& words) {
  const auto& known = imports::importers();
  const bool names_format =
      words.front() == "auto" ||
      std::any_of(known.begin(), known.end(), [&](const imports::importer& one) { return one.name == words.front(); });
  request what;
  if (names_format && words.front() != "auto") what.format = words.front();
  what.files.assign(words.begin() + (names_format ? 1 : 0), words.end());
  if (what.files.empty())
    throw error(error_kind::usage, "gpubench import: no file is named", "gpubench import " + words.front() + " FILE");
  std::error_code ignored;
  if (!names_format && what.files.size() > 1 && !std::filesystem::exists(what.files.front(), ignored))
    static_cast<void>(imports::find_importer(words.front()));  // refuses it: neither a file nor a format
  return what;
}

std::string format_list() {
  std::string text = "Formats (auto, or none given: told from the content):";
  for (const auto& one : imports::importers()) text += fmt::format("\n  {:<18}{}", one.name, one.description);
  return text;
}

void say_notes(const global_options& global, const std::vector<std::string>& notes) {
  for (std::size_t i = 0; i < std::min(notes.size(), most_notes); ++i) say(global, labelled("Note", notes[i]));
  if (notes.size() > most_notes) say(global, labelled("Note", fmt::format("and {} more", notes.size() - most_notes)));
}

// They stand in the run file, which nobody may open.
void say_warnings(const global_options& global, const results::run& run) {
  const auto& all = run.measurements;
  const auto has_warnings = [](const results::measurement& m) { return !m.warnings.empty(); };
  const auto first = std::find_if(all.begin(), all.end(), has_warnings);
  if (first == all.end()) return;
  const auto count = std::count_if(first, all.end(), has_warnings);
  say(global, labelled("Note", fmt::format("{} {}, the first {}: {}", count,
                                           count == 1 ? "measurement has warnings" : "measurements have warnings",
                                           printable(results::full_name(*first)), printable(first->warnings.front()))));
}

/// With the mapping, and the samples that nvbench lays into a folder beside its JSON.
std::vector<std::filesystem::path> files_read(const std::vector<std::filesystem::path>& named,
                                              const std::filesystem::path& mapping) {
  auto all = named;
  if (!mapping.empty()) all.push_back(mapping);
  std::error_code ignored;
  for (const auto& file : named) {
    for (std::filesystem::directory_iterator each(file.string() + "-bin", ignored), end; each != end;
         each.increment(ignored))
      all.push_back(each->path());
  }
  return all;
}

exit_status import_results(const program& chosen, const command_options& options) {
  const auto& global = chosen.global;
  const auto& form = form_of(global);
  const auto what = parse_words(options.words);
  require_output(global, files_read(what.files, options.mapping));
  require_distinct("--run-file", options.run_file, "--output", global.output);
  const auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  imports::import_options how{given(options.benchmark), given(options.gpu), given(options.node), std::nullopt};
  if (!options.mapping.empty()) how.mapping = options.mapping;
  auto result = imports::import_files(what.format, what.files, how, format_utc(std::chrono::system_clock::now()));

  const auto known = load_catalogue(global);
  require_possible_rates(result.run, result.places, known);
  hold_against_data_sheets(result.run, known);
  const auto file = options.run_file.empty() ? new_file_name(options.output_dir, "import", ".json") : options.run_file;
  require_replaceable(file);
  results::save_run(file, result.run);
  const std::string name = file.lexically_normal().string();
  report::document document;
  document.runs = {{&result.run, name}};
  document.command = chosen.command_line;
  document.made_at = format_utc(std::chrono::system_clock::now());
  deliver(global, [&](std::ostream& out) { form.write(document, style_for(global), out); });
  say_notes(global, result.notes);
  say_warnings(global, result.run);
  say_left_out(global, document);
  say(global, labelled("Run file", name));
  return exit_status::done;
}

}  // namespace

void declare_import(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("import", "Turn measurements of other tools into a run file");
  const auto options = std::make_shared<command_options>();
  command->add_option("file", options->words, "format, and files of one machine that the tool wrote\n" + format_list())
      ->type_name("[FORMAT] FILE...")
      ->required();
  command->add_option("--benchmark", options->benchmark, "what was measured, where the file does not say: all_reduce")
      ->type_name("NAME");
  command->add_option("--gpu", options->gpu, "model of the GPUs, where the file does not name them")->type_name("NAME");
  command->add_option("--node", options->node, "the machine wanted, of a file that has several")->type_name("NAME");
  command->add_option("--mapping", options->mapping, "what the columns of a table mean: docs/importing.md")
      ->type_name("FILE");
  auto* directory =
      command->add_option("--output-dir", options->output_dir, "folder of the run file (default: the current one)");
  directory->type_name("DIR");
  command->add_option("--run-file", options->run_file, "name of the run file")->type_name("FILE")->excludes(directory);
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return import_results(chosen, *options); }; });
}

}  // namespace gpubench::cli
