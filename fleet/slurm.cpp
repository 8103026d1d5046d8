#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "fleet/call.hpp"
#include "fleet/engine.hpp"
#include "fleet/slurm_queue.hpp"
#include "fleet/slurm_script.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* missing = "this must be a machine from which the cluster is used; slurm-client has its commands";

std::vector<slurm_task> ask(const std::string& key) {
  auto tasks = parse_squeue(require_call(squeue_words(key), missing));
  if (!tasks.empty() || !is_program("sacct")) return tasks;
  // Some minutes after its end (MinJobAge) slurmctld forgets a job. Clusters without accounts refuse to answer.
  const auto accounts = call(sacct_words(key), missing);
  return accounts.exit_code == 0 ? parse_sacct(accounts.output) : tasks;
}

class slurm final : public engine {
 public:
  std::string name() const override { return "slurm"; }
  std::string description() const override { return "Slurm: a batch script a job, by sbatch"; }
  std::vector<engine_setting> settings() const override {
    return {{"partition", "partition of the nodes"},
            {"account", "account that is charged"},
            {"qos", "quality of service"},
            {"constraint", "features that nodes must have"},
            {"reservation", "reservation to use"},
            {"gpu-type", "type of GPU, as the cluster names it"},
            {"launcher", "of a collective: srun (default) or mpirun"},
            {"mpi", "what srun --mpi is given (default pmix)"}};
  }

  std::vector<manifest> render(const campaign& of) const override {
    std::vector<manifest> all;
    for (const auto& one : of.jobs) all.push_back(slurm_script(of, one));
    return all;
  }

  // Only so can each task have a node of its own choice.
  bool submits_tasks_apart(const job& what) const override { return !what.collective && !what.hosts.empty(); }

  std::string submit(const campaign& of, const submission& what, const std::filesystem::path& folder) const override {
    const auto& one = find_job(of, what.job);
    // Slurm makes no folder for what a job prints, and the job fails without a word where it is missing.
    std::error_code code;
    std::filesystem::create_directories(of.results / one.name, code);
    if (code)
      throw error(error_kind::io, {(of.results / one.name).string(), 0, 0}, "cannot be made: " + code.message(),
                  "results lie on a file system that nodes and this machine share");
    std::vector<std::string> words{"sbatch", "--parsable", "--job-name=" + what.key};
    if (!one.collective) {
      std::vector<std::string> indices;
      for (const int task : what.tasks) indices.push_back(std::to_string(task));
      words.push_back("--array=" + join(indices, ","));
      if (!one.hosts.empty())
        words.push_back("--nodelist=" + one.hosts.at(static_cast<std::size_t>(what.tasks.front())));
    }
    words.push_back((folder / slurm_script_name(one)).string());
    const auto said = require_call(words, missing);
    const auto id = split(trim(said), ';').front();  // "17", or "17;cluster"
    if (!parse_integer(id))
      throw error(error_kind::environment, fmt::format("sbatch answers in an unknown form: '{}'", trim(said)));
    return id;
  }

  std::optional<std::string> find(const campaign&, const submission& what) const override {
    const auto tasks = ask(what.key);
    return tasks.empty() ? std::nullopt : std::optional(tasks.front().id);
  }

  std::vector<task_status> status(const campaign&, const submission& what) const override {
    const auto known = ask(what.key);
    std::vector<task_status> all;
    for (const int index : what.tasks) {
      const auto found =
          std::find_if(known.begin(), known.end(), [&](const slurm_task& task) { return task.index == index; });
      if (found != known.end())
        all.push_back(status_of(*found, what.job));
      else
        all.push_back({what.job, index, task_state::unknown, "", "Slurm has forgotten it", {}, {}});
    }
    return all;
  }

  // Nodes and the machine that submits share the file system.
  std::filesystem::path fetch(const campaign& of, const std::filesystem::path& into) const override {
    std::error_code ignored;
    return std::filesystem::is_directory(of.results, ignored) ? of.results : into;
  }
};

const slurm one;
const engine_registration registered(one);

}  // namespace
}  // namespace gpubench::fleet
