"""gpubench fleet task, as manifests call it on a node."""

import json
import unittest

from harness import DONE, PROGRAM, SMALL, USAGE, ProgramTest


class FleetTaskTest(ProgramTest):
    def task(self, *command, campaign="night-1", job="nodes"):
        return ("fleet", "task", "--campaign", campaign, "--job", job, "--results-dir", "results", "--", *command)

    def test_a_task_leaves_its_run_file_and_record(self):
        self.succeed(*self.task(PROGRAM, "run", *SMALL))
        self.assert_valid_run(self.here / "results" / "nodes" / "0.json")
        self.assertIn("nothing to do", self.succeed(*self.task(PROGRAM, "run", *SMALL)).stderr)

    def test_a_command_that_leaves_no_run_file_is_no_success(self):
        done = self.run_program(*self.task("true"))
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("ended with exit code 0 and left no run file: results/nodes/0.json", done.stderr)
        record = json.loads((self.here / "results" / "nodes" / "0.record.json").read_text())
        self.assertEqual((record["exit_code"], record["result"]), (DONE, None))
        # What it says of its failures it says itself.
        self.assertEqual(self.run_program(*self.task("sh", "-c", "exit 9")).returncode, 9)

    def test_names_that_lead_elsewhere_are_refused(self):
        for name in ("..", "../b", "a/../..", ""):
            self.refuse(*self.task(PROGRAM, "run", *SMALL, job=name), says=[f"job '{name}'"])
            self.refuse(*self.task(PROGRAM, "run", *SMALL, campaign=name), says=[f"campaign '{name}'"])
        self.refuse("fleet", "task", "--campaign", "a", "--job", "..", "--results-dir", "results", "--report", says=["job"])


if __name__ == "__main__":
    unittest.main()
