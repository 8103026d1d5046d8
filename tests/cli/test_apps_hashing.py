"""Hash rates, Equihash and data preparation through the program."""

import unittest

from harness import ProgramTest

NAMES = ("sha256d", "blake2b", "equihash", "data_preparation_images", "data_preparation_text")


class AppsHashing(ProgramTest):
    def test_runs_of_equihash_are_verified_and_counted(self):
        done = self.succeed("run", "--suite", "apps", "--backend", "host", "--budget", "20s", "--run-file", "apps.json",
                            "--filter", "^equihash/n:96")
        self.assertRegex(done.stdout, r"Also +equihash/n:96/k:5/threads:\d+: [\d.]+ solutions per second")
        [measured] = self.assert_valid_run(self.here / "apps.json")["measurements"]
        self.assertEqual(measured["work"]["item"], "run")
        self.assertLessEqual(measured["verification"]["error"], measured["verification"]["tolerance"])
        self.assertRegex(measured["method"]["solutions"], r"^\d+ in \d+ runs")

    def test_none_is_in_the_standard_suite(self):
        done = self.succeed("run", "--suite", "standard", "--backend", "host", "--list")
        for name in NAMES:
            self.assertNotIn(name, done.stdout)


if __name__ == "__main__":
    unittest.main()
