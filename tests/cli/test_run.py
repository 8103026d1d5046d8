"""Measuring only: run files, resuming, interrupting, listing."""

import csv
import io
import json
import os
import signal
import subprocess
import time
import unittest

from harness import INTERRUPTED, PROGRAM, ProgramTest, SMALL, environment

PLAN = ("--suite", "standard", "--filter", "^gemm_fp(32|64)/", "--budget", "30s")


class Run(ProgramTest):
    def interrupt(self, number, name):
        """Starts a run, waits for its first measurement, sends the signal."""
        file = self.here / name
        with subprocess.Popen([PROGRAM, "run", *PLAN, "--run-file", name], cwd=self.here, env=environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline and process.poll() is None:
                if file.exists() and json.loads(file.read_text())["measurements"]:
                    break
                time.sleep(0.02)
            self.assertIsNone(process.poll(), "the run ended before it could be interrupted")
            os.kill(process.pid, number)
            stdout, stderr = process.communicate(timeout=120)
        return process.returncode, stdout, stderr, file

    def test_interrupted_run_keeps_what_it_has_and_is_resumed(self):
        status, stdout, stderr, file = self.interrupt(signal.SIGINT, "cut.json")
        self.assertEqual(status, INTERRUPTED, stderr)
        self.assertEqual(stdout, "")
        self.assertIn("gpubench run --resume cut.json", stderr)
        cut = self.assert_valid_run(file)
        self.assertIsNone(cut.get("finished_at"))
        self.assertGreater(len(cut["measurements"]), 0)
        self.assertEqual([path.name for path in self.here.iterdir()], ["cut.json"], "no temporary file is left")
        kept = [m for m in cut["measurements"] if m.get("stopped_by") != "interrupted"]

        self.succeed("run", *PLAN, "--resume", "cut.json")
        whole = self.assert_valid_run(file)
        self.assertEqual(whole["id"], cut["id"])
        self.assertIsNotNone(whole["finished_at"])
        self.assertEqual(whole["measurements"][:len(kept)], kept, "what was measured is not measured again")
        self.assertGreater(len(whole["measurements"]), len(kept))
        keys = [(m["benchmark"], m["device"], json.dumps(m["parameters"])) for m in whole["measurements"]]
        self.assertEqual(len(keys), len(set(keys)), "nothing is measured twice")

    def test_resumed_run_asks_for_what_the_interrupted_one_was_asked_for(self):
        command = ("run", "--suite", "quick", "--filter", "^gemm_fp32/", "--budget", "20s", "--soak", "1s", "--burst",
                   "--backend", "host", "--device", "cpu")
        self.succeed(*command, "--run-file", "whole.json")
        file = self.here / "whole.json"
        whole = self.assert_valid_run(file)
        self.assertEqual({"burst": True, "soak_seconds": 1, "backend": "host", "devices": ["cpu"]},
                         {key: whole.get(key) for key in ("burst", "soak_seconds", "backend", "devices")})
        # Cut after the first measurement, as an interruption leaves it.
        cut = {**whole, "suite": "quick", "measurements": whole["measurements"][:1], "finished_at": None}
        file.write_text(json.dumps(cut))
        self.succeed("run", "--resume", "whole.json", "--filter", "^gemm_fp32/")
        resumed = self.assert_valid_run(file)
        self.assertEqual([(m["benchmark"], m["parameters"], m.get("phase")) for m in resumed["measurements"]],
                         [(m["benchmark"], m["parameters"], m.get("phase")) for m in whole["measurements"]])
        self.assertEqual({m.get("phase", "normal") for m in resumed["measurements"]}, {"normal", "burst", "soak"})

        file.write_text(json.dumps({**cut, "backend": "abacus"}))
        self.refuse("run", "--resume", "whole.json", "--filter", "^gemm_fp32/", says=["--resume", "abacus"])

    def test_terminated_run_keeps_what_it_has(self):
        status, _, stderr, file = self.interrupt(signal.SIGTERM, "cut.json")
        self.assertEqual(status, INTERRUPTED, stderr)
        self.assertGreater(len(self.assert_valid_run(file)["measurements"]), 0)

    def test_resume_of_another_machine_is_refused(self):
        file = self.small_run()
        run = json.loads(file.read_text())
        run["environment"]["cpu"]["model"] = "Another CPU"
        file.write_text(json.dumps(run))
        content = file.read_text()
        self.refuse("run", "--resume", file, says=["another machine"])
        self.assertEqual(file.read_text(), content)

    def test_writes_a_valid_run_and_prints_the_table(self):
        done = self.succeed("run", "--filter", "^gemm_fp(32|64)/", "--budget", "20s")
        file = next(self.here.glob("gpubench-run-*.json"))
        run = self.assert_valid_run(file)
        self.assertEqual({m["benchmark"] for m in run["measurements"]}, {"gemm_fp64", "gemm_fp32"})
        for m in run["measurements"]:
            self.assertEqual(m["status"], "ok", m)
            self.assertGreater(len(m["samples_ns"]), 0)
            self.assertLessEqual(m["verification"]["error"], m["verification"]["tolerance"])
            self.assertIn("stopped_by", m)
        self.assertIn("gemm_fp64", done.stdout)
        self.assertIn("FLOP/s", done.stdout)
        self.assertIn(file.name, done.stderr)

    def test_json_and_csv_on_standard_output_are_well_formed(self):
        done = self.succeed("run", *SMALL, "--format", "json")
        self.assertIsInstance(json.loads(done.stdout), dict)
        done = self.succeed("run", *SMALL, "--format", "csv")
        rows = list(csv.reader(io.StringIO(done.stdout)))
        self.assertGreater(len(rows), 1)
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})

    def test_list_names_the_cases_and_measures_nothing(self):
        done = self.succeed("run", "--list", "--filter", "^stream_triad")
        self.assertTrue(all(line.startswith("stream_triad") for line in done.stdout.splitlines()), done.stdout)
        self.assertGreater(len(done.stdout.splitlines()), 0)
        self.assertEqual(list(self.here.iterdir()), [])

    def test_dry_run_shows_the_plan_and_measures_nothing(self):
        done = self.succeed("run", "--dry-run", "--format", "json")
        plan = json.loads(done.stdout)
        self.assertGreater(len(plan), 1)
        for case in plan:
            self.assertNotEqual(case["time_limit_seconds"] is None, case["skipped_because"] is None, case)
        self.assertIn("nothing was measured", done.stderr)
        self.assertEqual(list(self.here.iterdir()), [])

    def test_smaller_budget_cuts_the_plan(self):
        def cases(*arguments):
            plan = json.loads(self.succeed("run", "--dry-run", "--format", "json", *arguments).stdout)
            return {case["benchmark"] for case in plan if case["skipped_because"] is None}
        whole, cut = cases("--suite", "standard"), cases("--suite", "standard", "--budget", "5s")
        self.assertLess(len(cut), len(whole))
        self.assertLess(cut, whole)

    def test_progress_is_plain_lines_where_there_is_no_terminal(self):
        done = self.succeed("run", *SMALL)
        self.assertRegex(done.stderr, r"(?m)^\[1/\d+\] (cpu |gpu\d+ )?gemm_fp64\S*  \S+")
        self.assertNotIn("\r", done.stderr)
        self.assertNotIn("\x1b", done.stderr)


if __name__ == "__main__":
    unittest.main()
