#include "bench/machine.hpp"
#include "cli/knowledge.hpp"
#include "cli/listings.hpp"
#include "cli/measuring.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/file.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <utility>

namespace gpubench::cli {
namespace {

struct list_options {
  list_filter filter;
  std::optional<money> max_price;  ///< an hour of the whole instance
};

using list_action = std::function<void(const global_options&, const list_options&)>;

double parse_gpu_memory(const std::string& text) {
  const double bytes = parse_bytes(text);
  // A bare number is bytes everywhere; here it is surely meant as GiB, so it is refused rather than misread.
  if (bytes < mib)
    throw error(error_kind::usage, fmt::format("'{}' is {} bytes", text, bytes), "write the unit, as 24GiB");
  return bytes;
}

// A list of the catalogue: `make` fills the table.
list_action of_catalogue(report::table (*make)(const profiles::catalogue&, const list_filter&)) {
  return [make](const global_options& global, const list_options& options) {
    const auto known = load_catalogue(global);
    auto filter = options.filter;
    if (options.max_price)
      filter.max_usd_per_hour = known.rates.to_usd(options.max_price->amount, options.max_price->currency);
    deliver_table(global, make(known, filter));
  };
}

void show_workloads(const global_options& global, const list_options& options) {
  require_overlays(global);
  const auto known = profiles::load_workloads(find_data_directory(global.profiles), global.overlays);
  deliver_table(global, workload_table(known, options.filter));
}

// A list of what can be measured here.
list_action of_benchmarks(report::table (*make)(const std::vector<bench::benchmark_definition>&, const bench::machine&,
                                                const list_filter&)) {
  return [make](const global_options& global, const list_options& options) {
    const auto machine = bench::discover_machine();
    const auto found = find_benchmarks({});
    deliver_table(global, make(found.benchmarks, bench::describe_machine(machine), options.filter));
    say(global, "CUDA back-end: " + found.cuda_status);
  };
}

struct declared_list {
  CLI::App* command = nullptr;
  std::shared_ptr<list_options> options = std::make_shared<list_options>();
};

declared_list add_list(CLI::App& list, program& chosen, const std::string& name, const std::string& help,
                       list_action action) {
  declared_list added;
  added.command = list.add_subcommand(name, help);
  add_value(*added.command, "name", added.options->filter.name_pattern, parse_pattern, "REGEX",
            "only names that match");
  added.command->callback([&chosen, options = added.options, action = std::move(action)] {
    chosen.action = [&chosen, options, action] {
      require_table_format(chosen.global);
      require_output(chosen.global);
      action(chosen.global, *options);
      return exit_status::done;
    };
  });
  return added;
}

declared_list with_gpu_memory(declared_list to) {
  add_value(*to.command, "--min-gpu-memory", to.options->filter.min_gpu_memory_bytes, parse_gpu_memory, "SIZE",
            "only GPUs (shares of one) with at least this memory, as 24GiB");
  return to;
}

declared_list with_offers(declared_list to) {
  const auto as_is = [](const std::string& text) { return text; };
  auto& filter = to.options->filter;
  add_values(*to.command, "--provider", filter.providers, as_is, "NAME", "only this provider; repeatable");
  add_value(*to.command, "--region", filter.region, as_is, "NAME", "only this region");
  add_value(*to.command, "--gpu", filter.gpu_pattern, parse_pattern, "REGEX", "only GPUs whose name matches");
  add_value(*to.command, "--max-price", to.options->max_price, parse_money, "MONEY",
            "only offers of at most this an hour, as 2.50");
  return to;
}

}  // namespace

void declare_list(CLI::App& app, program& chosen) {
  auto& list = *app.add_subcommand("list", "List what the catalogue and this machine offer");
  list.require_subcommand(1);
  with_offers(with_gpu_memory(add_list(list, chosen, "gpus", "GPUs with their data sheets", of_catalogue(gpu_table))));
  with_offers(with_gpu_memory(
      add_list(list, chosen, "instances", "Instance types with their lowest prices", of_catalogue(instance_table))));
  with_offers(with_gpu_memory(
      add_list(list, chosen, "prices", "Prices with their sources and dates", of_catalogue(price_table))));
  add_list(list, chosen, "workloads", "What recommendations can be made for", show_workloads);
  add_list(list, chosen, "benchmarks", "What can be measured here", of_benchmarks(benchmark_table));
  add_list(list, chosen, "suites", "Sets of benchmarks and their time budgets", of_benchmarks(suite_table));
}

}  // namespace gpubench::cli
