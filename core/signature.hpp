#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace gpubench {

/// Ed25519 (RFC 8032) by OpenSSL. Keys are PEM files as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`
/// write them; in text a public key and a signature are the base64 of their 32 and 64 bytes.
class signing_key {
 public:
  /// @throws error: io if unreadable; input if it is no private Ed25519 key in PEM, or one behind a pass phrase.
  static signing_key load(const std::filesystem::path& pem);

  std::string sign(std::string_view message) const;
  std::string public_key() const;

 private:
  explicit signing_key(std::shared_ptr<void> key) : key_(std::move(key)) {}
  std::shared_ptr<void> key_;  // an EVP_PKEY: OpenSSL's headers stay in the source file
};

/// The public key of a PEM file that holds it, alone or as part of a private one.   @throws error: io, input
std::string load_public_key(const std::filesystem::path& pem);

/// Whether the text is the base64 of a public key or a signature that could be one.
bool is_public_key(std::string_view text);
bool is_signature(std::string_view text);

/// Whether `signature` over `message` was made by the owner of `public_key`.
bool is_signed_by(std::string_view message, std::string_view signature, std::string_view public_key);

}  // namespace gpubench
