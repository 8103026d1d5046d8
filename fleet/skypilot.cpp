#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "fleet/call.hpp"
#include "fleet/engine.hpp"
#include "fleet/fetched_files.hpp"
#include "fleet/seen_results.hpp"
#include "fleet/settings.hpp"
#include "fleet/skypilot_offers.hpp"
#include "fleet/skypilot_queue.hpp"
#include "fleet/skypilot_task.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* missing = "install SkyPilot (pip install skypilot), and see that sky check finds a cloud";

json ask() {
  // It may have to start its controller again.
  const auto said =
      require_call({"sky", "jobs", "queue", "--refresh", "--all", "-o", "json"}, missing, handing_over_limit());
  return parse_json(said, "the answer of sky jobs queue");
}

std::string id_of(const json& managed_job, const std::string& key) {
  const auto id = managed_job.find("job_id");
  return id != managed_job.end() && id->is_number_integer() ? std::to_string(id->get<long long>()) : key;
}

std::optional<std::string> id_at_the_queue(const std::string& key) {
  const auto found = find_managed_job(ask(), key);
  return found ? std::optional(id_of(*found, key)) : std::nullopt;
}

class skypilot final : public engine {
 public:
  std::string name() const override { return "skypilot"; }
  std::string description() const override { return "SkyPilot: a managed job a node, by sky jobs"; }
  std::vector<engine_setting> settings() const override { return skypilot_settings(); }

  bool mounts_results() const override { return true; }

  std::vector<manifest> render(const campaign& of) const override {
    std::vector<manifest> all;
    for (const auto& one : of.jobs) all.push_back(skypilot_manifest(of, one));
    return all;
  }

  std::vector<std::string> without_effect(const campaign& of) const override {
    if (setting_of(of, "order").empty() || !setting_of(of, "candidates").empty()) return {};
    return {"--set order has no effect: it is of --set candidates"};
  }

  void require_offered(const campaign& of, const profiles::catalogue& known) const override {
    require_skypilot_offers(of, known);
  }

  // Each node is rented, lost and replaced by itself.
  bool submits_tasks_apart(const job&) const override { return true; }

  std::string submit(const campaign& of, const submission& what, const std::filesystem::path& folder) const override {
    const auto& one = find_job(of, what.job);
    std::vector<std::string> words{"sky", "jobs", "launch", "--yes", "--detach-run", "--name", what.key};
    if (!one.collective) {
      words.insert(words.end(),
                   {"--num-nodes", "1", "--env", fmt::format("{}={}", skypilot_task_variable, what.tasks.front())});
    }
    words.push_back((folder / skypilot_manifest_name(one)).string());
    // The first of all launches makes SkyPilot's controller, a machine of its own.
    require_call(words, missing, 6 * handing_over_limit());
    // It prints the number for people; its queue has it in a form.
    const auto id = id_at_the_queue(what.key);
    return id ? *id : what.key;
  }

  // A launch goes on in the API server when its command is killed, and is in the queue only minutes later. Asked in
  // this order, one that ends in between is in the queue.
  std::optional<std::string> find(const campaign&, const submission& what) const override {
    const auto said = require_call({"sky", "api", "status", "--limit", "all", "-o", "json"}, missing);
    const auto launches = launches_under_way(parse_json(said, "the answer of sky api status"));
    const auto id = id_at_the_queue(what.key);
    if (!id && !launches.empty())
      throw error(error_kind::environment,
                  fmt::format("SkyPilot still works on {}, of which {} may be one: {}",
                              count_of(launches.size(), "launch request"), what.key, join(launches, ", ")),
                  "wait until sky api status lists none, and call this again");
    return id;
  }

  std::optional<std::string> find_of_copy(const campaign&, const submission& what) const override {
    const auto found = find_managed_job(recent_queue(), what.key);
    return found ? std::optional(id_of(*found, what.key)) : std::nullopt;
  }

  // The task file names the managed job.
  by_hand submitted_by_hand(const campaign& of, const job& what, const engine_place&,
                            const std::filesystem::path&) const override {
    submission one;
    one.job = what.name;
    one.key = of.id + "-" + what.name;
    const auto found = find_managed_job(recent_queue(), one.key);
    if (!found) return {};
    for (int task = 0; task < what.tasks(); ++task) one.tasks.push_back(task);
    one.id = id_of(*found, one.key);
    return {{one}};
  }

  std::vector<task_status> status(const campaign&, const submission& what) const override {
    const auto found = find_managed_job(recent_queue(), what.key);
    std::vector<task_status> all;
    for (const int task : what.tasks) all.push_back(skypilot_status(found, what, task));
    return all;
  }

  bool tells_all_at_once() const override { return true; }

  std::string log_command(const campaign&, const submission& what) const override {
    return parse_integer(what.id) ? "sky jobs logs " + what.id : "sky jobs logs --name " + what.key;
  }

  fetched_results fetch(const campaign& of, const std::vector<submission>&,
                        const std::filesystem::path& into) const override {
    if (const auto local = setting_of(of, "local-results"); !local.empty()) return seen_results(of, local);
    auto bucket = setting_of(of, "bucket");
    const bool is_s3 = bucket.rfind("s3://", 0) == 0, is_gs = bucket.rfind("gs://", 0) == 0;
    if (!is_s3 && !is_gs)
      throw error(error_kind::environment, fmt::format("no program is known that copies {}", bucket),
                  "copy it here, and say where: --set local-results=FOLDER");
    while (bucket.back() == '/') bucket.pop_back();
    bucket += "/" + of.id;
    fetch_whole_files(into, [&](const std::filesystem::path& incoming) {
      if (is_s3)
        require_call({"aws", "s3", "sync", "--only-show-errors", bucket, incoming.string()},
                     "install the AWS command line, or copy the bucket and --set local-results=FOLDER", std::nullopt);
      else
        require_call({"gcloud", "storage", "rsync", "--recursive", bucket, incoming.string()},
                     "install the Google Cloud command line, or copy the bucket and --set local-results=FOLDER",
                     std::nullopt);
    });
    return into;
  }

 private:
  /// The queue has all jobs and takes seconds to come: a campaign's many submissions are looked up in one.
  static const json& recent_queue() {
    static json queue;
    static std::optional<std::chrono::steady_clock::time_point> asked_at;
    const auto now = std::chrono::steady_clock::now();
    if (!asked_at || now - *asked_at > std::chrono::seconds(20)) {
      queue = ask();
      asked_at = std::chrono::steady_clock::now();
    }
    return queue;
  }
};

const skypilot one;
const engine_registration registered(one);

}  // namespace
}  // namespace gpubench::fleet
