"""gpubench fleet task, as manifests call it on a node."""

import json
import subprocess
import unittest

from harness import DONE, FAILED, PROGRAM, SMALL, USAGE, ProgramTest


class FleetTaskTest(ProgramTest):
    def task(self, *command, campaign="night-1", job="nodes", more=()):
        return ("fleet", "task", "--campaign", campaign, "--job", job, "--results-dir", "results", *more, "--", *command)

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

    def test_what_fails_for_its_files_is_begun_again_and_a_wrong_command_line_is_not(self):
        # Engines take 2 for a wrong command line, and begin nothing again for it.
        wrong = self.run_program(*self.task("sh", "-c", "exit 2"))
        self.assertEqual(wrong.returncode, USAGE, wrong.stderr)
        # A disk that is full in the middle: there is a run file, so that the command line was right.
        full = self.run_program(*self.task("sh", "-c", 'echo half >"$2"; exit 2', "run"))
        self.assertEqual(full.returncode, FAILED, full.stderr)
        record = json.loads((self.here / "results" / "nodes" / "0.record.json").read_text())
        self.assertEqual(record["exit_code"], 2)
        # Its folder is lost meanwhile, or was never there.
        lost = self.run_program(*self.task("sh", "-c", "rm -r results; exit 2", "run"))
        self.assertEqual(lost.returncode, FAILED, lost.stderr)
        self.write("results", "no folder")
        before = self.run_program(*self.task("true"))
        self.assertEqual(before.returncode, FAILED, before.stderr)
        self.assertIn("error: results/nodes: cannot be made", before.stderr)

    def test_tasks_that_want_the_machine_alone_run_one_after_the_other(self):
        # Each notes when it was begun and when it ended.
        script = 'echo begun >>log; sleep 0.5; echo ended >>log; exit 9'
        begun = [subprocess.Popen([PROGRAM, *self.task("sh", "-c", script, job=job, more=("--alone",))], cwd=self.here,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                 for job in ("a", "b", "c")]
        self.assertEqual([one.wait(timeout=120) for one in begun], [9, 9, 9])
        self.assertEqual((self.here / "log").read_text().split(), ["begun", "ended"] * 3)

    def test_names_that_lead_elsewhere_are_refused(self):
        for name in ("..", "../b", "a/../..", ""):
            self.refuse(*self.task(PROGRAM, "run", *SMALL, job=name), says=[f"job '{name}'"])
            self.refuse(*self.task(PROGRAM, "run", *SMALL, campaign=name), says=[f"campaign '{name}'"])
        self.refuse("fleet", "task", "--campaign", "a", "--job", "..", "--results-dir", "results", "--report", says=["job"])


if __name__ == "__main__":
    unittest.main()
