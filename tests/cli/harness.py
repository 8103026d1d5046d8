"""Runs the built program in a directory of its own, as a user would."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ["GPUBENCH_PROGRAM"]
SOURCE = Path(os.environ["GPUBENCH_SOURCE_DIR"])
BUILD = Path(os.environ["GPUBENCH_BUILD_DIR"])
DATA = SOURCE / "profiles" / "data"

DONE, NO, USAGE, FAILED, ENVIRONMENT, INTERRUPTED = 0, 1, 2, 3, 4, 130

# Variables that would change what the program does.
UNWANTED = ("GPUBENCH_DATA", "GPUBENCH_CUDA_MODULE", "GPUBENCH_NVML_LIBRARY", "GPUBENCH_NVENC_LIBRARY", "NO_COLOR",
            "COLUMNS")


# One quick measurement that needs little memory.
SMALL = ("--filter", "^gemm_fp64/", "--budget", "3s")


def environment(**changes):
    variables = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    variables.update(changes)
    return variables


def has_gpu():
    return Path("/dev/nvidiactl").exists()


def require_mpi(test):
    if not shutil.which("mpirun"):
        test.skipTest("mpirun is not installed")
    if not Path(PROGRAM).with_name("gpubench_mpi.so").exists():
        test.skipTest("the MPI module is not built")


class ProgramTest(unittest.TestCase):
    """Each test has an empty current directory, self.here."""

    maxDiff = None

    def setUp(self):
        self.here = Path(tempfile.mkdtemp(prefix="gpubench-test-"))
        self.addCleanup(shutil.rmtree, self.here, ignore_errors=True)

    def run_program(self, *arguments, program=PROGRAM, env=None, stdout=subprocess.PIPE, timeout=240):
        return subprocess.run([str(program), *map(str, arguments)], cwd=self.here, env=env or environment(),
                              stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
                              timeout=timeout, check=False)

    def succeed(self, *arguments, **options):
        done = self.run_program(*arguments, **options)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return done

    def refuse(self, *arguments, status=USAGE, says=(), **options):
        """The program ends with `status`, one error, all of `says` in it, and leaves nothing behind."""
        before = sorted(self.here.rglob("*"))
        done = self.run_program(*arguments, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        self.assertEqual(len(errors), 1, done.stderr)
        for text in says:
            self.assertIn(text, done.stderr)
        self.assertEqual(sorted(self.here.rglob("*")), before, "something was left behind")
        return done

    def write(self, name, content):
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def kept_run(self):
        """A run file of which every value is known, where nothing need be measured: on a busy machine that may be cut."""
        return json.loads((SOURCE / "tests" / "results" / "data" / "run-1.json").read_text())

    def small_run(self, name="small.json"):
        """A run file with one measurement."""
        self.succeed("run", *SMALL, "--run-file", name, "--quiet")
        return self.here / name

    def assert_valid_run(self, path):
        document = json.loads(Path(path).read_text())
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((SOURCE / "results" / "schema" / "gpubench.run-1.json").read_text())
        jsonschema.validators.validator_for(schema)(schema).validate(document)
        return document
