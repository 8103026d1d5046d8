"""The program with a stand-in for the CUDA back-end: two scripted GPUs, on any machine."""

import json
import os
import unittest
from pathlib import Path

from harness import DONE, ENVIRONMENT, FAILED, ProgramTest, environment


def stand_in(name):
    return str(Path(os.environ["GPUBENCH_STAND_INS"]) / f"{name}.so")


class Cuda(ProgramTest):
    def setUp(self):
        super().setUp()
        if not os.environ.get("GPUBENCH_STAND_INS") or not Path(stand_in("stand_in_good")).exists():
            self.skipTest("the stand-in modules are not built")

    def with_module(self, name, **variables):
        return environment(GPUBENCH_CUDA_MODULE=stand_in(name), **variables)

    def test_benchmarks_of_the_back_end_are_listed_for_each_device(self):
        done = self.succeed("list", "benchmarks", "--format", "json", env=self.with_module("stand_in_good"))
        devices = {row["device"] for row in json.loads(done.stdout) if row["backend"] == "cuda"}
        self.assertEqual(devices, {"gpu0", "gpu1"})

    def test_back_end_forced_by_name_is_the_one_that_measures(self):
        self.succeed("run", "--backend", "cuda", "--budget", "3s", "--run-file", "gpus.json",
                     env=self.with_module("stand_in_good"))
        run = self.assert_valid_run(self.here / "gpus.json")
        self.assertEqual({(m["backend"], m["device"], m["status"]) for m in run["measurements"]},
                         {("cuda", "gpu0", "ok"), ("cuda", "gpu1", "ok")})
        self.assertEqual([gpu["name"] for gpu in run["environment"]["gpus"]], ["First GPU", "Second GPU"])

    def test_host_back_end_forced_by_name_leaves_the_gpus_alone(self):
        done = self.succeed("run", "--backend", "host", "--dry-run", "--format", "json",
                            env=self.with_module("stand_in_good"))
        self.assertEqual({case["backend"] for case in json.loads(done.stdout)}, {"host"})

    def test_failed_measurement_is_exit_code_3_and_the_others_are_kept(self):
        done = self.run_program("run", "--filter", "^(scripted|gemm_fp64)/", "--budget", "5s", "--run-file", "run.json",
                                env=self.with_module("stand_in_good", STAND_IN_N="99"))
        self.assertEqual(done.returncode, FAILED, done.stderr)
        run = self.assert_valid_run(self.here / "run.json")
        self.assertIsNotNone(run["finished_at"])
        status = {(m["benchmark"], m["device"]): m["status"] for m in run["measurements"]}
        self.assertEqual(status[("scripted", "gpu0")], "failed")
        self.assertEqual(status[("scripted", "gpu1")], "failed")
        self.assertEqual(status[("gemm_fp64", "cpu")], "ok")
        self.assertIn("out of device memory", done.stderr)

        # What failed is measured again by --resume, and only that.
        again = self.run_program("run", "--filter", "^(scripted|gemm_fp64)/", "--budget", "5s", "--resume", "run.json",
                                 env=self.with_module("stand_in_good", STAND_IN_N="10"))
        self.assertEqual(again.returncode, DONE, again.stderr)
        resumed = self.assert_valid_run(self.here / "run.json")
        self.assertEqual({m["status"] for m in resumed["measurements"]}, {"ok"})
        gemm = [m for m in run["measurements"] if m["benchmark"] == "gemm_fp64"]
        self.assertEqual([m for m in resumed["measurements"] if m["benchmark"] == "gemm_fp64"], gemm)

    def test_wrong_result_voids_its_rate_and_the_run_goes_on(self):
        done = self.run_program("run", "--filter", "^(scripted|gemm_fp64)/", "--budget", "5s", "--run-file", "run.json",
                                env=self.with_module("stand_in_good", STAND_IN_N="44"))
        self.assertEqual(done.returncode, FAILED, done.stderr)
        run = self.assert_valid_run(self.here / "run.json")
        self.assertIsNotNone(run["finished_at"])
        for m in run["measurements"]:
            if m["benchmark"] != "scripted":
                self.assertEqual(m["status"], "ok")
                continue
            self.assertEqual(m["status"], "failed")
            self.assertIn("wrong result: error 0.75", m["reason"])
            self.assertTrue(m["samples_ns"])
            self.assertEqual([rate for rate in m["rates"].values() if rate is not None], [])
        # The file can be read again.
        self.succeed("report", "run.json")

    def test_skipped_cases_are_counted_and_keep_their_reason(self):
        done = self.succeed("run", "--backend", "cuda", "--budget", "3s", "--run-file", "run.json",
                            env=self.with_module("stand_in_good", STAND_IN_N="13"))
        self.assertIn("2 cases skipped", done.stderr)
        for m in self.assert_valid_run(self.here / "run.json")["measurements"]:
            self.assertEqual((m["status"], m["reason"]), ("skipped", "thirteen brings bad luck"))

    def test_missing_driver_is_said_and_refused_only_when_asked_for(self):
        variables = self.with_module("stand_in_no_driver")
        listed = self.succeed("list", "benchmarks", env=variables)
        self.assertRegex(listed.stderr, "CUDA back-end: .*driver")
        self.refuse("run", "--backend", "cuda", status=ENVIRONMENT, says=["driver"], env=variables)

    def test_module_of_another_version_is_refused_when_asked_for(self):
        self.refuse("run", "--backend", "cuda", status=ENVIRONMENT, says=["version"],
                    env=self.with_module("stand_in_other_version"))


if __name__ == "__main__":
    unittest.main()
