#include "fleet/hand_made.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fleet/submitting.hpp"

namespace gpubench::fleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(submitting, what_was_submitted_by_hand_is_noted_and_not_handed_over) {
  engine.there_by_hand = {{"p5-48xlarge", {1, 2}, "night-3f9a12c4-p5-48xlarge", "17", ""}};
  auto looked_at = opened();
  EXPECT_EQ(add_submitted_by_hand(looked_at), std::nullopt);
  EXPECT_EQ(looked_at.submitted.submissions.size(), 1U);
  auto what = opened();
  EXPECT_THAT(what.submitted.submissions, IsEmpty()) << "in memory alone";
  submit_all(what, note());
  submit_all(what, note());
  EXPECT_THAT(told, ElementsAre("by hand night-3f9a12c4-p5-48xlarge", "submitted night-3f9a12c4-p5-48xlarge-2"));
  EXPECT_THAT(engine.taken.at("night-3f9a12c4-p5-48xlarge-2").tasks, ElementsAre(0, 3));
  EXPECT_EQ(opened().submitted.submissions.front(), engine.there_by_hand.front()) << "when it was is not known";
}

TEST_F(submitting, what_was_submitted_by_hand_after_a_command_did_is_noted_once_and_not_handed_over_again) {
  const auto by_hand = [](std::vector<int> tasks, const char* id) {
    return submission{"p5-48xlarge", std::move(tasks), "night-3f9a12c4-p5-48xlarge", id, ""};
  };
  engine.numbered = true;
  engine.ids = {{"night-3f9a12c4-p5-48xlarge-1", "17"}, {"night-3f9a12c4-p5-48xlarge-5", "30"}};
  auto what = opened();
  submit_all(what, note());
  engine.there_by_hand = {by_hand({0}, "9"), by_hand({1, 2}, "18"), by_hand({1}, "20"), by_hand({3}, "21;east")};
  auto looked_at = opened();
  EXPECT_EQ(add_submitted_by_hand(looked_at), std::nullopt);
  EXPECT_EQ(looked_at.submitted.last_of("p5-48xlarge", 0)->id, "17") << "that by hand was before";
  EXPECT_EQ(looked_at.submitted.last_of("p5-48xlarge", 1)->id, "20");
  EXPECT_EQ(looked_at.submitted.last_of("p5-48xlarge", 2)->id, "18");
  EXPECT_EQ(looked_at.submitted.last_of("p5-48xlarge", 3)->id, "17") << "numbers of two clusters tell nothing";
  for (int i = 0; i < 2; ++i) {
    auto later = opened();
    submit_all(later, note());
    EXPECT_EQ(later.submitted, looked_at.submitted);
  }
  EXPECT_EQ(told.size(), 3U);
  // Begun by hand between the look at what failed and its repetition.
  engine.there_by_hand.push_back(by_hand({2}, "22"));
  auto again = opened();
  submit_again(again, {{"p5-48xlarge", {0, 2}}}, note());
  EXPECT_THAT(engine.taken.at("night-3f9a12c4-p5-48xlarge-5").tasks, ElementsAre(0));
  EXPECT_EQ(again.submitted.last_of("p5-48xlarge", 2)->id, "22");
  engine.unreachable = true;
  EXPECT_THROW(submit_again(again, {{"p5-48xlarge", {1}}}, note()), error) << "who knows";
  submit_all(again, note());  // nothing is to be handed over
  EXPECT_EQ(engine.tried.size(), 2U);
}

TEST_F(submitting, what_was_refused_and_then_submitted_by_hand_is_not_tried_again) {
  engine.fails_before = true;
  auto what = opened();
  EXPECT_THROW(submit_all(what, note()), error);
  engine.fails_before = false;
  engine.there_by_hand = {{"p5-48xlarge", {1, 2}, "night-3f9a12c4-p5-48xlarge", "by hand", ""}};
  auto later = opened();
  submit_all(later, note());
  EXPECT_THAT(engine.taken.at("night-3f9a12c4-p5-48xlarge-1").tasks, ElementsAre(0, 3));
  EXPECT_EQ(later.submitted.last_of("p5-48xlarge", 1)->id, "by hand");
}

/// What a call says of which nobody knows whether it was heard.
class submitting_in_doubt : public submitting {
 protected:
  std::string submit() {
    auto what = opened();
    try {
      submit_all(what, note());
    } catch (const error& e) {
      return e.what();
    }
    return "";
  }
};

TEST_F(submitting_in_doubt, what_may_have_been_handed_over_is_not_said_to_be_not) {
  engine.gets_no_answer = true;
  EXPECT_EQ(submit(),
            "the connection broke; may have been handed over, which gpubench fleet submit finds out: "
            "p5-48xlarge 0-3");
  EXPECT_EQ(submit(), "");
  EXPECT_THAT(told, ElementsAre("found night-3f9a12c4-p5-48xlarge-1"));
}

TEST_F(submitting_in_doubt, what_its_user_submitted_by_hand_after_a_lost_call_is_followed) {
  engine.gets_no_answer = engine.loses_call = true;
  EXPECT_NE(submit(), "");
  engine.there_by_hand = {{"p5-48xlarge", {0, 1, 2, 3}, "night-3f9a12c4-p5-48xlarge", "18", ""}};
  EXPECT_EQ(submit(), "");
  EXPECT_THAT(told, ElementsAre("by hand night-3f9a12c4-p5-48xlarge"));
  EXPECT_EQ(engine.tried.size(), 1U);
}

TEST_F(submitting_in_doubt, a_host_that_keeps_tasks_from_being_done_twice_leaves_none) {
  engine.gets_no_answer = engine.hosts_apart = true;
  EXPECT_EQ(submit(), "the connection broke; not handed over: p5-48xlarge 0-3");
}

TEST_F(submitting, where_nothing_was_found_is_told_before_tasks_are_handed_over) {
  const auto note_place = [&](const std::string& place) { told.push_back("nothing in " + place); };
  auto what = opened();
  what.of.jobs.push_back(what.of.jobs.front());
  what.of.jobs.back().name = "g6";
  submit_all(what, note(), note_place);
  EXPECT_THAT(told, ElementsAre("nothing in cluster east", "submitted night-3f9a12c4-p5-48xlarge-1",
                                "submitted night-3f9a12c4-g6-1"));
  submit_all(what, note(), note_place);
  EXPECT_EQ(told.size(), 3U);
}

TEST_F(submitting, nothing_is_handed_over_while_it_is_not_known_what_is_there) {
  engine.unreachable = true;
  auto what = opened();
  EXPECT_EQ(add_submitted_by_hand(what), "the engine does not answer");
  EXPECT_THROW(submit_all(what, note()), error);
  EXPECT_THAT(engine.tried, IsEmpty());
  EXPECT_THAT(opened().submitted.submissions, IsEmpty());
}

}  // namespace
}  // namespace gpubench::fleet
