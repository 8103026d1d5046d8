#include "cli/output.hpp"
#include "cli/program.hpp"
#include "core/signature.hpp"
#include "core/text.hpp"
#include "results/seal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace gpubench::cli {
namespace {

struct verify_options {
  std::filesystem::path seal;
  std::filesystem::path key;
};

/// Who vouches for the seal, in words, and whether that is who should.
struct vouching {
  bool passed = true;
  std::string words;
};

vouching judge_signature(const results::seal& sealed, const results::seal_check& found, const std::string& wanted_key) {
  if (!sealed.signed_by) {
    return {wanted_key.empty(), wanted_key.empty() ? "not signed: whoever can alter a file can alter the seal too"
                                                   : "not signed, and a signature was asked for"};
  }
  if (!found.signature_is_valid.value_or(false)) return {false, "its signature is wrong: the seal itself was altered"};
  const std::string& signer = sealed.signed_by->public_key;
  if (wanted_key.empty()) return {true, fmt::format("signed by key {} (whose it is, only --key can tell)", signer)};
  if (wanted_key != signer) return {false, fmt::format("signed by another key than yours, {}", signer)};
  return {true, "signed by your key " + signer};
}

exit_status verify(const global_options& global, const verify_options& options) {
  require_table_format(global);
  require_output(global, {options.seal, options.key});
  const std::string wanted_key = options.key.empty() ? std::string() : load_public_key(options.key);
  const results::seal sealed = results::load_seal(options.seal);
  for (const auto& file : sealed.files)
    require_apart("--output", global.output, {options.seal.parent_path() / file.path});
  const auto found = results::check_seal(sealed, options.seal.parent_path());

  report::table table(
      {{"file", "file"}, {"state", "state"}, {"bytes", "bytes sealed", 12, 1}, {"sha256", "SHA-256", 4, 2}});
  for (std::size_t i = 0; i < sealed.files.size(); ++i) {
    const auto& file = sealed.files[i];
    table.add_row({file.path, std::string(to_string(found.files[i])), static_cast<double>(file.bytes), file.sha256});
  }
  deliver_table(global, table);
  const auto signature = judge_signature(sealed, found, wanted_key);
  const auto unchanged = std::count(found.files.begin(), found.files.end(), results::file_state::unchanged);
  say(global, fmt::format("{} of {} unchanged since {}; {}", unchanged, count_of(sealed.files.size(), "file"),
                          sealed.made_at, signature.words));
  return found.passed() && signature.passed ? exit_status::done : exit_status::answer_is_no;
}

}  // namespace

void declare_verify(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("verify",
                                     "Check files against the seal that `gpubench seal` wrote; exit 1 if any "
                                     "was altered");
  const auto options = std::make_shared<verify_options>();
  command->add_option("seal", options->seal, "the seal, beside its files")->type_name("FILE")->required();
  command->add_option("--key", options->key, "the public key of who must have signed it (PEM)")->type_name("FILE");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return verify(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
