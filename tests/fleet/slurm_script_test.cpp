#include "fleet/slurm_script.hpp"

#include "core/error.hpp"
#include "core/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "fleet/engine.hpp"
#include "tests/fleet/sample_campaign.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

campaign of_one_node() {
  auto value = sample_campaign();
  value.jobs[0].nodes = 1;
  value.jobs[0].gpus_per_node = 0;
  value.jobs[0].variables.clear();
  return value;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(slurm_settings, that_have_no_effect_are_named) {
  auto value = of_one_node();
  EXPECT_TRUE(slurm_settings_without_effect(value).empty());
  value.settings = {
      {"launcher", "mpirun"}, {"mpi", "pmix"}, {"gpu-type", "h100"}, {"host-program", "/g"}, {"qos", "a"}};
  EXPECT_EQ(slurm_settings_without_effect(value).size(), 4U);
  value.jobs[0].collective = true;
  value.jobs[0].gpus_per_node = 8;
  EXPECT_EQ(
      slurm_settings_without_effect(value),
      (std::vector<std::string>{"--set mpi has no effect: mpirun starts the ranks, not srun",
                                "--set host-program has no effect: it is of containers, and no --image is named"}));
}

TEST(slurm_script, is_an_array_with_a_whole_node_a_task) {
  const auto value = sample_campaign();
  const auto made = slurm_script(value, value.jobs.front());
  EXPECT_EQ(made.file_name, "p5-48xlarge.sbatch");
  for (const auto* line : {"#SBATCH --array=0-3", "#SBATCH --nodes=1", "#SBATCH --ntasks-per-node=1",
                           "#SBATCH --gpus-per-node=8", "#SBATCH --exclusive", "#SBATCH --mem=0", "#SBATCH --requeue",
                           "#SBATCH --output=/shared/night/results/p5-48xlarge/%a.log", "export NCCL_DEBUG=INFO",
                           "export NCCL_SOCKET_IFNAME=eth0"})
    EXPECT_TRUE(has_line(made.text, line)) << line << "\nin\n" << made.text;
  EXPECT_NE(made.text.find("srun --ntasks=1 --cpu-bind=none gpubench fleet task"), std::string::npos);
}

TEST(slurm_script, a_collective_is_one_job_over_all_nodes) {
  auto value = sample_campaign();
  value.jobs[0].collective = true;
  value.jobs[0].command = {"collective"};
  const auto text = slurm_script(value, value.jobs.front()).text;
  EXPECT_EQ(text.find("--array"), std::string::npos) << text;
  EXPECT_TRUE(has_line(text, "#SBATCH --nodes=4"));
  EXPECT_TRUE(has_line(text, "#SBATCH --ntasks-per-node=8"));
  EXPECT_NE(text.find("-- srun --mpi=pmix --wait=60 gpubench collective"), std::string::npos) << text;
  value.settings["launcher"] = "mpirun";
  EXPECT_NE(slurm_script(value, value.jobs.front()).text.find("-- mpirun gpubench collective"), std::string::npos);
}

TEST(slurm_script, what_the_cluster_wants_stands_in_directives) {
  auto value = of_one_node();
  value.settings = {{"partition", "gpu"}, {"account", "lab"}, {"qos", "high"}, {"constraint", "a100&nvlink"}};
  value.jobs[0].time_limit = std::chrono::hours(26);
  value.jobs[0].memory_bytes = 1.5 * 1024 * 1024;
  const auto text = slurm_script(value, value.jobs.front()).text;
  for (const auto* line : {"#SBATCH --partition=gpu", "#SBATCH --account=lab", "#SBATCH --qos=high",
                           "#SBATCH --constraint=a100&nvlink", "#SBATCH --time=1-02:00:00", "#SBATCH --mem=2M"})
    EXPECT_TRUE(has_line(text, line)) << line << "\nin\n" << text;
}

TEST(slurm_script, the_users_variables_change_no_step) {
  auto value = sample_campaign();
  for (const bool collective : {false, true}) {
    value.jobs[0].collective = collective;
    const auto text = slurm_script(value, value.jobs.front()).text;
    const auto unset = text.find("\nunset "), whole = text.find("\nexport SLURM_EXPORT_ENV=ALL\n");
    ASSERT_NE(unset, std::string::npos) << text;
    ASSERT_NE(whole, std::string::npos) << text;
    EXPECT_LT(unset, whole);
    EXPECT_LT(whole, text.find("\nexport NCCL_DEBUG=INFO\n")) << "what --env says comes last";
    for (const char* name : {"SLURM_TIMELIMIT", "SLURM_GPUS", "SRUN_CPUS_PER_TASK", "SLURM_MEM_PER_NODE"})
      EXPECT_NE(text.substr(unset, whole - unset).find(std::string(" ") + name), std::string::npos) << name;
    EXPECT_EQ(text.find("SLURM_GPUS_PER_NODE"), std::string::npos) << "sbatch sets it by the directive";
  }
}

TEST(slurm_script, a_container_has_the_folder_of_results) {
  auto value = of_one_node();
  value.image = "registry/gpubench:1";
  EXPECT_NE(slurm_script(value, value.jobs.front())
                .text.find("--container-image=registry/gpubench:1 "
                           "--container-mounts=/shared/night/results:/shared/night/results gpubench fleet task"),
            std::string::npos);
}

TEST(slurm_script, an_image_is_named_as_pyxis_names_it) {
  const std::map<std::string, std::string> names{
      {"registry.example/team/gpubench:0.1", "'registry.example#team/gpubench:0.1'"},
      {"localhost:5000/gpubench", "'localhost:5000#gpubench'"},
      {"localhost/gpubench", "'localhost#gpubench'"},
      {"docker://nvcr.io/nvidia/gpubench", "'docker://nvcr.io#nvidia/gpubench'"},
      {"team/gpubench:0.1", "team/gpubench:0.1"},
      {"gpubench", "gpubench"},
      {"nvcr.io#nvidia/gpubench", "'nvcr.io#nvidia/gpubench'"},
      {"/images/gpubench.v1/a.sqsh", "/images/gpubench.v1/a.sqsh"},
      {"./gpubench.sqsh", "./gpubench.sqsh"}};
  for (const auto& [image, pyxis] : names) {
    auto value = of_one_node();
    value.image = image;
    const auto text = slurm_script(value, value.jobs.front()).text;
    const bool quoted = pyxis.front() == '\'';
    const auto word = quoted ? "'--container-image=" + pyxis.substr(1) : "--container-image=" + pyxis;
    EXPECT_NE(text.find(" " + word + " "), std::string::npos) << word << "\nin\n" << text;
  }
}

TEST(slurm_script, a_collective_in_containers_has_its_own_program_outside) {
  auto value = sample_campaign();
  value.jobs[0].collective = true;
  value.jobs[0].command = {"collective"};
  value.image = "team/gpubench:1";
  EXPECT_THROW(slurm_script(value, value.jobs.front()), error);
  value.settings["host-program"] = "/fsx/bin/gpubench";
  const auto text = slurm_script(value, value.jobs.front()).text;
  EXPECT_NE(text.find("  /fsx/bin/gpubench fleet task "), std::string::npos) << text;
  EXPECT_NE(text.find("-- srun --mpi=pmix --wait=60 --container-image=team/gpubench:1 "
                      "--container-mounts=/shared/night/results:/shared/night/results gpubench collective"),
            std::string::npos)
      << text;
}

TEST(slurm_script, what_slurm_cannot_be_asked_for_is_refused) {
  auto value = of_one_node();
  value.jobs[0].spot = true;
  EXPECT_THROW(slurm_script(value, value.jobs.front()), error);
  value = of_one_node();
  value.jobs[0].gpu_resource = "nvidia.com/mig-3g.40gb";
  EXPECT_THROW(slurm_script(value, value.jobs.front()), error);
  value = of_one_node();
  value.jobs[0].gpu_product = "NVIDIA-H100-80GB-HBM3";
  EXPECT_THROW(slurm_script(value, value.jobs.front()), error);
  value = of_one_node();
  value.settings["partition"] = "a\nrm -rf x";
  EXPECT_THAT([&] { slurm_script(value, value.jobs.front()); },
              testing::ThrowsMessage<error>("--set partition has a line break"));
  value = of_one_node();
  value.jobs[0].variables["NAME"] = "a\nb";
  EXPECT_THAT([&] { slurm_script(value, value.jobs.front()); },
              testing::ThrowsMessage<error>("--env NAME has a line break"));
  for (const char* results : {"/shared/a\\b", "/shared/odd a%b\\c", "/shared/a\"b"}) {
    value = of_one_node();
    value.results = results;
    EXPECT_THROW(slurm_script(value, value.jobs.front()), error) << results;
  }
  value = of_one_node();
  value.jobs[0].collective = true;
  value.settings["launcher"] = "prun";
  EXPECT_THROW(slurm_script(value, value.jobs.front()), error);
}

/// Runs the script with a stand-in for srun that ends with these codes, one after the other.
class slurm_script_run : public testing::Test {
 protected:
  int run(const std::string& codes) {
    const auto value = of_one_node();
    std::ofstream(folder / "script") << slurm_script(value, value.jobs.front()).text;
    std::ofstream(folder / "codes") << codes;
    std::ofstream(folder / "srun") << "#!/bin/sh\ncd " << folder.string()
                                   << "\ncode=$(head -n 1 codes); sed -i 1d codes; echo . >>calls; exit $code\n";
    std::filesystem::permissions(folder / "srun", std::filesystem::perms::owner_all);
    std::filesystem::remove(folder / "calls");
    return run_process({"env", "PATH=" + folder.string() + ":/usr/bin:/bin", "bash", (folder / "script").string()})
        .exit_code;
  }
  std::size_t calls() const { return std::filesystem::file_size(folder / "calls") / 2; }

  temporary_folder made;
  const std::filesystem::path& folder = made.path();
};

TEST_F(slurm_script_run, what_fails_is_begun_again_and_keeps_its_exit_code) {
  EXPECT_EQ(run("0\n"), 0);
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(run("3\n137\n0\n"), 0);
  EXPECT_EQ(calls(), 3U);
  EXPECT_EQ(run("3\n3\n9\n0\n"), 9);
  EXPECT_EQ(calls(), 3U);
}

TEST_F(slurm_script_run, what_another_start_would_not_change_is_begun_once) {
  EXPECT_EQ(run("2\n0\n"), 2);
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(run("4\n0\n"), 4);
  EXPECT_EQ(calls(), 1U);
}

TEST(engines, a_setting_that_is_not_known_is_refused_with_the_nearest) {
  auto value = sample_campaign();
  value.settings["partitoin"] = "gpu";
  try {
    require_known_settings(find_engine("slurm"), value);
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_NE(e.describe().find("'partition'"), std::string::npos) << e.describe();
  }
  EXPECT_THROW(find_engine("slrum"), error);
}

}  // namespace
}  // namespace gpubench::fleet
