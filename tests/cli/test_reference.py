"""The run files of results/reference: whole, measured, and taken by what takes run files."""

import json
import unittest

from harness import SOURCE, ProgramTest

REFERENCE = SOURCE / "results" / "reference"


class ReferenceTest(ProgramTest):
    def runs(self):
        files = sorted(REFERENCE.glob("*.json"))
        self.assertTrue(files)
        return files

    def test_each_is_named_in_the_readme_and_holds_to_the_schema_without_failures(self):
        readme = (REFERENCE / "README.md").read_text()
        for file in self.runs():
            with self.subTest(file=file.name):
                self.assertIn(f"`{file.name}`", readme)
                run = self.assert_valid_run(file)
                self.assertEqual({m["status"] for m in run["measurements"]} - {"ok", "skipped"}, set())

    def test_a_report_of_all_lays_them_side_by_side(self):
        report = self.succeed("report", *self.runs(), "--to", "md").stdout
        for figure in ("NVIDIA H200", "| TB/s | not measured | 4.4114 ", "| G hash/s | 9.8875 "):
            self.assertTrue(figure in report, figure)

    def test_a_recommendation_takes_the_gpu_as_measured(self):
        standard = next(file for file in self.runs() if "standard" in file.name)
        answer = json.loads(self.succeed("recommend", "llama3-8b-serve", "--results", standard, "--format", "json").stdout)
        self.assertIn("2026-11-27T03:49:27Z on H200-SXM-141GB", json.dumps(answer))


if __name__ == "__main__":
    unittest.main()
