"""With less memory than the benchmarks want: told, and never a crash or a wait without end."""

import json
import re
import resource
import subprocess
import unittest

from harness import BUILD, DONE, FAILED, PROGRAM, ProgramTest, environment

MIB = 1 << 20


class LittleMemory(ProgramTest):
    def setUp(self):
        super().setUp()
        if re.search(r"^GPUBENCH_SANITIZE:STRING=.+$", (BUILD / "CMakeCache.txt").read_text(), re.M):
            self.skipTest("sanitizers reserve more address space than a limit leaves")

    def measure(self, limit_bytes, *arguments):
        return subprocess.run([PROGRAM, "run", "--suite", "quick", *arguments], cwd=self.here, env=environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=100, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes)))

    def start_bytes(self):
        """The least, to 4 MiB, with which the program can start."""
        for limit in range(32, 1024, 4):
            done = subprocess.run([PROGRAM, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  check=False, preexec_fn=lambda: resource.setrlimit(
                                      resource.RLIMIT_AS, (limit * MIB, limit * MIB)))
            if done.returncode == DONE:
                return limit * MIB
        self.fail("the program does not start with 1 GiB")

    def measurements(self):
        file, = self.here.glob("gpubench-run-*.json")
        found = json.loads(file.read_text())["measurements"]
        file.unlink()
        return found

    def test_benchmarks_without_room_say_what_they_asked_for(self):
        start = self.start_bytes()
        for more in (12, 30, 60, 100, 200, 300, 400):
            with self.subTest(more=f"{more} MiB"):
                done = self.measure(start + more * MIB, "--budget", "3s")
                self.assertIn(done.returncode, (FAILED, DONE), done.stderr)
                reasons = [m.get("reason") or "" for m in self.measurements()]
                self.assertTrue(any(re.match(r"not enough memory for .*: asked for [0-9.]+ [MG]iB \(this process may take "
                                             r"[0-9.]+ MiB of address space: raise that limit \(ulimit -v\)\)$", text)
                                    for text in reasons), reasons)

    def test_others_are_measured_where_openblas_has_no_room(self):
        done = self.measure(self.start_bytes() + 340 * MIB, "--budget", "3s", "--filter",
                            "^(gemm_fp64|convolution_forward_fp32)/")
        self.assertEqual(done.returncode, DONE, done.stderr)
        found = {m["benchmark"]: m for m in self.measurements()}
        self.assertEqual(found["gemm_fp64"]["status"], "skipped")
        self.assertRegex(found["gemm_fp64"]["reason"], r"^not enough memory for OpenBLAS on \d+ threads: asked for")
        self.assertEqual(found["convolution_forward_fp32"]["status"], "ok")


if __name__ == "__main__":
    unittest.main()
