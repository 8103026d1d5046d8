#pragma once

#include "core/json.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gpubench {
class signing_key;
}

namespace gpubench::results {

inline constexpr const char* seal_schema = "gpubench.seal/1";

/// A file as it was when it was sealed.
struct sealed_file {
  std::string path;  ///< relative to the folder of the seal, with '/' and without ".."
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 hexadecimal digits
};

/// Digests of a report's files, and who vouches for them (schema gpubench.seal/1, results/schema/gpubench.seal-1.json).
/// The signature is over "gpubench.seal/1\n" and what is read of the member "sealed", as compact JSON in the order in
/// which this program writes it: the layout of the file does not matter, and a member that is not read vouches for
/// nothing.
struct seal {
  std::string made_at;  ///< UTC
  std::string tool_version;
  std::vector<sealed_file> files;
  struct signature {
    std::string public_key;  ///< Ed25519, base64
    std::string value;       ///< base64
  };
  std::optional<signature> signed_by;
};

/// Digests of files as they are now.
/// @param folder  where the seal will lie: every file must be in it or below
/// @param key     to sign with; may be nullptr
/// @throws error: io for an unreadable file; usage for one outside `folder`, or named twice.
seal seal_files(const std::vector<std::filesystem::path>& files, const std::filesystem::path& folder,
                const signing_key* key, const std::string& made_at);

json to_json(const seal& what);

/// @throws error: io; input at its position for anything that is no seal: a path that leaves the folder, a digest or
///         signature that could be none, a newer schema.
seal load_seal(const std::filesystem::path& path);

enum class file_state { unchanged, altered, missing, unreadable };
std::string_view to_string(file_state state);

/// What was found against a seal.
struct seal_check {
  std::vector<file_state> files;  ///< in the order of the seal's
  /// Whether the seal itself is as its signer left it; nothing where it is not signed.
  std::optional<bool> signature_is_valid;

  bool passed() const;
};

/// @param folder  where the seal lies
seal_check check_seal(const seal& what, const std::filesystem::path& folder);

}  // namespace gpubench::results
