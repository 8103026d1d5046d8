"""gpubench tune: the search over launches, by a launcher with known times and by real Open MPI ranks."""

import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from harness import DONE, ENVIRONMENT, PROGRAM, ProgramTest, environment, has_gpu

# Stands for "mpirun -n 4 gpubench collective ...": writes the run file that such a launch would have, with times that
# depend on the settings alone, and keeps count of its launches.
STAND_IN = r'''
import hashlib, json, math, os, random, sys
arguments = sys.argv[sys.argv.index("collective") + 1:]
settings = dict(arguments[i + 1].split("=", 1) for i, a in enumerate(arguments) if a == "--set")
value = lambda option: arguments[arguments.index(option) + 1]
with open("launches.jsonl", "a") as log:
    log.write(json.dumps({"settings": settings, "arguments": arguments}) + "\n")
number = sum(1 for _ in open("launches.jsonl"))
plan = json.load(open("plan.json"))
key = " ".join(f"{n}={v}" for n, v in sorted(settings.items()))
for part, what in plan["fails"].items():
    if part in key:
        sys.stderr.write(f"error: {what}\n  hint: none\n")
        sys.exit(3)
factor = math.prod(f for part, f in plan["factors"].items() if part in key)
chance = random.Random(number)
run = json.load(open("template.json"))
run["id"] = f"launch-{number}"
run["environment"]["variables"] = settings
run["measurements"] = []
for size in (65536, 1048576):
    samples = [size * factor * chance.gauss(1, 0.005) for _ in range(30)]
    middle = sorted(samples)
    m = json.load(open("measurement.json"))
    median = (middle[14] + middle[15]) / 2
    m["name"] = f"all_reduce/bytes:{size}"
    m["parameters"] = {"bytes": size}
    m["samples_ns"] = samples
    mean = sum(samples) / 30
    spread = math.sqrt(sum((s - mean) ** 2 for s in samples) / 29)
    at = lambda q: middle[int(q * 29)] + (q * 29 - int(q * 29)) * (middle[min(int(q * 29) + 1, 29)] - middle[int(q * 29)])
    m["time_ns"] = {"n": 30, "median": median, "mean": mean, "min": middle[0], "max": middle[-1], "stddev": spread,
                    "p5": at(0.05), "p95": at(0.95), "median_interval": {"low": middle[9], "high": middle[20]}}
    m["rates"] = {"flop_per_second": None, "bytes_per_second": size / median * 1e9, "items_per_second": None}
    m["work"] = {"flop": None, "bytes": size, "items": None, "item": None}
    run["measurements"].append(m)
json.dump(run, open(value("--run-file"), "w"))
'''


class Tune(ProgramTest):
    def stand_in(self, factors=None, fails=None):
        """A launcher of known times, in self.here."""
        run = self.kept_run()
        measurement = next(m for m in run["measurements"] if m["status"] == "ok")
        measurement.update({"benchmark": "all_reduce", "peak": None, "warnings": []})
        run["measurements"] = []
        self.write("template.json", json.dumps(run))
        self.write("measurement.json", json.dumps(measurement))
        self.write("plan.json", json.dumps({"factors": factors or {}, "fails": fails or {}}))
        return [sys.executable, str(self.write("launcher.py", STAND_IN))]

    def tuned(self, library, *arguments, launcher, status=DONE, **options):
        done = self.run_program("tune", library, "--format", "json", *arguments, "--", *launcher, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual(found["schema"], "gpubench.tuning/1")
        return found, done.stderr

    def launches(self):
        return [json.loads(line) for line in (self.here / "launches.jsonl").read_text().splitlines()]

    def test_a_better_setting_is_found_confirmed_and_printed_with_its_gain(self):
        launcher = self.stand_in({"NCCL_ALGO=Tree": 0.8, "NCCL_PROTO=LL ": 1.2, "NCHANNELS=32": 0.9})
        found, _ = self.tuned("nccl", launcher=launcher)
        self.assertTrue(found["keeps"])
        self.assertEqual(found["variables"], {"NCCL_ALGO": "Tree", "NCCL_MIN_NCHANNELS": "32",
                                              "NCCL_MAX_NCHANNELS": "32"})
        for row in found["confirmation"]:
            self.assertEqual(row["verdict"], "faster")
            # The minimum and the maximum of channels name the factor once.
            self.assertAlmostEqual(row["change"], 0.8 * 0.9 - 1, delta=0.02)
            self.assertLess(row["change_high"], -0.2)
        done = self.launches()
        self.assertEqual(found["launches"], len(done))
        # Fresh launches of both, in turn.
        last = [bool(one["settings"]) for one in done[-12:]]
        self.assertEqual(last, [False, True, True, False] * 3)
        self.assertEqual(done[0]["arguments"][:4], ["--backend", "cuda", "--collective", "all_reduce"])
        text = self.succeed("tune", "nccl", "--choose", "algorithm", "--", *launcher).stdout
        self.assertRegex(text, r"Set +NCCL_ALGO=Tree")
        self.assertRegex(text, r"-20\.\d %")
        self.assertEqual([p.name for p in self.here.glob(".gpubench-tune-*")], [])

    def test_without_a_better_setting_the_own_choice_stays(self):
        launcher = self.stand_in({"NCCL_": 1.0})
        found, _ = self.tuned("nccl", launcher=launcher)
        self.assertFalse(found["keeps"])
        self.assertEqual(found["variables"], {})
        slower = self.stand_in({"NCCL_": 1.5})
        text = self.succeed("tune", "nccl", "--", *slower).stdout
        self.assertIn("NCCL's own choice: no setting looked faster", text)

    def test_settings_that_fail_are_named_and_the_others_count(self):
        launcher = self.stand_in({"NCCL_ALGO=Ring": 0.8, "NCCL_ALGO=Tree": 0.5}, {"NCCL_ALGO=Tree": "wrong result on rank 3"})
        found, _ = self.tuned("nccl", "--choose", "algorithm", launcher=launcher)
        self.assertEqual(found["variables"], {"NCCL_ALGO": "Ring"})
        [tree] = [t for t in found["tried"] if t["variables"] == {"NCCL_ALGO": "Tree"}]
        self.assertIn("wrong result on rank 3", tree["problem"])
        self.assertIsNone(tree["change"])

    def test_the_budget_ends_the_search(self):
        launcher = self.stand_in({"NCCL_ALGO=Ring": 0.8})
        found, said = self.tuned("nccl", "--budget", "1s", launcher=launcher)
        self.assertEqual(found["end"], "out of budget")
        self.assertIn("before all was tried", said)

    def test_what_is_missing_is_said(self):
        if not has_gpu():
            self.refuse("tune", "nccl", "--budget", "20s", status=ENVIRONMENT, says=["own choice cannot be measured", "cuda"])
        self.refuse("tune", "nccl", "--", "no-such-launcher", "-n", "2", status=ENVIRONMENT, says=["no-such-launcher"])
        self.refuse("tune", "mpi", says=["no launcher is named", "mpirun -n 4"])
        self.refuse("tune", "nccl", "--choose", "algoritm", "--", "true", says=["there is no 'algoritm'", "algorithm"])
        self.refuse("tune", "nccl", "--collective", "all_reduse", says=["all_reduce"])

    def test_a_launch_that_hangs_is_ended(self):
        self.refuse("tune", "mpi", "--launch-limit", "1s", "--", "sleep", "30", status=ENVIRONMENT, says=["sleep"])
        hang = self.write("hang.sh", "#!/bin/sh\nexec sleep 30\n")
        hang.chmod(0o755)
        self.refuse("tune", "mpi", "--launch-limit", "1s", "--", str(hang), status=ENVIRONMENT, says=["ended after 1 s"])

    def test_real_ranks_of_open_mpi_are_tuned(self):
        mpirun = shutil.which("mpirun")
        if mpirun is None or not Path(PROGRAM).with_name("gpubench_mpi.so").exists():
            self.skipTest("mpirun or the MPI module is missing")
        version = subprocess.run([mpirun, "--version"], capture_output=True, text=True, check=False).stdout
        if "Open MPI" not in version:
            self.skipTest("another MPI than Open MPI")
        launcher = [mpirun, "-n", "2", "--oversubscribe"] + (["--allow-run-as-root"] if os.getuid() == 0 else [])
        found, _ = self.tuned("mpi", "--choose", "algorithm", "--min-bytes", "64KiB", "--max-bytes", "64KiB",
                              "--case-time", "100ms", "--budget", "90s", launcher=launcher,
                              env=environment(OMPI_MCA_mpi_yield_when_idle="1"))
        self.assertEqual(found["library"], "Open MPI")
        algorithms = {t["variables"]["OMPI_MCA_coll_tuned_allreduce_algorithm"] for t in found["tried"] if t["variables"]}
        self.assertGreaterEqual(len(algorithms), 3)
        self.assertTrue(all(t["change"] is not None or t["problem"] for t in found["tried"]), found["tried"])
        self.assertTrue(any(t["change"] is not None for t in found["tried"]), found["tried"])
        if found["keeps"]:
            self.assertTrue(all(row["verdict"] != "slower" for row in found["confirmation"]))
            self.assertTrue(any(row["verdict"] == "faster" for row in found["confirmation"]))
        else:
            self.assertEqual(found["variables"], {})


if __name__ == "__main__":
    unittest.main()
