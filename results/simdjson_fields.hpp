#pragma once

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the fast readers of run files share. Private to this folder: whoever includes it needs simdjson.
namespace gpubench::results::detail {

inline std::string text_or_none(simdjson::ondemand::value field) {
  if (field.is_null()) return {};
  return std::string(std::string_view(field.get_string()));
}

inline std::optional<double> number_or_none(simdjson::ondemand::value field) {
  if (field.is_null()) return std::nullopt;
  return double(field.get_double());
}

/// Of a key that stands twice nobody can tell which is meant; the reader that knows why refuses it.
struct repeated_key {};
class once {
 public:
  /// @param key  below 32
  void take(std::size_t key) {
    if ((seen_ >> key & 1U) != 0) throw repeated_key{};
    seen_ |= 1U << key;
  }
  /// The key's place in `known`, taken; their number for any other key.
  template <std::size_t size>
  std::size_t find(std::string_view key, const std::array<std::string_view, size>& known) {
    const auto place = static_cast<std::size_t>(std::find(known.begin(), known.end(), key) - known.begin());
    if (place < size) take(place);
    return place;
  }

 private:
  std::uint32_t seen_ = 0;
};

}  // namespace gpubench::results::detail
