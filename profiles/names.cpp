#include "profiles/instance.hpp"
#include "profiles/price.hpp"

#include <array>
#include <utility>

namespace gpubench::profiles {
namespace {

constexpr std::array<std::pair<interconnect, std::string_view>, 5> interconnect_names{
    {{interconnect::none, "none"},
     {interconnect::pcie, "pcie"},
     {interconnect::nvlink, "nvlink"},
     {interconnect::nvswitch, "nvswitch"},
     {interconnect::infinity_fabric, "infinity-fabric"}}};

constexpr std::array<std::pair<price_model, std::string_view>, 3> price_model_names{
    {{price_model::on_demand, "on_demand"}, {price_model::spot, "spot"}, {price_model::commitment, "commitment"}}};

}  // namespace

std::string_view to_string(interconnect link) {
  for (const auto& [value, name] : interconnect_names)
    if (value == link) return name;
  return {};
}

std::optional<interconnect> parse_interconnect(std::string_view name) {
  for (const auto& [value, text] : interconnect_names)
    if (text == name) return value;
  return std::nullopt;
}

std::string_view to_string(price_model model) {
  for (const auto& [value, name] : price_model_names)
    if (value == model) return name;
  return {};
}

std::optional<price_model> parse_price_model(std::string_view name) {
  for (const auto& [value, text] : price_model_names)
    if (text == name) return value;
  return std::nullopt;
}

}  // namespace gpubench::profiles
