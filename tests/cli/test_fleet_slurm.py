"""A campaign on a real Slurm: rendered, submitted, killed half-way, resumed, collected, and made a recommendation."""

import datetime
import json
import os
import shutil
import stat
import time

from harness import DONE, ENVIRONMENT, FAILED, NO, PROGRAM, SMALL, SOURCE, USAGE, ProgramTest, environment, require_mpi
from slurm_cluster import SlurmCluster

COMMAND = ("--", "run", *SMALL)
# What a user's shell may tell sbatch and srun, or has of an allocation that it stands in.
OWN_OPTIONS = {"SBATCH_EXPORT": "PATH,LD_LIBRARY_PATH,HOME", "SLURM_TIMELIMIT": "1", "SLURM_GPUS": "1",
               "SLURM_GPUS_PER_NODE": "1", "SLURM_GRES": "gpu:1", "SRUN_CPUS_PER_TASK": "4", "SLURM_EXCLUSIVE": "1",
               "SLURM_MEM_PER_NODE": "999999", "SLURM_CPU_BIND": "map_cpu:999", "SLURM_STDOUTMODE": "none",
               "SRUN_EXPORT_ENV": "NONE", "SLURM_NTASKS": "7", "SLURM_NPROCS": "7", "SLURM_NNODES": "3"}


class FleetOnSlurmTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.cluster = SlurmCluster(self.here / "cluster")
        self.addCleanup(self.cluster.stop)
        self.variables = self.cluster.variables

    def fleet(self, *arguments, status=DONE, says=(), **variables):
        done = self.run_program("fleet", *arguments, env=environment(**{**self.variables, **variables}))
        self.assertEqual(done.returncode, status, f"{done.stdout}\n{done.stderr}\n{self.task_logs()}\n{self.cluster.logs()}")
        for text in says:
            self.assertIn(text, done.stdout + done.stderr)
        return done

    def task_logs(self):
        return "\n".join(f"--- {log.relative_to(self.here)}\n{log.read_text(errors='replace')}"
                         for log in sorted(self.here.glob("night/results/**/*.log")))

    def script(self, name, text):
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def render(self, *options, program=PROGRAM, command=COMMAND):
        once = () if "--retries" in options else ("--retries", "0")
        return self.fleet("render", "--engine", "slurm", "--name", "night", *once, "--program", program,
                          "--output-dir", "night", *options, *command)

    def submissions(self):
        return json.loads((self.here / "night" / "state.json").read_text())["submissions"]

    def an_hour_ago(self, **changes):
        """As if the submissions had been made then."""
        state = self.here / "night" / "state.json"
        document = json.loads(state.read_text())
        then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        for one in document["submissions"]:
            one.update(submitted_at=then.strftime("%Y-%m-%dT%H:%M:%SZ"), **changes)
        state.write_text(json.dumps(document))

    def collect(self, status=DONE):
        done = self.fleet("collect", "night", "--format", "json", status=status)
        return json.loads(done.stdout), done.stderr

    def states(self, key):
        return self.cluster.run("squeue", "--states=all", "--noheader", "--array", f"--name={key}",
                                "--format=%F_%K %T").stdout.split("\n")

    def jobs_at_the_engine(self):
        return self.cluster.run("squeue", "--states=all", "--noheader", "--array", "--format=%F_%K %j").stdout.split("\n")[:-1]

    def assert_schema(self, name, document):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((SOURCE / "fleet" / "schema" / f"{name}.json").read_text())
        jsonschema.validators.validator_for(schema)(schema).validate(document)

    def test_a_campaign_killed_half_way_submits_nothing_twice_and_loses_nothing(self):
        # The run on node3 fails as long as there is a file named broken.
        (self.here / "broken").touch()
        program = self.script("program", f'if [ "$1" = run ] && [ "$SLURMD_NODENAME" = node3 ] && '
                                         f'[ -e {self.here}/broken ]; then exit 9; fi\nexec {PROGRAM} "$@"\n')
        self.render("--nodes", "4", program=program)

        # Killed at once after Slurm has taken the job, before its id can be noted.
        real = self.cluster.folder / "bin" / "sbatch"
        self.script("killing/sbatch", f'{real} "$@" >/dev/null\nkill -KILL $PPID\n')
        path = f"{self.here}/killing:{self.variables['PATH']}"
        self.fleet("submit", "night", status=-9, PATH=path)
        self.assertIsNone(self.submissions()[0]["id"])
        self.fleet("submit", "night", says=["Found", "tasks 0-3", "could not note it"])
        self.fleet("submit", "night")
        self.assertEqual(len(self.jobs_at_the_engine()), 4)
        self.assertEqual(len(self.submissions()), 1)

        self.cluster.await_no_jobs()
        self.fleet("status", "night", says=["FAILED, NonZeroExitCode, exit code 9", "node3", "ended"])
        document, said = self.collect(status=FAILED)
        self.assert_schema("gpubench.fleet-collection-1", document)
        states = {task["node"]: task["state"] for task in document["tasks"]}
        self.assertEqual(states, {"node1": "measured", "node2": "measured", "node3": "failed", "node4": "measured"})
        failed = next(task for task in document["tasks"] if task["state"] == "failed")
        self.assertIn("NonZeroExitCode, exit code 9; the run ended on node3 with exit code 9", failed["reason"])
        self.assertIn("3 of 4 tasks measured, 1 failed", said)
        for task in document["tasks"]:
            if task["state"] == "measured":
                self.assert_valid_run(task["run"]["file"])

        # Only what failed is submitted again, and what is killed before Slurm hears of it is submitted once.
        (self.here / "broken").unlink()
        self.script("killing/sbatch", "kill -KILL $PPID\n")
        before = {path: path.read_bytes() for path in (self.here / "night" / "results").rglob("?.json")}
        self.fleet("resume", "night", status=-9, PATH=path)
        self.fleet("resume", "night", says=["Submitted", f"task {failed['index']}:"])
        self.assertEqual(len(self.jobs_at_the_engine()), 5)
        self.cluster.await_no_jobs()
        document, said = self.collect()
        self.assertEqual({task["state"] for task in document["tasks"]}, {"measured"})
        for path, content in before.items():
            self.assertEqual(path.read_bytes(), content, "a result that was there was touched")
        self.fleet("resume", "night", says=["Nothing to submit again"])
        self.assertEqual(len(self.jobs_at_the_engine()), 5)
        self.assert_schema("gpubench.fleet-1", json.loads((self.here / "night" / "campaign.json").read_text()))
        self.assert_schema("gpubench.fleet-state-1", json.loads((self.here / "night" / "state.json").read_text()))
        for record in (self.here / "night" / "results").rglob("*.record.json"):
            self.assert_schema("gpubench.fleet-task-1", json.loads(record.read_text()))

        done = self.succeed("recommend", "resnet50-train", "--results", "night", "--as-of", "2026-11-22")
        nodes = {task["node"] for task in document["tasks"]}  # Slurm chose which of them measured the last task, too
        self.assertIn(f"the middle of {len(nodes)} nodes, stands for them", done.stderr)
        self.assertIn("resnet50-train", done.stdout)

        # A result of another run, put in its place.
        results = self.here / "night" / "results" / "nodes"
        (results / "1.json").write_bytes((results / "0.json").read_bytes())
        document, _ = self.collect(status=FAILED)
        self.assertEqual(document["tasks"][1]["state"], "refused")
        self.assertIn("SHA-256 differs", document["tasks"][1]["reason"])

    def test_named_hosts_are_each_measured_and_a_task_is_done_once(self):
        self.render("--host", "node4,node2")
        self.fleet("submit", "night")
        self.assertEqual([entry["tasks"] for entry in self.submissions()], [[0], [1]])
        self.cluster.await_no_jobs()
        document, _ = self.collect()
        self.assertEqual([task["node"] for task in document["tasks"]], ["node4", "node2"])
        # Slurm's own times of each tell of a clock that is behind, however early the submission.
        record = self.here / "night" / "results" / "nodes" / "1.record.json"
        kept = record.read_text()
        times = json.loads(kept)
        for key in ("started_at", "finished_at"):
            time = datetime.datetime.fromisoformat(times[key][:-1]) - datetime.timedelta(minutes=20)
            times[key] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
        record.write_text(json.dumps(times))
        self.an_hour_ago()
        _, said = self.collect()
        self.assertRegex(said, "the clock of node2 is at least (19.9|20.0|20.1) min behind")
        record.write_text(kept)
        # By hand, as any user may: what is done is not done again.
        run = document["tasks"][1]["run"]["id"]
        self.cluster.run("sbatch", "--array=1", self.here / "night" / "nodes.sbatch")
        self.cluster.await_no_jobs()
        document, _ = self.collect()
        self.assertEqual(document["tasks"][1]["run"]["id"], run)
        self.assertIn("nothing to do", (self.here / "night" / "results" / "nodes" / "1.log").read_text())

    def test_a_run_that_is_whole_is_not_begun_again_for_measurements_that_failed(self):
        program = self.script("program", f'{PROGRAM} "$@"\nstatus=$?\n[ "$1" = run ] && exit 3\nexit $status\n')
        self.render("--retries", "2", program=program)
        self.fleet("submit", "night")
        self.cluster.await_no_jobs()
        document, _ = self.collect()
        [task] = document["tasks"]
        self.assertEqual((task["state"], task["reason"]), ("measured", "some of its measurements failed"))
        record = json.loads((self.here / "night" / "results" / "nodes" / "0.record.json").read_text())
        self.assertEqual((record["starts"], record["exit_code"]), (1, 3))
        self.fleet("status", "night", says=["ended"])

    def test_what_slurm_has_forgotten_is_not_submitted_again(self):
        self.render("--nodes", "2")
        real = self.cluster.folder / "bin" / "sbatch"
        self.script("killing/sbatch", f'{real} "$@" >/dev/null\nkill -KILL $PPID\n')
        self.fleet("submit", "night", status=-9, PATH=f"{self.here}/killing:{self.variables['PATH']}")
        self.cluster.await_no_jobs()
        self.an_hour_ago()
        # What slurmctld answers when MinJobAge has passed since the end. This cluster keeps no accounts.
        self.script("forgetful/squeue", "exit 0\n")
        forgetful = f"{self.here}/forgetful:{self.variables['PATH']}"
        self.fleet("submit", "night", says=["Found", "tasks 0-1"], PATH=forgetful)
        self.assertEqual(len(self.jobs_at_the_engine()), 2)
        self.collect()
        # Without a trace of it nobody knows, and it is not guessed.
        shutil.rmtree(self.here / "night" / "results")
        self.an_hour_ago(id=None)
        self.fleet("submit", "night", status=ENVIRONMENT, PATH=forgetful,
                   says=["Slurm no longer knows whether night-", "take its entry out of state.json"])
        self.assertEqual(len(self.jobs_at_the_engine()), 2)

    def test_results_on_a_file_system_that_is_away_have_not_failed(self):
        self.render("--nodes", "2")
        self.fleet("submit", "night")
        self.cluster.await_no_jobs()
        self.collect()
        index = (self.here / "night" / "collection.json").read_bytes()
        results = self.here / "night" / "results"
        results.rename(self.here / "away")
        for mountpoint in (False, True):
            if mountpoint:
                results.mkdir()
            document, said = self.collect(status=ENVIRONMENT)
            self.assertEqual({task["state"] for task in document["tasks"]}, {"unknown"})
            self.assertIn("is it mounted here?", said)
            self.assertEqual((self.here / "night" / "collection.json").read_bytes(), index)
            self.fleet("resume", "night", status=ENVIRONMENT, says=["nothing was submitted again"])
        results.rmdir()
        (self.here / "away").rename(results)
        document, _ = self.collect()
        self.assertEqual({task["state"] for task in document["tasks"]}, {"measured"})
        self.assertEqual(len(self.jobs_at_the_engine()), 2)

    def test_tasks_cancelled_before_they_began_are_not_task_0(self):
        self.render("--nodes", "6", command=("--", "run", "--filter", "stream_triad", "--budget", "60s"))
        self.fleet("submit", "night")
        key = self.submissions()[0]["key"]
        deadline = time.monotonic() + 60
        while not any("RUNNING" in line and "_0 " in line for line in self.states(key)):
            self.assertLess(time.monotonic(), deadline, self.states(key))
            time.sleep(0.2)
        self.cluster.run("scancel", "--state=PENDING", f"--name={key}")
        rows = json.loads(self.fleet("status", "night", "--format", "json").stdout)
        self.assertNotEqual(rows[0]["state"], "failed", rows)
        self.assertEqual({row["reason"].split(",")[0] for row in rows[4:]}, {"CANCELLED"}, rows)
        self.cluster.run("scancel", f"--name={key}")

    def test_the_users_own_variables_of_slurm_hide_no_jobs_and_change_no_script(self):
        self.render("--nodes", "2", "--time-limit", "10m")
        hidden = {"SQUEUE_USERS": "nobody", "SQUEUE_PARTITION": "other", "SBATCH_TIMELIMIT": "1",
                  "SBATCH_OUTPUT": str(self.here / "elsewhere.log")}
        self.fleet("submit", "night", **hidden)
        limits = self.cluster.run("squeue", "--states=all", "--noheader", "--format=%l").stdout.split()
        self.assertEqual(set(limits), {"10:00"})
        self.cluster.await_no_jobs()
        self.assertFalse((self.here / "elsewhere.log").exists())
        self.fleet("resume", "night", says=["Nothing to submit again"], **hidden)
        self.assertNotIn("forgotten", self.fleet("status", "night", **hidden).stdout)

    def test_the_users_own_variables_of_slurm_break_no_step_and_hide_no_variable(self):
        program = self.script("program", f'if [ "$1" = run ]; then echo "$NCCL_DEBUG" >>{self.here}/seen; fi\n'
                                         f'exec {PROGRAM} "$@"\n')
        self.render("--nodes", "2", "--env", "NCCL_DEBUG=INFO", program=program)
        self.fleet("submit", "night", **OWN_OPTIONS)
        self.cluster.await_no_jobs()
        document, _ = self.collect()
        self.assertEqual({task["state"] for task in document["tasks"]}, {"measured"})
        self.assertEqual((self.here / "seen").read_text(), "INFO\n" * 2)

    def test_results_that_are_away_are_not_made_anew_by_what_is_still_to_be_submitted(self):
        # node1 is measured, and the task of node2 is refused.
        real = self.cluster.folder / "bin" / "sbatch"
        self.script("half/sbatch", f'case " $* " in *" --nodelist=node2 "*) echo no >&2; exit 1;; esac\nexec {real} "$@"\n')
        self.render("--host", "node1,node2")
        self.fleet("submit", "night", status=ENVIRONMENT, PATH=f"{self.here}/half:{self.variables['PATH']}")
        self.cluster.await_no_jobs()
        self.collect(status=NO)
        index = (self.here / "night" / "collection.json").read_bytes()
        results = self.here / "night" / "results"
        results.rename(self.here / "away")
        for command in ("submit", "resume"):
            self.fleet(command, "night", status=ENVIRONMENT, says=["is it mounted here?"])
            self.assertFalse(results.exists())
        # Also where somebody made the folder.
        (results / "nodes").mkdir(parents=True)
        document, said = self.collect(status=NO)
        self.assertEqual([task["state"] for task in document["tasks"]], ["unknown", "not-submitted"])
        self.assertIn("which had more results", said)
        self.assertEqual((self.here / "night" / "collection.json").read_bytes(), index)
        shutil.rmtree(results)
        (self.here / "away").rename(results)
        self.fleet("resume", "night", says=["Submitted"])
        self.assertEqual(len(self.jobs_at_the_engine()), 2)
        self.cluster.await_no_jobs()
        self.collect()

    def test_a_campaign_stays_with_the_cluster_and_the_user_that_submitted_it(self):
        self.render("--nodes", "2")
        self.fleet("submit", "night")
        self.assertEqual(self.submissions()[0]["place"], {"cluster": "gpubench-test", "user": self.cluster.user})
        self.cluster.await_no_jobs()
        self.script("other/scontrol", "echo 'ClusterName             = other'\n")
        other = f"{self.here}/other:{self.variables['PATH']}"
        for command in ("status", "submit", "collect", "resume"):
            self.fleet(command, "night", status=USAGE, PATH=other,
                       says=["submitted to Slurm's cluster 'gpubench-test', and this is cluster 'other'", "SLURM_CONF"])
        # One of the same name, which knows nothing of a job of a moment ago.
        self.script("forgetful/squeue", "exit 0\n")
        shutil.rmtree(self.here / "night" / "results" / "nodes")
        (self.here / "night" / "results" / "nodes").mkdir()
        self.fleet("resume", "night", PATH=f"{self.here}/forgetful:{self.variables['PATH']}",
                   says=["Not again", "is this the cluster and the user that submitted it?", "Nothing to submit again"])
        self.assertEqual(len(self.jobs_at_the_engine()), 2)

    def test_a_colleague_reads_what_became_of_a_campaign_and_submits_nothing_of_it(self):
        if os.geteuid() != 0:
            self.skipTest("only root can be another user")
        self.here.chmod(0o755)
        as_nobody = ("--reuid=nobody", "--regid=nogroup", "--clear-groups", PROGRAM, "fleet")

        def colleague(command, status, says=()):
            done = self.run_program(*as_nobody, command, "night", "--format", "json", program="setpriv",
                                    env=environment(**self.variables))
            self.assertEqual(done.returncode, status, done.stdout + done.stderr + self.cluster.logs())
            for text in says:
                self.assertIn(text, done.stdout + done.stderr)
            return json.loads(done.stdout) if status != USAGE else []

        self.render("--nodes", "2")
        self.fleet("submit", "night")
        self.assertFalse({"unknown", "failed"} & {row["state"] for row in colleague("status", DONE)})
        self.cluster.await_no_jobs()
        self.assertEqual({row["state"] for row in colleague("status", DONE)}, {"ended"})
        for command in ("submit", "resume"):
            colleague(command, USAGE, [f"submitted to Slurm's user '{self.cluster.user}', and this is user 'nobody'",
                                       "others may call status and collect"])
        colleague("collect", USAGE, ["night/collection.json: cannot create a file there: Permission denied",
                                     "hint: collect keeps there what it found"])
        # Who may write into the folder may collect, also after another user did.
        self.collect()
        (self.here / "night").chmod(0o777)
        self.assertEqual({task["state"] for task in colleague("collect", DONE)["tasks"]}, {"measured"})
        # Where Slurm shows nobody the jobs of others, what it does not tell has neither failed nor was it forgotten.
        with open(self.cluster.folder / "slurm.conf", "a") as configuration:
            configuration.write("PrivateData=jobs\n")
        self.cluster.run("scontrol", "reconfigure")
        record = self.here / "night" / "results" / "nodes" / "1.record.json"
        document = json.loads(record.read_text())
        document.update(exit_code=9, result=None)
        record.write_text(json.dumps(document))
        hidden = "Slurm tells nobody of no such job, which is one of " + self.cluster.user
        self.an_hour_ago()
        self.assertEqual({row["state"] for row in colleague("status", DONE, [hidden])}, {"unknown"})
        tasks = colleague("collect", NO, [hidden])["tasks"]
        self.assertEqual([task["state"] for task in tasks], ["measured", "unknown"])
        document, _ = self.collect(status=FAILED)
        self.assertEqual([task["state"] for task in document["tasks"]], ["measured", "failed"])
        # Nor what its user may have submitted by hand.
        state = self.here / "night" / "state.json"
        document = json.loads(state.read_text())
        document["submissions"][0]["tasks"] = [0]
        state.write_text(json.dumps(document))
        colleague("status", DONE, ["whether tasks were submitted by hand is not known: Slurm may keep jobs of"])

    def test_a_path_that_sbatch_cannot_be_given_is_refused(self):
        self.fleet("render", "--engine", "slurm", "--output-dir", "odd a%b\\c/x", status=USAGE, says=["has a backslash"])

    def test_more_nodes_than_an_array_may_have_are_refused_with_what_bounds_them(self):
        self.render("--nodes", "2000")
        done = self.fleet("submit", "night", status=ENVIRONMENT, says=["MaxArraySize"])
        self.assertLess(len(done.stderr), 2000)

    def test_jobs_of_another_cluster_are_followed_there(self):
        # This machine's cluster stands in for another too, which its programs know by the name that they are given.
        folder = self.cluster.folder / "bin"
        leave_out = 'for word; do shift; case "$word" in --clusters=*) ;; *) set -- "$@" "$word" ;; esac; done\n'
        self.script("two/squeue", 'case " $* " in *" --clusters=east "*) echo "CLUSTER: east" ;; *) exit 0 ;; esac\n'
                                  f'{leave_out}exec {folder / "squeue"} "$@"\n')
        self.script("two/sbatch", f'unset SLURM_CLUSTERS\necho "$({folder / "sbatch"} "$@");east"\n')
        two = {"PATH": f"{self.here}/two:{self.variables['PATH']}"}
        self.render("--nodes", "1")
        for variable, value, words in (("SBATCH_CLUSTERS", "east", "SBATCH_CLUSTERS is set"),
                                       ("SLURM_CLUSTERS", "east,west", "names several clusters")):
            self.fleet("submit", "night", status=ENVIRONMENT, says=[words, "name one by SLURM_CLUSTERS"],
                       **two, **{variable: value})
        script = self.here / "night" / "nodes.sbatch"
        text = script.read_text()
        script.write_text(text.replace("#SBATCH --exclusive", "#SBATCH --exclusive -M east"))
        self.fleet("submit", "night", status=ENVIRONMENT, says=["the script has --clusters"], **two)
        self.assertEqual(self.jobs_at_the_engine(), [])
        script.write_text(text)
        self.fleet("submit", "night", **two, SLURM_CLUSTERS="east")
        self.assertRegex(self.submissions()[0]["id"], "^[0-9]+;east$")
        self.cluster.await_no_jobs()
        self.fleet("status", "night", says=["ended"], **two)
        self.fleet("resume", "night", says=["Nothing to submit again"], **two)
        self.assertEqual(len(self.jobs_at_the_engine()), 1)

    def test_a_campaign_without_its_state_is_not_handed_over_again(self):
        self.render("--nodes", "1")
        self.fleet("submit", "night")
        (self.here / "night" / "state.json").unlink()
        self.fleet("submit", "night", status=USAGE, says=["state.json", "is gone", "bring it back"])
        self.assertEqual(len(self.jobs_at_the_engine()), 1)

    def test_tasks_that_squeue_forgot_alone_are_asked_of_the_accounts(self):
        self.render("--nodes", "2")
        self.fleet("submit", "night")
        self.cluster.await_no_jobs()
        key, job = self.submissions()[0]["key"], self.submissions()[0]["id"]
        self.script("half/squeue", f"echo '{job}|0|COMPLETED|node1|None|N/A|N/A|0|0|{key}'\n")
        self.script("half/sacct", f"echo '{job}_0|COMPLETED|node1|Unknown|Unknown|0:0|{key}'\n"
                                  f"echo '{job}_1|NODE_FAIL|node2|Unknown|Unknown|1:0|{key}'\n")
        self.fleet("status", "night", says=["NODE_FAIL"], PATH=f"{self.here}/half:{self.variables['PATH']}")

    def test_a_task_that_its_node_takes_for_done_is_not_submitted_again(self):
        self.render("--nodes", "1")
        self.fleet("submit", "night")
        self.cluster.await_no_jobs()
        campaign = self.here / "night" / "campaign.json"
        document = json.loads(campaign.read_text())
        document["jobs"][0]["command"] = ["run", "--suite", "standard"]
        campaign.write_text(json.dumps(document))
        self.collect(status=FAILED)
        self.fleet("resume", "night", says=["Not again", "its node does not measure it again", "0.record.json", "Nothing to submit again"])
        self.assertEqual(len(self.jobs_at_the_engine()), 1)

    def test_what_slurm_refuses_is_told_in_its_words_and_nothing_is_lost(self):
        self.render("--set", "partition=gold")
        self.fleet("submit", "night", status=ENVIRONMENT, says=["invalid partition", "--set partition=NAME"])
        self.assertIsNone(self.submissions()[0]["id"])
        for command, status in (("status", DONE), ("collect", NO)):
            self.fleet(command, "night", status=status,
                       says=["invalid partition", "Next           gpubench fleet submit night"])
        # The user mends the manifest, and the same submission goes through, however late.
        self.an_hour_ago()
        script = self.here / "night" / "nodes.sbatch"
        script.write_text(script.read_text().replace("--partition=gold", "--partition=main"))
        self.fleet("submit", "night", says=["Submitted"])
        self.assertEqual(len(self.submissions()), 1)
        self.cluster.await_no_jobs()
        # An engine that does not answer: results count all the same.
        self.cluster.processes[1].terminate()
        self.cluster.processes[1].wait()
        self.fleet("status", "night", status=ENVIRONMENT, says=["Unable to contact slurm controller", "does not answer"])
        document, _ = self.collect()
        self.assertEqual(document["tasks"][0]["state"], "measured")
        empty = self.here / "empty"
        empty.mkdir()
        self.fleet("status", "night", status=ENVIRONMENT, says=["squeue is not installed here"], PATH=str(empty))

    def test_a_collective_runs_over_all_nodes_by_srun(self):
        require_mpi(self)
        self.render("--nodes", "2", "--ranks", "1",
                    command=("--", "collective", "--backend", "host", "--collective", "all_reduce", "--max-bytes",
                             "64", "--no-pairs", "--case-time", "50ms"))
        self.fleet("submit", "night", **OWN_OPTIONS)
        self.cluster.await_no_jobs()
        log = (self.here / "night" / "results" / "nodes" / "0.log").read_text()
        document, said = self.collect()
        run = self.assert_valid_run(document["tasks"][0]["run"]["file"])
        self.assertTrue(run["measurements"], log)
        self.assertIn("2 CPU ranks", log)
