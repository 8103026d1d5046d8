#include "results/seal.hpp"

#include "core/digest.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/signature.hpp"
#include "core/version.hpp"
#include "results/json_field.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <set>
#include <string_view>

namespace gpubench::results {
namespace fs = std::filesystem;
namespace {

constexpr const char* algorithm_name = "ed25519";

json sealed_part(const seal& what) {
  json part;
  part["made_at"] = what.made_at;
  part["tool_version"] = what.tool_version;
  auto& files = part["files"] = json::array();
  for (const auto& file : what.files) {
    json entry;
    entry["path"] = file.path;
    entry["bytes"] = file.bytes;
    entry["sha256"] = file.sha256;
    files.push_back(std::move(entry));
  }
  return part;
}

std::string signed_text(const seal& what) {
  return std::string(seal_schema) + "\n" + sealed_part(what).dump();
}

/// Inside the folder, and one spelling of it.
bool stays_inside(const fs::path& path) {
  return !path.empty() && path.is_relative() && path.native() == path.lexically_normal().native() &&
         *path.begin() != ".." && *path.begin() != "." && path.has_filename();
}

/// What nothing reads, no signature covers either: it must not look as if it were sealed.
void require_only(const json_field& object, std::initializer_list<std::string_view> known) {
  for (const auto& [name, member] : object.members())
    if (std::find(known.begin(), known.end(), name) == known.end())
      member.refuse("is not part of a seal", "remove it; a newer seal needs a newer gpubench");
}

sealed_file read_sealed_file(const json_field& field) {
  require_only(field, {"path", "bytes", "sha256"});
  sealed_file file;
  file.path = field.at("path").nonempty_text();
  if (!stays_inside(file.path)) field.at("path").refuse("is '" + file.path + "', which leaves the folder of the seal");
  file.bytes = static_cast<std::uint64_t>(field.at("bytes").integer(0));
  file.sha256 = field.at("sha256").text();
  if (!is_sha256(file.sha256)) field.at("sha256").refuse("is not 64 hexadecimal digits");
  return file;
}

seal::signature read_signature(const json_field& field) {
  require_only(field, {"algorithm", "public_key", "value"});
  const auto algorithm = field.at("algorithm").text();
  if (algorithm != algorithm_name)
    field.at("algorithm").refuse("is '" + algorithm + "'", std::string("this program knows ") + algorithm_name);
  seal::signature result{field.at("public_key").text(), field.at("value").text()};
  if (!is_public_key(result.public_key)) field.at("public_key").refuse("is not the base64 of 32 bytes");
  if (!is_signature(result.value)) field.at("value").refuse("is not the base64 of 64 bytes");
  return result;
}

file_state state_of(const sealed_file& file, const fs::path& folder) {
  const fs::path path = folder / file.path;
  std::error_code code;
  if (fs::status(path, code).type() == fs::file_type::not_found) return file_state::missing;
  try {
    const file_digest now = digest_of_file(path);
    return now.bytes == file.bytes && now.sha256 == file.sha256 ? file_state::unchanged : file_state::altered;
  } catch (const error&) {
    return file_state::unreadable;
  }
}

}  // namespace

std::string_view to_string(file_state state) {
  switch (state) {
    case file_state::unchanged:
      return "unchanged";
    case file_state::altered:
      return "altered";
    case file_state::missing:
      return "missing";
    case file_state::unreadable:
      break;
  }
  return "unreadable";
}

seal seal_files(const std::vector<fs::path>& files, const fs::path& folder, const signing_key* key,
                const std::string& made_at) {
  seal result;
  result.made_at = made_at;
  result.tool_version = version;
  const fs::path root = fs::weakly_canonical(folder.empty() ? "." : folder);
  std::set<std::string> seen;
  for (const auto& file : files) {
    const file_digest digest = digest_of_file(file);
    const fs::path inside = fs::weakly_canonical(file).lexically_relative(root);
    if (!stays_inside(inside)) {
      throw error(error_kind::usage, file.string() + " lies outside the folder of the seal, " + root.string(),
                  "let --output name a seal beside the files or in a folder above them");
    }
    const std::string name = inside.generic_string();
    // The seal is JSON, which cannot hold such a name; another spelling of it would vouch for another file.
    if (valid_utf8(name) != name)
      throw error(error_kind::usage, valid_utf8(file.string()) + ": the name is not UTF-8",
                  "rename the file, and what leads to it below the seal, before it is sealed");
    if (!seen.insert(name).second) throw error(error_kind::usage, file.string() + " is named twice");
    result.files.push_back({name, digest.bytes, digest.sha256});
  }
  if (key) result.signed_by = {key->public_key(), key->sign(signed_text(result))};
  return result;
}

json to_json(const seal& what) {
  json document;
  document["schema"] = seal_schema;
  document["sealed"] = sealed_part(what);
  document["signature"] = nullptr;
  if (what.signed_by) {
    document["signature"] = json{
        {"algorithm", algorithm_name}, {"public_key", what.signed_by->public_key}, {"value", what.signed_by->value}};
  }
  return document;
}

seal load_seal(const fs::path& path) {
  const std::string name = path.string();
  // A key that stands twice could show another reader other digests under the same signature.
  const json document = parse_foreign_json(read_file(path), name);
  const json_field top(document, name);
  const auto schema = top.at("schema").text();
  if (schema != seal_schema) {
    top.at("schema").refuse("is '" + schema + "', not " + seal_schema,
                            "only what `gpubench seal` wrote can be verified; a newer one needs a newer gpubench");
  }
  require_only(top, {"schema", "sealed", "signature"});
  require_only(top.at("sealed"), {"made_at", "tool_version", "files"});
  seal result;
  const auto sealed = top.at("sealed");
  result.made_at = sealed.at("made_at").text();
  result.tool_version = sealed.at("tool_version").text();
  std::set<std::string> seen;
  for (const auto& field : sealed.at("files").elements()) {
    result.files.push_back(read_sealed_file(field));
    if (!seen.insert(result.files.back().path).second) field.at("path").refuse("stands in the seal twice");
  }
  if (result.files.empty()) sealed.at("files").refuse("is empty: nothing was sealed");
  if (const auto signature = top.find("signature")) result.signed_by = read_signature(*signature);
  return result;
}

bool seal_check::passed() const {
  const bool all_unchanged =
      std::all_of(files.begin(), files.end(), [](file_state s) { return s == file_state::unchanged; });
  return all_unchanged && signature_is_valid.value_or(true);
}

seal_check check_seal(const seal& what, const fs::path& folder) {
  seal_check found;
  for (const auto& file : what.files) found.files.push_back(state_of(file, folder));
  if (what.signed_by)
    found.signature_is_valid = is_signed_by(signed_text(what), what.signed_by->value, what.signed_by->public_key);
  return found;
}

}  // namespace gpubench::results
