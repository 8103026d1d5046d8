#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "fleet/accelerator.hpp"
#include "fleet/call.hpp"
#include "fleet/engine.hpp"
#include "fleet/instance_limits.hpp"
#include "fleet/record.hpp"
#include "fleet/sbatch.hpp"
#include "fleet/seen_results.hpp"
#include "fleet/settings.hpp"
#include "fleet/slice_name.hpp"
#include "fleet/slurm_place.hpp"
#include "fleet/slurm_queue.hpp"
#include "fleet/slurm_script.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* missing = "this must be a machine from which the cluster is used; slurm-client has its commands";

struct answer {
  std::vector<slurm_task> tasks;
  bool complete = false;  ///< it tells of jobs that ended long ago too
};

/// The cluster that $SLURM_CLUSTERS names, which sbatch takes a job to; empty: that of this machine.
std::string cluster_in_use() {
  const char* named = std::getenv("SLURM_CLUSTERS");
  return named == nullptr ? "" : named;
}

/// Where a submission is, or would be: of one with an id what sbatch said behind it, as "17;cluster".
std::string cluster_of(const submission& what) {
  if (what.id.empty()) return cluster_in_use();
  const auto end = what.id.find(';');
  return end == std::string::npos ? "" : what.id.substr(end + 1);
}

std::string id_at(const std::string& cluster, const std::string& id) {
  return cluster.empty() ? id : id + ";" + cluster;
}

/// Refuses what takes a job to a cluster where find() would not look.   @throws submission_refused
void require_one_cluster(std::string_view script) {
  const auto refuse = [](const std::string& what) {
    throw submission_refused(error(error_kind::environment, what,
                                   "name one by SLURM_CLUSTERS, which counts for squeue too, or leave it out"));
  };
  if (names_clusters(script)) refuse("the script has --clusters, of which squeue would know nothing");
  const char* of_sbatch = std::getenv("SBATCH_CLUSTERS");
  if (of_sbatch != nullptr && *of_sbatch != '\0' && of_sbatch != cluster_in_use())
    refuse("SBATCH_CLUSTERS is set, of which squeue would know nothing");
  const auto named = cluster_in_use();
  if (named == "all" || named.find(',') != std::string::npos)
    refuse("SLURM_CLUSTERS names several clusters, of which any may get the job");
}

/// @param submissions  of one cluster
answer ask(const std::vector<submission>& submissions, const std::string& cluster) {
  std::vector<std::string> keys;
  for (const auto& one : submissions) keys.push_back(one.key);
  answer said{parse_squeue(require_call(squeue_words(keys, cluster), missing)), false};
  std::set<std::pair<std::string, std::optional<int>>> known;
  for (const auto& task : said.tasks) known.emplace(task.name, task.index);
  // It forgets the tasks of an array one by one.
  keys.clear();
  for (const auto& one : submissions) {
    const bool is_known = (one.tasks.size() == 1 && known.count({one.key, std::nullopt}) > 0) ||
                          std::all_of(one.tasks.begin(), one.tasks.end(), [&](int task) {
                            return known.count({one.key, task}) > 0;
                          });
    if (!is_known) keys.push_back(one.key);
  }
  if (keys.empty() || !is_program("sacct")) return said;
  // Some minutes after its end (MinJobAge) slurmctld forgets a job. Clusters without accounts refuse to answer.
  const auto accounts = call(sacct_words(keys, cluster), missing);
  if (accounts.exit_code != 0) return said;
  for (auto& task : parse_sacct(accounts.output))
    if (known.count({task.name, task.index}) == 0) said.tasks.push_back(std::move(task));
  said.complete = true;
  return said;
}

/// What `scontrol show config` says, asked for once; empty where it does not answer.
const std::string& configuration() {
  static const std::string known = [] {
    if (!is_program("scontrol")) return std::string();
    auto said = call({"scontrol", "show", "config"}, missing);
    return said.exit_code == 0 ? std::move(said.output) : std::string();
  }();
  return known;
}

/// The user of this process, to whom Slurm gives its jobs; empty where that has no name.
std::string user_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? "" : entry->pw_name;
}

engine_place place_here() {
  return slurm_place(cluster_in_use().empty() ? parse_cluster_name(configuration()) : "", user_name());
}

/// Whether squeue would still tell of a job that was handed over at that time, even if it ended at once.
bool is_remembered_since(const std::string& submitted_at) {
  const auto then = parse_utc_seconds(submitted_at);
  if (!then) return false;
  const auto age = parse_min_job_age(configuration());
  if (!age) return false;
  const double now = static_cast<double>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
  return age->count() == 0 || now - *then < static_cast<double>(age->count());  // 0: it forgets none
}

/// Whether the folder of results says that some of these tasks were begun after the submission.
bool has_begun(const campaign& of, const submission& what) {
  return std::any_of(what.tasks.begin(), what.tasks.end(), [&](int task) {
    const auto record = load_record(task_files(of.results, what.job, task).record);
    const auto began = record ? parse_utc_seconds(record->started_at) : std::nullopt;
    const auto then = parse_utc_seconds(what.submitted_at);
    return began && then && record->campaign == of.id && *began >= *then;
  });
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
            {"host-program", "gpubench outside of the image, of a collective in containers"},
            {"mpi", "what srun --mpi is given (default pmix)"}};
  }

  std::vector<manifest> render(const campaign& of) const override {
    std::vector<manifest> all;
    for (const auto& one : of.jobs) all.push_back(slurm_script(of, one));
    return all;
  }

  bool shares_file_system() const override { return true; }
  std::vector<std::string> without_effect(const campaign& of) const override {
    return slurm_settings_without_effect(of);
  }

  void require_offered(const campaign& of, const profiles::catalogue& known) const override {
    const auto type = setting_of(of, "gpu-type");
    const auto slice = slice_in(type);
    for (const auto& one : of.jobs) {
      if (type.empty()) continue;
      require_cuda_accelerator(one, "--set gpu-type=" + type, type, known);
      // Such a name has the family alone, whose forms have slices of their own.
      const auto* gpu = slice.gpu.empty() ? nullptr : accelerator_named(slice.gpu, known);
      if (gpu != nullptr && gpu->mig_max_instances == 0)
        require_slices_of(*gpu, "--set gpu-type=" + type, slice.profile);
    }
  }

  engine_place prepare(const campaign&, const submission&, const std::filesystem::path&) const override {
    return place_here();
  }

  void require_places(const std::vector<submission>& submissions) const override {
    for (const auto& one : submissions)
      if (!one.refused && !one.place.empty()) require_slurm_cluster(place_here(), one.place);
  }

  void require_submitter(const std::vector<submission>& submissions) const override {
    for (const auto& one : submissions)
      if (!one.refused && !one.place.empty()) require_slurm_user(place_here(), one.place);
  }

  // A file system that is not mounted leaves no folder, or an empty one, which submit() would fill.
  void require_results_in_sight(const campaign& of, const std::vector<submission>& submitted) const override {
    for (const auto& one : submitted) {
      if (one.id.empty() || one.submitted_at.empty()) continue;  // of one by hand the folder was made by hand, or not
      std::error_code ignored;
      if (const auto folder = of.results / one.job; !std::filesystem::is_directory(folder, ignored))
        throw error(error_kind::environment, {folder.string(), 0, 0},
                    fmt::format("is not there, and was made for submission {}", one.key),
                    "results lie on a file system that nodes and this machine share: is it mounted here?");
    }
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
    const auto script = folder / slurm_script_name(one);
    const auto text = read_file(script);
    require_one_cluster(text);
    const auto words = sbatch_words(one, what, script.string(), text);
    const auto done = call(words, missing);
    if (done.exit_code != 0) refuse(words, done, what);
    std::string said(trim(done.output));  // "17", or "17;cluster"
    if (!parse_integer(split(said, ';').front()))
      throw error(error_kind::environment, fmt::format("sbatch answers in an unknown form: '{}'", one_line(said)));
    return said;
  }

  std::optional<std::string> find(const campaign& of, const submission& what) const override {
    const auto cluster = cluster_of(what);
    const auto said = ask({what}, cluster);
    if (!said.tasks.empty()) return id_at(cluster, said.tasks.front().id);
    if (said.complete || what.refused || is_remembered_since(what.submitted_at)) return std::nullopt;
    if (has_begun(of, what)) return id_at(cluster, what.key);  // Slurm has forgotten its number
    throw error(error_kind::environment,
                fmt::format("Slurm no longer knows whether {} was handed over at {}: it keeps no accounts, and forgets "
                            "jobs some minutes after their end",
                            what.key, what.submitted_at),
                "if it was not, take its entry out of state.json; if it was, write the number that sbatch gave it, or "
                "its key, there as \"id\"");
  }

  // sbatch gives the job the name that its script has.
  by_hand submitted_by_hand(const campaign& of, const job& what, const engine_place& noted,
                            const std::filesystem::path&) const override {
    submission one;
    one.job = what.name;
    one.key = slurm_script_job_name(of, what);
    for (int task = 0; task < what.tasks(); ++task) one.tasks.push_back(task);
    const auto cluster = cluster_in_use();
    const auto said = ask({one}, cluster).tasks;
    if (said.empty() && may_be_hidden(place_here(), noted, configuration()))
      throw error(error_kind::environment, fmt::format("Slurm may keep jobs of {} from the sight of {} (PrivateData)",
                                                       noted.at("user"), user_name()));
    if (said.empty()) {
      const auto asked = cluster.empty() ? parse_cluster_name(configuration()) : cluster;
      return {{}, asked.empty() ? "the cluster of this machine" : "cluster " + asked};
    }
    const bool is_whole =
        what.collective || std::any_of(said.begin(), said.end(), [](const slurm_task& task) { return !task.index; });
    if (!is_whole) {
      std::set<int> there;
      for (const auto& task : said)
        if (*task.index < what.tasks()) there.insert(*task.index);
      one.tasks.assign(there.begin(), there.end());
    }
    one.id = id_at(cluster, said.front().id);
    one.place = place_here();
    return {{one}};
  }

  std::vector<task_status> status(const campaign& of, const submission& what) const override {
    return statuses(of, {what}).front();
  }

  bool tells_all_at_once() const override { return true; }

  std::vector<std::vector<task_status>> statuses(const campaign&,
                                                 const std::vector<submission>& submissions) const override {
    constexpr std::size_t most_names = 500;  // one word of a command holds 128 KiB
    std::map<std::pair<std::string, std::optional<int>>, slurm_task> known;
    std::map<std::string, std::vector<submission>> by_cluster;
    for (const auto& one : submissions) by_cluster[cluster_of(one)].push_back(one);
    for (const auto& [cluster, there] : by_cluster)
      for (std::size_t i = 0; i < there.size(); i += most_names) {
        const auto from = there.begin() + static_cast<std::ptrdiff_t>(i);
        const auto count = static_cast<std::ptrdiff_t>(std::min(most_names, there.size() - i));
        for (auto& task : ask({from, from + count}, cluster).tasks) {
          const std::pair<std::string, std::optional<int>> which{task.name, task.index};
          known.emplace(which, std::move(task));
        }
      }
    std::vector<std::vector<task_status>> all;
    for (const auto& what : submissions) {
      auto& tasks = all.emplace_back();
      for (const int index : what.tasks) {
        auto found = known.find({what.key, index});
        if (found == known.end()) found = known.find({what.key, std::nullopt});  // of all without a line of their own
        if (found != known.end()) {
          tasks.push_back(status_of(found->second, what.job));
          tasks.back().index = index;
          continue;
        }
        auto& said = tasks.emplace_back();
        said.job = what.job;
        said.index = index;
        said.may_be_hidden = may_be_hidden(place_here(), what.place, configuration());
        said.can_be_repeated = !said.may_be_hidden && !is_remembered_since(what.submitted_at);
        said.reason = said.may_be_hidden
                          ? fmt::format(
                                "Slurm tells {} of no such job, which is one of {}: it may keep other users' "
                                "from sight (PrivateData)",
                                user_name(), what.place.at("user"))
                      : said.can_be_repeated ? "Slurm has forgotten it"
                                             : "so soon after its submission Slurm knows nothing of it: is this the "
                                               "cluster and the user that submitted it?";
      }
    }
    return all;
  }

  // Nodes and the machine that submits share the file system, and submit() made a folder for each job. What was
  // measured must not be taken for failed where it is not mounted.
  fetched_results fetch(const campaign& of, const std::vector<submission>& submitted,
                        const std::filesystem::path&) const override {
    require_results_in_sight(of, submitted);
    if (!has_job_folder(of.results, of))
      throw error(error_kind::environment, {of.results.string(), 0, 0}, "holds no folder of this campaign's jobs",
                  "results lie on a file system that nodes and this machine share: is it mounted here?");
    return of.results;
  }

 private:
  /// @throws submission_refused, or error: environment where slurmctld may have taken it all the same, as after a
  ///         timeout
  [[noreturn]] static void refuse(const std::vector<std::string>& words, const process_result& done,
                                  const submission& what) {
    const auto why = refusal(words, done);
    if (to_lower(done.errors).find("timed out") == std::string::npos) {
      bool is_there = true;
      try {
        is_there = !ask({what}, cluster_of(what)).tasks.empty();
      } catch (const error&) {
        throw why;  // it does not answer: who knows
      }
      if (!is_there) throw submission_refused(why);
    }
    throw why;
  }
};

const slurm one;
const engine_registration registered(one);

}  // namespace
}  // namespace gpubench::fleet
