#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "fleet/submit.hpp"

namespace gpubench::fleet {

/// Of a call after which the engine may have what was to be handed over, or not.
class perhaps_handed_over : public error {
 public:
  explicit perhaps_handed_over(const error& why) : error(why) {}
};

/// A host that is down, or a job that is refused, keeps no other from being handed over. An engine that fails time
/// after time is down itself, unless its hosts have nothing in common.
class patient_attempts {
 public:
  explicit patient_attempts(const opened_campaign& what);

  template <class Attempt>
  void make(const std::string& job, const std::vector<int>& tasks, const Attempt& attempt) {
    if (ask(job, tasks, attempt)) in_a_row_ = 0;
  }
  /// Likewise of a question without which nothing is handed over. Its answer does not end a row of failures.
  /// @return whether there was one
  template <class Attempt>
  bool ask(const std::string& job, const std::vector<int>& tasks, const Attempt& attempt) {
    if (gives_up_ && in_a_row_ == most_in_a_row) {
      note(not_tried_, job, tasks);
      return false;
    }
    try {
      attempt();
      return true;
    } catch (const perhaps_handed_over& e) {
      fail(e, true, job, tasks);
    } catch (const error& e) {
      fail(e, false, job, tasks);
    }
    return false;
  }
  /// @throws error: of the kind of the first that came, with all reasons and the tasks that are not handed over, or may
  ///         have been
  void finish() const;

 private:
  struct failure {
    std::string reason;
    bool is_in_doubt;
    tasks_by_job tasks;
  };

  static void note(tasks_by_job& into, const std::string& job, const std::vector<int>& tasks);
  void fail(const error& why, bool is_in_doubt, const std::string& job, const std::vector<int>& tasks);

  static constexpr int most_in_a_row = 3;
  const campaign& of_;
  bool gives_up_;
  std::optional<error> first_;
  int in_a_row_ = 0;
  std::vector<failure> failed_;  ///< in the order in which they came
  tasks_by_job not_tried_;
};

}  // namespace gpubench::fleet
