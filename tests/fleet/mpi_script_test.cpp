#include "fleet/mpi_script.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/process.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/fleet/sample_campaign.hpp"
#include "tests/fleet/temporary_folder.hpp"

namespace gpubench::fleet {
namespace {

campaign on_hosts() {
  auto value = sample_campaign();
  value.engine = "mpi";
  value.jobs[0].hosts = {"a", "b", "c", "d.example.org"};
  value.jobs[0].variables = {{"NCCL_DEBUG", "WARN INFO"}};
  return value;
}

TEST(host_file, has_a_line_a_host_with_its_ranks) {
  EXPECT_EQ(host_file(on_hosts().jobs[0]).text, "a slots=8\nb slots=8\nc slots=8\nd.example.org slots=8\n");
}

/// Runs the script with a stand-in for ssh that writes down what it is given.
class ssh_script_run : public testing::Test {
 protected:
  std::string said_to_ssh(const campaign& value, const std::string& index) {
    const auto& folder = made.path();
    for (const auto& one : {host_file(value.jobs[0]), ssh_script(value, value.jobs[0])})
      write_manifests({one}, folder, true);
    std::ofstream(folder / "ssh") << "#!/bin/sh\nprintf '%s\\n' \"$@\"\n";
    std::filesystem::permissions(folder / "ssh", std::filesystem::perms::owner_all);
    const auto done = run_process({"env", "PATH=" + folder.string() + ":/usr/bin:/bin",
                                   (folder / ssh_script_name(value.jobs[0])).string(), index});
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    return done.output;
  }
  temporary_folder made;
};

TEST_F(ssh_script_run, begins_a_task_on_its_host) {
  const auto said = said_to_ssh(on_hosts(), "3");
  EXPECT_EQ(said.rfind("-o\nBatchMode=yes\n-o\nConnectTimeout=10\nd.example.org\nindex=3; ", 0), 0U) << said;
  EXPECT_NE(said.find("nohup setsid env NCCL_DEBUG='WARN INFO' gpubench fleet task --campaign night-3f9a12c4 --job "
                      "p5-48xlarge --results-dir /shared/night/results --index $index -- gpubench run --suite quick "
                      ">>/shared/night/results/p5-48xlarge/$index.log 2>&1 </dev/null &"),
            std::string::npos)
      << said;
}

TEST_F(ssh_script_run, begins_a_collective_on_the_first_host_with_ranks_on_all) {
  auto value = on_hosts();
  value.jobs[0].collective = true;
  value.jobs[0].command = {"collective"};
  const auto said = said_to_ssh(value, "0");
  EXPECT_NE(said.find("\na\nindex=0; hosts=a:8,b:8,c:8,d.example.org:8; "), std::string::npos) << said;
  EXPECT_NE(said.find("-- mpirun -np 32 --host $hosts --map-by slot -x NCCL_DEBUG gpubench collective"),
            std::string::npos)
      << said;
}

TEST(ssh_script, what_hosts_cannot_be_asked_for_is_refused) {
  const auto refused = [](auto change) {
    auto value = on_hosts();
    change(value);
    EXPECT_THROW(ssh_script(value, value.jobs[0]), error);
  };
  refused([](campaign& c) { c.jobs[0].hosts.clear(); });
  refused([](campaign& c) { c.jobs[0].hosts[0] = "-oProxyCommand=sh"; });
  refused([](campaign& c) { c.jobs[0].hosts[0] = "a b"; });
  refused([](campaign& c) { c.image = "registry/gpubench:1"; });
  refused([](campaign& c) { c.jobs[0].spot = true; });
  refused([](campaign& c) { c.jobs[0].time_limit = std::chrono::seconds(1); });
}

}  // namespace
}  // namespace gpubench::fleet
