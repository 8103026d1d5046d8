#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::doctor {

/// A version of dotted whole numbers: "550.54.15", "12.4". A missing part counts as 0, so "12.4" equals "12.4.0".
class version {
 public:
  /// Nothing for a text that is no such version.
  static std::optional<version> parse(std::string_view text);

  const std::string& text() const { return text_; }
  int major() const { return part(0); }
  int minor() const { return part(1); }
  /// "12.4" of "12.4.127".
  std::string family() const;

  friend std::strong_ordering operator<=>(const version& a, const version& b);
  friend bool operator==(const version& a, const version& b) { return (a <=> b) == 0; }

 private:
  version(std::string text, std::vector<int> parts) : text_(std::move(text)), parts_(std::move(parts)) {}
  int part(std::size_t index) const { return index < parts_.size() ? parts_[index] : 0; }

  std::string text_;
  std::vector<int> parts_;
};

}  // namespace gpubench::doctor
