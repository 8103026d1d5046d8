"""A campaign on hosts that only SSH reaches: begun there, left alone, fetched by rsync."""

import datetime
import json
import os
import pathlib
import shutil
import sys

from harness import DONE, ENVIRONMENT, FAILED, NO, PROGRAM, SMALL, USAGE, ProgramTest, environment, require_mpi
from servers import wait_for
from ssh_hosts import SshHosts


HOSTS = [f"host{letter}" for letter in "abcdefgh"]


class FleetOnHostsTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.hosts = SshHosts(self.here / "ssh", HOSTS)
        self.addCleanup(self.hosts.stop)
        try:
            wait_for(self.hosts.ready, 10)
        except AssertionError:
            self.skipTest(f"this machine lets nobody in by SSH, not even with a key: {self.hosts.log()[-300:]}")

    def fleet(self, *arguments, status=DONE, says=()):
        done = self.run_program("fleet", *arguments)
        self.assertEqual(done.returncode, status, f"{done.stdout}\n{done.stderr}\n{self.hosts.log()[-1000:]}")
        for text in says:
            self.assertIn(text, done.stdout + done.stderr)
        return done

    def render(self, hosts, *options, program=PROGRAM, command=("--", "run", *SMALL)):
        self.fleet("render", "--engine", "mpi", "--output-dir", "lab", "--host", hosts, "--program", program,
                   "--retries", "0", "--results-dir", self.here / "there", "--set", f"ssh-config={self.hosts.config}", *options, *command)

    def there(self):
        """Where hosts leave what they measured: the campaign's own folder in the one that was named."""
        results = pathlib.Path(json.loads((self.here / "lab" / "campaign.json").read_text())["results"])
        self.assertEqual(results.parent, self.here / "there")
        return results

    def collected(self):
        self.run_program("fleet", "collect", "lab", "--output", "collected.json", "--format", "json")
        return json.loads((self.here / "collected.json").read_text())["tasks"]

    def submissions(self):
        return json.loads((self.here / "lab" / "state.json").read_text())["submissions"]

    def submitted_ago(self, **age):
        """As if the first submission had been made then."""
        state = json.loads((self.here / "lab" / "state.json").read_text())
        then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**age)
        state["submissions"][0]["submitted_at"] = then.strftime("%Y-%m-%dT%H:%M:%SZ")
        (self.here / "lab" / "state.json").write_text(json.dumps(state))

    def await_end(self, starts=(1,)):
        """Until task i was begun so many times and has ended."""
        def ended(index, times):
            record = json.loads((self.there() / "nodes" / f"{index}.record.json").read_text())
            return record["starts"] == times and record["finished_at"]
        starts = starts if isinstance(starts, dict) else dict(enumerate(starts))
        wait_for(lambda: all(ended(index, times) for index, times in starts.items()))

    def test_hosts_are_measured_apart_and_one_that_is_down_keeps_no_other(self):
        self.render("hosta,hostb,hostc")
        self.hosts.write_config(down=["hostc"])
        self.fleet("submit", "lab", status=ENVIRONMENT, says=["task 0", "task 1", "Connection refused"])
        self.await_end([1, 1])
        tasks = self.collected()
        self.assertEqual([task["state"] for task in tasks], ["measured", "measured", "not-submitted"])
        self.assertEqual([task["node"] for task in tasks], ["hosta", "hostb", "hostc"])
        self.assertIn("Connection refused", tasks[2]["reason"])
        self.fleet("status", "lab", says=["handing it over failed: ", "Connection refused"])
        for task in tasks[:2]:
            self.assertTrue(task["run"]["file"].startswith("lab/results/"), task)
            self.assert_valid_run(self.here / task["run"]["file"])
        self.hosts.write_config()
        self.fleet("submit", "lab", says=["task 2"])
        self.await_end([1, 1, 1])
        self.fleet("collect", "lab", says=["3 of 3 tasks measured"])
        self.fleet("resume", "lab", says=["Nothing to submit again"])
        # A host that is gone afterwards takes nothing away of what was fetched.
        self.hosts.write_config(down=["hosta", "hostb", "hostc"])
        self.fleet("collect", "lab", says=["3 of 3 tasks measured"])

    def test_hosts_that_stay_down_block_neither_submit_nor_resume(self):
        dead = ["hostb", "hostc", "hostd", "hoste"]
        program = self.here / "program"
        program.write_text(f'#!/bin/sh\n[ "$1" = fleet ] || exit 9\nexec {PROGRAM} "$@"\n')
        program.chmod(0o755)
        self.render(",".join(HOSTS), program=program)
        self.hosts.write_config(down=dead)
        for _ in range(2):
            self.fleet("submit", "lab", status=ENVIRONMENT, says=["not handed over: nodes 1-4 (hostb, hostc, hostd, hoste)", "Connection refused"])
            ids = {row["tasks"][0]: row["id"] for row in self.submissions()}
            self.assertEqual({task for task, id in ids.items() if id}, {0, 5, 6, 7})
        begun = [0, 5, 6, 7]
        self.await_end({index: 1 for index in begun})
        # All of them failed, and are begun again although others are still down.
        program.write_text(f'#!/bin/sh\nexec {PROGRAM} "$@"\n')
        self.fleet("resume", "lab", status=ENVIRONMENT, says=["Again", "not handed over: nodes 1-4"])
        self.await_end({index: 2 for index in begun})
        states = [task["state"] for task in self.collected()]
        self.assertEqual([index for index, state in enumerate(states) if state == "measured"], begun, states)

    def test_a_host_file_that_was_edited_is_refused(self):
        self.render("hosta,hostb")
        file = self.here / "lab" / "nodes.hosts"
        text = file.read_text()
        file.write_text(text.replace("hostb", "hostc"))
        for command in ("submit", "resume"):
            done = self.fleet(command, "lab", status=USAGE,
                              says=["lab/nodes.hosts:2: names 'hostc', and campaign.json 'hostb'", "fleet render --host"])
            self.assertNotIn("Submitted", done.stdout + done.stderr)
        self.assertEqual(self.submissions(), [])
        file.write_text(text.replace("hostb slots=1", "hostb slots=2"))
        self.fleet("submit", "lab", says=["task 0", "task 1"])

    def test_a_host_that_is_away_for_a_moment_is_waited_for(self):
        # The first ends in good order, the third fails, and the second still measures; then nobody is reached.
        program, begin, go = (self.here / name for name in ("program", "begin", "go"))
        program.write_text(f'''#!/bin/sh
wait_for() {{ for _ in $(seq 600); do [ -e $1 ] && break; sleep 0.1; done; }}
case "$GPUBENCH_NODE $* " in
  *" --report "*) ;;
  "hostb fleet "*) wait_for {begin} ;;
  "hostb run "*) wait_for {go} ;;
  "hostc run "*) [ -e {go} ] || exit 9 ;;
esac
exec {PROGRAM} "$@"
''')
        program.chmod(0o755)
        self.render("hosta,hostb,hostc", program=program)
        self.fleet("submit", "lab")
        self.await_end({0: 1, 2: 1})
        begin.touch()  # on this machine, which is all of them, one task runs at a time
        self.addCleanup(go.touch)
        wait_for((self.there() / "nodes" / "1.record.json").exists)
        self.hosts.write_config(down=HOSTS)
        done = self.fleet("status", "lab", status=ENVIRONMENT, says=["not reached: ", "Connection refused"])
        # Of the others their records, which the hosts of this test leave on this machine, tell the end.
        self.assertIn("No answer      from the hosts of 1 task: how they stand is not known", done.stderr)
        self.fleet("collect", "lab", status=ENVIRONMENT,
                   says=["0 of 3 tasks measured, 3 unknown", "No answer      from the hosts of 3 tasks",
                         "fleet collect lab, when the hosts"])
        document = json.loads((self.here / "lab" / "collection.json").read_text())
        self.assertEqual([(task["out_of_reach"], task["can_be_done_again"]) for task in document["tasks"]], [(True, False)] * 3)
        done = self.fleet("resume", "lab", status=ENVIRONMENT,
                          says=[f"Not again      nodes {task}: not reached: " for task in range(3)])
        self.assertIn("Nothing to submit again, as far as hosts answer", done.stderr)
        self.assertEqual(len(self.submissions()), 3)
        # A host that is down keeps no other from being done again.
        self.hosts.write_config(down=["hosta", "hostb"])
        self.fleet("resume", "lab", status=ENVIRONMENT,
                   says=["Again          nodes 2: it ended with exit code 9", "Not again      nodes 1: not reached: "])
        self.assertEqual([row["tasks"] for row in self.submissions()], [[0], [1], [2], [2]])
        go.touch()
        self.await_end([1, 1, 2])
        self.hosts.write_config()
        self.fleet("collect", "lab", says=["3 of 3 tasks measured"])
        self.fleet("status", "lab")
        # What was fetched tells their end.
        self.hosts.write_config(down=HOSTS)
        done = self.fleet("status", "lab", says=["its record says that it ended on hosta"])
        self.assertNotIn("No answer", done.stderr)

    def test_a_record_that_its_host_refuses_is_named_and_nothing_done_again(self):
        self.render("hosta")
        self.fleet("submit", "lab")
        self.await_end()
        (self.there() / "nodes" / "0.record.json").write_text("{")
        self.fleet("status", "lab", says=["does not answer: error: ", "0.record.json"])
        self.fleet("collect", "lab", status=FAILED, says=["1 refused", "0.record.json"])
        self.fleet("resume", "lab", says=["Not again      nodes 0: ", "0.record.json away there, and it does"])
        self.assertEqual(len(self.submissions()), 1)

    def test_a_program_that_is_slow_to_begin_is_waited_for(self):
        program, go = self.here / "program", self.here / "go"
        program.write_text(f'''#!/bin/sh
case "$* " in *" --report "*) ;; "fleet "*) for _ in $(seq 600); do [ -e {go} ] && break; sleep 0.1; done ;; esac
exec {PROGRAM} "$@"
''')
        program.chmod(0o755)
        self.render("hosta", program=program)
        self.fleet("submit", "lab")
        done = self.fleet("collect", "lab", status=NO, says=["1 waiting"])
        self.assertRegex(done.stdout, "handed over [0-9]+ s ago, and not begun yet")
        self.fleet("resume", "lab", says=["Nothing to submit again"])
        # Had it been handed over long ago, it would not come any more.
        self.submitted_ago(minutes=5)
        self.fleet("collect", "lab", status=FAILED, says=["1 failed", "it was not begun: see "])
        go.touch()
        self.await_end()
        self.fleet("collect", "lab", says=["1 of 1 task measured"])

    def test_what_cannot_be_fetched_has_its_reason_and_is_not_begun_again(self):
        self.render("hosta,hostb")
        self.fleet("submit", "lab")
        self.await_end([1, 1])
        # An rsync that fails as where the hosts have none.
        tools = self.here / "tools"
        tools.mkdir()
        (tools / "rsync").write_text(
            '#!/bin/sh\necho "bash: line 1: rsync: command not found" >&2\n'
            'echo "rsync error: remote command not found (code 127) at io.c(231)" >&2; exit 127\n')
        (tools / "rsync").chmod(0o755)
        env = environment(PATH=f"{tools}:{os.environ['PATH']}")
        done = self.run_program("fleet", "collect", "lab", env=env)
        self.assertEqual(done.returncode, NO, done.stdout + done.stderr)
        self.assertIn("0 of 2 tasks measured, 2 unknown", done.stderr)
        self.assertIn("could not be fetched: rsync failed with exit code 127: bash: line 1: rsync: command not found",
                      done.stdout)
        done = self.run_program("fleet", "resume", "lab", env=env)
        self.assertIn("Nothing to submit again", done.stderr)
        self.assertEqual(len(self.submissions()), 2)
        self.fleet("collect", "lab", says=["2 of 2 tasks measured"])

    def test_a_run_that_fails_is_listed_with_its_exit_code(self):
        program = self.here / "program"
        program.write_text(f'#!/bin/sh\n[ "$1" = fleet ] || exit 9\nexec {PROGRAM} "$@"\n')
        program.chmod(0o755)
        self.render("hosta", program=program)
        self.fleet("submit", "lab")
        self.await_end()
        self.fleet("collect", "lab", status=FAILED, says=["exit code 9; the run ended on hosta with exit code 9",
                                                            "see lab/results/nodes/0.log"])
        program.write_text(f'#!/bin/sh\nexec {PROGRAM} "$@"\n')
        self.fleet("resume", "lab", says=["Again", "Submitted"])
        self.await_end([2])
        self.fleet("collect", "lab", says=["1 of 1 task measured"])

    def test_what_another_campaign_left_on_a_host_is_not_taken_for_its_own(self):
        self.render("hosta")
        self.fleet("submit", "lab")
        self.await_end([1])
        record = self.there() / "nodes" / "0.record.json"
        record.write_text(record.read_text().replace('"campaign": "', '"campaign": "other-'))
        rows = json.loads(self.fleet("status", "lab", "--format", "json").stdout)
        self.assertEqual(rows[0]["state"], "failed")
        self.assertIn("there lies what campaign other-", rows[0]["reason"])
        self.assertEqual([task["state"] for task in self.collected()], ["foreign"])

    def test_a_clock_that_is_behind_is_named_long_after_the_submission(self):
        # On this host it is twenty minutes earlier: in what gpubench says when it is asked, and in its record.
        program = self.here / "program"
        program.write_text(f"""#!{sys.executable}
import datetime, json, pathlib, subprocess, sys
def earlier(text):
    return (datetime.datetime.fromisoformat(text[:-1]) - datetime.timedelta(minutes=20)).isoformat()[:19] + "Z"
done = subprocess.run(["{PROGRAM}", *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
if "--report" in sys.argv:
    says = json.loads(done.stdout)
    says["asked_at"] = earlier(says["asked_at"])
    print(json.dumps(says))
elif sys.argv[1] == "fleet":
    file = pathlib.Path(sys.argv[sys.argv.index("--results-dir") + 1]) / "nodes" / "0.record.json"
    record = json.loads(file.read_text())
    record.update(started_at=earlier(record["started_at"]), finished_at=earlier(record["finished_at"]))
    file.write_text(json.dumps(record))
    pathlib.Path("{self.here}/shifted").touch()
sys.exit(done.returncode)
""")
        program.chmod(0o755)
        self.render("hosta", program=program)
        self.fleet("submit", "lab")
        wait_for((self.here / "shifted").exists)
        self.submitted_ago(hours=1)
        done = self.fleet("collect", "lab", says=["1 of 1 task measured"])
        self.assertRegex(done.stderr, "the clock of hosta is at least (19.9|20.0|20.1) min behind")

    def test_gpubench_that_is_not_on_the_host_is_told(self):
        self.render("hosta", program="/nowhere/gpubench")
        self.fleet("submit", "lab", status=ENVIRONMENT, says=["/nowhere/gpubench is not on this host"])

    def test_what_mpirun_says_is_the_reason_where_gpubench_said_nothing(self):
        require_mpi(self)
        settings = [word for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM")
                    for word in ("--env", f"{name}=1")]
        reached = ("--env", f"OMPI_MCA_plm_rsh_agent=ssh -F {self.hosts.config}", "--env", "OMPI_MCA_oob_tcp_if_include=lo")
        # The SSH that mpirun calls by itself does not know the host; the script is given more ranks than slots.
        for more, says in (((), "ssh: Could not resolve hostname hosta"),
                           (reached, "There are not enough slots available in the system to satisfy the 100 slots")):
            self.render("hosta", "--ranks", "2", *settings, *more, command=("--", "collective"))
            script = self.here / "lab" / "nodes.sh"
            text = script.read_text()
            self.assertIn("mpirun -np 2 ", text)
            script.write_text(text.replace("mpirun -np 2 ", "mpirun -np 100 "))
            self.fleet("submit", "lab")
            self.await_end()
            self.fleet("collect", "lab", status=FAILED, says=[says, "; see lab/results/nodes/0.log"])
            shutil.rmtree(self.here / "lab")

    def test_a_collective_has_its_ranks_on_all_hosts(self):
        require_mpi(self)
        variables = {"OMPI_MCA_plm_rsh_agent": f"ssh -F {self.hosts.config}", "OMPI_ALLOW_RUN_AS_ROOT": "1",
                     "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_btl_tcp_if_include": "lo",
                     "OMPI_MCA_oob_tcp_if_include": "lo", "OMPI_MCA_rmaps_base_oversubscribe": "1"}
        settings = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
        self.render("hosta,hostb", "--ranks", "1", *settings,
                    command=("--", "collective", "--backend", "host", "--collective", "all_reduce", "--max-bytes",
                             "64", "--no-pairs", "--case-time", "50ms"))
        self.fleet("submit", "lab")
        self.await_end()
        log = (self.there() / "nodes" / "0.log").read_text()
        tasks = self.collected()
        self.assertEqual(tasks[0]["state"], "measured", f"{tasks}\n{log}")
        self.assertTrue(self.assert_valid_run(self.here / tasks[0]["run"]["file"])["measurements"], log)
