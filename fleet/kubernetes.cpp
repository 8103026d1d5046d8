#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <optional>
#include <random>
#include <set>

#include "fleet/call.hpp"
#include "fleet/engine.hpp"
#include "fleet/fetched_files.hpp"
#include "fleet/kubernetes_objects.hpp"
#include "fleet/kubernetes_status.hpp"
#include "fleet/kubernetes_volume.hpp"
#include "fleet/seen_results.hpp"
#include "fleet/settings.hpp"
#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* missing = "install kubectl, and see that kubectl get nodes answers";

/// kubectl with the campaign's context and namespace; it waits at most a minute for the cluster.
std::vector<std::string> kubectl(const campaign& of, std::vector<std::string> words) {
  std::vector<std::string> all{"kubectl", "--request-timeout=60s"};
  for (const char* key : {"context", "namespace"})
    if (const auto value = setting_of(of, key); !value.empty()) all.push_back(fmt::format("--{}={}", key, value));
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

const char* kind_of(const job& what) {
  return what.collective ? "mpijobs.kubeflow.org" : "jobs.batch";
}

bool says(const process_result& done, const char* words) {
  return done.errors.find(words) != std::string::npos;
}

/// The manifest as it is now, read by kubectl itself.
std::vector<json> read_manifest(const campaign& of, const job& what, const std::filesystem::path& file) {
  const auto words = kubectl(of, {"create", "--dry-run=client", "--output=json", "--filename=" + file.string()});
  const auto done = call(words, missing);
  if (done.exit_code != 0 && what.collective && says(done, "no matches for kind"))
    throw error(error_kind::environment, "the cluster knows no MPIJob",
                "install the Kubeflow MPI operator, v0.4 or newer: collectives over several nodes run on it");
  if (done.exit_code != 0) throw refusal(words, done);
  const json read = parse_json(done.output, "the answer of kubectl create --dry-run");
  if (read.is_object() && read.value("kind", "") == "List" && read.contains("items"))
    return read.at("items").get<std::vector<json>>();
  return {read};
}

class kubernetes final : public engine {
 public:
  std::string name() const override { return "kubernetes"; }
  std::string description() const override {
    return "Kubernetes: a Job a node, an MPIJob for a collective, by kubectl";
  }
  std::vector<engine_setting> settings() const override { return kubernetes_settings(); }

  std::vector<manifest> render(const campaign& of) const override {
    std::vector<manifest> all;
    if (auto claim = kubernetes_volume_claim(of)) all.push_back(std::move(*claim));
    for (const auto& one : of.jobs) all.push_back(kubernetes_manifest(of, one));
    return all;
  }

  std::vector<std::string> without_effect(const campaign& of) const override {
    if (setting_of(of, "storage-class").empty() || !setting_of(of, "volume-size").empty()) return {};
    return {"--set storage-class has no effect: it is of a claim that is rendered too, with --set volume-size"};
  }

  // Each is a Job of its own, under a name of its own, so that it can be done again without the others.
  bool submits_tasks_apart(const job&) const override { return true; }

  std::string submit(const campaign& of, const submission& what, const std::filesystem::path& folder) const override {
    const auto& one = find_job(of, what.job);
    const auto objects = read_manifest(of, one, folder / kubernetes_manifest_name(one));
    const json object = kubernetes_submission(objects, one, what.key, what.tasks.front());
    // kubectl reads files; this one also says later what was handed over.
    const auto file = folder / "submitted" / (what.key + ".json");
    std::error_code code;
    std::filesystem::create_directories(file.parent_path(), code);
    if (code) throw error(error_kind::io, {file.parent_path().string(), 0, 0}, "cannot be made: " + code.message());
    write_file_atomically(file, object.dump(2) + "\n");
    const auto words = kubectl(of, {"create", "--output=name", "--filename=" + file.string()});
    const auto done = call(words, missing);
    // Names are unique: one that is there is this submission, of a call whose answer got lost.
    if (done.exit_code != 0 && says(done, "AlreadyExists")) return fmt::format("{}/{}", kind_of(one), what.key);
    if (done.exit_code != 0) throw refusal(words, done);
    return std::string(trim(done.output));
  }

  std::optional<std::string> find(const campaign& of, const submission& what) const override {
    const auto& one = find_job(of, what.job);
    const auto said =
        require_call(kubectl(of, {"get", kind_of(one), what.key, "--ignore-not-found", "--output=name"}), missing);
    const std::string id(trim(said));
    return id.empty() ? std::nullopt : std::optional(id);
  }

  std::vector<task_status> status(const campaign& of, const submission& what) const override {
    return statuses(of, {what}).front();
  }

  bool tells_all_at_once() const override { return true; }

  std::vector<std::vector<task_status>> statuses(const campaign& of,
                                                 const std::vector<submission>& submissions) const override {
    std::set<std::string> kinds{"pods"};
    for (const auto& one : submissions) kinds.insert(kind_of(find_job(of, one.job)));
    const auto words = kubectl(of, {"get", join(std::vector(kinds.begin(), kinds.end()), ","),
                                    "--selector=gpubench/campaign=" + of.id, "--output=json"});
    auto objects = kubernetes_objects_by_key(parse_json(require_call(words, missing), "the answer of kubectl get"));
    std::vector<std::vector<task_status>> all;
    std::optional<kubernetes_warnings> known;  // asked for once, and where somebody waits without a word
    for (const auto& one : submissions) {
      const json& list = objects[one.key];
      auto& tasks = all.emplace_back();
      for (const int task : one.tasks) {
        tasks.push_back(kubernetes_status(list, one, task));
        if (tasks.back().state != task_state::waiting || !tasks.back().reason.empty()) continue;
        if (!known) known = ask_for_warnings(of);
        tasks.back().reason = kubernetes_warning(*known, list, one);
      }
    }
    return all;
  }

  std::string log_command(const campaign& of, const submission& what) const override {
    const char* of_launcher = find_job(of, what.job).collective ? ",gpubench/role=launcher" : "";
    std::vector<std::string> words{
        "kubectl", "logs", fmt::format("--selector={}={}{}", kubernetes_key_label, what.key, of_launcher), "--tail=-1"};
    for (const char* key : {"context", "namespace"})
      if (const auto value = setting_of(of, key); !value.empty()) words.push_back(fmt::format("--{}={}", key, value));
    return shell_line(words);
  }

  fetched_results fetch(const campaign& of, const std::filesystem::path& into) const override {
    if (const auto local = setting_of(of, "local-results"); !local.empty()) return seen_results(of, local);
    if (setting_of(of, "volume-claim").empty())
      throw error(error_kind::environment,
                  fmt::format("results lie on the nodes, in {}/{}", setting_of(of, "host-path"), of.id),
                  "mount that file system here and say where: --set local-results=FOLDER");
    fetch_whole_files(into, [&](const std::filesystem::path& incoming) { copy_from_volume(of, incoming); });
    return into;
  }

 private:
  /// What the cluster warned of lately; of users who may not read it nothing is known.
  static kubernetes_warnings ask_for_warnings(const campaign& of) {
    const auto done = call(kubectl(of, {"get", "events", "--field-selector=type=Warning", "--output=json"}), missing);
    if (done.exit_code != 0) return {};
    return read_kubernetes_warnings(parse_json(done.output, "the answer of kubectl get events"));
  }

  /// Through a pod that mounts the volume, since no other way into it is common to all clusters.
  static void copy_from_volume(const campaign& of, const std::filesystem::path& incoming) {
    // A name of its own: of a pod that is being deleted the name is taken for a while.
    const std::string pod = fmt::format("{}-read-{:08x}", of.id, std::random_device()());
    const auto delete_words = [&](std::vector<std::string> which) {
      which.insert(which.begin(), "delete");
      // --now: it only sleeps, and does not hear that it shall end.
      which.insert(which.end(), {"--ignore-not-found", "--now", "--wait=false"});
      return kubectl(of, std::move(which));
    };
    // What a collection that was killed left. Where it cannot be deleted it ends by itself.
    call(delete_words(
             {"pods", fmt::format("--selector=gpubench/campaign={},gpubench/role={}", of.id, kubernetes_reader_role)}),
         missing);
    const auto file = incoming.parent_path() / ".reader-pod.json";
    write_file_atomically(file, kubernetes_reader_pod(of, pod).dump(2) + "\n");
    const auto words = kubectl(of, {"create", "--output=name", "--filename=" + file.string()});
    const auto made = call(words, missing);
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (made.exit_code != 0) throw refusal(words, made);
    const auto remove = delete_words({"pod", pod});
    const auto results = in_own_folder(of).results.string();
    try {
      // Longer than the pod may take to be placed: kubectl's own limit for one request does not hold here.
      require_call(
          kubectl(of, {"wait", "--for=condition=Ready", "pod/" + pod, "--timeout=300s", "--request-timeout=0"}),
          missing);
      // Nobody has made it before the first task began, and there is nothing to copy yet.
      require_call(kubectl(of, {"exec", pod, "--", "mkdir", "-p", results}), missing);
      require_call(kubectl(of, {"cp", "--retries=3", "--request-timeout=0", fmt::format("{}:{}", pod, results),
                                incoming.string()}),
                   missing);
    } catch (...) {
      call(remove, missing);
      throw;
    }
    require_call(remove, missing);
  }
};

const kubernetes one;
const engine_registration registered(one);

}  // namespace
}  // namespace gpubench::fleet
