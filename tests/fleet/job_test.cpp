#include "fleet/job.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include "fleet/task_command.hpp"
#include "tests/fleet/sample_campaign.hpp"

namespace gpubench::fleet {
namespace {

TEST(plain_name, keeps_what_every_engine_takes) {
  EXPECT_EQ(plain_name("p5.48xlarge"), "p5-48xlarge");
  EXPECT_EQ(plain_name("Standard_NV6ads_A10_v5"), "standard-nv6ads-a10-v5");
  EXPECT_EQ(plain_name("__a..b--"), "a-b");
  EXPECT_EQ(plain_name("..."), "");
}

TEST(job, has_one_task_a_node_and_a_collective_one_in_all) {
  auto one = sample_campaign().jobs.front();
  EXPECT_EQ(one.tasks(), 4);
  one.collective = true;
  EXPECT_EQ(one.tasks(), 1);
  EXPECT_EQ(one.ranks(), 32);
  one.gpus_per_node = 0;
  EXPECT_EQ(one.ranks(), 4);
  one.ranks_per_node = 2;
  EXPECT_EQ(one.ranks(), 8);
}

template <class Change>
void expect_refused(Change change, const std::string& says) {
  auto value = sample_campaign();
  change(value);
  try {
    require_sound(value);
    ADD_FAILURE() << says;
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::usage);
    EXPECT_NE(e.describe().find(says), std::string::npos) << e.describe();
  }
}

TEST(campaign, what_no_engine_could_run_is_refused) {
  EXPECT_NO_THROW(require_sound(sample_campaign()));
  expect_refused([](campaign& c) { c.id = "Night_1"; }, "as night-1");
  expect_refused([](campaign& c) { c.jobs.clear(); }, "without jobs");
  expect_refused([](campaign& c) { c.jobs.push_back(c.jobs.front()); }, "two jobs are named p5-48xlarge");
  expect_refused([](campaign& c) { c.jobs[0].nodes = 0; }, "no node");
  expect_refused([](campaign& c) { c.jobs[0].command.clear(); }, "measures nothing");
  for (const char* word : {"a\nb", "a\rb"})
    expect_refused(
        [&](campaign& c) {
          c.jobs[0].command = {"run", "--filter", word};
        },
        "p5-48xlarge: a word of its command has a line break");
  expect_refused([](campaign& c) { c.jobs[0].hosts = {"a", "b"}; }, "2 hosts named for 4 nodes");
  expect_refused([](campaign& c) { c.jobs[0].hosts = {"a", "b", "c", "a"}; }, "a host comes twice");
  expect_refused([](campaign& c) { c.jobs[0].variables["A B"] = "1"; }, "'A B' is no name");
  expect_refused([](campaign& c) { c.jobs[0].name = std::string(60, 'a'); }, "too long");
  // Each of many nodes may be a submission of its own, again and again: "-12000".
  expect_refused(
      [](campaign& c) {
        c.id = "night-3f9a12c4";
        c.jobs[0].name = std::string(63 - 4 - 1 - c.id.size(), 'a');
        c.jobs[0].nodes = 1200;
      },
      "too long");
  expect_refused([](campaign& c) { c.program.clear(); }, "'' is no program");
  for (const char* image : {"", "-v", "a b", "a;b", "$(x)"})
    expect_refused([&](campaign& c) { c.image = image; }, "is no name of a container image");
}

TEST(campaign, images_of_registries_have_names_that_these_take) {
  for (const char* image : {"gpubench", "gpubench:0.1", "me/gpubench", "registry.example:5000/a/b-c__d:1",
                            "localhost/gpubench", "a@sha256:0123456789abcdef0123456789abcdef"})
    EXPECT_NO_THROW(require_registry_image(image)) << image;
  for (const char* image : {"registry.example/GPUbench", "registry.example/gpubench:", "a//b", "a:b:c", "#a",
                            "./a.sqsh", "docker://a", "-a"})
    EXPECT_THROW(require_registry_image(image), error) << image;
}

TEST(campaign, hosts_have_names_that_no_engine_takes_for_something_else) {
  for (const char* host : {"", "-w", "a;b", "a b", "user@a", "node[1-4]"})
    expect_refused([&](campaign& c) { c.jobs[0].hosts = {host, "b", "c", "d"}; }, "is no name of a host");
  expect_refused([](campaign& c) { c.jobs[0].hosts = {"node[1-4]", "b", "c", "d"}; }, "scontrol show hostnames");
  auto value = sample_campaign();
  value.jobs[0].hosts = {"node1.example.org", "node_2", "node-3", "4"};
  value.image = "registry.example:5000/gpubench@sha256:0a";
  EXPECT_NO_THROW(require_sound(value));
  EXPECT_EQ(named_host(value.jobs[0], 2), "node-3");
  value.jobs[0].collective = true;
  EXPECT_EQ(named_host(value.jobs[0], 0), "") << "it has them all";
  EXPECT_EQ(named_host(sample_campaign().jobs[0], 2), "");
}

TEST(campaign, a_job_is_found_by_its_name) {
  const auto value = sample_campaign();
  EXPECT_EQ(&find_job(value, "p5-48xlarge"), &value.jobs.front());
  EXPECT_THROW(find_job(value, "p6"), error);
}

TEST(task_command, wraps_the_command_and_names_what_the_task_is) {
  const auto value = sample_campaign();
  const auto words = task_command(value, value.jobs.front(), "SLURM_ARRAY_TASK_ID");
  EXPECT_EQ(shell_line(words),
            "gpubench fleet task --campaign night-3f9a12c4 --job p5-48xlarge --results-dir /shared/night/results "
            "--index-variable SLURM_ARRAY_TASK_ID -- gpubench run --suite quick");
}

TEST(task_command, tells_which_back_end_its_command_wants) {
  auto one = sample_campaign().jobs.front();
  EXPECT_EQ(backend_of(one), "");
  EXPECT_FALSE(measures_cpus_alone(one));
  one.command = {"run", "--backend=host"};
  EXPECT_TRUE(measures_cpus_alone(one));
  one.command = {"collective", "--backend", "cuda"};
  EXPECT_EQ(backend_of(one), "cuda");
  EXPECT_FALSE(measures_cpus_alone(one));
  one.command = {"run", "--backend"};
  EXPECT_EQ(backend_of(one), "");
  one.command = {"run", "--device", "cpu"};
  EXPECT_TRUE(measures_cpus_alone(one));
  one.command = {"run", "--device=cpu,gpu0"};
  EXPECT_FALSE(measures_cpus_alone(one));
  one.command = {"run", "--device", "cpu", "--device", "gpu0"};
  EXPECT_FALSE(measures_cpus_alone(one));
}

TEST(task_command, a_launcher_stands_before_the_command) {
  auto value = sample_campaign();
  value.jobs[0].command = {"collective", "--backend", "host"};
  const auto line = shell_line(task_command(value, value.jobs.front(), "", {"srun", "--mpi=pmix"}));
  EXPECT_NE(line.find("-- srun --mpi=pmix gpubench collective --backend host"), std::string::npos) << line;
  EXPECT_EQ(line.find("--index"), std::string::npos) << line;
}

}  // namespace
}  // namespace gpubench::fleet
