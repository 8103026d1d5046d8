#include "fleet/mpi_script.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/process.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/fleet/sample_campaign.hpp"
#include "tests/temporary_folder.hpp"

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

TEST(host_file, with_other_hosts_than_the_job_has_is_refused_at_its_line) {
  const temporary_folder made;
  const auto job = on_hosts().jobs[0];
  const auto refusal = [&](const std::string& text) -> std::string {
    write_manifests({{"p5-48xlarge.hosts", text}}, made.path(), true);
    try {
      require_hosts_as_asked(job, made.path());
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::input);
      return std::to_string(e.where().line) + ": " + e.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(host_file(job).text), "");
  EXPECT_EQ(refusal("a slots=4\nb\nc slots=8 \nd.example.org slots=1"), "") << "slots are the user's";
  EXPECT_EQ(refusal("a slots=8\nz slots=8\nc\nd.example.org\n"), "2: names 'z', and campaign.json 'b'");
  EXPECT_EQ(refusal("b\na\nc\nd.example.org\n"), "1: names 'b', and campaign.json 'a'") << "task 0 would be on b";
  EXPECT_EQ(refusal("a\nb\n\nc\nd.example.org\n"), "3: names '', and campaign.json 'c'") << "as the script counts";
  EXPECT_EQ(refusal("a\nb\nc\n"), "3: ends before 'd.example.org' of campaign.json");
  EXPECT_EQ(refusal("a\nb\nc\nd.example.org\ne\n"), "5: names 'e' behind the 4 hosts of campaign.json");
  EXPECT_EQ(refusal(""), "0: ends before 'a' of campaign.json");
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
  EXPECT_EQ(
      said.rfind("-o\nBatchMode=yes\n-o\nConnectTimeout=10\n-o\nServerAliveInterval=10\n-o\nServerAliveCountMax=3\n"
                 "d.example.org\nexport GPUBENCH_TASK=3; ",
                 0),
      0U)
      << said;
  for (const char* part :
       {"nohup setsid sh -c 'for attempt in $(seq 0 2); do env NCCL_DEBUG='\\''WARN INFO'\\'' gpubench "
        "fleet task --campaign night-3f9a12c4 --job p5-48xlarge --results-dir /shared/night/results "
        "--index-variable GPUBENCH_TASK --alone -- gpubench run --suite quick && exit 0;",
        ">>/shared/night/results/p5-48xlarge/$GPUBENCH_TASK.log 2>&1 </dev/null &"})
    EXPECT_NE(said.find(part), std::string::npos) << part << "\nin\n" << said;
}

TEST_F(ssh_script_run, begins_a_collective_on_the_first_host_with_ranks_on_all) {
  auto value = on_hosts();
  value.jobs[0].collective = true;
  value.jobs[0].command = {"collective"};
  const auto said = said_to_ssh(value, "0");
  EXPECT_NE(said.find("\na\nexport GPUBENCH_TASK=0; export hosts='a:8,b:8,c:8,d.example.org:8'; "), std::string::npos)
      << said;
  EXPECT_NE(said.find("-- mpirun -np 32 --host \"$hosts\" --map-by slot -x NCCL_DEBUG gpubench collective"),
            std::string::npos)
      << said;
}

/// Runs the script with an ssh that has the remote shell on this machine, where the program notes its words.
class remote_shell : public testing::Test {
 protected:
  remote_shell() {
    tool("ssh", "for last; do :; done\nexec sh -c \"$last\"\n");
    tool("noting", "for word; do echo \"<$word>\"; done >" + (folder / "noting.tmp").string() + "\nmv " +
                       (folder / "noting.tmp").string() + " " + (folder / "words").string() + "\n");
  }
  void tool(const std::string& name, const std::string& script) {
    write_manifests({{name, "#!/bin/sh\n" + script, true}}, folder, true);
  }

  void begin(campaign value) {
    value.results = folder / "results";
    write_manifests({host_file(value.jobs[0]), ssh_script(value, value.jobs[0])}, folder, true);
    const auto done =
        run_process({"env", "PATH=" + folder.string() + ":/usr/bin:/bin", (folder / "p5-48xlarge.sh").string(), "0"});
    EXPECT_EQ(done.exit_code, 0) << done.errors;
  }
  // It goes on when the connection has ended.
  void await(const char* file) {
    for (int i = 0; i < 1000 && !std::filesystem::exists(folder / file); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(std::filesystem::exists(folder / file)) << file;
  }
  /// What the program on the host is given, a line a word.
  std::string words_of(campaign value) {
    value.program = (folder / "noting").string();
    begin(value);
    await("words");
    return read_file(folder / "words");
  }

  temporary_folder made;
  const std::filesystem::path folder = made.path();
};

TEST_F(remote_shell, each_word_of_the_command_stands_for_itself) {
  const auto trap = (folder / "trap").string();
  auto value = on_hosts();
  value.jobs[0].command = {"run", "--filter", "$(touch " + trap + ")", "`touch " + trap + "`", "$HOME", "",
                           "--",  "a;b"};
  value.jobs[0].variables = {{"NAME", "$(touch " + trap + ")"}};
  const std::string given =
      "<run>\n<--filter>\n<$(touch " + trap + ")>\n<`touch " + trap + "`>\n<$HOME>\n<>\n<-->\n<a;b>\n";
  const auto apart = words_of(value);
  EXPECT_EQ(apart.substr(apart.find("<run>")), given);
  EXPECT_FALSE(std::filesystem::exists(trap)) << "a word was executed on the host";
  std::filesystem::remove(folder / "words");
  value.jobs[0].collective = true;
  const auto together = words_of(value);
  EXPECT_EQ(together.substr(together.find("<run>")), given);
  EXPECT_NE(together.find("<--host>\n<a:8,b:8,c:8,d.example.org:8>\n<--map-by>\n"), std::string::npos) << together;
  EXPECT_FALSE(std::filesystem::exists(trap)) << "a word was executed on the host";
}

TEST_F(remote_shell, what_fails_is_begun_again_but_not_what_another_start_would_not_change) {
  // It writes its starts down, and ends with the codes one after the other; the loop's end is the end of its log.
  const auto starts = [&](const std::string& codes) {
    std::ofstream(folder / "codes") << codes;
    std::ofstream(folder / "starts") << "";
    tool("failing", "cd " + folder.string() +
                        "\ncode=$(head -n 1 codes); sed -i 1d codes; echo . >>starts\n"
                        "sed -n 1p codes | grep -q . || touch last\nexit $code\n");
    auto value = on_hosts();
    value.program = (folder / "failing").string();
    begin(value);
    await("last");
    std::filesystem::remove(folder / "last");
    return read_file(folder / "starts").size() / 2;
  };
  EXPECT_EQ(starts("9\n137\n0\n"), 3U);
  EXPECT_EQ(starts("9\n9\n9\n"), 3U);
  EXPECT_EQ(starts("2\n"), 1U);
}

TEST(ssh_script, a_host_of_two_jobs_and_one_of_two_spellings_are_refused) {
  auto value = on_hosts();
  require_hosts_apart(value);
  value.jobs.push_back(value.jobs[0]);
  value.jobs[1].name = "g6";
  value.jobs[1].hosts = {"e", "f", "g", "D.Example.org."};
  require_sound(value);
  try {
    require_hosts_apart(value);
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_NE(e.describe().find("D.Example.org. is of two jobs, p5-48xlarge and g6"), std::string::npos)
        << e.describe();
  }
  for (const char* same : {"a", "A", "a."}) {
    value.jobs[1].hosts = {"a", "f", "g", same};
    EXPECT_THROW(require_sound(value), error) << same;
  }
}

TEST(ssh_script, what_hosts_cannot_be_asked_for_is_refused) {
  const auto refused = [](auto change) {
    auto value = on_hosts();
    change(value);
    EXPECT_THROW(
        {
          require_sound(value);
          ssh_script(value, value.jobs[0]);
        },
        error);
  };
  refused([](campaign& c) { c.jobs[0].hosts.clear(); });
  refused([](campaign& c) { c.jobs[0].hosts[0] = "-oProxyCommand=sh"; });
  for (const char* host : {"a b", "a;b", "$a", "a`b`", "a|b", "a&b", "a'b", "a:b", "a\nb", "", "#a", "a/b", "a*"})
    refused([&](campaign& c) { c.jobs[0].hosts[0] = host; });
  refused([](campaign& c) { c.jobs[0].command.push_back("a\ntouch here"); });
  refused([](campaign& c) { c.image = "registry/gpubench:1"; });
  refused([](campaign& c) { c.settings["ssh-config"] = "config"; });
  refused([](campaign& c) { c.jobs[0].spot = true; });
  refused([](campaign& c) { c.jobs[0].gpu_product = "NVIDIA-H100-80GB-HBM3"; });
  refused([](campaign& c) { c.jobs[0].gpu_resource = "nvidia.com/mig-3g.40gb"; });
  refused([](campaign& c) { c.jobs[0].cpus_per_node = 8; });
  refused([](campaign& c) { c.jobs[0].memory_bytes = 1e9; });
  refused([](campaign& c) { c.jobs[0].time_limit = std::chrono::seconds(1); });
}

}  // namespace
}  // namespace gpubench::fleet
