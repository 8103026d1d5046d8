"""What a run makes of GPUs that break, hang, or are missing, with a stand-in for the CUDA back-end."""

import json
import os
import time
import unittest
from pathlib import Path

from harness import DONE, FAILED, ProgramTest, environment


class Faults(ProgramTest):
    def setUp(self):
        super().setUp()
        folder = os.environ.get("GPUBENCH_STAND_INS")
        if not folder or not (Path(folder) / "stand_in_good.so").exists():
            self.skipTest("the stand-in modules are not built")
        self.module = str(Path(folder) / "stand_in_good.so")

    def with_module(self, **variables):
        return environment(GPUBENCH_CUDA_MODULE=self.module, **variables)

    def measure(self, *arguments, status=DONE, **variables):
        done = self.run_program("run", "--backend", "cuda", "--run-file", "run.json", *arguments,
                                env=self.with_module(**variables))
        self.assertEqual(done.returncode, status, done.stderr)
        run = self.assert_valid_run(self.here / "run.json")
        self.assertIsNotNone(run["finished_at"])
        return run, done

    def test_error_that_breaks_a_device_ends_its_run_and_not_the_others(self):
        run, _ = self.measure("--suite", "standard", "--budget", "10s", status=FAILED, STAND_IN_N="666,20")
        by_device = {"gpu0": [], "gpu1": []}
        for m in run["measurements"]:
            by_device[m["device"]].append((m["status"], m["reason"]))
        statuses = [status for status, _ in by_device["gpu0"]]
        self.assertEqual(statuses, ["failed", "skipped"])
        self.assertIn("illegal memory access", by_device["gpu0"][0][1])
        self.assertIn("gpu0 failed earlier in this run", by_device["gpu0"][1][1])
        self.assertEqual(by_device["gpu1"], [("ok", None), ("ok", None)])

    def test_hung_device_is_named_and_the_program_ends(self):
        begin = time.monotonic()
        run, done = self.measure("--budget", "5s", status=FAILED, STAND_IN_N="55,20", STAND_IN_WAITS_AT_EXIT="1")
        self.assertLess(time.monotonic() - begin, 60)
        status = {m["device"]: (m["status"], m["reason"]) for m in run["measurements"]}
        self.assertEqual(status["gpu0"][0], "failed")
        self.assertIn("did not end within", status["gpu0"][1])
        self.assertEqual(status["gpu1"], ("ok", None))
        self.assertIn("scripted", done.stdout, "the table is written before the program ends")
        self.assertIn("1 measurement failed", done.stderr)

    def test_more_memory_than_there_is_costs_that_case_only(self):
        run, _ = self.measure("--budget", "5s", status=FAILED, STAND_IN_N="99,20")
        status = {m["device"]: m["status"] for m in run["measurements"]}
        self.assertEqual(status, {"gpu0": "failed", "gpu1": "ok"})

    def test_what_a_library_cannot_do_is_skipped_with_its_words(self):
        run, _ = self.measure("--budget", "5s", STAND_IN_N="77,20")
        status = {m["device"]: (m["status"], m["reason"]) for m in run["measurements"]}
        self.assertEqual(status["gpu0"], ("skipped", "the library has no engine for seventy-seven"))
        self.assertEqual(status["gpu1"][0], "ok")

    def test_device_option_measures_on_those_devices_only(self):
        run, _ = self.measure("--device", "gpu1", "--budget", "3s")
        self.assertEqual({m["device"] for m in run["measurements"]}, {"gpu1"})
        self.assertEqual(len(run["environment"]["gpus"]), 2)
        plan = json.loads(self.succeed("run", "--device", "cpu,1", "--dry-run", "--format", "json",
                                       env=self.with_module()).stdout)
        self.assertEqual({case["device"] for case in plan}, {"cpu", "gpu1"})

    def test_progress_and_table_name_the_device_where_there_are_several(self):
        for options, devices in (((), ("gpu0", "gpu1")), (("--device", "gpu1"), ("gpu1",))):
            done = self.succeed("run", "--backend", "cuda", "--budget", "3s", "--run-file", f"{len(options)}.json",
                                *options, env=self.with_module(STAND_IN_N="20"))
            for device in devices:
                self.assertRegex(done.stderr, rf"(?m)^\[\d/\d\] {device} scripted/n:20  ")
                self.assertRegex(done.stdout, rf"(?m)^ *scripted +{device} ")

    def test_device_that_is_not_there_is_refused_with_those_that_are(self):
        self.refuse("run", "--device", "gpu0,gpu2", says=["no gpu2", "cpu, gpu0, gpu1"], env=self.with_module())
        self.refuse("run", "--device", "gpu0", "--backend", "host", says=["no gpu0", "there is cpu"],
                    env=self.with_module())
        self.refuse("evaluate", "--device", "gpu7", says=["no gpu7"], env=self.with_module())
        self.refuse("run", "--backend", "cuda", "--device", "cpu", says=["no benchmark runs on cpu alone", "--backend"],
                    env=self.with_module())
        self.refuse("run", "--device", "gpux", says=["--device", "'gpux' is no device"], env=self.with_module())


if __name__ == "__main__":
    unittest.main()
