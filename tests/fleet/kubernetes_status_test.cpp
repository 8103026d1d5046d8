#include "fleet/kubernetes_status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::fleet {
namespace {

const submission& handed_over() {
  static const submission one{"h100", {3}, "night-h100-4", "job.batch/night-h100-4", "2026-11-27T00:00:00Z"};
  return one;
}

json job_with(const char* condition = nullptr, const char* reason = "", const char* kind = "Job") {
  json job{{"kind", kind}, {"metadata", {{"name", "night-h100-4"}}}, {"status", json::object()}};
  if (condition)
    job["status"]["conditions"] = json::array({{{"type", condition}, {"status", "True"}, {"reason", reason}}});
  return job;
}

json pod_with(const char* phase, const json& state = nullptr, const char* made = "2026-11-27T00:00:05Z") {
  json pod{{"kind", "Pod"},
           {"metadata", {{"name", "p"}, {"creationTimestamp", made}, {"labels", {{"gpubench/key", "night-h100-4"}}}}},
           {"spec", {{"nodeName", "node-7"}}},
           {"status", {{"phase", phase}}}};
  if (!state.is_null()) pod["status"]["containerStatuses"] = json::array({{{"name", "gpubench"}, {"state", state}}});
  return pod;
}

task_status status_of(std::vector<json> items) {
  return kubernetes_status({{"kind", "List"}, {"items", items}}, handed_over(), 3);
}

TEST(KubernetesStatus, ARunningPodHasNodeAndStart) {
  const auto status =
      status_of({job_with(), pod_with("Running", {{"running", {{"startedAt", "2026-11-27T00:01:00Z"}}}})});
  EXPECT_EQ(status.state, task_state::running);
  EXPECT_EQ(status.index, 3);
  EXPECT_EQ(status.job, "h100");
  EXPECT_EQ(status.node, "node-7");
  EXPECT_EQ(status.started_at, "2026-11-27T00:01:00Z");
  EXPECT_FALSE(status.ended_at);
}

TEST(KubernetesStatus, AWaitingPodSaysWhy) {
  json pod = pod_with("Pending");
  pod["spec"].erase("nodeName");
  pod["status"]["conditions"] = json::array({{{"type", "PodScheduled"},
                                              {"status", "False"},
                                              {"reason", "Unschedulable"},
                                              {"message", "0/5 nodes are available: 5 Insufficient nvidia.com/gpu."}}});
  const auto unscheduled = status_of({job_with(), pod});
  EXPECT_EQ(unscheduled.state, task_state::waiting);
  EXPECT_EQ(unscheduled.reason, "Unschedulable: 0/5 nodes are available: 5 Insufficient nvidia.com/gpu.");
  EXPECT_EQ(unscheduled.node, "");
  const auto pulling =
      status_of({job_with(),
                 pod_with("Pending", {{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "not\nfound\x1b"}}}})});
  EXPECT_EQ(pulling.reason, "ImagePullBackOff: not; found ");
  EXPECT_EQ(status_of({job_with("Suspended", "JobSuspended")}).reason, "JobSuspended");
  EXPECT_EQ(status_of({job_with()}).state, task_state::waiting);
}

TEST(KubernetesStatus, AFailedJobSaysHowItsPodEnded) {
  const auto status = status_of(
      {job_with("Failed", "BackoffLimitExceeded"),
       pod_with("Failed", {{"terminated", {{"reason", "Error"}, {"exitCode", 1}}}}, "2026-11-27T00:00:01Z"),
       pod_with("Failed", {{"terminated",
                            {{"reason", "OOMKilled"}, {"exitCode", 137}, {"finishedAt", "2026-11-27T00:09:00Z"}}}})});
  EXPECT_EQ(status.state, task_state::failed);
  EXPECT_EQ(status.reason, "OOMKilled, exit code 137; BackoffLimitExceeded");
  EXPECT_EQ(status.ended_at, "2026-11-27T00:09:00Z");
}

TEST(KubernetesStatus, AJobThatIsCompleteHasEnded) {
  EXPECT_EQ(status_of({job_with("Complete")}).state, task_state::ended);
  EXPECT_EQ(status_of({job_with("Succeeded", "", "MPIJob")}).state, task_state::ended);
}

TEST(KubernetesStatus, OfACollectiveTheLauncherCounts) {
  json launcher = pod_with("Pending"), worker = pod_with("Running", nullptr, "2026-11-27T00:08:00Z");
  launcher["metadata"]["labels"]["gpubench/role"] = "launcher";
  worker["metadata"]["labels"]["gpubench/role"] = "node";
  for (const auto& order : {std::vector<json>{job_with("Created", "", "MPIJob"), worker, launcher},
                            std::vector<json>{job_with("Created", "", "MPIJob"), launcher, worker}})
    EXPECT_EQ(status_of(order).state, task_state::waiting);
}

TEST(KubernetesStatus, ACollectiveWithoutLauncherWaitsForWhatAWorkerWaitsFor) {
  json there = pod_with("Running", nullptr, "2026-11-27T00:08:00Z"), unscheduled = pod_with("Pending");
  unscheduled["status"]["conditions"] = json::array(
      {{{"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}, {"message", "0/5 nodes"}}});
  for (json* worker : {&there, &unscheduled}) (*worker)["metadata"]["labels"]["gpubench/role"] = "node";
  const auto status = status_of({job_with("Created", "", "MPIJob"), there, unscheduled});
  EXPECT_EQ(status.state, task_state::waiting);
  EXPECT_EQ(status.reason, "Unschedulable: 0/5 nodes");
}

TEST(KubernetesStatus, PodsOfOtherSubmissionsDoNotCount) {
  json other = pod_with("Running");
  other["metadata"]["labels"]["gpubench/key"] = "night-h100-5";
  EXPECT_EQ(status_of({job_with(), other}).state, task_state::waiting);
}

json warning(const char* name, const char* message, const char* time) {
  return {{"type", "Warning"},
          {"reason", "FailedCreate"},
          {"message", message},
          {"involvedObject", {{"name", name}}},
          {"lastTimestamp", time}};
}

TEST(KubernetesStatus, WhatKeepsPodsFromBeingMadeIsTheLastWarning) {
  const json list{{"items", {job_with()}}};
  const json events{{"items",
                     {warning("night-h100-4", "exceeded quota: gpus", "2026-11-27T00:02:00Z"),
                      warning("night-h100-4", "exceeded quota: cpus", "2026-11-27T00:01:00Z"),
                      warning("night-h100-5", "of another", "2026-11-27T00:09:00Z")}}};
  const auto warning_of = [](const json& said, const json& objects) {
    return kubernetes_warning(read_kubernetes_warnings(said), objects, handed_over());
  };
  EXPECT_EQ(warning_of(events, list), "FailedCreate: exceeded quota: gpus");
  // Of an MPIJob the launcher is a Job of its own.
  EXPECT_EQ(warning_of({{"items", {warning("night-h100-4-launcher", "PodSecurity", "")}}}, list),
            "FailedCreate: PodSecurity");
  EXPECT_EQ(warning_of(json::object(), list), "no pod was made for it yet");
  const json with_pod{{"items", {job_with(), pod_with("Pending")}}};
  EXPECT_EQ(warning_of(json::object(), with_pod), "");
  EXPECT_EQ(warning_of({{"items", {warning("p", "MountVolume failed", "")}}}, with_pod),
            "FailedCreate: MountVolume failed");
}

TEST(KubernetesStatus, ObjectsOfManySubmissionsAreToldApartByTheirKeys) {
  json other = pod_with("Running");
  other["metadata"]["labels"]["gpubench/key"] = "night-h100-5";
  auto lists =
      kubernetes_objects_by_key({{"items", {pod_with("Pending"), other, json{{"kind", "Pod"}}, json("text")}}});
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(lists["night-h100-4"]["items"].size(), 1U);
  EXPECT_EQ(lists["night-h100-5"]["items"][0]["status"]["phase"], "Running");
  EXPECT_TRUE(kubernetes_objects_by_key(json("text")).empty());
}

TEST(KubernetesStatus, OfAJobMadeByHandEachIndexCounts) {
  const submission by_hand{"h100", {0, 1, 2, 3}, "night-h100", "job.batch/night-h100", ""};
  const json owner{{"kind", "Job"},
                   {"metadata", {{"name", "night-h100"}}},
                   {"spec", {{"completionMode", "Indexed"}}},
                   {"status", {{"completedIndexes", "0,4-7"}, {"failedIndexes", "3"}}}};
  std::vector<json> items{owner};
  for (const char* index : {"2", "3"}) {
    json pod = pod_with(index == std::string("2") ? "Running" : "Failed");
    pod["metadata"]["labels"] = {{"batch.kubernetes.io/job-name", "night-h100"},
                                 {"batch.kubernetes.io/job-completion-index", index}};
    items.push_back(pod);
  }
  std::vector<task_state> states;
  for (const int task : by_hand.tasks) states.push_back(kubernetes_status({{"items", items}}, by_hand, task).state);
  EXPECT_THAT(states,
              testing::ElementsAre(task_state::ended, task_state::waiting, task_state::running, task_state::failed));
}

TEST(KubernetesStatus, WhatWasMadeByHandIsToldFromSubmissions) {
  job what;
  what.name = "h100";
  what.nodes = 4;
  json object{{"kind", "Job"},
              {"metadata",
               {{"name", "night-h100"},
                {"creationTimestamp", "2026-11-27T00:00:05Z"},
                {"labels", {{"gpubench/job", "h100"}}}}}};
  const auto whole = kubernetes_made_by_hand(object, what);
  ASSERT_TRUE(whole);
  EXPECT_THAT(whole->tasks, testing::ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(whole->id, "job.batch/night-h100");
  EXPECT_EQ(whole->submitted_at, "2026-11-27T00:00:05Z");
  object["metadata"]["labels"]["gpubench/task"] = "2";
  EXPECT_THAT(kubernetes_made_by_hand(object, what)->tasks, testing::ElementsAre(2));
  what.collective = true;
  EXPECT_FALSE(kubernetes_made_by_hand(object, what)) << "no MPIJob";
  what.collective = false;
  object["metadata"]["labels"]["gpubench/key"] = "night-h100-1";
  EXPECT_FALSE(kubernetes_made_by_hand(object, what)) << "fleet submitted it";
  object["metadata"]["labels"] = {{"gpubench/job", "l4"}};
  EXPECT_FALSE(kubernetes_made_by_hand(object, what)) << "another job's";
}

TEST(KubernetesStatus, AJobThatIsGoneIsUnknown) {
  const auto status = status_of({pod_with("Running")});
  EXPECT_EQ(status.state, task_state::unknown);
  EXPECT_THAT(status.reason, testing::HasSubstr("deleted"));
  EXPECT_EQ(status_of({}).state, task_state::unknown);
}

TEST(KubernetesStatus, OddAnswersAreNoCrash) {
  EXPECT_EQ(kubernetes_status(json::array(), handed_over(), 3).state, task_state::unknown);
  EXPECT_EQ(status_of({json("text"), json{{"kind", 3}}, json{{"kind", "Pod"}, {"status", "odd"}}}).state,
            task_state::unknown);
}

TEST(KubernetesStatus, TimesOfASecondPodAreOfARestart) {
  const json ran{{"terminated", {{"startedAt", "2026-11-27T00:01:00Z"}, {"exitCode", 0}}}};
  EXPECT_FALSE(status_of({job_with("Complete"), pod_with("Succeeded", ran)}).restarted);
  EXPECT_TRUE(
      status_of({job_with("Complete"), pod_with("Failed", ran), pod_with("Succeeded", ran, "2026-11-27T00:02:00Z")})
          .restarted);
}

}  // namespace
}  // namespace gpubench::fleet
