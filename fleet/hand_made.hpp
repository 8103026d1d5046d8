#pragma once

#include <map>
#include <optional>
#include <string>

#include "fleet/submit.hpp"

namespace gpubench::fleet {

/// What the user of a campaign handed over by the engine's own programs. The engine is asked once a job.
class hand_made {
 public:
  hand_made(opened_campaign& what, const on_submission& tell) : what_(what), tell_(tell) {}

  /// Whether it could tell anything new of a job's tasks.
  bool may_have_news_of(const job& of) const;

  /// Notes what is new of a job: of tasks that no command handed over, or not with success, or, where the engine
  /// numbers submissions, that its user handed over again after a command did.
  /// @return what the engine said   @throws error: as engine::submitted_by_hand(); io
  const by_hand& take_up(const job& of);

 private:
  opened_campaign& what_;
  const on_submission& tell_;
  std::map<std::string, by_hand> known_;
};

/// Adds to what was submitted, in memory alone, what the user handed over by hand, as hand_made does.
/// @return why that is not known, in the engine's words; nothing where it is
std::optional<std::string> add_submitted_by_hand(opened_campaign& what);

}  // namespace gpubench::fleet
