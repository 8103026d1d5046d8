"""gpubench run --storage-dir: storage measured through fio."""

import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

import harness


class Storage(harness.ProgramTest):
    def open_files(self, folder):
        return [path.name for path in pathlib.Path(folder).iterdir()]

    def test_measures_a_folder_and_leaves_nothing_in_it(self):
        os.mkdir(self.here / "disk")
        self.succeed("run", "--suite", "apps", "--filter", "^storage_(read|sync)", "--storage-dir", "disk",
                     "--storage-file", "64MiB", "--budget", "20s", "--run-file", "run.json", "--quiet")
        run = self.assert_valid_run(self.here / "run.json")
        measured = {m["benchmark"]: m for m in run["measurements"]}
        self.assertEqual(set(measured), {"storage_read", "storage_sync"})
        for one in measured.values():
            self.assertEqual(one["status"], "ok", one)
            self.assertIn("file_system", one["method"])
        self.assertEqual(self.open_files(self.here / "disk"), [])

    def test_ctrl_c_leaves_neither_file_nor_process(self):
        os.mkdir(self.here / "disk")
        running = subprocess.Popen(
            [harness.PROGRAM, "run", "--suite", "apps", "--filter", "^storage", "--storage-dir", "disk",
             "--storage-file", "64MiB", "--output-dir", "."], cwd=self.here, env=harness.environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(2)
        os.killpg(running.pid, signal.SIGINT)
        self.assertEqual(running.wait(timeout=60), harness.INTERRUPTED)
        self.assertEqual(self.open_files(self.here / "disk"), [])
        for run in self.here.glob("gpubench-run-*.json"):
            measured = json.loads(run.read_text())["measurements"]
            self.assertEqual([m["reason"] for m in measured if m["status"] == "failed"], [])
        with self.assertRaises(ProcessLookupError):
            os.killpg(running.pid, 0)

    def test_bad_folders_are_refused(self):
        self.refuse("run", "--storage-dir", "missing", says=["--storage-dir missing", "there is no such folder"])
        self.write("file", "x")
        self.refuse("run", "--storage-dir", "file", says=["is no folder"])
        self.refuse("run", "--storage-file", "1GiB", says=["--storage-file without --storage-dir"])
        self.refuse("run", "--storage-dir", ".", "--storage-file", "1MiB", says=["below 64 MiB"])

    def run_on_mount(self, options):
        """On a file system of memory with these mount options, which lasts as long as the program."""
        os.mkdir(self.here / "mount")
        command = 'mount -t tmpfs -o "$1" none mount || exit 99; exec "$0" run --storage-dir mount --filter storage_write'
        try:
            done = subprocess.run(["unshare", "--mount", "sh", "-c", command, str(harness.PROGRAM), options],
                                  cwd=self.here, env=harness.environment(), capture_output=True, text=True, check=False)
        finally:
            os.rmdir(self.here / "mount")
        if done.returncode == 99 or done.stderr.startswith("unshare:"):
            self.skipTest("nothing may be mounted here: " + done.stderr.strip())
        return done

    def test_a_mount_that_is_read_only_or_full_is_refused_with_the_reason(self):
        for options, says in (("ro", "Read-only file system"), ("size=100m", "128 MiB must be free")):
            with self.subTest(options):
                done = self.run_on_mount(options)
                self.assertEqual(done.returncode, harness.USAGE, done.stderr)
                self.assertIn("--storage-dir mount", done.stderr)
                self.assertIn(says, done.stderr)

    def test_without_fio_says_what_to_install(self):
        os.mkdir(self.here / "bin")
        done = self.run_program("run", "--storage-dir", ".", env=harness.environment(PATH=str(self.here / "bin")))
        self.assertEqual(done.returncode, harness.ENVIRONMENT, done.stderr)
        self.assertIn("apt-get install fio", done.stderr)


if __name__ == "__main__":
    unittest.main()
