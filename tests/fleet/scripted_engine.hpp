#pragma once

#include "core/error.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fleet/engine.hpp"

namespace gpubench::fleet {

/// An engine of this process, which remembers what it was given and can break off at either side of taking it.
class scripted_engine final : public engine {
 public:
  std::string name() const override { return "scripted"; }
  std::string description() const override { return "for tests"; }
  std::vector<engine_setting> settings() const override { return {}; }
  std::vector<manifest> render(const campaign&) const override { return {{"all.txt", "all\n"}}; }
  bool submits_tasks_apart(const job&) const override { return apart; }
  bool reaches_hosts_apart() const override { return hosts_apart; }

  engine_place prepare(const campaign&, const submission& what, const std::filesystem::path&) const override {
    return what.place.empty() ? goes_to : what.place;
  }
  std::string submit(const campaign&, const submission& what, const std::filesystem::path&) const override {
    tried.push_back(what.key);
    if (fails_before || refused.count(what.key) > 0)
      throw submission_refused(
          error(error_kind::environment, why.count(what.key) > 0 ? why.at(what.key) : "out of quota"));
    if (!loses_call) taken[what.key] = what;
    if (dies_after) throw killed{};
    if (gets_no_answer) throw error(error_kind::environment, "the connection broke");
    return ids.count(what.key) > 0 ? ids.at(what.key) : id_of(what.key);
  }
  bool numbers_submissions() const override { return numbered; }
  std::optional<std::string> find(const campaign&, const submission& what) const override {
    return taken.count(what.key) > 0 ? std::optional(id_of(what.key)) : std::nullopt;
  }
  by_hand submitted_by_hand(const campaign&, const job&, const engine_place&,
                            const std::filesystem::path&) const override {
    if (unreachable) throw error(error_kind::environment, "the engine does not answer");
    return {there_by_hand, "cluster east"};
  }
  std::vector<task_status> status(const campaign&, const submission& what) const override {
    if (unreachable) throw error(error_kind::environment, "the engine does not answer");
    if (when_asked) when_asked();
    std::vector<task_status> all;
    for (const int task : what.tasks) {
      const auto said = says.find({what.job, task});
      all.push_back(said != says.end() ? said->second : task_status{what.job, task, task_state::ended, "", "", {}, {}});
    }
    return all;
  }
  bool tells_all_at_once() const override { return at_once; }
  fetched_results fetch(const campaign& of, const std::vector<submission>&,
                        const std::filesystem::path&) const override {
    if (when_fetched) when_fetched();
    if (fetch_fails) throw error(*fetch_fails, "the results are out of reach");
    fetched_results brought(of.results);
    brought.problems = not_brought;
    return brought;
  }

  /// What the death of the process at that place leaves: nothing after it happens.
  struct killed {};
  static std::string id_of(const std::string& key) { return "id of " + key; }

  mutable std::map<std::string, submission> taken;  ///< by key
  mutable std::vector<std::string> tried;           ///< keys that were to be submitted, in turn
  std::map<std::pair<std::string, int>, task_status> says;
  std::map<std::pair<std::string, int>, std::string> not_brought;
  std::set<std::string> refused;           ///< keys
  std::map<std::string, std::string> why;  ///< where it is not for quota
  std::optional<error_kind> fetch_fails;
  std::vector<submission> there_by_hand;
  std::map<std::string, std::string> ids;  ///< by key, where it is not id_of() that
  engine_place goes_to;                    ///< what was never handed over
  std::function<void()> when_asked;        ///< what happens meanwhile
  std::function<void()> when_fetched;      ///< what is copied
  bool at_once = false, numbered = false, gets_no_answer = false, loses_call = false;
  bool apart = false, hosts_apart = false, fails_before = false, dies_after = false, unreachable = false;
};

}  // namespace gpubench::fleet
