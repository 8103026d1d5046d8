#include "cli/shown_runs.hpp"

#include "core/digest.hpp"
#include "core/encoding.hpp"
#include "core/text.hpp"
#include "results/device_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace gpubench::cli {
namespace {

const results::cloud_environment* cloud_of(const report::shown_run& shown) {
  const auto& cloud = shown.run->environment.cloud;
  return cloud && cloud->provider && cloud->instance_type ? &*cloud : nullptr;
}

std::vector<std::string> labels_for(const std::vector<std::string>& files) {
  std::vector<std::string> stems;
  for (const auto& file : files) stems.push_back(std::filesystem::path(file).stem().string());
  const bool unique = std::set<std::string>(stems.begin(), stems.end()).size() == stems.size();
  return unique ? stems : files;
}

bool is_meant(const report::shown_run& shown, std::size_t number, const std::string& name) {
  return shown.label == name || shown.file == name || std::to_string(number) == name;
}

constexpr std::string_view given_price = "given with --price";

/// Of which GPUs a price is that is given: costs of one GPU's work rest on it.
std::string what_price_is_of(const report::shown_run& shown) {
  const auto& run = *shown.run;
  const auto& listed = run.environment.gpus;
  if (shown.machine_gpus)
    return fmt::format(", of {} with {}", *run.environment.cloud->instance_type,
                       count_of(static_cast<std::size_t>(*shown.machine_gpus), "GPU"));
  if (std::any_of(listed.begin(), listed.end(), [](const auto& gpu) { return gpu.mig_slice; }))
    return "; of how many GPUs is not known, as the run lists slices";
  if (!listed.empty())
    return fmt::format(", taken for that of {}: the run lists no more", count_of(listed.size(), "GPU"));
  const bool on_gpus = std::any_of(run.measurements.begin(), run.measurements.end(),
                                   [](const auto& m) { return results::is_gpu_name(m.device); });
  return on_gpus ? ", taken for that of the measured GPUs: the run lists none" : "";
}

}  // namespace

run_price parse_run_price(std::string_view text) {
  const auto at = text.rfind('=');
  const auto amount = at == std::string_view::npos ? std::nullopt : parse_number(trim(text.substr(at + 1)));
  if (!amount || at == 0)
    throw error(error_kind::usage, fmt::format("'{}' is no price of a run", text),
                "for example a=3.08, in USD an hour");
  if (!(*amount > 0))
    throw error(error_kind::usage, fmt::format("'{}': a price is above zero", text), "leave an unknown price out");
  return {std::string(text.substr(0, at)), *amount};
}

std::vector<run_price> parse_run_prices(std::string_view text) {
  std::vector<run_price> prices;
  std::string one;
  for (const auto& part : split(text, ',')) {
    one += (one.empty() ? "" : ",") + part;
    // What states no price yet is the beginning of a name that has a comma in it.
    if (part.find('=') == std::string::npos) continue;
    prices.push_back(parse_run_price(one));
    one.clear();
  }
  if (!one.empty()) static_cast<void>(parse_run_price(one));
  return prices;
}

std::vector<report::shown_run> show_runs(const std::vector<results::run>& runs, const std::vector<std::string>& files) {
  const auto labels = labels_for(files);
  std::vector<report::shown_run> shown;
  for (std::size_t i = 0; i < runs.size(); ++i)
    shown.push_back({&runs[i], files[i], labels[i], digest_of_file(files[i]).sha256});
  return shown;
}

void set_prices(std::vector<report::shown_run>& runs, const std::vector<run_price>& prices) {
  for (const auto& price : prices) {
    std::vector<std::string> labels;
    report::shown_run* meant = nullptr;
    for (std::size_t i = 0; i < runs.size() && !meant; ++i) {
      labels.push_back(runs[i].label);
      if (is_meant(runs[i], i + 1, price.run)) meant = &runs[i];
    }
    if (!meant)
      throw error(error_kind::usage, fmt::format("--price: no run is called '{}'", price.run),
                  "the runs are " + join(labels, ", "));
    if (meant->usd_per_hour)
      throw error(error_kind::usage, fmt::format("--price: run '{}' has two prices", meant->label), "give it one");
    meant->usd_per_hour = price.usd_per_hour;
    meant->price_source = given_price;
  }
}

bool name_instances(const std::vector<report::shown_run>& runs) {
  return std::any_of(runs.begin(), runs.end(), cloud_of);
}

void set_catalogue_facts(std::vector<report::shown_run>& runs, const profiles::catalogue& known) {
  for (auto& shown : runs) {
    const auto* cloud = cloud_of(shown);
    if (!cloud) continue;
    const auto* type = known.find_instance(*cloud->provider, *cloud->instance_type);
    if (type) shown.machine_gpus = std::max(0, type->gpu_count);
    if (shown.usd_per_hour) continue;
    if (!type) {
      shown.price_source =
          fmt::format("no cost: {} {} is unknown to the catalogue", *cloud->provider, *cloud->instance_type);
      continue;
    }
    for (const auto* price : known.prices_of(*type)) {
      if (price->model != profiles::price_model::on_demand || !price->checked) continue;
      const double usd = known.rates.to_usd(price->amount_per_hour, price->currency);
      if (shown.usd_per_hour && *shown.usd_per_hour <= usd) continue;
      shown.usd_per_hour = usd;
      shown.price_source = fmt::format("{} on-demand, {}, {} ({})", type->name(), price->region, price->origin.date,
                                       price->origin.source);
    }
    if (!shown.usd_per_hour)
      shown.price_source = fmt::format("no cost: the catalogue has no checked on-demand price of {}", type->name());
  }
}

void explain_prices(std::vector<report::shown_run>& runs) {
  for (auto& shown : runs) {
    if (shown.usd_per_hour && shown.price_source == given_price) shown.price_source += what_price_is_of(shown);
    if (shown.usd_per_hour || !shown.price_source.empty()) continue;
    const auto& cloud = shown.run->environment.cloud;
    const bool has_type = cloud && cloud->instance_type;
    shown.price_source =
        fmt::format("no cost: {} (--price RUN=USD_PER_HOUR)",
                    has_type ? fmt::format("provider unknown, of instance type {}", printable(*cloud->instance_type))
                             : std::string("instance type unknown, as the run names none"));
  }
}

}  // namespace gpubench::cli
