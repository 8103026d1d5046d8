"""The run files of results/reference: whole, measured, and taken by what takes run files."""

import csv
import json
import unittest

from harness import DATA, SOURCE, ProgramTest

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

    def rates(self, suite, benchmark):
        run = json.loads(next(file for file in self.runs() if suite in file.name).read_text())
        return next(m["rates"] for m in run["measurements"] if m["benchmark"] == benchmark and m["status"] == "ok")

    def test_a_report_of_all_lays_them_side_by_side(self):
        report = self.succeed("report", *self.runs(), "--to", "md").stdout
        triad = self.rates("standard", "stream_triad")
        hashes = self.rates("applications", "sha256d")
        self.assertIn("NVIDIA H200", report)
        self.assertRegex(report, rf"stream_triad .* TB/s .*\| {triad['bytes_per_second'] / 1e12:.4f} ")
        self.assertRegex(report, rf"sha256d .* G hash/s .*\| {hashes['items_per_second'] / 1e9:.4f} ")

    def test_a_recommendation_takes_the_gpu_as_measured(self):
        standard = next(file for file in self.runs() if "standard" in file.name)
        measured = f"{json.loads(standard.read_text())['started_at']} on H200-SXM-141GB"

        def notes(workload):
            answer = self.succeed("recommend", workload, "--results", standard, "--format", "json").stdout
            return json.loads(answer)["recommendations"][0]["notes"]
        self.assertTrue(any(measured in note for note in notes("bert-large-train")))
        # A server's times are those of inference engines, and do not rest on it.
        self.assertFalse(any(measured in note for note in notes("llama3-8b-serve")))

    def test_truths_from_them_are_their_medians(self):
        truths = [row for row in csv.DictReader((DATA / "truths.csv").open()) if "results/reference" in row["source"]]
        self.assertGreater(len(truths), 40)
        for row in truths:
            with self.subTest(truth=row["truth_id"]):
                run = json.loads((SOURCE / row["source"]).read_text())
                median_ns, = [m["time_ns"]["median"] for m in run["measurements"] if m["name"] == row["note"]]
                self.assertAlmostEqual(float(row["value"]), median_ns / 1e6, delta=1e-5 * median_ns / 1e6)
                self.assertEqual(row["unit"], "ms")


if __name__ == "__main__":
    unittest.main()
