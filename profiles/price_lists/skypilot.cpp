// SkyPilot's catalogues, <cloud>/vms.csv (versions 5 to 8): one row an instance type and zone, USD an hour.
// Format: skypilot-org/skypilot-catalog, catalogs/.
#include "core/text.hpp"
#include "core/units.hpp"
#include "profiles/price_lists/format.hpp"
#include "profiles/price_lists/list_table.hpp"
#include "profiles/price_lists/parted_prices.hpp"
#include "profiles/price_lists/python_literal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace gpubench::profiles {
namespace {

// A file of these catalogues is called vms.csv in a folder with the cloud's name.
std::string provider_of(const std::filesystem::path& file, const price_list_request& request) {
  if (!request.provider.empty()) return request.provider;
  const auto folder = to_lower(std::filesystem::absolute(file).parent_path().filename().string());
  if (file.filename() != "vms.csv" || folder.empty())
    throw error(error_kind::usage, fmt::format("{} does not tell whose prices it holds", file.string()),
                "name the provider with --provider");
  return folder == "do" ? "digitalocean" : folder;
}

const json* member(const json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  for (const auto& [key, value] : object.items())
    if (to_lower(key) == name) return &value;
  return nullptr;
}

// Memory of one GPU. 'TotalGpuMemoryInMiB' is not looked at: some clouds' files hold the memory of one GPU there.
std::optional<double> memory_of_one(const json& info) {
  const auto* gpus = member(info, "gpus");
  if (!gpus || !gpus->is_array() || gpus->empty()) return std::nullopt;
  const auto* memory = member(gpus->front(), "memoryinfo");
  const auto* size = memory ? member(*memory, "sizeinmib") : nullptr;
  if (!size || !size->is_number() || size->get<double>() <= 0) return std::nullopt;
  return size->get<double>() * mib;
}

class skypilot_reader {
 public:
  skypilot_reader(std::string provider, std::string currency)
      : provider_(std::move(provider)), currency_(std::move(currency)) {}

  /// The offers of one row: on demand and spot, each where it has a price.
  std::vector<listed_price> read(const csv_table::row& row) {
    listed_price offer;
    offer.provider = provider_;
    offer.currency = currency_;
    offer.instance_type = cell_text(row, "InstanceType");
    offer.region = cell_text(row, "Region");
    offer.zone = cell_text(row, "AvailabilityZone");
    offer.gpu = cell_text(row, "AcceleratorName");
    const auto count = cell_number(row, "AcceleratorCount");
    if (count != 0.0) offer.gpu_count = count;
    offer.vcpus = cell_number(row, "vCPUs");
    if (const auto memory = cell_number(row, "MemoryGiB")) offer.host_memory_bytes = *memory * gib;
    if (!offer.gpu.empty()) offer.gpu_memory_bytes = gpu_memory(row);
    std::vector<listed_price> offers;
    for (const auto& [column, model] : {std::pair{"Price", price_model::on_demand}, {"SpotPrice", price_model::spot}}) {
      const auto amount = cell_number(row, column);
      if (!amount) continue;
      offer.model = model;
      offer.amount_per_hour = *amount;
      offer.position = row.position(column);
      offers.push_back(offer);
    }
    return offers;
  }

  const std::string& provider() const { return provider_; }

 private:
  // The same few texts stand in thousands of rows.
  std::optional<double> gpu_memory(const csv_table::row& row) {
    const auto text = cell_text(row, "GpuInfo");
    if (text.empty() || text.front() != '{') return std::nullopt;  // a bare name
    const auto [place, fresh] = memory_.try_emplace(std::string(text));
    if (fresh) place->second = memory_of_one(detail::parse_python_literal(text, row.position("GpuInfo")));
    return place->second;
  }
  static std::string cell_text(const csv_table::row& row, std::string_view column) {
    return std::string(detail::cell_text(row, column));
  }
  static std::optional<double> cell_number(const csv_table::row& row, std::string_view column) {
    return detail::cell_number(row, column);
  }

  std::string provider_, currency_;
  std::unordered_map<std::string, std::optional<double>> memory_;
};

void read(const std::filesystem::path& file, const price_list_request& request, price_list& into) {
  const detail::list_table table(file, {"InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region"},
                                 {"SpotPrice", "vCPUs", "MemoryGiB", "GpuInfo", "AvailabilityZone"},
                                 {"Arch", "Generation", "DeviceCount"}, into);
  const auto& rows = table.rows();
  skypilot_reader reader(provider_of(file, request), request.currency);
  std::vector<listed_price> plain, accelerators;
  plain.reserve(2 * rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto type = detail::cell_text(rows[i], "InstanceType");
    const auto region = detail::cell_text(rows[i], "Region");
    try {
      auto offers = reader.read(rows[i]);
      if (offers.empty()) throw error(error_kind::input, rows[i].position("Price"), "the row has no price");
      for (auto& offer : offers) {
        auto& kind = offer.instance_type.empty() && !offer.gpu.empty() ? accelerators : plain;
        kind.push_back(std::move(offer));
      }
    } catch (const error& e) {
      into.refused.push_back(refuse_row(reader.provider(), type, region, e));
    }
  }
  if (accelerators.empty() && into.prices.empty()) {
    into.prices = std::move(plain);
  } else if (accelerators.empty()) {
    std::move(plain.begin(), plain.end(), std::back_inserter(into.prices));
  } else {
    detail::add_accelerators(std::move(plain), accelerators, *request.known, into);
  }
}

const price_list_registration skypilot{{"skypilot", "SkyPilot's catalogue of one cloud, CLOUD/vms.csv", read}};

}  // namespace
}  // namespace gpubench::profiles
