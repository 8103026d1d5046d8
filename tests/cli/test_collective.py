"""Collectives between CPU ranks over MPI, as a user starts them."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
import unittest
from pathlib import Path

from harness import DONE, ENVIRONMENT, PROGRAM, ProgramTest, USAGE, environment

KINDS = ("all_reduce", "all_gather", "reduce_scatter", "broadcast", "reduce", "all_to_all", "send_recv")


def factor(kind, ranks):
    """Bus bandwidth over algorithm bandwidth: nccl-tests doc/PERFORMANCE.md."""
    if kind == "all_reduce":
        return 2 * (ranks - 1) / ranks
    if kind in ("all_gather", "reduce_scatter", "all_to_all"):
        return (ranks - 1) / ranks
    return 1


class Collective(ProgramTest):
    def setUp(self):
        super().setUp()
        self.launcher = shutil.which("mpirun")
        if self.launcher is None:
            self.skipTest("mpirun is not installed")
        if not Path(PROGRAM).with_name("gpubench_mpi.so").exists():
            self.skipTest("the MPI module is not built")

    def command(self, ranks, *arguments):
        version = subprocess.run([self.launcher, "--version"], capture_output=True, text=True, check=False).stdout
        launch = [self.launcher, "-n", str(ranks)]
        if "Open MPI" in version or "OpenRTE" in version:
            launch += ["--oversubscribe"] + (["--allow-run-as-root"] if os.getuid() == 0 else [])
        return [*launch, PROGRAM, "collective", "--backend", "host", *map(str, arguments)]

    def launch(self, ranks, *arguments, env=None, timeout=240):
        # Ranks that share cores must not spin while they wait.
        variables = env or environment(OMPI_MCA_mpi_yield_when_idle="1")
        return subprocess.run(self.command(ranks, *arguments), cwd=self.here, env=variables, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout, check=False)

    def measured(self, ranks, *arguments):
        done = self.launch(ranks, "--run-file", "run.json", "--case-time", "200ms", *arguments)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return done, self.assert_valid_run(self.here / "run.json")["measurements"]

    def launch_apart(self, *variables, arguments=(), timeout=240):
        """One rank for each of these settings of variables, as app contexts of one launch."""
        base = self.command(1)
        program = base[base.index(PROGRAM):] + ["--run-file", "run.json", "--case-time", "200ms", "--collective",
                                                "all_reduce", "--max-bytes", "64", *arguments]
        launch = base[:base.index("-n")] + [a for a in base if a in ("--oversubscribe", "--allow-run-as-root")]
        contexts = []
        for settings in variables:
            contexts += [":"] if contexts else []
            contexts += ["-n", "1"]
            for name, value in settings.items():
                contexts += ["-x", f"{name}={value}"]
            contexts += program
        return subprocess.run([*launch, *contexts], cwd=self.here, env=environment(OMPI_MCA_mpi_yield_when_idle="1"),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)

    def test_ranks_with_other_nccl_variables_are_named_before_measuring_and_in_the_run_file(self):
        done = self.launch_apart({"NCCL_ALGO": "Ring"}, {}, {"NCCL_ALGO": "Tree"})
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertRegex(done.stderr, r"NCCL_ALGO differs: Ring on rank 0 on \S+, Tree on rank 2 on \S+, unset on rank 1 on")
        run = self.assert_valid_run(self.here / "run.json")
        self.assertTrue(any("NCCL_ALGO differs" in w for m in run["measurements"] for w in m["warnings"]))
        self.assertEqual([r["rank"] for r in run["ranks"]], [0, 1, 2])
        self.assertEqual(len({r["node"] for r in run["ranks"]}), 1)

    def test_ranks_are_at_the_nodes_that_the_engine_names_for_them(self):
        done = self.launch_apart({"GPUBENCH_NODE": "node-a"}, {"GPUBENCH_NODE": "node-b"})
        self.assertEqual(done.returncode, DONE, done.stderr)
        # Nodes are counted by host names, which cannot be handed on.
        self.assertIn("2 CPU ranks on 1 node", done.stderr)
        run = self.assert_valid_run(self.here / "run.json")
        self.assertEqual([rank["node"] for rank in run["ranks"]], ["node-a", "node-b"])

    def test_ranks_that_move_data_in_other_ways_are_refused(self):
        rules = "OMPI_MCA_coll_tuned_use_dynamic_rules"
        done = self.launch_apart({rules: "1"}, {})
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        self.assertRegex(done.stderr, rf"the ranks do not agree: {rules} differs: 1 on rank 0 on \S+, unset on rank 1 on")
        self.assertIn("--allow", done.stderr)
        self.assert_said_once(done)
        self.assertEqual(list(self.here.iterdir()), [])
        allowed = self.launch_apart({rules: "1"}, {}, arguments=("--allow", rules))
        self.assertEqual(allowed.returncode, DONE, allowed.stderr)
        run = self.assert_valid_run(self.here / "run.json")
        self.assertTrue(any("differs" in w for w in run["measurements"][0]["warnings"]))

    def test_ranks_with_other_options_are_refused_before_anything_is_measured(self):
        base = self.command(1)
        launch = base[:base.index("-n")] + [a for a in base if a in ("--oversubscribe", "--allow-run-as-root")]
        common = ["-n", "1", *base[base.index(PROGRAM):], "--no-pairs", "--min-bytes", "64KiB", "--run-file", "run.json"]
        sizes = ["--collective", "all_reduce", "--max-bytes"]
        for first, second, says in (
                ([*sizes, "64KiB"], [*sizes, "128KiB"],
                 r"--max-bytes differs: 131072 bytes on rank 1 on \S+, 65536 bytes on rank 0 on \S+"),
                (["--collective", "all_reduce"], ["--collective", "all_gather"],
                 r"--collective differs: all_gather on rank 1 on \S+, all_reduce on rank 0 on \S+"),
                ([*sizes, "64KiB", "--in-place"], [*sizes, "64KiB"],
                 r"--in-place differs: not said on rank 1 on \S+, said on rank 0 on \S+"),
                ([*sizes, "64KiB", "--nic-rate", "400"], [*sizes, "64KiB"],
                 r"--nic-rate differs: 400 Gbit/s on rank 0 on \S+, not said on rank 1"),
                ([*sizes, "64KiB", "--case-time", "2s"], [*sizes, "64KiB", "--type", "fp64"],
                 r"--case-time differs: 1 s on rank 1 on \S+, 2 s on rank 0 on \S+; --type differs: fp64 on rank 1")):
            done = subprocess.run([*launch, *common, *first, ":", *common, *second], cwd=self.here,
                                  env=environment(OMPI_MCA_mpi_yield_when_idle="1"), stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertRegex(done.stderr, "the ranks do not agree: " + says)
            self.assertIn("the same options", done.stderr)
            self.assert_said_once(done)
            self.assertEqual(list(self.here.iterdir()), [])

    def test_a_variable_that_is_set_for_all_ranks_is_in_force_and_recorded(self):
        _, measurements = self.measured(2, "--collective", "all_reduce", "--max-bytes", "64", "--set",
                                        "OMPI_MCA_coll_tuned_use_dynamic_rules=1", "--set", "NCCL_ALGO=Ring")
        self.assertTrue(measurements)
        variables = self.assert_valid_run(self.here / "run.json")["environment"]["variables"]
        self.assertEqual(variables["OMPI_MCA_coll_tuned_use_dynamic_rules"], "1")
        self.assertEqual(variables["NCCL_ALGO"], "Ring")
        done = self.launch(2, "--set", "PATH=/")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("sets no variable of NCCL", done.stderr)

    def check_all(self, ranks):
        _, measurements = self.measured(ranks, "--factor", "16", "--max-bytes", "1MiB")
        collectives = [m for m in measurements if m["benchmark"] != "pair_exchange"]
        self.assertEqual({m["benchmark"] for m in collectives}, set(KINDS))
        self.assertEqual({m["status"] for m in collectives}, {"ok"})
        for m in collectives:
            self.assertEqual(m["backend"], "host")
            self.assertEqual(m["parameters"]["ranks"], ranks)
            self.assertEqual(m["verification"]["error"], 0, m["name"])
            self.assertIn("bit for bit", m["verification"]["compared"])
            size, rates = m["parameters"]["bytes"], m["rates"]
            self.assertEqual(m["work"]["bytes"], size)
            self.assertAlmostEqual(rates["bytes_per_second"] * m["time_ns"]["median"] / 1e9 / size, 1, places=9)
            expected = rates["bytes_per_second"] * factor(m["benchmark"], ranks)
            self.assertAlmostEqual(rates["busbw_bytes_per_second"] / expected, 1, places=9)
        placements = {(m["benchmark"], m["parameters"]["placement"]) for m in collectives}
        self.assertIn(("all_reduce", "in_place"), placements)
        self.assertIn(("all_reduce", "out_of_place"), placements)
        # Each sweep ends with what was fitted to it, or with the word that its times are too disturbed for a line.
        last = [m for m in collectives if m["parameters"]["bytes"] >= 2 ** 19]
        self.assertTrue(last)
        for m in last:
            if "fit_latency_ns" in m["method"]:
                self.assertGreater(float(m["method"]["fit_latency_ns"]), 0)
                self.assertGreater(float(m["method"]["fit_bytes_per_second"]), 0)
            else:
                self.assertTrue([w for w in m["warnings"] if "no latency shows" in w], m["name"])
        return measurements

    def test_two_ranks_measure_every_collective_and_get_it_right(self):
        measurements = self.check_all(2)
        self.assertEqual([m for m in measurements if m["benchmark"] == "pair_exchange"], [])

    def test_three_ranks_measure_every_collective_and_compare_their_pairs(self):
        measurements = self.check_all(3)
        pairs = [m for m in measurements if m["benchmark"] == "pair_exchange"]
        self.assertEqual([m["parameters"]["round"] for m in pairs], [0, 1, 2])
        self.assertEqual({m["status"] for m in pairs}, {"ok"})
        self.assertEqual(pairs[-1]["method"]["pairs_compared"], "3")
        met = sorted(tuple(pair["ranks"]) for m in pairs for pair in m["pairs"])
        self.assertEqual(met, [(0, 1), (0, 2), (1, 2)])

    def test_types_and_reductions_are_right_bit_for_bit(self):
        _, measurements = self.measured(
            3, "--collective", "all_reduce,reduce_scatter", "--type", "int8,uint8,int32,uint64,fp32,fp64", "--operation",
            "sum,prod,min,max", "--min-bytes", "24KiB", "--max-bytes", "24KiB", "--no-pairs")
        self.assertEqual(len(measurements), 2 * 6 * 4 * 2)
        self.assertEqual({(m["status"], m["verification"]["error"]) for m in measurements}, {("ok", 0)})

    def test_what_mpi_cannot_do_is_skipped_with_its_reason(self):
        done, measurements = self.measured(2, "--collective", "all_reduce", "--type", "bf16", "--max-bytes", "64")
        self.assertEqual({m["status"] for m in measurements}, {"skipped"})
        self.assertIn("no 16-bit floating-point type", measurements[0]["reason"])
        self.assertIn("measurements skipped", done.stderr)

    def test_result_is_one_table_of_rank_0(self):
        done, measurements = self.measured(2, "--collective", "all_gather", "--max-bytes", "4KiB", "--factor", "8",
                                           "--format", "json")
        rows = json.loads(done.stdout)
        self.assertEqual(len(rows), len(measurements))
        for row, m in zip(rows, measurements):
            self.assertEqual(row["wrong_elements"], 0)
            self.assertAlmostEqual(row["busbw_gb_per_second"] * 1e9 / m["rates"]["busbw_bytes_per_second"], 1, places=6)
        self.assertRegex(done.stderr, "Ranks +2 CPU ranks on 1 node")

    def test_what_is_named_twice_is_measured_once(self):
        _, measurements = self.measured(2, "--collective", "broadcast,broadcast", "--collective", "broadcast", "--type",
                                        "fp32,fp32", "--min-bytes", "64", "--max-bytes", "64")
        self.assertEqual(len(measurements), 1)

    def test_one_process_says_how_to_start_several(self):
        self.refuse("collective", "--backend", "host", status=ENVIRONMENT, says=["mpirun -n 2"])

    def test_missing_mpi_module_is_said(self):
        done = self.launch(2, env=environment(GPUBENCH_MPI_MODULE=str(self.here / "absent.so")))
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        self.assertIn("no MPI module", done.stderr)
        self.assertIn("GPUBENCH_MPI_MODULE", done.stderr)
        self.assert_said_once(done)

    def test_bad_options_are_refused(self):
        for arguments, text in ((("--collective", "all_reduse"), "all_reduce"), (("--type", "fp8"), "fp16"),
                                (("--min-bytes", "1MiB", "--max-bytes", "1KiB"), "no sizes"), (("--factor", "1"), "1")):
            done = self.launch(2, *arguments)
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertIn(text, done.stderr)
            self.assert_said_once(done)
            self.assertEqual(list(self.here.iterdir()), [])

    def test_what_all_ranks_come_to_is_said_once(self):
        for arguments, status, text in (
                (("--in-place", "--collective", "all_to_all"), USAGE, "leave no collective to measure"),
                (("--run-file", "absent/run.json"), USAGE, "absent/run.json"),
                (("--sweep-algos",), USAGE, "--sweep-algos: only NCCL's algorithms can be forced"),
                (("--nic-rate", "400"), USAGE, "--nic-rate: it says something where each rank has a network card"),
                (("--min-bytes", "0.5"), USAGE, "--min-bytes: size '0.5' is no whole number of bytes"),
                (("--format", "html"), USAGE, "a table of collectives has no form 'html'")):
            done = self.launch(3, *arguments)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(text, done.stderr)
            self.assert_said_once(done)

    def assert_said_once(self, done):
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        self.assertEqual(len(errors), 1, done.stderr)

    def ranks_of(self, launcher):
        """Processes of the program below a launcher."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                variables = (entry / "environ").read_bytes().split(b"\0")
                same = os.readlink(entry / "exe") == os.path.realpath(PROGRAM)
                if same and f"GPUBENCH_TEST_RUN={launcher}".encode() in variables:
                    rank = next(v for v in variables if v.startswith(b"OMPI_COMM_WORLD_RANK="))
                    found.append((int(rank.split(b"=")[1]), int(entry.name)))
            except (OSError, StopIteration):
                continue
        return dict(found)

    def disturb(self, number, rank=1):
        """Sends a signal to a rank once something was measured; the run must end by itself."""
        mark = f"{os.getpid()}-{number}-{rank}"
        variables = environment(OMPI_MCA_mpi_yield_when_idle="1", GPUBENCH_WATCHDOG_SECONDS="6", GPUBENCH_TEST_RUN=mark)
        with subprocess.Popen(self.command(3, "--run-file", "run.json", "--case-time", "300ms", "--max-bytes", "1KiB"),
                              cwd=self.here, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            ranks = {}
            file = self.here / "run.json"
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                if file.exists() and json.loads(file.read_text())["measurements"]:
                    ranks = self.ranks_of(mark)
                    break
                time.sleep(0.05)
            self.assertIn(rank, ranks, f"rank {rank} was not found")
            os.kill(ranks[rank], number)
            # A stopped process does not hear that it is to end.
            ending = threading.Timer(60, process.kill)
            ending.start()
            stdout, stderr = process.communicate(timeout=120)
            ending.cancel()
            for pid in self.ranks_of(mark).values():
                os.kill(pid, signal.SIGKILL)
        return process.returncode, stderr

    def test_a_rank_that_hangs_ends_the_run_and_is_told_apart(self):
        status, stderr = self.disturb(signal.SIGSTOP)
        self.assertNotEqual(status, DONE)
        named = "rank 1 did not answer in time" in stderr
        others_waited = "rank 0 on" in stderr and "has waited" in stderr and "rank 1 on" not in stderr
        self.assertTrue(named or others_waited, stderr)
        kept = self.assert_valid_run(self.here / "run.json")
        self.assertGreater(len(kept["measurements"]), 0, "what was measured before is kept")

    def test_when_rank_0_hangs_the_others_say_whom_they_wait_for(self):
        status, stderr = self.disturb(signal.SIGSTOP, rank=0)
        self.assertNotEqual(status, DONE)
        for rank in (1, 2):
            self.assertRegex(stderr, rf"rank {rank} on \S+ has waited 12 s for (rank 0|another rank) in ")
        self.assertNotIn("rank 0 on", stderr)
        self.assert_valid_run(self.here / "run.json")

    def test_a_rank_that_dies_ends_the_run_and_what_was_measured_is_kept(self):
        status, stderr = self.disturb(signal.SIGKILL)
        self.assertNotEqual(status, DONE)
        self.assertIn("rank 1", stderr)
        self.assertGreater(len(self.assert_valid_run(self.here / "run.json")["measurements"]), 0)


if __name__ == "__main__":
    unittest.main()
