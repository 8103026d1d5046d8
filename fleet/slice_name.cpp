#include "fleet/slice_name.hpp"

#include <regex>

namespace gpubench::fleet {

slice_name slice_in(const std::string& name) {
  static const std::regex form(R"(^(.*[-_:/ ])?([1-7]g\.[0-9]{1,3}gb)((?:[+.-](?:me|gfx)[a-z.]*)?)(?:-SHARED)?$)");
  static const std::regex joint("(^nvidia\\.com/mig-|[-_: ](MIG|mig)[-_: ]|[-_: ])$");
  std::smatch parts;
  if (!std::regex_match(name, parts, form)) return {};
  auto more = parts[3].str();
  if (!more.empty() && more.front() == '.') more.front() = '+';
  return {std::regex_replace(parts[1].str(), joint, ""), parts[2].str() + more};
}

std::string slice_profile_of(const job& what, const std::map<std::string, std::string>& settings) {
  const auto type = settings.find("gpu-type");
  for (const auto& name : {what.gpu_resource.value_or(""), what.gpu_product.value_or(""),
                           type == settings.end() ? std::string() : type->second})
    if (const auto slice = slice_in(name); !slice.profile.empty()) return slice.profile;
  return {};
}

}  // namespace gpubench::fleet
