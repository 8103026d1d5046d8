#include "report/escaping.hpp"

#include "report/text_width.hpp"

namespace gpubench::report {

std::string xml_escape(std::string_view text) {
  std::string safe;
  for (const char c : valid_utf8(printable(text))) {
    const auto entity = markup_entity(c);
    if (entity.empty())
      safe += c;
    else
      safe += entity;
  }
  return safe;
}

}  // namespace gpubench::report
