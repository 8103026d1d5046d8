#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>
#include <set>
#include <sstream>

#include "fleet/accelerator.hpp"
#include "fleet/call.hpp"
#include "fleet/copied_folder.hpp"
#include "fleet/engine.hpp"
#include "fleet/fetched_files.hpp"
#include "fleet/instance_limits.hpp"
#include "fleet/kubernetes_objects.hpp"
#include "fleet/kubernetes_place.hpp"
#include "fleet/kubernetes_status.hpp"
#include "fleet/kubernetes_volume.hpp"
#include "fleet/seen_results.hpp"
#include "fleet/settings.hpp"
#include "fleet/slice_name.hpp"
#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* missing = "install kubectl, and see that kubectl get nodes answers";

/// kubectl with the context and namespace; it waits at most a minute for the cluster.
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

/// The server itself answered that it made nothing; after a timeout or an error of its own it may have.
bool is_certainly_refused(const process_result& done) {
  for (const char* reason : {"Forbidden", "Unauthorized", "BadRequest", "Invalid", "NotFound"})
    if (says(done, fmt::format("Error from server ({})", reason).c_str())) return true;
  return false;
}

kubernetes_contexts ask_for_contexts() {
  return read_kubernetes_contexts(parse_json(require_call({"kubectl", "config", "view", "--output=json"}, missing),
                                             "the answer of kubectl config view"));
}

/// Several objects are printed one behind the other, or as a list.
std::vector<json> parse_objects(const std::string& text) {
  std::vector<json> all;
  std::istringstream in(text);
  try {
    while (!(in >> std::ws).eof()) {
      json one;
      in >> one;
      if (one.is_object() && one.value("kind", "") == "List" && one.contains("items"))
        for (json& item : one.at("items")) all.push_back(std::move(item));
      else
        all.push_back(std::move(one));
    }
  } catch (const json::exception& e) {
    throw error(error_kind::environment, fmt::format("kubectl answers in an unknown form: {}", e.what()));
  }
  return all;
}

/// The manifest as it is now, read by kubectl itself, which also says in which namespace an object would be made.
std::vector<json> read_manifest(campaign of, const job& what, const std::filesystem::path& file) {
  const std::vector<std::string> read{"create", "--dry-run=client", "--output=json", "--filename=" + file.string()};
  auto words = kubectl(of, read);
  auto done = call(words, missing);
  // A namespace that its user wrote there counts more.
  if (done.exit_code != 0 && says(done, "does not match the namespace")) {
    of.settings.erase("namespace");
    words = kubectl(of, read);
    done = call(words, missing);
  }
  if (done.exit_code != 0 && what.collective && says(done, "no matches for kind"))
    throw error(error_kind::environment, "the cluster knows no MPIJob",
                "install the Kubeflow MPI operator, v0.4 or newer: collectives over several nodes run on it");
  if (done.exit_code != 0) throw refusal(words, done);
  return parse_objects(done.output);
}

/// Where some submissions went, each once. Of those without a note nobody knows more than the campaign says.
std::set<engine_place> places_of(const std::vector<submission>& submissions) {
  std::set<engine_place> all;
  for (const auto& one : submissions)
    if (!one.refused) all.insert(one.place);
  if (all.empty()) all.insert(engine_place());
  return all;
}

class kubernetes final : public engine {
 public:
  std::string name() const override { return "kubernetes"; }
  std::string description() const override {
    return "Kubernetes: a Job a node, an MPIJob for a collective, by kubectl";
  }
  std::vector<engine_setting> settings() const override { return kubernetes_settings(); }

  bool mounts_results() const override { return true; }

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

  void require_offered(const campaign& of, const profiles::catalogue& known) const override {
    for (const auto& one : of.jobs) {
      if (!one.gpu_product) continue;
      const auto said = "--gpu-product " + *one.gpu_product;
      require_cuda_accelerator(one, said, *one.gpu_product, known);
      if (const auto* gpu = accelerator_named(*one.gpu_product, known); gpu != nullptr && one.gpus_per_node > 0)
        require_slices_of(*gpu, said, slice_profile_of(one, of.settings));
      const auto types =
          one.instance_type ? known.find_instances(*one.instance_type) : std::vector<const profiles::instance*>();
      // Which of several it would be is not known.
      if (types.size() == 1) require_accelerator_of_type(said, *one.gpu_product, *types.front(), known);
    }
  }

  std::vector<std::string> doubts(const campaign& of, const profiles::catalogue& known) const override {
    std::vector<std::string> all;
    for (const auto& one : of.jobs)
      for (const auto& option : all_asked_for(one, known))
        all.push_back(
            fmt::format("{} is all that {} has, and Kubernetes keeps a part of each node for itself: such a pod "
                        "may wait for ever (kubectl describe node: Allocatable)",
                        option, *one.instance_type));
    return all;
  }

  // Each is a Job of its own, under a name of its own, so that it can be done again without the others.
  bool submits_tasks_apart(const job&) const override { return true; }

  engine_place prepare(const campaign& of, const submission& what, const std::filesystem::path& folder) const override {
    const auto& one = find_job(of, what.job);
    auto where = kubernetes_place(ask_for_contexts(), of, what.place);
    const auto objects = read_manifest(at_kubernetes_place(of, where), one, folder / kubernetes_manifest_name(one));
    const json object = kubernetes_submission(objects, of, one, what.key, what.tasks.front());
    // kubectl reads files; this one also says later what was handed over.
    const auto file = submitted_file(folder, what);
    std::error_code code;
    std::filesystem::create_directories(file.parent_path(), code);
    if (code) throw error(error_kind::io, {file.parent_path().string(), 0, 0}, "cannot be made: " + code.message());
    write_file_atomically(file, object.dump(2) + "\n");
    if (const auto space = object.value("/metadata/namespace"_json_pointer, ""); !space.empty())
      where["namespace"] = space;
    return where;
  }

  void require_places(const std::vector<submission>& submissions) const override {
    if (places_of(submissions) == std::set{engine_place()} || !is_program("kubectl")) return;
    const auto contexts = ask_for_contexts();
    for (const auto& where : places_of(submissions)) require_kubernetes_place(contexts, where);
  }

  std::string submit(const campaign& of, const submission& what, const std::filesystem::path& folder) const override {
    const auto& one = find_job(of, what.job);
    const auto words = kubectl(at_kubernetes_place(of, what.place),
                               {"create", "--output=name", "--filename=" + submitted_file(folder, what).string()});
    const auto done = call(words, missing, handing_over_limit());
    // Names are unique: one that is there is this submission, of a call whose answer got lost.
    if (done.exit_code != 0 && says(done, "AlreadyExists")) {
      require_own_task(of, what);
      return fmt::format("{}/{}", kind_of(one), what.key);
    }
    if (done.exit_code != 0 && is_certainly_refused(done)) throw submission_refused(refusal(words, done));
    if (done.exit_code != 0) throw refusal(words, done, handing_over_limit());
    return std::string(trim(done.output));
  }

  std::optional<std::string> find(const campaign& of, const submission& what) const override {
    if (what.refused) return std::nullopt;  // nor is it known where it would be
    const auto& one = find_job(of, what.job);
    const auto said = require_call(kubectl(at_kubernetes_place(of, what.place),
                                           {"get", kind_of(one), what.key, "--ignore-not-found", "--output=name"}),
                                   missing);
    const std::string id(trim(said));
    if (id.empty()) return std::nullopt;
    require_own_task(of, what);
    return id;
  }

  by_hand submitted_by_hand(const campaign& of, const job& what, const engine_place& noted,
                            const std::filesystem::path& folder) const override {
    auto where = kubernetes_place(ask_for_contexts(), of, noted);
    const auto manifest = folder / kubernetes_manifest_name(what);
    const auto objects = read_manifest(at_kubernetes_place(of, where), what, manifest);
    by_hand all;
    std::set<std::string> spaces;  // where the manifest says, as its user may have changed it
    for (const auto& one : objects) spaces.insert(one.value("/metadata/namespace"_json_pointer, ""));
    for (const auto& space : spaces) {
      if (!space.empty()) where["namespace"] = space;
      const auto words = objects_words(at_kubernetes_place(of, where), what);
      for (const auto& object : parse_objects(require_call(words, missing)))
        if (auto one = kubernetes_made_by_hand(object, what)) {
          one->place = where;
          all.found.push_back(std::move(*one));
        }
    }
    if (!all.found.empty()) return all;
    const bool has_seen_all = look_in_other_namespaces(at_kubernetes_place(of, where), what, spaces, manifest);
    if (spaces.size() > 1) where["namespace"] = join(std::vector(spaces.begin(), spaces.end()), ", ");
    all.looked_in = kubernetes_place_in_words(where, has_seen_all);
    return all;
  }

  std::vector<task_status> status(const campaign& of, const submission& what) const override {
    return statuses(of, {what}).front();
  }

  bool tells_all_at_once() const override { return true; }

  std::vector<std::vector<task_status>> statuses(const campaign& of,
                                                 const std::vector<submission>& submissions) const override {
    std::vector<std::vector<task_status>> all(submissions.size());
    for (const auto& where : places_of(submissions)) {
      std::vector<std::size_t> there;
      for (std::size_t i = 0; i < submissions.size(); ++i)
        if (submissions[i].place == where) there.push_back(i);
      tell_of(at_kubernetes_place(of, where), submissions, there, all);
    }
    return all;
  }

  std::string log_command(const campaign& of, const submission& what) const override {
    const bool collective = find_job(of, what.job).collective;
    // What was made by hand has no key for a label, but each pod has its owner's name.
    const char* label = !is_made_by_hand(of, what) ? kubernetes_key_label
                        : collective               ? "training.kubeflow.org/job-name"
                                                   : "batch.kubernetes.io/job-name";
    std::vector<std::string> words{
        "kubectl", "logs",
        fmt::format("--selector={}={}{}", label, what.key, collective ? ",gpubench/role=launcher" : ""), "--tail=-1"};
    const auto there = at_kubernetes_place(of, what.place);
    for (const char* key : {"context", "namespace"})
      if (const auto value = setting_of(there, key); !value.empty())
        words.push_back(fmt::format("--{}={}", key, value));
    return shell_line(words);
  }

  fetched_results fetch(const campaign& of, const std::vector<submission>& submitted,
                        const std::filesystem::path& into) const override {
    if (const auto local = setting_of(of, "local-results"); !local.empty()) return seen_results(of, local);
    if (setting_of(of, "volume-claim").empty())
      throw error(error_kind::environment,
                  fmt::format("results lie on the nodes, in {}/{}", setting_of(of, "host-path"), of.id),
                  "mount that file system here and say where: --set local-results=FOLDER");
    for (const auto& where : places_of(submitted))
      fetch_whole_files(into, [&](const std::filesystem::path& incoming) {
        copy_from_volume(at_kubernetes_place(of, where), incoming);
      });
    return into;
  }

 private:
  /// Refuses a Job under a submission's key that does another task.   @throws submission_refused
  static void require_own_task(const campaign& of, const submission& what) {
    const auto& one = find_job(of, what.job);
    if (one.collective) return;  // it has one task
    const auto words = kubectl(at_kubernetes_place(of, what.place), {"get", kind_of(one), what.key, "--output=json"});
    const json object = parse_json(require_call(words, missing), "the answer of kubectl get");
    const auto containers = object.value("/spec/template/spec/containers"_json_pointer, json::array());
    for (const json& container : containers)
      for (const json& variable : container.value("env", json::array())) {
        if (variable.value("name", "") != kubernetes_task_variable) continue;
        const auto task = variable.value("value", "");
        if (task != std::to_string(what.tasks.front()))
          throw refused_for_copy(what, "task " + task, fmt::format("{}/{}", kind_of(one), what.key));
      }
  }

  /// Keys have a number behind campaign and job.
  static bool is_made_by_hand(const campaign& of, const submission& what) {
    const auto objects = kubernetes_objects(of, find_job(of, what.job));
    return std::any_of(objects.begin(), objects.end(),
                       [&](const json& one) { return one.at("metadata").at("name") == what.key; });
  }

  static std::filesystem::path submitted_file(const std::filesystem::path& folder, const submission& what) {
    return folder / "submitted" / (what.key + ".json");
  }

  /// Asks for a job's objects, of which some may be of other jobs.
  static std::vector<std::string> objects_words(const campaign& of, const job& what,
                                                const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"get", kind_of(what), "--selector=gpubench/campaign=" + of.id, "--output=json"};
    words.insert(words.end(), more.begin(), more.end());
    return kubectl(of, std::move(words));
  }

  /// Refuses what was made by hand in a namespace to which the manifest does not go: it would be measured twice.
  /// @return whether this user may look there
  static bool look_in_other_namespaces(campaign of, const job& what, const std::set<std::string>& own,
                                       const std::filesystem::path& manifest) {
    of.settings.erase("namespace");
    const auto done = call(objects_words(of, what, {"--all-namespaces"}), missing);
    if (done.exit_code != 0) return false;
    for (const auto& object : parse_objects(done.output)) {
      const auto one = kubernetes_made_by_hand(object, what);
      const auto space = object.value("/metadata/namespace"_json_pointer, "");
      if (!one || space.empty() || own.count(space) > 0) continue;
      throw error(error_kind::input,
                  fmt::format("{} of this campaign was made by hand in the namespace {}, and {} goes to {}", one->id,
                              space, manifest.string(), join(std::vector(own.begin(), own.end()), ", ")),
                  fmt::format("say \"namespace: {0}\" in its metadata there, and it counts as submitted; or kubectl "
                              "delete {1} --namespace={0}",
                              space, one->id));
    }
    return true;
  }

  /// Of the submissions that went to one place, in one question.
  static void tell_of(const campaign& of, const std::vector<submission>& submissions,
                      const std::vector<std::size_t>& there, std::vector<std::vector<task_status>>& all) {
    std::set<std::string> kinds{"pods"};
    for (const auto i : there) kinds.insert(kind_of(find_job(of, submissions[i].job)));
    const auto words = kubectl(of, {"get", join(std::vector(kinds.begin(), kinds.end()), ","),
                                    "--selector=gpubench/campaign=" + of.id, "--output=json"});
    auto objects = kubernetes_objects_by_key(parse_json(require_call(words, missing), "the answer of kubectl get"));
    std::optional<kubernetes_warnings> known;  // asked for once, and where somebody waits without a word
    for (const auto i : there) {
      const auto& one = submissions[i];
      const json& list = objects[one.key];
      for (const int task : one.tasks) {
        all[i].push_back(kubernetes_status(list, one, task));
        auto& said = all[i].back();
        if (said.state != task_state::waiting || !said.reason.empty()) continue;
        if (!known) known = ask_for_warnings(of);
        said.reason = kubernetes_warning(*known, list, one);
      }
    }
  }

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
          missing, handing_over_limit());
      // Nobody has made it before the first task began, and there is nothing to copy yet.
      require_call(kubectl(of, {"exec", pod, "--", "mkdir", "-p", results}), missing);
      require_call(kubectl(of, {"cp", "--retries=3", "--request-timeout=0", fmt::format("{}:{}", pod, results),
                                incoming.string()}),
                   missing, std::nullopt);
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
