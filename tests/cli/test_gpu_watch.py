"""What NVML says while a GPU is timed, with stand-ins for it and for the CUDA back-end."""

import os
import unittest
from pathlib import Path

from harness import ProgramTest, environment

GPU = "--device", "gpu0"


class Watch(ProgramTest):
    def setUp(self):
        super().setUp()
        folder, self.nvml = os.environ.get("GPUBENCH_STAND_INS"), os.environ.get("GPUBENCH_FAKE_NVML")
        if not folder or not self.nvml or not Path(self.nvml).exists() or \
                not (Path(folder) / "stand_in_good.so").exists():
            self.skipTest("the stand-ins are not built")
        self.module = str(Path(folder) / "stand_in_good.so")

    def measure(self, *arguments, name="run.json", budget="3s", **variables):
        """The run, and its measurement on the first GPU: samples of 2 ms."""
        variables = {"STAND_IN_UUID": "GPU-0000", "STAND_IN_N": "33", "STAND_IN_NAME": "NVIDIA A100-SXM4-80GB",
                     "STAND_IN_MULTIPROCESSORS": "108", **variables}
        self.succeed("run", "--backend", "cuda", *GPU, "--budget", budget, "--run-file", name, *arguments,
                     env=environment(GPUBENCH_CUDA_MODULE=self.module, GPUBENCH_NVML_LIBRARY=self.nvml, **variables))
        run = self.assert_valid_run(self.here / name)
        measured = [m for m in run["measurements"] if m["status"] == "ok"]
        self.assertEqual(len(measured), len(run["measurements"]))
        return run, measured[0]

    def test_state_of_the_gpu_stands_with_the_measurement(self):
        _, m = self.measure()
        state = m["telemetry"]
        self.assertEqual(state["power_watts"], 321.5)
        self.assertEqual(state["power_limit_watts"], 400)
        self.assertEqual(state["temperature_celsius"], 65)
        self.assertEqual(state["memory_temperature_celsius"], 71)
        self.assertEqual(state["pcie_generation"], 3)
        self.assertEqual(state["other_processes"], 0)
        self.assertEqual(state["throttled_samples"], [])
        self.assertEqual(state["clock_hertz"], 1.5e9, "the device's own clock")
        self.assertAlmostEqual(state["energy_joules"], 321.5 * sum(m["samples_ns"]) * 1e-9)
        self.assertEqual(m["method"]["cache_state"], "cold")
        self.assertEqual(len(m["host_ns"]), len(m["samples_ns"]))
        self.assertEqual(set(m["clock_samples_hertz"]), {1.4e9})
        self.assertEqual(m["peak"]["peak_kind"], "dense peak bf16")
        self.assertEqual(m["peak"]["peak_per_second"], 312e12)

    def test_throttled_samples_are_kept_and_named(self):
        for mask, reason in (("0x4", "sw_power_cap"), ("0x48", "hw_thermal_slowdown")):
            # Below the 98 % of 1.41 GHz from which on nothing is slowed down.
            _, m = self.measure(name=reason + ".json", FAKE_NVML_REASONS=mask, STAND_IN_CLOCK_HERTZ="1.3e9")
            state, count = m["telemetry"], len(m["samples_ns"])
            self.assertEqual(state["throttled_samples"], list(range(count)))
            self.assertEqual(state["samples_by_throttle"], {reason: count})
            self.assertEqual(state["throttle_reasons"], [reason])
            self.assertIn(f"{count} of {count} samples ran under: {reason}", m["warnings"])
            self.assertIn("seconds_to_throttle", state)
        shown = self.succeed("report", "sw_power_cap.json").stdout
        self.assertRegex(shown, r"throttled.*\n.*\b\d+ of \d+")

    def test_clock_far_below_the_maximum_is_a_class_of_its_own(self):
        # 1 GHz of 1.41: below 75 %.
        _, m = self.measure(STAND_IN_CLOCK_HERTZ="1e9")
        self.assertEqual(list(m["telemetry"]["samples_by_throttle"]), ["clock below 75 % of maximum"])

    def test_lost_gpu_and_one_that_may_not_be_asked_leave_the_state_absent(self):
        for status in ("15", "4"):
            _, m = self.measure(name=status + ".json", FAKE_NVML_ERROR=status)
            self.assertIsNone(m["telemetry"]["power_watts"])
            self.assertNotIn("throttled_samples", m["telemetry"])

    def test_other_process_on_the_gpu_is_noticed(self):
        _, m = self.measure(FAKE_NVML_PROCESSES="2")
        self.assertEqual(m["telemetry"]["other_processes"], 1)
        self.assertTrue(any("1 other process had the GPU open" in warning for warning in m["warnings"]), m["warnings"])

    def test_slice_is_recorded_and_held_against_its_share(self):
        run, m = self.measure(FAKE_NVML_MIG="MIG-5", STAND_IN_UUID="GPU-5", STAND_IN_MULTIPROCESSORS="14",
                              STAND_IN_NAME="NVIDIA A100-SXM4-80GB MIG 1g.10gb")
        gpu = run["environment"]["gpus"][0]
        self.assertEqual(gpu["mig_slice"], "1g.10gb")
        self.assertAlmostEqual(gpu["mig_compute_share"], 14 / 108)
        self.assertEqual(gpu["mig_memory_share"], 1 / 8)
        self.assertEqual(gpu["max_sm_clock_hertz"], 1.41e9, "of the GPU that it is part of")
        self.assertAlmostEqual(m["peak"]["peak_per_second"], 312e12 * 14 / 108, delta=1e6)
        self.assertIn("multiprocessors", m["peak"]["source"])

    def test_vgpu_is_recorded_and_has_no_reference(self):
        run, m = self.measure(FAKE_NVML_VIRTUAL="2", STAND_IN_NAME="NVIDIA A10-4Q")
        self.assertEqual(run["environment"]["gpus"][0]["virtualization"], "vgpu")
        self.assertIsNone(m["peak"])
        self.assertIn("vGPU", m["method"]["reference"])

    def test_burst_and_soak_are_figures_of_their_own(self):
        run, _ = self.measure("--burst", "--soak", "2s", budget="30s")
        by_phase = {m.get("phase", "normal"): m for m in run["measurements"]}
        self.assertEqual(set(by_phase), {"normal", "burst", "soak"})
        self.assertEqual(len(run["measurements"]), 3)
        self.assertTrue(by_phase["soak"]["name"].endswith("/phase:soak"))
        self.assertIn("settled after", by_phase["soak"]["method"]["soak"])
        self.assertIn("without work", by_phase["burst"]["method"]["burst"])
        self.assertEqual(by_phase["soak"]["telemetry"]["power_watts"], 321.5)
        # All done: resuming measures nothing again.
        self.succeed("run", "--backend", "cuda", *GPU, "--burst", "--soak", "2s", "--resume", "run.json",
                     env=environment(GPUBENCH_CUDA_MODULE=self.module, GPUBENCH_NVML_LIBRARY=self.nvml,
                                     STAND_IN_UUID="GPU-0000", STAND_IN_N="33", STAND_IN_NAME="NVIDIA A100-SXM4-80GB"))
        again = self.assert_valid_run(self.here / "run.json")
        self.assertEqual(again["measurements"], run["measurements"])

    def test_soak_without_a_duration_takes_its_default(self):
        done = self.succeed("run", "--soak", "--dry-run", "--backend", "cuda",
                            env=environment(GPUBENCH_CUDA_MODULE=self.module))
        self.assertIn("phase:soak", done.stdout)
        self.refuse("run", "--soak", "never", says=["--soak"], env=environment(GPUBENCH_CUDA_MODULE=self.module))


if __name__ == "__main__":
    unittest.main()
