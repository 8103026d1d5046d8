// OpenCost's table of one's own prices: one row an asset, an hour of it in one currency. EndTimestamp is when a price
// stops to count, not when it was made.
// Format: opencost/opencost, pkg/cloud/provider/csvprovider.go.
#include "core/text.hpp"
#include "profiles/price_lists/format.hpp"
#include "profiles/price_lists/list_table.hpp"

#include <fmt/format.h>

#include <utility>

namespace gpubench::profiles {
namespace {

std::optional<listed_price> read_row(const csv_table::row& row, const price_list_request& request) {
  const auto text = [&](std::string_view column) { return std::string(detail::cell_text(row, column)); };
  const auto asset = to_lower(text("AssetClass"));
  if (asset == "pv") return std::nullopt;  // a disk: no price of an instance
  if (asset == "gpu")
    row.refuse("AssetClass",
               "the price of a GPU alone, which no instance can be given: where GPUs are listed apart, "
               "prices of nodes may leave them out");
  if (asset != "node") row.refuse("AssetClass", fmt::format("AssetClass '{}' is none of node, gpu and pv", asset));
  listed_price offer;
  offer.provider = request.provider;
  offer.currency = request.currency;
  offer.instance_type = text("InstanceType");
  if (offer.instance_type.empty()) row.refuse("InstanceType", "the node names no instance type");
  offer.region = text("Region").empty() ? "any" : text("Region");
  const auto amount = detail::cell_number(row, "MarketPriceHourly");
  if (!amount) row.refuse("MarketPriceHourly", "the row has no price");
  offer.amount_per_hour = *amount;
  offer.position = row.position("MarketPriceHourly");
  return offer;
}

void read(const std::filesystem::path& file, const price_list_request& request, price_list& into) {
  if (request.provider.empty())
    throw error(error_kind::usage, "OpenCost's table does not tell whose prices it holds",
                "name the provider with --provider, as --provider onprem");
  const detail::list_table table(file, {"Region", "AssetClass", "InstanceType", "MarketPriceHourly"}, {},
                                 {"EndTimestamp", "InstanceID", "InstanceIDField", "Version"}, into);
  for (std::size_t i = 0; i < table.rows().size(); ++i) {
    const auto row = table.rows()[i];
    try {
      if (auto offer = read_row(row, request)) into.prices.push_back(std::move(*offer));
    } catch (const error& e) {
      into.refused.push_back(
          refuse_row(request.provider, detail::cell_text(row, "InstanceType"), detail::cell_text(row, "Region"), e));
    }
  }
}

const price_list_registration opencost{{"opencost", "OpenCost's CSV of one's own prices; needs --provider", read}};

}  // namespace
}  // namespace gpubench::profiles
