#include "results/seal.hpp"

#include "cli/kept_files.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "core/signature.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

namespace gpubench::cli {
namespace {

struct seal_options {
  std::vector<std::filesystem::path> files;
  std::filesystem::path key;
};

exit_status seal(const global_options& global, const seal_options& options) {
  auto inputs = options.files;
  if (!options.key.empty()) inputs.push_back(options.key);
  require_output_of_kind(global, inputs, results::seal_schema);
  if (global.format != "json" && (global.format_given || global.format != "table"))
    throw error(error_kind::usage, fmt::format("a seal has no form '{}'", global.format),
                "it is json: leave --format out, and let --output end in .json");
  std::optional<signing_key> key;
  if (!options.key.empty()) key = signing_key::load(options.key);
  const auto sealed = results::seal_files(options.files, global.output.parent_path(), key ? &*key : nullptr,
                                          format_utc(std::chrono::system_clock::now()));
  deliver(global, [&](std::ostream& out) { out << results::to_json(sealed).dump(2) << '\n'; });
  const std::string who = sealed.signed_by ? "signed by key " + sealed.signed_by->public_key
                                           : "not signed: whoever can alter a file can alter the seal too";
  say(global, fmt::format("{} sealed, {}", count_of(sealed.files.size(), "file"), who));
  if (!global.output.empty())
    say(global, "Check with     gpubench verify " + global.output.string() +
                    (key ? " --key with the public key, got from the signer by another way" : ""));
  return exit_status::done;
}

}  // namespace

void declare_seal(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("seal",
                                     "Write the digests of files, signed if wanted, so that none can be altered "
                                     "unseen");
  const auto options = std::make_shared<seal_options>();
  command->add_option("files", options->files, "reports, run files, price lists")->type_name("FILE")->required();
  command->add_option("--key", options->key, "sign with this private Ed25519 key (PEM, without a pass phrase)")
      ->type_name("FILE");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return seal(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
