"""A campaign on SkyPilot, whose sky is stood in for: submitted once whatever happens, followed, collected."""

import json
import re
import sys
import time
import unittest

from fleet_engine import ON_CPUS, EngineTest
from harness import ENVIRONMENT, NO


class SkyPilot(EngineTest):
    program = "sky"

    def render(self, *more, nodes=2):
        brought = ("--set", "setup=true") if "collective" in more else ("--image", "registry.example/gpubench:1")
        self.fleet("render", "--engine", "skypilot", "--output-dir", "c", "--instance", "p5.48xlarge", "--nodes", nodes,
                   "--spot", *brought, "--results-dir", "/results", "--set", "bucket=s3://night/results", *more)

    def rows(self):
        return json.loads(self.cluster.read_text())

    def test_each_node_is_a_managed_job_and_submitted_once(self):
        self.render()
        self.fleet("submit", "c")
        self.fleet("submit", "c")
        self.assertEqual([(row["envs"]["GPUBENCH_TASK"], row["num_nodes"]) for row in self.rows()], [("0", 1), ("1", 1)])

    def test_a_launch_whose_answer_is_lost_launches_nothing_twice(self):
        self.render()
        self.fleet("submit", "c", fault="lost", status=ENVIRONMENT)
        self.assertIn("Found", self.fleet("submit", "c").stderr)
        self.assertEqual(len(self.rows()), 2)

    def register(self):
        """What SkyPilot's API server does, with or without the command that asked for it."""
        requests = self.here / "requests.json"
        rows, under_way = self.rows() if self.cluster.exists() else [], json.loads(requests.read_text())
        for one in under_way:
            rows.append({"job_id": len(rows) + 1, **one["row"]})
            one["status"] = "SUCCEEDED"
        self.cluster.write_text(json.dumps(rows))
        requests.write_text(json.dumps(under_way))

    def test_a_launch_that_is_still_worked_on_is_waited_for(self):
        self.render(nodes=1)
        self.fleet("submit", "c", fault="delayed", status=ENVIRONMENT)
        again = self.fleet("submit", "c", status=ENVIRONMENT)
        self.assertIn("still works on 1 launch request, of which fleet-", again.stderr)
        self.assertIn("request-1", again.stderr)
        self.register()
        self.assertIn("Found", self.fleet("submit", "c").stderr)
        self.assertEqual([row["envs"]["GPUBENCH_TASK"] for row in self.rows()], ["0"])

    def fail_first(self):
        rows = self.rows()
        rows[0].update(status="FAILED", failure_reason="it ended")
        self.cluster.write_text(json.dumps(rows))

    def test_a_repeat_that_is_still_worked_on_is_not_repeated(self):
        self.render("--set", f"local-results={self.here / 'volume'}", nodes=1)
        self.fleet("submit", "c")
        (self.here / "volume" / self.id() / "p5-48xlarge").mkdir(parents=True)
        self.fail_first()
        self.fleet("resume", "c", fault="delayed", status=ENVIRONMENT)
        for _ in range(2):
            again = self.fleet("resume", "c", status=ENVIRONMENT)
            self.assertIn("still works on 1 launch request", again.stderr)
            self.assertNotIn("Again ", again.stderr)
        self.assertEqual(len(self.rows()), 1)
        self.register()
        self.assertIn("Found", self.fleet("resume", "c").stderr)
        self.assertEqual(len(self.rows()), 2)

    def test_refused_repeats_do_not_add_up(self):
        self.render("--set", f"local-results={self.here / 'volume'}", nodes=1)
        self.fleet("submit", "c")
        (self.here / "volume" / self.id() / "p5-48xlarge").mkdir(parents=True)
        self.fail_first()
        for _ in range(3):
            self.fleet("resume", "c", fault="quota", status=ENVIRONMENT)
        collected = self.fleet("collect", "c", status=NO)
        self.assertRegex(collected.stdout, "not-submitted.*quota of p5.48xlarge is 0")
        self.assertRegex(collected.stderr, "(?m)^Next +gpubench fleet submit c$")
        self.fleet("resume", "c")
        self.assertEqual([row["envs"]["GPUBENCH_TASK"] for row in self.rows()], ["0", "0"])

    def test_a_collective_is_one_job_over_all_nodes(self):
        self.render("--", "collective")
        self.fleet("submit", "c")
        self.assertEqual([row["num_nodes"] for row in self.rows()], [2])

    def test_what_was_launched_by_hand_is_followed_and_not_launched_again(self):
        self.render()
        name = f"{self.id()}-p5-48xlarge"
        self.cluster.write_text(json.dumps([{"job_id": 7, "task_id": 0, "job_name": name, "status": "RUNNING",
                                             "failure_reason": None, "start_at": None, "end_at": None}]))
        self.assertEqual(self.fleet("status", "c").stdout.count("running"), 2)
        self.assertRegex(self.fleet("submit", "c").stderr, f"Found +p5-48xlarge 7, tasks 0-1: {name} was submitted by hand")
        self.assertEqual(len(self.rows()), 1)
        self.assertEqual(self.fleet("status", "c").stdout.count("running"), 2)

    def test_a_quota_is_named(self):
        self.render()
        done = self.fleet("submit", "c", fault="quota", status=ENVIRONMENT)
        self.assertIn("quota of p5.48xlarge is 0", done.stderr)

    def test_status_has_the_words_of_skypilot(self):
        self.render()
        self.fleet("submit", "c")
        rows = self.rows()
        rows[0]["status"] = "RECOVERING"
        rows[1].update(status="FAILED_NO_RESOURCE", failure_reason="no p5.48xlarge in any region")
        self.cluster.write_text(json.dumps(rows))
        done = self.run_program("fleet", "status", "c", env=self.with_fault())
        self.assertIn("RECOVERING", done.stdout)
        self.assertIn("FAILED_NO_RESOURCE: no p5.48xlarge in any region", done.stdout)

    def test_a_bucket_is_copied_by_the_clouds_own_program(self):
        self.render(*ON_CPUS)
        self.fleet("submit", "c")
        for index in (0, 1):
            self.measure(index)
        aws = self.here / "bin" / "aws"
        aws.write_text(f'#!{sys.executable}\nimport os, shutil, sys\nassert sys.argv[1:3] == ["s3", "sync"], sys.argv\n'
                       f'assert sys.argv[-2] == "s3://night/results/{self.id()}"\n'
                       f'shutil.copytree(os.environ["STAND_IN_VOLUME"] + "/{self.id()}", sys.argv[-1], dirs_exist_ok=True)\n')
        aws.chmod(0o755)
        # SkyPilot says that the second began ten minutes after what its node noted.
        rows = self.rows()
        rows[1].update(status="SUCCEEDED", start_at=time.time() + 600, end_at=time.time() + 660)
        self.cluster.write_text(json.dumps(rows))
        state = self.here / "c" / "state.json"
        state.write_text(re.sub('"submitted_at": "[^"]*"', '"submitted_at": "2026-01-01T00:00:00Z"', state.read_text()))
        done = self.run_program("fleet", "collect", "c", env=self.with_fault())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("measured"), 2, done.stdout)
        self.assertRegex(done.stderr, r"the clock of .* is at least (10|11)\.. min behind")


if __name__ == "__main__":
    unittest.main()
