// Vantage's instances.json (ec2instances.info): one object an instance type; prices are texts, GPU_memory is the total
// in GiB. Linux prices only. Format: vantage-sh/ec2instances.info, www/instances.json.
#include "core/text.hpp"
#include "core/units.hpp"
#include "profiles/price_lists/format.hpp"
#include "profiles/price_lists/json_elements.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace gpubench::profiles {
namespace {

// Keys of the object "reserved" and what they are called here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> terms{{
    {"yrTerm1Standard.noUpfront", "1yr standard RI, no upfront"},
    {"yrTerm1Standard.partialUpfront", "1yr standard RI, partial upfront"},
    {"yrTerm1Standard.allUpfront", "1yr standard RI, all upfront"},
    {"yrTerm3Standard.noUpfront", "3yr standard RI, no upfront"},
    {"yrTerm3Standard.partialUpfront", "3yr standard RI, partial upfront"},
    {"yrTerm3Standard.allUpfront", "3yr standard RI, all upfront"},
    {"yrTerm1Savings.noUpfront", "1yr savings plan, no upfront"},
    {"yrTerm1Savings.partialUpfront", "1yr savings plan, partial upfront"},
    {"yrTerm1Savings.allUpfront", "1yr savings plan, all upfront"},
    {"yrTerm3Savings.noUpfront", "3yr savings plan, no upfront"},
    {"yrTerm3Savings.partialUpfront", "3yr savings plan, partial upfront"},
    {"yrTerm3Savings.allUpfront", "3yr savings plan, all upfront"},
}};

// A number, or a text that is one; nothing for what stands where there is none.
std::optional<double> number_at(const json& object, std::string_view key, const file_position& where) {
  const auto found = object.find(std::string(key));
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (found->is_number()) return found->get<double>();
  if (found->is_string()) {
    const auto text = trim(found->get_ref<const std::string&>());
    if (text.empty() || text == "N/A" || text == "unavailable") return std::nullopt;
    if (const auto number = parse_number(text)) return number;
  }
  throw error(error_kind::input, where, fmt::format("{} {} is not a number", key, found->dump(-1, ' ', true)));
}

std::string text_at(const json& object, std::string_view key) {
  const auto found = object.find(std::string(key));
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

const json& object_at(const json& object, std::string_view key, const file_position& where) {
  const auto found = object.find(std::string(key));
  if (found == object.end() || !found->is_object())
    throw error(error_kind::input, where, fmt::format("'{}' is missing or no object", key));
  return *found;
}

class vantage_reader {
 public:
  vantage_reader(const price_list_request& request, price_list& into) : into_(&into) {
    base_.provider = request.provider.empty() ? "aws" : request.provider;
    base_.currency = request.currency;
  }

  void read(const json& type, const file_position& where) {
    listed_price offer = base_;
    offer.position = where;
    try {
      offer.instance_type = text_at(type, "instance_type");
      read_hardware(type, offer);
      for (const auto& [region, systems] : object_at(type, "pricing", where).items()) {
        offer.region = region;
        if (systems.is_object() && systems.contains("linux")) read_prices(object_at(systems, "linux", where), offer);
      }
    } catch (const error& e) {
      into_->refused.push_back(refuse_row(offer.provider, offer.instance_type, offer.region, e));
    }
  }

 private:
  static void read_hardware(const json& type, listed_price& offer) {
    const auto& where = offer.position;
    offer.vcpus = number_at(type, "vCPU", where);
    if (const auto memory = number_at(type, "memory", where)) offer.host_memory_bytes = *memory * gib;
    const auto count = number_at(type, "GPU", where);
    if (!count || *count == 0) return;
    offer.gpu_count = count;
    offer.gpu = text_at(type, "GPU_model");
    if (offer.gpu.empty()) throw error(error_kind::input, where, "GPUs without GPU_model");
    const auto total = number_at(type, "GPU_memory", where);
    if (total && *total > 0) offer.gpu_memory_bytes = *total / *count * gib;
  }

  void add(listed_price offer, price_model model, std::string_view term, std::optional<double> amount) {
    if (!amount) return;
    offer.model = model;
    offer.term = term;
    offer.amount_per_hour = *amount;
    into_->prices.push_back(std::move(offer));
  }

  void read_prices(const json& prices, const listed_price& offer) {
    const auto& where = offer.position;
    const auto on_demand = number_at(prices, "ondemand", where);
    add(offer, price_model::on_demand, "", on_demand);
    auto spot = offer;
    const auto average = number_at(prices, "spot_avg", where);
    const auto savings = number_at(prices, "pct_savings_od", where);
    // Where no spot price was seen, the file holds one made up from the advisor's whole percents.
    constexpr double rounding = 1e-4;
    if (average && on_demand && savings && std::abs(*average - *on_demand * (1 - *savings / 100)) <= rounding)
      spot.doubt = "computed by the list from the on-demand price and a rounded saving";
    add(spot, price_model::spot, "", average);
    const auto reserved = prices.find("reserved");
    if (reserved == prices.end() || !reserved->is_object()) return;
    for (const auto& [key, term] : terms) add(offer, price_model::commitment, term, number_at(*reserved, key, where));
  }

  listed_price base_;
  price_list* into_;
};

void read(const std::filesystem::path& file, const price_list_request& request, price_list& into) {
  vantage_reader reader(request, into);
  detail::each_json_element(file, [&](const json& type, const file_position& where) { reader.read(type, where); });
}

const price_list_registration vantage{{"vantage", "instances.json of ec2instances.info (Vantage), Linux prices", read}};

}  // namespace
}  // namespace gpubench::profiles
