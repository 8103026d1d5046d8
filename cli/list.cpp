#include "cli/here.hpp"
#include "cli/knowledge.hpp"
#include "cli/listings.hpp"
#include "cli/measuring.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <functional>
#include <memory>

namespace gpubench::cli {
namespace {

using list_action = std::function<void(const global_options&, const list_filter&)>;

double parse_gpu_memory(const std::string& text) {
  const double bytes = parse_bytes(text);
  // A bare number is bytes everywhere; here it is surely meant as GiB, so it is refused rather than misread.
  if (bytes < mib)
    throw error(error_kind::usage, fmt::format("'{}' is {} bytes", text, bytes), "write the unit, as 24GiB");
  return bytes;
}

// A list of the catalogue: `make` fills the table.
list_action of_catalogue(report::table (*make)(const profiles::catalogue&, const list_filter&)) {
  return [make](const global_options& global, const list_filter& filter) {
    const auto known = load_catalogue(global);
    require_known(filter, known);
    deliver_table(global, make(known, filter));
  };
}

void show_workloads(const global_options& global, const list_filter& filter) {
  deliver_table(global, list_workloads(load_knowledge(global).workloads, filter));
}

// A list of what can be measured here.
list_action of_benchmarks(report::table (*make)(const std::vector<bench::benchmark_definition>&, const bench::machine&,
                                                const list_filter&)) {
  return [make](const global_options& global, const list_filter& filter) {
    const auto machine = find_machine({}, {});
    const auto found = find_benchmarks({});
    deliver_table(global, make(found.benchmarks, make_bench_machine(machine), filter));
    say(global, "CUDA back-end: " + found.cuda_status);
  };
}

class list_command {
 public:
  list_command(CLI::App& list, program& chosen, const std::string& name, const std::string& help, list_action action)
      : command_(list.add_subcommand(name, help)), filter_(std::make_shared<list_filter>()) {
    add_value(*command_, "name", filter_->name_pattern, parse_pattern, "REGEX", "only names that match");
    command_->callback([&chosen, filter = filter_, action = std::move(action)] {
      chosen.action = [&chosen, filter, action] {
        require_table_format(chosen.global);
        require_output(chosen.global);
        action(chosen.global, *filter);
        return exit_status::done;
      };
    });
  }

  list_command& with_gpu_memory() {
    add_value(*command_, "--min-gpu-memory", filter_->min_gpu_memory_bytes, parse_gpu_memory, "SIZE",
              "only GPUs (shares of one) with at least this memory, as 24GiB");
    return *this;
  }

  list_command& with_offers() {
    const auto as_is = [](const std::string& text) { return text; };
    add_values(*command_, "--provider", filter_->providers, as_is, "NAME", "only this provider; repeatable");
    add_values(*command_, "--region", filter_->regions, as_is, "NAME", "only this region; repeatable");
    add_value(*command_, "--gpu", filter_->gpu_pattern, parse_pattern, "REGEX", "only GPUs whose name matches");
    add_value(*command_, "--max-price", filter_->max_price, parse_money, "MONEY",
              "only offers of at most this an hour, as 2.50");
    return *this;
  }

 private:
  CLI::App* command_;
  std::shared_ptr<list_filter> filter_;
};

}  // namespace

void declare_list(CLI::App& app, program& chosen) {
  auto& list = *app.add_subcommand("list", "List what the catalogue and this machine offer");
  list.require_subcommand(1);
  list_command(list, chosen, "gpus", "GPUs with their data sheets", of_catalogue(list_gpus)).with_gpu_memory();
  list_command(list, chosen, "instances", "Instance types with their lowest prices", of_catalogue(list_instances))
      .with_gpu_memory()
      .with_offers();
  list_command(list, chosen, "prices", "Prices with their sources and dates", of_catalogue(list_prices))
      .with_gpu_memory()
      .with_offers();
  list_command(list, chosen, "workloads", "What recommendations can be made for", show_workloads);
  list_command(list, chosen, "benchmarks", "What can be measured here", of_benchmarks(list_benchmarks));
  list_command(list, chosen, "suites", "Sets of benchmarks and their time budgets", of_benchmarks(list_suites));
}

}  // namespace gpubench::cli
