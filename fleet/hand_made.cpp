#include "fleet/hand_made.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gpubench::fleet {
namespace {

/// Of two ids as engine::numbers_submissions() has them. What is of another cluster is not known to be later.
bool is_later_number(const std::string& id, const std::string& than) {
  const auto number_in = [](const std::string& text) { return parse_integer(split(text, ';').front()); };
  const auto cluster_in = [](const std::string& text) { return text.substr(std::min(text.find(';'), text.size())); };
  const auto number = number_in(id), other = number_in(than);
  return number && (!other || (*number > *other && cluster_in(id) == cluster_in(than)));
}

/// Whether a task of what was handed over by hand is not noted yet, nor anything later of that task.
bool is_news(const opened_campaign& what, const submission& there, int task) {
  const auto& noted = what.submitted.submissions;
  const bool is_noted = std::any_of(noted.begin(), noted.end(), [&](const submission& one) {
    return one.job == there.job && one.key == there.key && one.id == there.id &&
           std::count(one.tasks.begin(), one.tasks.end(), task) > 0;
  });
  if (is_noted) return false;
  const auto* last = what.submitted.last_of(there.job, task);
  if (last == nullptr || last->refused) return true;
  // Which was first, that or a call whose outcome is not known, nobody knows.
  return !last->id.empty() && what.runs_on->numbers_submissions() && is_later_number(there.id, last->id);
}

/// @param noted  is called with each that is added
template <class Noted>
void add_news(opened_campaign& what, const by_hand& all, const Noted& noted) {
  for (auto one : all.found) {
    std::vector<int> tasks;
    std::copy_if(one.tasks.begin(), one.tasks.end(), std::back_inserter(tasks),
                 [&](int task) { return is_news(what, one, task); });
    if (tasks.empty()) continue;
    one.tasks = std::move(tasks);
    what.submitted.submissions.push_back(std::move(one));
    noted();
  }
}

by_hand ask(const opened_campaign& what, const job& of) {
  return what.runs_on->submitted_by_hand(what.of, of, what.submitted.place_besides(nullptr), what.folder);
}

bool may_have_news(const opened_campaign& what, const job& of) {
  for (int task = 0; task < of.tasks(); ++task) {
    const auto* last = what.submitted.last_of(of.name, task);
    if (last == nullptr || last->refused || (!last->id.empty() && what.runs_on->numbers_submissions())) return true;
  }
  return false;
}

}  // namespace

bool hand_made::may_have_news_of(const job& of) const {
  return may_have_news(what_, of);
}

const by_hand& hand_made::take_up(const job& of) {
  auto known = known_.find(of.name);
  if (known == known_.end()) known = known_.emplace(of.name, ask(what_, of)).first;
  add_news(what_, known->second, [&] {
    save_state(what_.folder, what_.submitted);
    tell_(what_.submitted.submissions.back(), handed_over::by_hand);
  });
  return known->second;
}

std::optional<std::string> add_submitted_by_hand(opened_campaign& what) {
  try {
    for (const auto& one : what.of.jobs)
      if (may_have_news(what, one)) add_news(what, ask(what, one), [] {});
  } catch (const error& e) {
    return e.what();
  }
  return std::nullopt;
}

}  // namespace gpubench::fleet
