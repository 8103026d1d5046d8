#include "core/signature.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace gpubench {
namespace {

constexpr std::size_t key_bytes = 32, signature_bytes = 64;

using bytes = std::vector<unsigned char>;
using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using context_pointer = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

void require(bool worked, const char* what) {
  if (!worked) throw error(error_kind::environment, std::string("OpenSSL cannot ") + what, "check its configuration");
}

const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(const bytes& value) {
  std::string text(4 * ((value.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), value.data(),
                                     static_cast<int>(value.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

/// Nothing unless the text is the one base64 form of `size` bytes.
std::optional<bytes> from_base64(std::string_view text, std::size_t size) {
  if (text.size() != 4 * ((size + 2) / 3)) return std::nullopt;
  bytes value(text.size());
  if (EVP_DecodeBlock(value.data(), data_of(text), static_cast<int>(text.size())) < 0) return std::nullopt;
  value.resize(size);
  if (to_base64(value) != text) return std::nullopt;
  return value;
}

/// A pass phrase would be asked for on the terminal, which a CI job has not.
int no_pass_phrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

using pem_reader = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

key_pointer read_pem(const std::string& text, pem_reader read, bool& is_encrypted) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                         BIO_free);
  require(source != nullptr, "read from memory");
  key_pointer key(read(source.get(), nullptr, no_pass_phrase, &is_encrypted), EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

[[noreturn]] void refuse_key(const std::filesystem::path& pem, const std::string& what, const std::string& hint) {
  throw error(error_kind::input, {pem.string(), 0, 0}, what, hint);
}

[[noreturn]] void refuse_encrypted(const std::filesystem::path& pem) {
  refuse_key(pem, "the key is behind a pass phrase",
             "give one without, on a path that only you can read: openssl pkey -in KEY -out PLAIN_KEY");
}

std::string public_key_of(const EVP_PKEY* key) {
  bytes raw(key_bytes);
  std::size_t length = raw.size();
  require(EVP_PKEY_get_raw_public_key(key, raw.data(), &length) == 1 && length == key_bytes, "read a public key");
  return to_base64(raw);
}

bool is_ed25519(const key_pointer& key) {
  return key && EVP_PKEY_base_id(key.get()) == EVP_PKEY_ED25519;
}

}  // namespace

signing_key signing_key::load(const std::filesystem::path& pem) {
  bool is_encrypted = false;
  key_pointer key = read_pem(read_file(pem), PEM_read_bio_PrivateKey, is_encrypted);
  if (is_encrypted) refuse_encrypted(pem);
  if (!is_ed25519(key))
    refuse_key(pem, "this is no private Ed25519 key in PEM", "openssl genpkey -algorithm ed25519 -out KEY makes one");
  return signing_key(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

std::string signing_key::sign(std::string_view message) const {
  const context_pointer context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  auto* key = static_cast<EVP_PKEY*>(key_.get());
  require(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1, "sign with Ed25519");
  bytes value(signature_bytes);
  std::size_t length = value.size();
  require(EVP_DigestSign(context.get(), value.data(), &length, data_of(message), message.size()) == 1 &&
              length == signature_bytes,
          "sign with Ed25519");
  return to_base64(value);
}

std::string signing_key::public_key() const {
  return public_key_of(static_cast<const EVP_PKEY*>(key_.get()));
}

std::string load_public_key(const std::filesystem::path& pem) {
  const std::string text = read_file(pem);
  bool is_encrypted = false;
  key_pointer key = read_pem(text, PEM_read_bio_PUBKEY, is_encrypted);
  if (!key) key = read_pem(text, PEM_read_bio_PrivateKey, is_encrypted);
  if (is_encrypted) refuse_encrypted(pem);
  if (!is_ed25519(key))
    refuse_key(pem, "this is no Ed25519 key in PEM", "openssl pkey -in KEY -pubout -out PUBLIC_KEY writes the public one");
  return public_key_of(key.get());
}

bool is_public_key(std::string_view text) {
  return from_base64(text, key_bytes).has_value();
}

bool is_signature(std::string_view text) {
  return from_base64(text, signature_bytes).has_value();
}

bool is_signed_by(std::string_view message, std::string_view signature, std::string_view public_key) {
  const auto raw_key = from_base64(public_key, key_bytes);
  const auto raw_signature = from_base64(signature, signature_bytes);
  if (!raw_key || !raw_signature) return false;
  const key_pointer key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw_key->data(), raw_key->size()),
                        EVP_PKEY_free);
  const context_pointer context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool valid =
      key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), raw_signature->data(), raw_signature->size(), data_of(message), message.size()) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace gpubench
