#include "core/fraction.hpp"

#include "core/text.hpp"

namespace gpubench {

std::optional<double> parse_fraction(std::string_view text) {
  std::string_view rest = trim(text);
  const bool percent = !rest.empty() && rest.back() == '%';
  if (percent) rest.remove_suffix(1);
  const auto value = parse_number(trim(rest));
  if (!value) return std::nullopt;
  return *value / (percent ? 100 : 1);
}

}  // namespace gpubench
