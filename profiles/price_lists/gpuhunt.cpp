// gpuhunt's catalogue, version 2 of its CSV: one row an offer, USD an hour, gpu_memory in GB of one GPU.
// Format: dstackai/gpuhunt, src/gpuhunt/_internal/models.py.
#include "core/text.hpp"
#include "core/units.hpp"
#include "profiles/price_lists/format.hpp"
#include "profiles/price_lists/list_table.hpp"

#include <fmt/format.h>

#include <utility>

namespace gpubench::profiles {
namespace {

// A file of this catalogue has its provider's name.
std::string provider_of(const std::filesystem::path& file, const price_list_request& request) {
  if (!request.provider.empty()) return request.provider;
  const auto name = to_lower(file.stem().string());
  return name == "lambdalabs" ? "lambda" : name;
}

listed_price read_row(const csv_table::row& row, const std::string& provider, const std::string& currency) {
  const auto text = [&](std::string_view column) { return std::string(detail::cell_text(row, column)); };
  const auto number = [&](std::string_view column) { return detail::cell_number(row, column); };
  listed_price offer;
  offer.provider = provider;
  offer.currency = currency;
  offer.instance_type = text("instance_name");
  offer.region = text("location");
  offer.gpu = text("gpu_name");
  if (offer.gpu.rfind("tpu-", 0) == 0 || text("gpu_vendor") == "google" || text("gpu_vendor") == "tenstorrent")
    row.refuse("gpu_name", fmt::format("'{}' is no GPU", offer.gpu));
  offer.vcpus = number("cpu");
  if (const auto memory = number("memory")) offer.host_memory_bytes = *memory * gib;
  const auto count = number("gpu_count");
  if (count != 0.0) offer.gpu_count = count;
  if (const auto memory = number("gpu_memory")) offer.gpu_memory_bytes = *memory * gib;
  const auto spot = to_lower(text("spot"));
  if (spot != "true" && spot != "false") row.refuse("spot", fmt::format("spot '{}' is neither True nor False", spot));
  offer.model = spot == "true" ? price_model::spot : price_model::on_demand;
  const auto amount = number("price");
  if (!amount) row.refuse("price", "the row has no price");
  offer.amount_per_hour = *amount;
  offer.position = row.position("price");
  return offer;
}

void read(const std::filesystem::path& file, const price_list_request& request, price_list& into) {
  const detail::list_table table(file, {"instance_name", "location", "price", "gpu_count", "gpu_name", "spot"},
                                 {"cpu", "memory", "gpu_memory", "gpu_vendor"},
                                 {"disk_size", "flags", "cpu_arch", "provider_data"}, into);
  const auto provider = provider_of(file, request);
  for (std::size_t i = 0; i < table.rows().size(); ++i) {
    const auto row = table.rows()[i];
    try {
      into.prices.push_back(read_row(row, provider, request.currency));
    } catch (const error& e) {
      into.refused.push_back(
          refuse_row(provider, detail::cell_text(row, "instance_name"), detail::cell_text(row, "location"), e));
    }
  }
}

const price_list_registration gpuhunt{{"gpuhunt", "gpuhunt's catalogue of one provider, PROVIDER.csv", read}};

}  // namespace
}  // namespace gpubench::profiles
