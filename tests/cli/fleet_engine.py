"""What tests of gpubench fleet on engines share whose programs are stood in for."""

import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

from harness import PROGRAM, SMALL, ProgramTest, environment

HERE = Path(__file__).parent
ON_CPUS = ("--", "run", "--backend", "host", *SMALL)

try:
    import yaml
except ImportError:
    yaml = None


@unittest.skipUnless(yaml, "python3-yaml is not installed")
class EngineTest(ProgramTest):
    program = ""

    def setUp(self):
        super().setUp()
        bin_folder = self.here / "bin"
        bin_folder.mkdir()
        source = (HERE / f"stand_in_{self.program}.py").read_text().split("\n", 1)[1]
        stand_in = bin_folder / self.program
        stand_in.write_text(f"#!{sys.executable}\n" + source)
        stand_in.chmod(0o755)
        self.cluster = self.here / "cluster.json"

    def with_fault(self, fault=""):
        return environment(PATH=f"{self.here / 'bin'}:{os.environ['PATH']}", STAND_IN_CLUSTER=str(self.cluster),
                           STAND_IN_VOLUME=str(self.here / "volume"), STAND_IN_FAULT=fault)

    def fleet(self, *arguments, fault="", status=0):
        done = self.run_program("fleet", *arguments, env=self.with_fault(fault))
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def campaign(self):
        return json.loads(self.fleet("submit", "c", "--format", "json").stdout)

    def wait_for(self, holds):
        until = time.monotonic() + 60
        while not holds():
            self.assertLess(time.monotonic(), until, "it did not come")
            time.sleep(0.05)

    def id(self, folder="c"):
        return json.loads((self.here / folder / "campaign.json").read_text())["id"]

    def measure(self, index, job="p5-48xlarge", folder="c", **variables):
        """What a node leaves on the volume: a real run, as task `index`."""
        subprocess.run([PROGRAM, "fleet", "task", "--campaign", self.id(folder), "--job", job, "--results-dir",
                        str(self.here / "volume" / self.id(folder)), "--index-variable", "GPUBENCH_TASK", "--", PROGRAM,
                        "run", *SMALL],
                       env=environment(GPUBENCH_TASK=str(index), **variables), check=True, capture_output=True, cwd=self.here)
