"""gpubench tune: the search over launches, by a launcher with known times and by real Open MPI ranks."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from harness import DONE, ENVIRONMENT, INTERRUPTED, PROGRAM, SOURCE, ProgramTest, environment, has_gpu

# Stands for "mpirun -n 4 gpubench collective ...": writes the run file that such a launch would have, with times that
# depend on the settings alone, and keeps count of its launches.
STAND_IN = r'''
import json, math, random, sys, time
plan = json.load(open("plan.json"))
if "ranks" in sys.argv:
    # Stands for "gpubench tune ranks": what each machine speaks through.
    rows = [{"rank": rank, "host": machine["host"], "kind": "interface", "name": name, "networks": "10.0.0.0/16",
             "has_gateway": True} for rank, machine in enumerate(plan["ranks"]) for name in machine["interfaces"]]
    json.dump(rows, open(sys.argv[sys.argv.index("--output") + 1], "w"))
    sys.exit(0)
arguments = sys.argv[sys.argv.index("collective") + 1:]
settings = dict(arguments[i + 1].split("=", 1) for i, a in enumerate(arguments) if a == "--set")
value = lambda option: arguments[arguments.index(option) + 1]
with open("launches.jsonl", "a") as log:
    log.write(json.dumps({"settings": settings, "arguments": arguments}) + "\n")
number = sum(1 for _ in open("launches.jsonl"))
key = " ".join(f"{n}={v}" for n, v in sorted(settings.items()))
for part, what in plan["fails"].items():
    if part in key:
        sys.stderr.write(f"error: {what}\n  hint: none\n")
        sys.exit(3)
if any(part in key for part in plan["hangs"]):
    time.sleep(60)
time.sleep(plan["seconds"])
factor = math.prod(f for part, f in plan["factors"].items() if part in key)
chance = random.Random(number)
run = json.load(open("template.json"))
run["id"] = f"launch-{number}"
run["environment"]["variables"] = {**plan["before"], **settings}
run["measurements"] = []
for size in (65536, 1048576):
    small = [f for part, f in plan["small_factors"].items() if part in key and size == 65536]
    samples = [size * (math.prod(small) if small else factor) * chance.gauss(1, 0.005) for _ in range(30)]
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
    def stand_in(self, factors=None, fails=None, hangs=(), small_factors=None, seconds=0, before=None,
                 ranks=({"host": "a", "interfaces": ["eth0", "eth1"]},)):
        """A launcher of known times, in self.here."""
        run = self.kept_run()
        measurement = next(m for m in run["measurements"] if m["status"] == "ok")
        measurement.update({"benchmark": "all_reduce", "peak": None, "warnings": []})
        run["measurements"] = []
        self.write("template.json", json.dumps(run))
        self.write("measurement.json", json.dumps(measurement))
        self.write("plan.json", json.dumps({"factors": factors or {}, "fails": fails or {}, "hangs": hangs,
                                            "ranks": ranks, "small_factors": small_factors or {}, "seconds": seconds,
                                            "before": before or {}}))
        return [sys.executable, str(self.write("launcher.py", STAND_IN))]

    def tuned(self, library, *arguments, launcher, status=DONE, **options):
        done = self.run_program("tune", library, "--format", "json", *arguments, "--", *launcher, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        found = json.loads(done.stdout)
        self.validate(found)
        return found, done.stderr

    def validate(self, found):
        schema = json.loads((SOURCE / "tuning" / "schema" / "gpubench.tuning-1.json").read_text())
        self.assertEqual(list(found), list(schema["properties"]))
        for part in ("confirmation", "tried"):
            for row in found[part]:
                self.assertEqual(list(row), list(schema["properties"][part]["items"]["properties"]))
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        jsonschema.validators.validator_for(schema)(schema).validate(found)

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

    def test_what_the_launchers_command_line_overrides_is_said_beside_the_variable(self):
        launcher = [*self.stand_in({"NCCL_PROTO=Simple": 0.8, "NCCL_ALGO=Tree": 0.8}), "-x", "NCCL_PROTO=LL"]
        done = self.succeed("tune", "nccl", "--choose", "protocol", "--choose", "algorithm", "--", *launcher)
        self.assertRegex(done.stdout, r"Set +NCCL_ALGO=Tree\nSet +NCCL_PROTO=Simple\n +in place of -x NCCL_PROTO=LL on the "
                                      r"launcher's command line, which overrides the environment\n")
        self.assertRegex(done.stderr, "Note +the launcher sets NCCL_PROTO=LL: what NCCL chooses under that")
        found, _ = self.tuned("nccl", "--choose", "algorithm", launcher=[*launcher, "--export=NONE"])
        self.assertEqual(found["overridden"],
                         {"NCCL_ALGO": "on the launcher's command line: --export=NONE keeps the environment from the ranks"})

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
        # At half a second a launch and more, all that there is to try takes longer than what the budget leaves.
        launcher = self.stand_in({"NCCL_ALGO=Ring": 0.8}, seconds=0.5)
        found, said = self.tuned("nccl", "--budget", "8s", launcher=launcher)
        self.assertEqual(found["end"], "out of budget")
        self.assertIn("before all was tried", said)

    def test_a_setting_that_is_slower_at_a_size_stays_out_with_its_reason(self):
        launcher = self.stand_in({"NCCL_ALGO=Tree": 0.5}, small_factors={"NCCL_ALGO=Tree": 1.1})
        found, _ = self.tuned("nccl", "--choose", "algorithm", launcher=launcher)
        self.assertEqual(found["candidate"], {"NCCL_ALGO": "Tree"})
        self.assertFalse(found["keeps"])
        self.assertEqual(found["variables"], {})
        self.assertIn("is slower: all_reduce/bytes:65536", found["reason"])
        self.assertEqual({row["benchmark"]: row["could_be_slower"] for row in found["confirmation"]},
                         {"all_reduce/bytes:65536": True, "all_reduce/bytes:1048576": False})
        text = self.succeed("tune", "nccl", "--choose", "algorithm", "--", *launcher).stdout
        self.assertRegex(text, r"Keep +NCCL's own choice: NCCL_ALGO=Tree looked faster, and launched anew it is slower")

    def test_segment_sizes_are_tried_on_top_of_an_algorithm_that_segments(self):
        algorithm = "OMPI_MCA_coll_tuned_bcast_algorithm"
        launcher = self.stand_in({algorithm + "=3 ": 0.8, "_segmentsize=131072": 0.9})
        choose = ("--collective", "broadcast", "--choose", "segment size")
        found, _ = self.tuned("mpi", *choose, "--choose", "algorithm", launcher=launcher)
        self.assertEqual(found["variables"], {algorithm: "3", algorithm + "_segmentsize": "131072",
                                              "OMPI_MCA_coll_tuned_use_dynamic_rules": "1"})
        without = self.stand_in({algorithm + "=8 ": 0.8})
        found, said = self.tuned("mpi", *choose, "--choose", "algorithm", launcher=without)
        self.assertEqual({one["choice"] for one in found["tried"]}, {"algorithm"})
        self.assertRegex(said, f"Note +no segment size was tried: it has an effect with {algorithm}=2, 3, ")
        # Alone it needs an algorithm that is set already, by the environment or the launcher.
        self.refuse("tune", "mpi", *choose, "--", *launcher, says=["segment size of broadcast", "add --choose algorithm"])
        self.refuse("tune", "mpi", *choose, "--", *launcher, env=environment(**{algorithm: "1"}), says=["segment size"])
        self.refuse("tune", "mpi", "--collective", "all_gather", "--choose", "segment size", "--", *launcher,
                    says=["there is no 'segment size' to choose for all_gather"])
        launcher = [*self.stand_in({"_segmentsize=131072": 0.8}, before={algorithm: "chain"}), "--mca",
                    algorithm.replace("OMPI_MCA_", ""), "chain"]
        found, _ = self.tuned("mpi", *choose, launcher=launcher)
        self.assertEqual(found["variables"], {algorithm + "_segmentsize": "131072",
                                              "OMPI_MCA_coll_tuned_use_dynamic_rules": "1"})

    def test_interfaces_are_those_that_all_ranks_have(self):
        ranks = [{"host": "a", "interfaces": ["eth0", "eth1", "flannel.1", "storage"]},
                 {"host": "b", "interfaces": ["eth0", "eth1", "flannel.1"]}]
        launcher = self.stand_in({"IFNAME==eth1": 0.8}, ranks=ranks)
        found, said = self.tuned("nccl", "--choose", "interface", launcher=launcher)
        self.assertEqual([t["variables"] for t in found["tried"]],
                         [{"NCCL_SOCKET_IFNAME": "=eth0"}, {"NCCL_SOCKET_IFNAME": "=eth1"}])
        self.assertEqual(found["variables"], {"NCCL_SOCKET_IFNAME": "=eth1"})
        self.assertIn("2 ranks on 2 machines; interfaces that all have: eth0, eth1", said)

    def test_ranks_of_one_machine_have_no_interface_to_choose(self):
        launcher = self.stand_in(ranks=[{"host": "a", "interfaces": ["eth0", "eth1"]}] * 2)
        self.refuse("tune", "nccl", "--choose", "interface", "--", *launcher, status=ENVIRONMENT,
                    says=["no choice of interface", "2 ranks on 1 machine"])
        self.assertFalse((self.here / "launches.jsonl").exists())

    def test_an_interface_that_hangs_leaves_the_others_their_time(self):
        ranks = [{"host": host, "interfaces": ["eth0", "eth1"]} for host in "ab"]
        launcher = self.stand_in({"NCCL_ALGO=Tree": 0.8}, hangs=["IFNAME==eth0"], ranks=ranks)
        found, _ = self.tuned("nccl", "--choose", "interface", "--choose", "algorithm", "--budget", "60s",
                              launcher=launcher)
        hung = found["tried"][0]
        self.assertEqual(hung["variables"], {"NCCL_SOCKET_IFNAME": "=eth0"})
        self.assertRegex(hung["problem"], r"ended after 1\d(\.\d)? s")
        self.assertEqual(found["end"], "all tried")
        self.assertEqual(found["variables"], {"NCCL_ALGO": "Tree"})

    def test_ranks_list_what_they_speak_through(self):
        rows = json.loads(self.succeed("tune", "ranks", "--format", "json").stdout)
        self.assertEqual({row["rank"] for row in rows}, {0})
        up = {name for name in os.listdir("/sys/class/net") if name != "lo"}
        self.assertLessEqual({row["name"] for row in rows if row["kind"] == "interface"}, up)
        routed = {line.split()[0] for line in Path("/proc/net/route").read_text().splitlines()[1:]} - {"lo"}
        self.assertLessEqual(routed & up, {row["name"] for row in rows})

    def test_what_is_missing_is_said(self):
        if not has_gpu():
            self.refuse("tune", "nccl", "--budget", "20s", status=ENVIRONMENT, says=["own choice cannot be measured", "cuda"])
        self.refuse("tune", "nccl", "--", "no-such-launcher", "-n", "2", status=ENVIRONMENT, says=["no-such-launcher"])
        self.refuse("tune", "mpi", says=["no launcher is named", "mpirun -n 4"])
        self.refuse("tune", "nccl", "--choose", "algoritm", "--", "true", says=["there is no 'algoritm'", "algorithm"])
        self.refuse("tune", "nccl", "--collective", "all_reduse", says=["all_reduce"])

    def test_what_every_launch_would_refuse_is_refused_before(self):
        launcher = self.write("launcher.sh", "#!/bin/sh\ntouch launched\nexit 1\n")
        launcher.chmod(0o755)
        for more, says in ((("--type", "foo"), "type 'foo' is not known"),
                           (("--min-bytes", "1GiB", "--max-bytes", "1MiB"), "no sizes from")):
            for library in ("mpi", "nccl"):
                self.refuse("tune", library, *more, "--", launcher, says=[says])

    def test_of_what_mpirun_says_the_sentence_is_the_reason_and_no_ruler(self):
        ruler = "-" * 74
        launcher = self.write("launcher.sh", f"#!/bin/sh\ncat >&2 <<'E'\n{ruler}\nThere are not enough slots available in the "
                                             f"system to satisfy the 4\nslots that were requested by the application:\n\n"
                                             f"  gpubench\n\nEither request fewer slots.\n{ruler}\nE\nexit 1\n")
        launcher.chmod(0o755)
        done = self.refuse("tune", "mpi", "--", launcher, status=ENVIRONMENT,
                           says=["not enough slots available in the system to satisfy the 4 slots"])
        self.assertNotIn("----", done.stderr)

    def test_a_launch_that_hangs_is_ended(self):
        self.refuse("tune", "mpi", "--launch-limit", "1s", "--", "sleep", "30", status=ENVIRONMENT, says=["sleep"])
        hang = self.write("hang.sh", "#!/bin/sh\nexec sleep 30\n")
        hang.chmod(0o755)
        self.refuse("tune", "mpi", "--launch-limit", "1s", "--", str(hang), status=ENVIRONMENT, says=["ended after 1 s"])

    def test_a_launcher_that_ends_as_if_killed_tells_its_own_reason(self):
        for status in (124, 137):
            launcher = self.write("killed.sh", f"#!/bin/sh\necho 'slurmstepd: Detected 1 oom_kill event' >&2\nexit {status}\n")
            launcher.chmod(0o755)
            done = self.refuse("tune", "mpi", "--", str(launcher), status=ENVIRONMENT, says=["Detected 1 oom_kill event"])
            self.assertNotIn("ended after", done.stderr)
            launcher.write_text(f"#!/bin/sh\nexit {status}\n")
            self.refuse("tune", "mpi", "--", str(launcher), status=ENVIRONMENT, says=[f"the launch ended with {status}"])

    def test_an_interrupt_while_ranks_are_asked_leaves_nothing(self):
        hang = self.write("hang.sh", f"#!/bin/sh\ntouch {self.here}/asked\nexec sleep 60\n")
        hang.chmod(0o755)
        # As a terminal does: the signal goes to the whole group.
        process = subprocess.Popen([str(PROGRAM), "tune", "mpi", "--", str(hang)], cwd=self.here, env=environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        deadline = time.monotonic() + 30
        while not (self.here / "asked").exists():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
        self.assertEqual(process.returncode, INTERRUPTED, said)
        self.assertEqual(list(self.here.glob(".gpubench-tune-*")), [])
        with self.assertRaises(ProcessLookupError):
            os.killpg(process.pid, 0)

    def test_real_ranks_of_open_mpi_are_tuned(self):
        mpirun = shutil.which("mpirun")
        if mpirun is None or not Path(PROGRAM).with_name("gpubench_mpi.so").exists():
            self.skipTest("mpirun or the MPI module is missing")
        version = subprocess.run([mpirun, "--version"], capture_output=True, text=True, check=False).stdout
        if "Open MPI" not in version:
            self.skipTest("another MPI than Open MPI")
        launcher = [mpirun, "-n", "2", "--oversubscribe"] + (["--allow-run-as-root"] if os.getuid() == 0 else [])
        listed = subprocess.run([*launcher, PROGRAM, "tune", "ranks", "--format", "json"], cwd=self.here,
                                env=environment(), capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual({row["rank"] for row in json.loads(listed.stdout)}, {0, 1})
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
