"""gpubench gate and selftest on a scripted GPU, whose times and answers the test sets, and on the CPU."""

import json
import os
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

from harness import DONE, ENVIRONMENT, FAILED, INTERRUPTED, NO, PROGRAM, SMALL, ProgramTest, environment

NOT_COMPARABLE = 5


class Gate(ProgramTest):
    def setUp(self):
        super().setUp()
        self.module = Path(os.environ.get("GPUBENCH_STAND_INS") or "/nonexistent") / "stand_in_good.so"
        if not self.module.exists():
            self.skipTest("the stand-in modules are not built")

    def scripted(self, **variables):
        return environment(GPUBENCH_CUDA_MODULE=str(self.module), STAND_IN_N="33", **variables)

    def baseline(self, runs=4):
        (self.here / "main").mkdir()
        for run in range(runs):
            self.succeed("run", "--device", "gpu0", "--output-dir", "main", "--quiet",
                         env=self.scripted(STAND_IN_NS=str(2e6 + 300 * run)))
        return "main"

    def gate(self, *arguments, status=DONE, **variables):
        (self.here / "new").mkdir(exist_ok=True)
        done = self.run_program("gate", "--baseline", "main", "--output-dir", "new", "--patience", "1ms", *arguments,
                                env=self.scripted(**variables))
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def new_runs(self):
        return [self.assert_valid_run(file) for file in sorted((self.here / "new").iterdir())]

    def test_the_same_code_passes_and_is_measured_once(self):
        self.baseline()
        done = self.gate("--format", "json")
        [row] = json.loads(done.stdout)["comparisons"][0]["benchmarks"]
        self.assertEqual((row["benchmark"], row["device"], row["verdict"]), ("scripted/n:33", "gpu0", "same"))
        [run] = self.new_runs()
        self.assertEqual([m["parameters"] for m in run["measurements"]], [{"n": 33}])

    def test_a_slow_down_that_lasts_is_measured_again_and_fails_with_its_name(self):
        self.baseline()
        done = self.gate("--write", "junit=junit.xml", STAND_IN_NS="2.06e6", status=NO)
        self.assertIn("scripted/n:33", done.stdout)
        self.assertIn("1 slower", done.stdout)
        self.assertEqual(len(self.new_runs()), 1 + 3)
        failure = ET.parse(self.here / "junit.xml").getroot().find("testsuite/testcase/failure")
        self.assertEqual(failure.get("type"), "slower")

    def test_a_slow_down_that_does_not_last_is_not_believed(self):
        self.baseline()
        done = self.gate("--format", "json", STAND_IN_NS="2.06e6,2e6")
        self.assertRegex(done.stderr, r"Measuring again in \S.*, 1 of 3: 1 benchmark could be slower")
        [row] = json.loads(done.stdout)["comparisons"][0]["benchmarks"]
        # The first counts too, as one of several that lie far apart.
        self.assertIn(row["verdict"], ("same", "ambiguous"))
        self.assertLess(abs(row["change"]), 0.02)
        self.assertEqual(row["new"]["runs"], len(self.new_runs()))
        self.assertGreater(len(self.new_runs()), 1)

    def test_what_could_be_slower_is_measured_again_at_growing_distances(self):
        self.baseline()
        done = self.run_program("gate", "--baseline", "main", "--output-dir", "new", "--attempts", "2", "--patience", "1s",
                                env=self.scripted(STAND_IN_NS="2.06e6"))
        self.assertEqual(done.returncode, NO, done.stderr)
        written = [file.stat().st_mtime for file in sorted((self.here / "new").iterdir(), key=lambda f: f.stat().st_mtime)]
        self.assertEqual(len(written), 3)
        # A file is written until its measurement ends; the times count from the first one's end.
        self.assertGreaterEqual(written[1] - written[0], 0.2)
        self.assertGreaterEqual(written[2] - written[0], 0.9)

    def test_an_interrupt_while_it_waits_judges_nothing(self):
        self.baseline()
        (self.here / "new").mkdir()
        gate = subprocess.Popen([str(PROGRAM), "gate", "--baseline", "main", "--output-dir", "new", "--patience", "1h"],
                                cwd=self.here, env=self.scripted(STAND_IN_NS="2.06e6"), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
        said = ""
        while "Measuring again" not in said:
            line = gate.stderr.readline()
            self.assertTrue(line, said)
            said += line
        time.sleep(0.5)  # it may not have begun to wait
        gate.send_signal(signal.SIGINT)
        out, error = gate.communicate(timeout=60)
        self.assertEqual(gate.returncode, INTERRUPTED, error)
        self.assertIn("nothing was judged", error)
        self.assertEqual(len(self.new_runs()), 1)

    def test_without_further_attempts_the_first_measurement_decides(self):
        self.baseline()
        self.gate("--attempts", "0", STAND_IN_NS="2.06e6,2e6", status=NO)
        self.assertEqual(len(self.new_runs()), 1)

    def test_a_wrong_answer_fails_and_is_not_measured_away(self):
        self.baseline()
        done = self.gate("--runs", "2", STAND_IN_ERROR="0.75,0.25", status=NO)
        self.assertIn("wrong", done.stdout)
        self.assertCountEqual([m["status"] for run in self.new_runs() for m in run["measurements"]], ["failed", "ok"])

    def test_a_slow_down_on_purpose_is_found_and_stands_in_the_run_file(self):
        self.baseline()
        done = self.gate(GPUBENCH_TEST_SLOWDOWN="scripted=5%", status=NO)
        self.assertIn("1 slower", done.stdout)
        run = self.new_runs()[0]
        self.assertEqual(run["environment"]["variables"]["GPUBENCH_TEST_SLOWDOWN"], "scripted=5%")
        [m] = run["measurements"]
        self.assertEqual(m["method"]["test_slowdown"], "5 % on purpose")
        self.assertTrue([w for w in m["warnings"] if w.startswith("TEST: made 5 % slower on purpose")])
        self.assertGreaterEqual(m["time_ns"]["median"], 1.05 * 2e6)

    def test_a_slow_down_on_purpose_cannot_go_unseen(self):
        for variable, says in (("scripted", "is not a slow-down"), ("scripted=0%", "is not a slow-down"),
                               ("scriptd=3%", "did you mean 'scripted'")):
            self.refuse("run", "--device", "gpu0", "--run-file", "run.json", says=["GPUBENCH_TEST_SLOWDOWN", says],
                        env=self.scripted(GPUBENCH_TEST_SLOWDOWN=variable))
        for command in (("evaluate",), ("selftest", "--profile", "noise.json")):
            self.refuse(*command, says=["GPUBENCH_TEST_SLOWDOWN is set"],
                        env=self.scripted(GPUBENCH_TEST_SLOWDOWN="scripted=3%"))

    def test_another_machine_is_told_before_anything_is_measured(self):
        self.baseline()
        done = self.gate("--write", "junit=junit.xml", "--fail-on", "slower,missing", STAND_IN_NAME="Another GPU",
                         status=NOT_COMPARABLE)
        self.assertIn("Another GPU", done.stdout)
        self.assertIn("Nothing was measured", done.stderr)
        self.assertEqual(self.new_runs(), [])
        error = ET.parse(self.here / "junit.xml").getroot().find("testsuite/testcase/error")
        self.assertEqual(error.get("type"), "not comparable")

    def test_another_machine_is_measured_where_that_is_allowed(self):
        self.baseline()
        self.gate("--allow", "gpu", STAND_IN_NAME="Another GPU")
        self.assertEqual(len(self.new_runs()), 1)

    def test_a_measurement_that_fails_now_is_wrong_and_else_exit_code_3(self):
        self.baseline()
        for file in (self.here / "main").iterdir():  # as if the case that fails now had worked then
            file.write_text(file.read_text().replace('"n": 33', '"n": 99'))
        self.gate("--allow", "work", status=NO)
        self.gate("--allow", "work", "--fail-on", "slower", status=FAILED)

    def test_what_cannot_be_gated_is_refused(self):
        self.baseline(runs=1)
        [run] = (self.here / "main").iterdir()
        self.refuse("gate", says=["--baseline"])
        self.refuse("gate", "--baseline", "absent.json", says=["absent.json"])
        self.refuse("gate", "--baseline", "main", "--output-dir", "./main", says=["--output-dir", "is the baseline"])
        self.refuse("gate", "--baseline", "main", "--attempts", "-1", says=["--attempts"])
        self.refuse("gate", "--baseline", "main", "--filter", "nothing", says=["nothing"], env=self.scripted())
        self.refuse("gate", "--baseline", "main", "--backend", "host", says=["measured again"], status=ENVIRONMENT)
        document = json.loads(run.read_text())
        for m in document["measurements"]:
            m["status"], m["reason"] = "skipped", "for the test"
            m["samples_ns"], m["host_ns"], m["clock_samples_hertz"], m["time_ns"] = [], [], [], None
            m["rates"], m["peak"] = {key: None for key in m["rates"]}, None
        self.write("empty.json", json.dumps(document))
        self.refuse("gate", "--baseline", "empty.json", says=["no measurement"])

    def test_selftest_measures_writes_a_profile_and_gate_uses_it(self):
        (self.here / "noise").mkdir()
        done = self.succeed("selftest", "--device", "gpu0", "--runs", "4", "--output-dir", ".", "--profile",
                            "noise/noise.json", "--format", "json", env=self.scripted())
        [row] = json.loads(done.stdout)
        self.assertEqual((row["benchmark"], row["device"], row["runs"]), ("scripted/n:33", "gpu0", 4))
        # Four runs do not tell what would be found.
        self.assertIsNone(row["smallest_change_percent"])
        self.assertIn("4 runs cannot tell the smallest change", done.stderr)
        profile = json.loads((self.here / "noise/noise.json").read_text())
        try:
            import jsonschema
            from harness import SOURCE
            schema = json.loads((SOURCE / "comparison" / "schema" / "gpubench.noise-1.json").read_text())
            jsonschema.validate(profile, schema)
        except ModuleNotFoundError:
            pass
        self.assertEqual(profile["same_code"], {"comparisons": 3, "alarms": 0})
        self.assertIsNone(profile["benchmarks"][0]["smallest_change"])
        self.assertIsNone(profile["benchmarks"][0]["lower_quartile"])  # of a CPU alone
        for flush in profile["flushes"]:
            self.assertGreater(flush["hot_ns"], 0)
            self.assertEqual(flush["works"], flush["cold_ns"] >= 1.5 * flush["hot_ns"])
        runs = sorted(self.here.glob("gpubench-run-*.json"))
        self.assertEqual(len(runs), 4)
        (self.here / "new").mkdir()
        # One run of a baseline says nothing about noise; the profile does.
        done = self.run_program("gate", "--baseline", runs[0], "--noise", "noise/noise.json", "--output-dir", "new",
                                "--patience", "1ms", env=self.scripted(STAND_IN_NS="2.06e6"))
        self.assertEqual(done.returncode, NO, done.stderr)

    def test_selftest_ends_in_three_where_a_benchmark_fails(self):
        done = self.run_program("selftest", "--device", "gpu0", "--runs", "4", "--profile", "noise.json",
                                env=self.scripted(STAND_IN_ERROR="0.75,0.25"))
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn("A measurement failed", done.stderr)
        self.assertLess(json.loads((self.here / "noise.json").read_text())["benchmarks"][0]["runs"], 4)
        done = self.run_program("selftest", "--device", "gpu0", "--runs", "4", "--profile", "none.json",
                                env=self.scripted(STAND_IN_ERROR="0.75"))
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn("no profile was written", done.stderr)
        self.assertFalse((self.here / "none.json").exists())

    def test_selftest_tells_whether_a_gpu_is_flushed(self):
        def flushes(times, device="gpu0,gpu1"):
            done = self.succeed("selftest", "--device", device, "--runs", "4", "--profile", "noise.json",
                                env=self.scripted(STAND_IN_FLUSH_NS=times))
            return {f["device"]: f for f in json.loads((self.here / "noise.json").read_text())["flushes"]}, done.stderr
        found, said = flushes("140,300")
        self.assertEqual(found["gpu1"], {"device": "gpu1", "bytes": 1 << 20, "hot_ns": 140, "cold_ns": 300,
                                         "works": True})
        self.assertEqual(set(found), {"gpu0", "gpu1"})
        self.assertNotIn("DOES NOT WORK", said)
        found, said = flushes("140,150", "gpu0")
        self.assertFalse(found["gpu0"]["works"])
        self.assertIn("gpu0: a load takes 140 ns at once again, 150 ns after a flush - it DOES NOT WORK", said)
        found, said = flushes("0,0", "gpu0")
        self.assertEqual(found, {})
        self.assertRegex(said, "not known of gpu0: .*scripted")

    def test_selftest_tells_the_smallest_change_of_eight_runs(self):
        done = self.succeed("selftest", self.baseline(runs=8), "--profile", "noise.json", "--format", "json")
        [row] = json.loads(done.stdout)
        self.assertGreater(row["smallest_change_percent"], 0)
        self.assertNotIn("cannot tell", done.stderr)

    def test_run_makes_the_folder_that_hints_name(self):
        self.succeed("run", "--device", "gpu0", "--output-dir", "new/folder", "--quiet", env=self.scripted())
        self.assertEqual(len(list((self.here / "new/folder").iterdir())), 1)

    def test_selftest_refuses_what_makes_no_sense_together(self):
        [run] = (self.here / self.baseline(runs=1)).iterdir()
        self.refuse("selftest", run, "--suite", "quick", "--profile", "noise.json", says=["nothing is measured"])
        self.refuse("selftest", "--runs", "3", "--profile", "noise.json", says=["--runs"])
        self.refuse("selftest", "--device", "gpu0", "--runs", "4", "--budget", "1ms", "--profile", "noise.json",
                    says=["too small"], env=self.scripted())


class GateOnCpu(ProgramTest):
    def test_the_gate_measures_real_benchmarks_with_the_baselines_parameters(self):
        self.succeed("run", *SMALL, "--run-file", "base.json", "--quiet")
        (self.here / "new").mkdir()
        # On a busy machine anything may look slower: only that the right thing is measured is certain.
        done = self.run_program("gate", "--baseline", "base.json", "--fail-on", "wrong", "--attempts", "0",
                                "--output-dir", "new", "--format", "json")
        self.assertEqual(done.returncode, DONE, done.stderr)
        [row] = json.loads(done.stdout)["comparisons"][0]["benchmarks"]
        [new] = (self.here / "new").iterdir()
        measured = {m["benchmark"]: m["parameters"] for m in self.assert_valid_run(new)["measurements"]}
        base = json.loads((self.here / "base.json").read_text())["measurements"]
        self.assertEqual(measured, {m["benchmark"]: m["parameters"] for m in base})
        self.assertEqual((row["base"]["runs"], row["new"]["runs"]), (1, 1))


if __name__ == "__main__":
    unittest.main()
