#include "core/error.hpp"
#include "core/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet/skypilot_queue.hpp"
#include "fleet/skypilot_task.hpp"
#include "sample_campaign.hpp"

namespace gpubench::fleet {
namespace {

campaign on_skypilot() {
  campaign of = sample_campaign();
  of.engine = "skypilot";
  of.image = "registry.example/gpubench:1";
  of.results = "/results";
  of.settings = {{"bucket", "s3://night/results"}};
  of.jobs.front().instance_type = "p5.48xlarge";
  of.jobs.front().spot = true;
  return of;
}

json task_of(const campaign& of) {
  return skypilot_task(of, of.jobs.front());
}

void expect_refused(const campaign& of, const std::string& says) {
  try {
    static_cast<void>(skypilot_manifest(of, of.jobs.front()));
    FAIL() << "not refused: " << says;
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::usage);
    EXPECT_THAT(e.describe(), testing::HasSubstr(says));
  }
}

TEST(SkypilotTask, RentsSpotAndRecovers) {
  const json task = task_of(on_skypilot());
  EXPECT_EQ(task.at("name"), "night-3f9a12c4-p5-48xlarge");
  EXPECT_EQ(task.at("num_nodes"), 4);
  const json& resources = task.at("resources");
  EXPECT_EQ(resources.at("instance_type"), "p5.48xlarge");
  EXPECT_EQ(resources.at("use_spot"), true);
  EXPECT_EQ(resources.at("image_id"), "docker:registry.example/gpubench:1");
  EXPECT_EQ(resources.at("job_recovery"), json({{"strategy", "EAGER_NEXT_REGION"}, {"max_restarts_on_errors", 2}}));
  EXPECT_EQ(task.at("file_mounts"), json({{"/results", {{"source", "s3://night"}, {"mode", "MOUNT_CACHED"}}}}))
      << "SkyPilot mounts buckets, not folders in them";
  EXPECT_EQ(task.at("envs").at("NCCL_SOCKET_IFNAME"), "eth0");
  // The bucket is shared with other campaigns.
  EXPECT_THAT(task.at("run").get<std::string>(), testing::HasSubstr("--results-dir /results/results/night-3f9a12c4 "));
  EXPECT_THAT(task.at("run").get<std::string>(),
              testing::AllOf(testing::HasSubstr("GPUBENCH_TASK=\"${GPUBENCH_TASK:-$SKYPILOT_NODE_RANK}\""),
                             testing::HasSubstr("\ngpubench fleet task"),
                             testing::HasSubstr("--suite quick || gpubench_status=$?\n")));
}

TEST(SkypilotTask, AFailureComesThroughWhatSkypilotRunsBehindIt) {
  campaign of = on_skypilot();
  of.program = "false";
  const auto of_script = [](const std::string& script) { return run_process({"bash", "-c", script}); };
  const std::string run = task_of(of).at("run");
  const auto failed = of_script(run + "echo uploaded");
  EXPECT_EQ(failed.output, "uploaded\n");
  EXPECT_EQ(failed.exit_code, 1);
  of.program = "true";
  EXPECT_EQ(of_script(std::string(task_of(of).at("run")) + "false").exit_code, 0);
}

TEST(SkypilotTask, ASlashAtABucketsEndSaysNothing) {
  campaign of = on_skypilot();
  const json task = task_of(of);
  of.settings["bucket"] = "s3://night/results//";
  EXPECT_EQ(task_of(of), task);
}

TEST(SkypilotTask, IbmsBucketsHaveNoCache) {
  campaign of = on_skypilot();
  of.settings["bucket"] = "cos://us-east/night";
  EXPECT_EQ(task_of(of).at("file_mounts").at("/results").at("mode"), "MOUNT");
}

TEST(SkypilotTask, TakesCandidatesInAnyOrderOrInTheirs) {
  campaign of = on_skypilot();
  of.jobs.front().instance_type.reset();
  of.settings["candidates"] = "aws/us-east-1:p5.48xlarge,gcp:a3-highgpu-8g,Standard_ND96isr_H100_v5";
  const json any = task_of(of).at("resources");
  EXPECT_FALSE(any.contains("instance_type"));
  EXPECT_EQ(any.at("any_of"), json::array({{{"infra", "aws/us-east-1"}, {"instance_type", "p5.48xlarge"}},
                                           {{"infra", "gcp"}, {"instance_type", "a3-highgpu-8g"}},
                                           {{"instance_type", "Standard_ND96isr_H100_v5"}}}));
  of.settings["order"] = "ordered";
  EXPECT_EQ(task_of(of).at("resources").at("ordered"), any.at("any_of"));
}

TEST(SkypilotTask, GpusThatAreAttachedAreRentedWithTheirMachine) {
  campaign of = on_skypilot();
  of.jobs.front().instance_type = "n1-standard-16+2xT4";
  const json one = task_of(of).at("resources");
  EXPECT_EQ(one.at("instance_type"), "n1-standard-16");
  EXPECT_EQ(one.at("accelerators"), "T4:2");
  of.jobs.front().instance_type.reset();
  of.settings["candidates"] = "gcp:n1-standard-8+1xV100,aws:p3.2xlarge";
  EXPECT_EQ(task_of(of).at("resources").at("any_of"),
            json::array({{{"infra", "gcp"}, {"instance_type", "n1-standard-8"}, {"accelerators", "V100:1"}},
                         {{"infra", "aws"}, {"instance_type", "p3.2xlarge"}}}));
  of = on_skypilot();
  of.jobs.front().instance_type = "n1-standard-16+2xT4";
  of.settings["accelerators"] = "T4:4";
  expect_refused(of, "--set accelerators beside n1-standard-16+2xT4");
}

TEST(SkypilotTask, ACollectiveStartsOnTheHeadAlone) {
  campaign of = on_skypilot();
  of.image.reset();
  of.settings["setup"] = "sudo apt-get install -y openmpi-bin";
  of.jobs.front().collective = true;
  of.jobs.front().command = {"collective"};
  const std::string run = task_of(of).at("run");
  EXPECT_THAT(run, testing::HasSubstr("if [ \"$SKYPILOT_NODE_RANK\" -ne 0 ]; then exit 0; fi\n"));
  EXPECT_THAT(run, testing::HasSubstr("sed 's/$/ slots=8/' > /tmp/gpubench-hosts\n"));
  EXPECT_THAT(run, testing::HasSubstr("mpirun --allow-run-as-root --mca plm_rsh_args '-o StrictHostKeyChecking=no -o "
                                      "UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o "
                                      "IdentityFile=~/.ssh/sky-cluster-key' -np 32 --hostfile /tmp/gpubench-hosts -x "
                                      "NCCL_DEBUG"));
  EXPECT_FALSE(task_of(of).at("envs").contains("GPUBENCH_TASK"));
}

TEST(SkypilotTask, ARunThatHangsIsEnded) {
  campaign of = on_skypilot();
  EXPECT_THAT(task_of(of).at("run").get<std::string>(), testing::Not(testing::HasSubstr("timeout")));
  of.jobs.front().time_limit = std::chrono::minutes(30);
  EXPECT_THAT(task_of(of).at("run").get<std::string>(),
              testing::HasSubstr("\ntimeout --kill-after=60s 1800s gpubench fleet task "));
}

TEST(SkypilotTask, RefusesWhatSkypilotCannotBeTold) {
  const auto changed = [](auto change) {
    campaign of = on_skypilot();
    change(of);
    return of;
  };
  expect_refused(changed([](campaign& c) { c.image.reset(); }), "no gpubench");
  expect_refused(changed([](campaign& c) { c.settings.clear(); }), "where results are kept is missing");
  expect_refused(changed([](campaign& c) { c.settings["bucket"] = "/local"; }), "no bucket");
  for (const char* bucket : {"s3://a b", "s3://night//results", "s3://night/../results", "s3://night/./results",
                             "s3:///results", "s3://night/results/..", "s3://"})
    expect_refused(changed([&](campaign& c) { c.settings["bucket"] = bucket; }), "no bucket");
  expect_refused(changed([](campaign& c) { c.settings["order"] = "best"; }), "order");
  expect_refused(changed([](campaign& c) { c.settings["recovery"] = "NONE"; }), "recovery");
  expect_refused(changed([](campaign& c) { c.settings["candidates"] = "aws:p5.48xlarge"; }), "may be others");
  expect_refused(changed([](campaign& c) {
                   c.jobs[0].instance_type.reset();
                   c.settings["candidates"] = "aws:";
                 }),
                 "candidates");
  expect_refused(changed([](campaign& c) { c.settings["accelerators"] = "H100:0"; }), "accelerators");
  expect_refused(changed([](campaign& c) { c.jobs[0].instance_type.reset(); }), "what is to be rented");
  expect_refused(changed([](campaign& c) { c.jobs[0].hosts = {"a", "b", "c", "d"}; }), "by name");
  expect_refused(changed([](campaign& c) { c.jobs[0].gpu_product = "NVIDIA-H100-80GB-HBM3"; }), "--gpu-product");
  expect_refused(changed([](campaign& c) { c.jobs[0].gpu_resource = "nvidia.com/mig-3g.40gb"; }), "--gpu-resource");
  expect_refused(changed([](campaign& c) { c.jobs[0].collective = true; }), "do not reach each other by SSH");
  expect_refused(changed([](campaign& c) { c.results = "results"; }), "no whole path");
}

const submission& handed_over() {
  static const submission one{"h100", {1}, "night-h100-2", "", ""};
  return one;
}

json row(int id, const char* status, const char* name = "night-h100-2") {
  return {{"job_id", id}, {"job_name", name}, {"status", status}, {"failure_reason", nullptr}, {"start_at", nullptr}};
}

TEST(SkypilotQueue, TheNewestJobOfTheNameCounts) {
  const json queue = json::array({row(3, "FAILED"), row(7, "RUNNING"), row(9, "SUCCEEDED", "another")});
  EXPECT_EQ(find_managed_job(queue, "night-h100-2")->at("job_id"), 7);
  EXPECT_EQ(find_managed_job({{"jobs", queue}}, "night-h100-2")->at("job_id"), 7);
  EXPECT_FALSE(find_managed_job(queue, "absent"));
  EXPECT_THROW(find_managed_job("No jobs", "x"), error);
}

json request(const char* id, const char* name, const char* status) {
  return {{"request_id", id}, {"name", name}, {"status", status}, {"created_at", 1795305600.0}, {"user_id", "a1"}};
}

TEST(SkypilotRequests, LaunchesThatHaveNotEndedAreUnderWay) {
  EXPECT_THAT(launches_under_way(
                  json::array({request("a", "sky.jobs.launch", "PENDING"), request("b", "sky.jobs.queue", "RUNNING"),
                               request("c", "sky.jobs.launch", "RUNNING"), request("d", "sky.jobs.launch", "SUCCEEDED"),
                               request("e", "sky.jobs.launch", "FAILED"), request("f", "sky.launch", "RUNNING")})),
              testing::ElementsAre("a", "c"));
  EXPECT_THAT(launches_under_way(json::array()), testing::IsEmpty());
  EXPECT_THROW(launches_under_way("no requests"), error);
}

TEST(SkypilotQueue, EachStatusHasItsMeaning) {
  const auto state = [](const char* status) { return skypilot_status(row(1, status), handed_over(), 1).state; };
  for (const char* waiting : {"PENDING", "STARTING", "RECOVERING", "SUBMITTED"})
    EXPECT_EQ(state(waiting), task_state::waiting) << waiting;
  EXPECT_EQ(state("RUNNING"), task_state::running);
  EXPECT_EQ(state("SUCCEEDED"), task_state::ended);
  for (const char* failed : {"FAILED", "FAILED_NO_RESOURCE", "FAILED_PRECHECKS", "FAILED_SETUP", "CANCELLED"})
    EXPECT_EQ(state(failed), task_state::failed) << failed;
  EXPECT_EQ(state("NEW_WORD"), task_state::unknown);
  EXPECT_FALSE(skypilot_status(row(1, "NEW_WORD"), handed_over(), 1).can_be_repeated) << "it is there, and may go on";
  EXPECT_EQ(skypilot_status(std::nullopt, handed_over(), 1).state, task_state::unknown);
  EXPECT_FALSE(skypilot_status(std::nullopt, handed_over(), 1).can_be_repeated) << "another server may have it";
}

TEST(SkypilotQueue, AFailureHasSkypilotsReasonAndTimes) {
  json failed = row(1, "FAILED_NO_RESOURCE");
  failed["failure_reason"] = "no p5.48xlarge\nin any region";
  failed["start_at"] = 1795305600.0;
  const auto status = skypilot_status(failed, handed_over(), 1);
  EXPECT_EQ(status.reason, "FAILED_NO_RESOURCE: no p5.48xlarge; in any region");
  EXPECT_EQ(status.started_at, "2026-11-22T00:00:00Z");
  EXPECT_FALSE(status.ended_at);
}

}  // namespace
}  // namespace gpubench::fleet
