#include "profiles/price_lists/format.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gpubench::profiles {
namespace {

std::vector<price_list_format>& registry() {
  static std::vector<price_list_format> formats;
  return formats;
}

}  // namespace

const std::vector<price_list_format>& price_list_formats() {
  return registry();
}

const price_list_format& find_price_list_format(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& format : registry()) {
    if (format.name == name) return format;
    names.push_back(format.name);
  }
  const auto near = suggestion(name, names);
  throw error(error_kind::usage, fmt::format("price lists of format '{}' are not known", name),
              near.empty() ? "known formats: " + join(names, ", ") : near);
}

price_list_registration::price_list_registration(price_list_format format) {
  auto& formats = registry();
  const auto place =
      std::lower_bound(formats.begin(), formats.end(), format,
                       [](const price_list_format& a, const price_list_format& b) { return a.name < b.name; });
  if (place != formats.end() && place->name == format.name)
    throw error(error_kind::internal, fmt::format("price list format '{}' is registered twice", format.name));
  formats.insert(place, std::move(format));
}

refused_price refuse(const listed_price& offer, std::string reason) {
  return {offer.provider,        offer.instance_type, offer.region,      offer.model,
          offer.amount_per_hour, offer.currency,      std::move(reason), offer.position};
}

refused_price refuse_row(std::string_view provider, std::string_view type, std::string_view region, const error& why) {
  return {std::string(provider), std::string(type), std::string(region), {}, {}, "", why.what(), why.where()};
}

}  // namespace gpubench::profiles
