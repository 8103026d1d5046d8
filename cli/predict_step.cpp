#include "cli/predict_step.hpp"

#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "planner/step_breakdown.hpp"

#include <fmt/format.h>

#include "predictor/fabric.hpp"

namespace gpubench::cli {
namespace {

/// GPUs by themselves: joined as the part is usually sold, without a host that could slow them.
profiles::instance bare_gpus(const profiles::gpu_spec& gpu, int count) {
  profiles::instance bare;
  bare.type = gpu.name;
  bare.gpu = gpu.name;
  bare.gpu_count = count;
  bare.gpu_interconnect = count > 1 ? predictor::usual_interconnect(gpu) : profiles::interconnect::none;
  return bare;
}

profiles::instance system_of(const step_options& options, const profiles::catalogue& known, bool& is_bare) {
  const profiles::gpu_spec* gpu = known.find_gpu(options.on);
  is_bare = gpu != nullptr;
  if (gpu) return bare_gpus(*gpu, options.gpus.value_or(1));
  if (known.find_instances(options.on).empty()) {
    std::vector<std::string> names;
    for (const auto& one : known.gpus) names.push_back(one.name);
    for (const auto& one : known.instances) names.push_back(one.type);
    throw error(error_kind::usage, "--on: '" + options.on + "' is no GPU and no instance type",
                suggestion(options.on, names));
  }
  const profiles::instance& type = known.require_instance(options.on);
  if (options.gpus && *options.gpus != type.gpu_count) {
    throw error(error_kind::usage, fmt::format("--gpus: {} has {} GPUs", type.name(), type.gpu_count),
                "leave --gpus out, or name a GPU with --on");
  }
  return type;
}

report::table breakdown_table(const planner::step_breakdown& step) {
  report::table table({{"operator", "operator"},
                       {"shape", "shape", 4, 3},
                       {"precision", "type", 4, 2},
                       {"count", "count"},
                       {"time_each_us", "each us"},
                       {"low_us", "low us", 4, 1},
                       {"high_us", "high us", 4, 1},
                       {"share_percent", "share %", 3},
                       {"bound_by", "bound by"},
                       {"tier", "tier"}});
  const auto add = [&](const std::string& name, report::table::value shape, report::table::value type, double count,
                       const planner::estimate& e, double share) {
    table.add_row({name, std::move(shape), std::move(type), count, e.seconds * 1e6, e.low * 1e6, e.high * 1e6,
                   100 * share, std::string(planner::to_string(e.bound_by)), std::string(planner::to_string(e.basis))});
  };
  add("step", {}, std::string(models::to_string(step.split.precision)), 1, step.step, 1);
  for (const planner::step_line& line : step.lines) {
    const bool is_operator = !line.shape.empty();
    add(line.name, is_operator ? report::table::value(line.shape) : report::table::value(),
        is_operator ? report::table::value(std::string(models::to_string(line.precision))) : report::table::value(),
        line.count, line.each, line.share);
  }
  return table;
}

}  // namespace

exit_status predict_step(const global_options& global, const step_options& options) {
  knowledge known = load_knowledge(global);
  if (!options.gpu_specs.empty()) known.catalogue = load_catalogue(global, options.gpu_specs);
  profiles::workload what = profiles::find_workload(known.workloads, options.workload);
  bool is_bare = false;
  const profiles::instance on = system_of(options, known.catalogue, is_bare);
  if (is_bare) what.host_cpu_seconds_per_unit = what.bytes_read_per_unit = 0;
  const auto step = planner::break_down_step(known.catalogue, known.efficiencies, what, on);
  deliver_table(global, breakdown_table(step));
  say(global,
      fmt::format("A step of {} on {}: {} ({} to {}), {} {}s/s; {}", what.name,
                  is_bare ? fmt::format("{} x {}", on.gpu_count, on.gpu) : on.name(),
                  format_duration(step.step.seconds), format_duration(step.step.low), format_duration(step.step.high),
                  format_number(step.units_per_second), what.unit, step.split.describe(what.kind)));
  return exit_status::done;
}

}  // namespace gpubench::cli
