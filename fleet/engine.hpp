#pragma once

#include "core/error.hpp"
#include "profiles/catalogue.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleet/job.hpp"
#include "fleet/manifest.hpp"
#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// A key of campaign::settings that an engine understands.
struct engine_setting {
  std::string key;          ///< "partition"
  std::string description;  ///< one phrase
};

/// What engine::fetch() brought.
struct fetched_results {
  fetched_results(std::filesystem::path where) : folder(std::move(where)) {}

  std::filesystem::path folder;  ///< where it lies now
  /// Why what a task left could not be brought, by job and task; of all others it was.
  std::map<std::pair<std::string, int>, std::string> problems;
};

/// What of a job its user handed over without fleet.
struct by_hand {
  /// Each with the engine's name of it as key, its id and its place, in the order in which they were handed over.
  std::vector<submission> found;
  /// Where it was looked for, of places in which it could be; empty: there is no other.
  std::string looked_in = {};
};

/// Thrown by engine::submit() where it is certain that the engine has nothing of what was to be handed over.
class submission_refused : public error {
 public:
  explicit submission_refused(const error& why) : error(why) {}
};

/// A scheduler, or something like it, that users already run. One file pair an engine; it registers itself.
///
/// render() is pure. The others run the engine's own programs by argument vectors and throw error: environment where
/// such a program is missing, does not reach the engine, or is refused for permission or quota, with the program's own
/// words.
class engine {
 public:
  virtual ~engine() = default;

  virtual std::string name() const = 0;         ///< as --engine takes it
  virtual std::string description() const = 0;  ///< one phrase
  virtual std::vector<engine_setting> settings() const = 0;

  /// Whether nodes see the folders of the machine that submits, under the same names.
  virtual bool shares_file_system() const { return false; }

  /// Whether nodes mount a volume at campaign::results, in which render() gives each campaign a folder of its own; else
  /// campaign::results is that folder.
  virtual bool mounts_results() const { return false; }

  /// Settings that are said and have no effect on this campaign: each a sentence with its reason.
  virtual std::vector<std::string> without_effect(const campaign&) const { return {}; }

  /// Refuses, of a campaign that can be rendered, what by the catalogue cannot be had, or not be measured, in the words
  /// of the engine's own settings. What the catalogue does not know is let pass.   @throws error: usage
  virtual void require_offered(const campaign&, const profiles::catalogue&) const {}

  /// What may keep tasks waiting for ever by what the catalogue knows of nodes: each a sentence.
  virtual std::vector<std::string> doubts(const campaign&, const profiles::catalogue&) const { return {}; }

  /// The manifests of all jobs.   @throws error: usage for what this engine cannot do.
  virtual std::vector<manifest> render(const campaign& of) const = 0;

  /// Refuses a manifest that was changed so that tasks would go elsewhere than status() and fetch() look for them.
  /// @param folder  where the manifests are
  /// @throws error: input
  virtual void require_hosts_kept(const campaign&, const std::filesystem::path&) const {}

  /// Makes ready what submit() hands over, which is called next, and says where that will go.
  /// @param what    its place is that of what was handed over before, which is kept
  /// @param folder  where the manifests are, as they were written and perhaps changed by the user
  virtual engine_place prepare(const campaign&, const submission& what, const std::filesystem::path&) const {
    return what.place;
  }

  /// Refuses submissions whose place is known no longer by its name: asked there, the engine would know nothing of
  /// them.   @throws error: input
  virtual void require_places(const std::vector<submission>&) const {}

  /// Refuses to hand anything over as another user than the one who did before.   @throws error: input
  virtual void require_submitter(const std::vector<submission>&) const {}

  /// Refuses to go on where what was handed over before must have left a trace among the results, and this machine sees
  /// none, as of a file system that is not mounted: before submit() makes one.   @throws error: environment
  virtual void require_results_in_sight(const campaign&, const std::vector<submission>&) const {}

  /// Hands some tasks of one job over.
  /// @param folder  where the manifests are, as they were written and perhaps changed by the user
  /// @return the engine's id of it
  virtual std::string submit(const campaign& of, const submission& what, const std::filesystem::path& folder) const = 0;

  /// The id of a submission with this key, where the engine has one; nothing where it is certain that it has none.
  /// @throws error: environment also where that cannot be known; submission_refused where a copy of the campaign's folder
  ///         handed over other tasks under that key
  virtual std::optional<std::string> find(const campaign& of, const submission& what) const = 0;

  /// Likewise, before this folder hands it over for the first time: a copy of the folder may have done so, under the
  /// same key. An engine that cannot tell keeps nothing from being handed over.   @throws submission_refused as there
  virtual std::optional<std::string> find_of_copy(const campaign& of, const submission& what) const;

  /// What of a job its user handed over without fleet, by the engine's own programs and the job's manifest: by the
  /// names and labels that the manifest has.
  /// @param noted   place of what was handed over before; empty: nothing was
  /// @param folder  where the manifests are
  /// @throws error: input where it is in a place to which the manifest does not go
  virtual by_hand submitted_by_hand(const campaign&, const job&, const engine_place&,
                                    const std::filesystem::path&) const {
    return {};
  }

  /// Whether ids are numbers that rise with each submission ("17", "17;cluster"), and so tell what was submitted by
  /// hand after a command had submitted the same task. An id that is no number is of what the engine forgot before.
  virtual bool numbers_submissions() const { return false; }

  /// What the engine says about each task of a submission that has an id, in the order of its tasks.
  virtual std::vector<task_status> status(const campaign& of, const submission& what) const = 0;

  /// The same of several submissions, for each in their order.
  virtual std::vector<std::vector<task_status>> statuses(const campaign& of,
                                                         const std::vector<submission>& submissions) const;

  /// Whether statuses() costs little more for all tasks than for one: it is one question, or they are asked side by
  /// side. Then collect() asks about measured tasks as well: their times by the engine's clock bound those of their
  /// nodes.
  virtual bool tells_all_at_once() const { return false; }

  /// Whether tasks go to the engine one a submission, as where each has a host of its own.
  virtual bool submits_tasks_apart(const job& what) const = 0;

  /// Whether each task is begun by a call to its own host, with no service between: one that is down says nothing of
  /// the others.
  virtual bool reaches_hosts_apart() const { return false; }

  /// The command that shows what a task printed, where the engine keeps that itself; empty: it lies beside the results.
  virtual std::string log_command(const campaign&, const submission&) const { return {}; }

  /// Makes what nodes left in campaign::results readable on this machine: brings it into `into`, whole files only and
  /// without harm to what is there, or does nothing where this machine sees that folder itself.
  /// @param submitted  what was handed over, which says where to
  virtual fetched_results fetch(const campaign& of, const std::vector<submission>& submitted,
                                const std::filesystem::path& into) const = 0;
};

/// All engines, by name.
std::vector<const engine*> engines();

/// @throws error: usage with the known names.
const engine& find_engine(const std::string& name);

/// Refuses settings that the engine does not know.   @throws error: usage
void require_known_settings(const engine& chosen, const campaign& of);

/// The last line of an engine's file registers it. The engine lives as long as the program.
struct engine_registration {
  explicit engine_registration(const engine& one);
};

}  // namespace gpubench::fleet
