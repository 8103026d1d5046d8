#pragma once

#include <filesystem>
#include <optional>
#include <string>
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

  /// The manifests of all jobs.   @throws error: usage for what this engine cannot do.
  virtual std::vector<manifest> render(const campaign& of) const = 0;

  /// Hands some tasks of one job over.
  /// @param folder  where the manifests are, as they were written and perhaps changed by the user
  /// @return the engine's id of it
  virtual std::string submit(const campaign& of, const submission& what, const std::filesystem::path& folder) const = 0;

  /// The id of a submission with this key, where the engine knows one.
  virtual std::optional<std::string> find(const campaign& of, const submission& what) const = 0;

  /// What the engine says about each task of a submission that has an id, in the order of its tasks.
  virtual std::vector<task_status> status(const campaign& of, const submission& what) const = 0;

  /// The same of several submissions, for each in their order.
  virtual std::vector<std::vector<task_status>> statuses(const campaign& of,
                                                         const std::vector<submission>& submissions) const;

  /// Whether statuses() is one question however many there are. Then collect() asks about measured tasks as well:
  /// their times by the engine's clock bound those of their nodes.
  virtual bool tells_all_at_once() const { return false; }

  /// Whether tasks go to the engine one a submission, as where each has a host of its own.
  virtual bool submits_tasks_apart(const job& what) const = 0;

  /// Makes what nodes left in campaign::results readable on this machine: brings it into `into`, whole files only and
  /// without harm to what is there, or does nothing where this machine sees that folder itself.
  /// @return the folder where it lies now
  virtual std::filesystem::path fetch(const campaign& of, const std::filesystem::path& into) const = 0;
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
