#include "cli/fleet_commands.hpp"
#include "cli/knowledge.hpp"
#include "cli/node_command.hpp"
#include "cli/output.hpp"
#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <system_error>
#include <utility>

#include "fleet/accelerator.hpp"
#include "fleet/attached_gpus.hpp"
#include "fleet/campaign_file.hpp"
#include "fleet/collection_file.hpp"
#include "fleet/engine.hpp"
#include "fleet/folder_word.hpp"
#include "fleet/foreign_results.hpp"
#include "fleet/instance_limits.hpp"
#include "fleet/slice_name.hpp"
#include "fleet/state.hpp"
#include "fleet/task_command.hpp"

namespace gpubench::cli {
namespace {

using setting = std::pair<std::string, std::string>;

struct render_options {
  std::string engine, name = "fleet", program = "gpubench", image;
  std::filesystem::path folder, results;
  std::vector<std::string> instances, hosts, command;
  std::optional<std::string> suite;
  std::optional<int> gpus, ranks, cpus;
  int nodes = 1, retries = 2;
  std::optional<double> memory_bytes;
  std::optional<std::chrono::duration<double>> time_limit;
  std::string gpu_product, gpu_resource;
  bool spot = false, force = false;
  std::vector<setting> variables, settings;
};

setting parse_setting(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw error(error_kind::usage, fmt::format("'{}' sets nothing", text), "as NAME=VALUE");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::map<std::string, std::string> each_once(const std::vector<setting>& pairs, const char* option) {
  std::map<std::string, std::string> once;
  for (const auto& [name, value] : pairs)
    if (!once.emplace(name, value).second)
      throw error(error_kind::usage, fmt::format("{}: {} is said twice", option, name),
                  "one of the values would count");
  return once;
}

setting parse_engine_setting(const std::string& text) {
  auto pair = parse_setting(text);
  if (pair.second.empty())
    throw error(error_kind::usage, fmt::format("'{}' has no value", text), "leave it out, or say KEY=VALUE");
  return pair;
}

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::vector<std::string> command_of(const render_options& options) {
  if (!options.command.empty()) {
    if (options.suite)
      throw error(error_kind::usage, "--suite beside a command", "say it in the command: -- run --suite NAME");
    require_task_command(options.command);
    return options.command;
  }
  return {"run", "--suite", options.suite.value_or("standard")};
}

std::string setting_in(const render_options& options, const char* key) {
  const auto found = std::find_if(options.settings.begin(), options.settings.end(),
                                  [&](const setting& one) { return one.first == key; });
  return found == options.settings.end() ? std::string() : found->second;
}

/// As the catalogue calls a machine to which accelerators are attached, where it has it; else as it was said.
std::string with_attached(const std::string& type, const std::string& accelerators, const profiles::catalogue& known) {
  const auto whole = fleet::with_attached_gpus(type, accelerators);
  return accelerators.empty() || known.find_instances(whole).empty() ? type : whole;
}

/// Of a node. Results are held against it, and ranks of collectives are one a GPU.
int gpus_of(const render_options& options, bool on_cpus_alone) {
  if (const auto accelerators = setting_in(options, "accelerators"); !accelerators.empty()) {
    const int count = fleet::count_of_accelerators(accelerators);
    if (options.gpus && *options.gpus != count)
      throw error(error_kind::usage, fmt::format("--gpus {} beside --set accelerators={}", *options.gpus, accelerators),
                  "leave --gpus out");
    return count;
  }
  if (!setting_in(options, "candidates").empty() && !options.gpus)
    throw error(error_kind::usage, "--set candidates without --gpus",
                "say how many GPUs each of them has, 0 for none: results are held against that");
  // Who names a slice wants one of it; who names a GPU likewise, or means the CPU beside it.
  const bool wants_one = !options.gpu_resource.empty() || (!options.gpu_product.empty() && !on_cpus_alone);
  return options.gpus.value_or(wants_one ? 1 : 0);
}

fleet::job job_of(const render_options& options) {
  fleet::job one;
  one.name = "nodes";
  one.command = command_of(options);
  if (!options.gpus) say_host_to_cpu_benchmarks(one);
  one.collective = one.command.front() == "collective";
  one.nodes = options.hosts.empty() ? options.nodes : static_cast<int>(options.hosts.size());
  one.hosts = options.hosts;
  one.gpus_per_node = gpus_of(options, fleet::measures_cpus_alone(one));
  one.ranks_per_node = options.ranks;
  one.cpus_per_node = options.cpus;
  one.memory_bytes = options.memory_bytes;
  one.gpu_product = if_any(options.gpu_product);
  one.gpu_resource = if_any(options.gpu_resource);
  one.spot = options.spot;
  one.variables = each_once(options.variables, "--env");
  for (const auto& [name, value] : one.variables)
    if (name.rfind("GPUBENCH_", 0) == 0 || name.rfind("SLURM_", 0) == 0)
      throw error(error_kind::usage, fmt::format("--env {}: fleet or its engine sets that itself", name),
                  "leave it out: it tells tasks which they are, and where");
  one.retries = options.retries;
  if (options.time_limit) one.time_limit = std::chrono::ceil<std::chrono::seconds>(*options.time_limit);
  return one;
}

std::vector<fleet::job> jobs_of(const program& chosen, const render_options& options,
                                const profiles::catalogue& known) {
  auto common = job_of(options);
  if (options.instances.empty()) {
    require_gpus_of_backend(common, options.gpus.has_value());
    require_gpus_of_ranks(common);
    require_partners(common);
    require_accepted_command(chosen, common);
    return {common};
  }
  const auto accelerators = setting_in(options, "accelerators");
  const auto slice = fleet::slice_profile_of(common, each_once(options.settings, "--set"));
  std::vector<fleet::job> jobs;
  for (const auto& said : options.instances) {
    const auto name = with_attached(said, accelerators, known);
    const auto& type = known.require_instance(name);
    auto one = common;
    one.name = fleet::plain_name(type.type);
    one.instance_type = type.type;
    // Work on CPUs would keep GPUs from others, and wait for them. Accelerators have their number. Who names a slice
    // wants one of it: into how many the GPUs of a node were cut, nobody knows here.
    if (!options.gpus && fleet::measures_cpus_alone(one))
      one.gpus_per_node = 0;
    else if (!options.gpus && accelerators.empty())
      one.gpus_per_node = slice.empty() ? type.gpu_count : 1;
    if (accelerators.empty()) fleet::require_gpus_of_type(one, type, known, slice);
    fleet::require_room_in_type(one, type);
    require_gpus_of_backend(one, true);
    require_gpus_of_ranks(one);
    require_partners(one);
    // So that each run file says what it was measured on, where the node itself does not know.
    one.command.insert(one.command.end(), {"--instance", name});
    require_accepted_command(chosen, one);
    jobs.push_back(std::move(one));
  }
  return jobs;
}

std::string new_id(const std::string& name) {
  std::random_device source;
  return fmt::format("{}-{:08x}", name, source());
}

bool is_campaign(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / fleet::campaign_file_name, ignored);
}

/// The same under this id, with results where it leaves them.
fleet::campaign with_id(fleet::campaign value, const std::string& id, bool in_own_folder) {
  value.id = id;
  return in_own_folder ? fleet::in_own_folder(std::move(value)) : value;
}

// Rendered again it keeps its id, so that the same command line gives the same files. Another campaign in its place has
// an id of its own: the former may have been submitted by hand, and its results are none of this one.
fleet::campaign with_id_for(const render_options& options, const fleet::campaign& value, bool in_own_folder) {
  if (is_campaign(options.folder)) {
    const auto there = fleet::load_campaign(options.folder);
    auto again = with_id(value, there.id, in_own_folder);
    if (again == there && there.id.rfind(options.name + "-", 0) == 0) return again;
  }
  return with_id(value, new_id(options.name), in_own_folder);
}

void require_not_submitted(const std::filesystem::path& folder, const fleet::campaign& now) {
  if (!is_campaign(folder)) return;
  const auto there = fleet::load_campaign(folder);
  if (there == now || fleet::load_state(folder, there).submissions.empty()) return;
  throw error(error_kind::input, {folder.string(), 0, 0},
              "was submitted already, as another campaign than this command line says",
              "render into another folder: --output-dir");
}

void require_no_foreign_results(const std::filesystem::path& folder, const fleet::campaign& value) {
  for (const auto& one : value.jobs) {
    std::vector<int> tasks(static_cast<std::size_t>(one.tasks()));
    std::iota(tasks.begin(), tasks.end(), 0);
    fleet::require_no_foreign_results(value, one, tasks, folder);
  }
}

/// Files of the campaign that was rendered here before, and that --force replaces, which are not of the new one: by
/// hand they would be submitted too, and what was collected of it would count.
std::vector<std::filesystem::path> left_by_former(const std::filesystem::path& folder, const fleet::campaign& now,
                                                  const std::vector<fleet::manifest>& manifests) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / fleet::campaign_file_name, ignored)) return {};
  const auto former = fleet::load_campaign(folder);
  if (former == now) return {};
  std::vector<std::filesystem::path> left;
  const auto add = [&](const std::string& name) {
    const bool is_new = std::any_of(manifests.begin(), manifests.end(),
                                    [&](const fleet::manifest& one) { return one.file_name == name; });
    if (!is_new && std::filesystem::is_regular_file(folder / name, ignored)) left.push_back(folder / name);
  };
  for (const auto& one : fleet::find_engine(former.engine).render(former)) add(one.file_name);
  add(fleet::collection_file_name);
  return left;
}

/// What was said and has no effect, or may have one that nobody wants.
std::vector<std::string> notes_on(const fleet::engine& engine, const fleet::campaign& value,
                                  const profiles::catalogue& known) {
  auto notes = engine.without_effect(value);
  for (auto& doubt : engine.doubts(value, known)) notes.push_back(std::move(doubt));
  const auto& one = value.jobs.front();  // all have the same command
  if (one.ranks_per_node && !one.collective) notes.emplace_back("--ranks has no effect: it is of collectives alone");
  return notes;
}

exit_status render(const program& chosen, const render_options& options) {
  const auto& global = chosen.global;
  if (global.format_given)
    throw error(error_kind::usage, "manifests have the form of their engine", "leave --format out");
  const auto& engine = fleet::find_engine(options.engine);
  if (!options.hosts.empty() && options.nodes != 1 && options.nodes != static_cast<int>(options.hosts.size()))
    throw error(error_kind::usage,
                fmt::format("--nodes {} and {} named", options.nodes, count_of(options.hosts.size(), "host")),
                "leave --nodes out: there are as many as hosts");
  fleet::campaign value;
  value.engine = options.engine;
  if (!options.results.empty() && !options.results.is_absolute() && !engine.shares_file_system())
    throw error(error_kind::usage, fmt::format("--results-dir: '{}' is no whole path", options.results.string()),
                "nodes see other folders than this machine does: as /results");
  value.results = std::filesystem::absolute(options.results.empty() ? options.folder / "results" : options.results)
                      .lexically_normal();
  value.program = options.program;
  value.image = if_any(options.image);
  value.settings = each_once(options.settings, "--set");
  const auto known = load_catalogue(global);
  value.jobs = jobs_of(chosen, options, known);
  // Nodes refuse to measure where another campaign has left its results, and who names a folder may name it twice.
  value = with_id_for(options, value, !options.results.empty() && !engine.mounts_results());
  fleet::require_sound(value);
  fleet::require_known_settings(engine, value);
  auto manifests = engine.render(value);
  engine.require_offered(value, known);
  manifests.push_back(fleet::campaign_manifest(value));
  require_not_submitted(options.folder, value);
  require_no_foreign_results(options.folder, value);
  const auto left =
      options.force ? left_by_former(options.folder, value, manifests) : std::vector<std::filesystem::path>();
  auto files = manifests;
  // Before the campaign, so that one without its state has lost it.
  if (!is_campaign(options.folder) || fleet::load_campaign(options.folder) != value)
    files.insert(files.begin(), fleet::state_manifest({value.id, {}}));
  const auto written = fleet::write_manifests(files, options.folder, options.force);
  for (const auto& file : left) {
    std::error_code code;
    std::filesystem::remove(file, code);
    if (code) throw error(error_kind::io, {file.string(), 0, 0}, "cannot be removed: " + code.message());
    say(global, labelled("Removed", file.string() + ", of the campaign that was here before"));
  }

  deliver(global, [&](std::ostream& out) {
    for (const auto& one : manifests) out << (options.folder / one.file_name).string() << '\n';
  });
  const auto tasks = [&] {
    int count = 0;
    for (const auto& one : value.jobs) count += one.tasks();
    return count;
  }();
  say(global, labelled("Campaign", fmt::format("{}: {}, {}{}", value.id, count_of(value.jobs.size(), "job"),
                                               count_of(static_cast<std::size_t>(tasks), "task"),
                                               written.empty() ? "; every file was there, and the same" : "")));
  for (const auto& note : notes_on(engine, value, known)) say(global, labelled("Note", note));
  say(global, labelled("Next", "gpubench fleet submit " + fleet::folder_word(options.folder)));
  return exit_status::done;
}

std::string settings_help() {
  std::vector<std::string> texts;
  for (const auto* engine : fleet::engines()) {
    std::vector<std::string> keys;
    for (const auto& one : engine->settings()) keys.push_back(one.key);
    texts.push_back(fmt::format("{}: {}", engine->name(), join(keys, ", ")));
  }
  return "what the engine alone understands; repeatable. " + join(texts, "; ");
}

std::string engines_help() {
  std::vector<std::string> names;
  for (const auto* engine : fleet::engines()) names.push_back(engine->name());
  return "what runs the nodes: " + join(names, ", ");
}

}  // namespace

void declare_fleet_render(CLI::App& fleet, program& chosen) {
  auto* command =
      fleet.add_subcommand("render", "Write the manifests of a campaign for the engine that runs the nodes");
  const auto options = std::make_shared<render_options>();
  auto& o = *options;
  const auto as_is = [](const std::string& text) { return text; };
  const auto nonempty = [](const std::string& text) {
    if (text.empty()) throw error(error_kind::usage, "an empty name");
    return text;
  };
  const auto count = [](int least, int most) {
    return [least, most](const std::string& text) { return parse_count(text, least, most); };
  };
  constexpr int most_nodes = 100'000;
  command->add_option("--engine", o.engine, engines_help())->type_name("NAME")->required();
  command->add_option("--output-dir", o.folder, "folder of the campaign: manifests, state, and results by default")
      ->type_name("DIR")
      ->required();
  command->add_option("command", o.command, "what each node runs, in place of run --suite standard")
      ->type_name("-- COMMAND...");
  add_value(
      *command, "--suite", o.suite, [](const std::string& text) { return std::optional(text); }, "NAME",
      "suite that each node runs (default standard)");
  add_values(*command, "--instance", o.instances, as_is, "TYPE",
             "instance type of the catalogue, which says how many GPUs a node has; repeatable, a job each");
  add_value(*command, "--nodes", o.nodes, count(1, most_nodes), "N", "nodes of each job (default 1)");
  add_values(*command, "--host", o.hosts, as_is, "NAME", "this node; repeatable, in place of --nodes");
  add_value(*command, "--gpus", o.gpus, count(0, 1024), "N",
            "GPUs of a node (default: of the instance type, else none)");
  add_value(*command, "--ranks", o.ranks, count(1, 1024), "N",
            "ranks of a collective on a node (default: one a GPU, or one)");
  add_value(*command, "--cpus", o.cpus, count(1, 4096), "N", "CPUs that a node must have");
  add_value(*command, "--memory", o.memory_bytes, parse_bytes, "SIZE", "memory of a node, as 64GiB (default: all)");
  add_value(*command, "--gpu-product", o.gpu_product, nonempty, "NAME",
            "GPU as its software names it, as NVIDIA-H100-80GB-HBM3");
  add_value(*command, "--gpu-resource", o.gpu_resource, nonempty, "NAME",
            "what counts as a GPU, as nvidia.com/mig-3g.40gb");
  command->add_flag("--spot", o.spot, "capacity that may be taken away");
  add_values(*command, "--env", o.variables, parse_setting, "NAME=VALUE",
             "variable for the runs, as NCCL_DEBUG=INFO; repeatable")
      ->delimiter('\0');  // values have commas of their own, as lists of interfaces
  add_value(*command, "--retries", o.retries, count(0, 100), "N",
            "how often a task that fails is begun again (default 2)");
  add_value(*command, "--time-limit", o.time_limit, parse_duration, "DURATION",
            "the longest that a job may take, as 30m");
  add_value(*command, "--image", o.image, nonempty, "IMAGE", "container image that has gpubench");
  command->add_option("--program", o.program, "gpubench on the nodes, or in the image (default gpubench)")
      ->type_name("PATH");
  command
      ->add_option(
          "--results-dir", o.results,
          "where nodes leave results, as they see it, each campaign in a folder of its own (default DIR/results)")
      ->type_name("DIR");
  add_value(
      *command, "--name", o.name,
      [](const std::string& text) {
        fleet::require_plain_name(text, "campaign");
        return text;
      },
      "NAME", "of the campaign, of a-z, 0-9 and hyphens; digits follow that make it unique (fleet)");
  add_values(*command, "--set", o.settings, parse_engine_setting, "KEY=VALUE", settings_help())->delimiter('\0');
  command->add_flag("--force", o.force, "replace files that differ");
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return render(chosen, *options); }; });
}

}  // namespace gpubench::cli
