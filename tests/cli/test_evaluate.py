"""The main job."""

import json
import unittest

from harness import NO, ProgramTest, SMALL, USAGE


class Evaluate(ProgramTest):
    def test_measures_then_ranks_and_writes_run_and_report(self):
        done = self.succeed("evaluate", "--time-budget", "8s", "--output-dir", ".")
        runs = list(self.here.glob("gpubench-run-*.json"))
        pages = list(self.here.glob("gpubench-report-*.html"))
        self.assertEqual((len(runs), len(pages)), (1, 1))
        run = self.assert_valid_run(runs[0])
        self.assertIn("finished_at", run)
        self.assertGreater(len(run["measurements"]), 0)
        page = pages[0].read_text()
        self.assertTrue(page.lstrip().lower().startswith("<!doctype html>"))
        self.assertIn("ResNet-50", page)
        self.assertIn("Rent", done.stdout)
        self.assertIn("Because", done.stdout)
        self.assertIn(pages[0].name, done.stdout)
        self.assertIn(runs[0].name, done.stdout)
        self.assertIn("gpubench recommend resnet50-train", done.stdout, "the next command to type")
        self.assertIn("Machine", done.stderr)

        # A second time with what was measured: the same answer without measuring.
        again = self.succeed("evaluate", "--results", runs[0].name, "--format", "json", "--quiet")
        self.assertEqual(again.stderr, "")
        self.assertEqual(len(list(self.here.glob("gpubench-run-*.json"))), 1)
        self.assertEqual(len(list(self.here.glob("gpubench-report-*.html"))), 2)
        self.assertIsInstance(json.loads(again.stdout), dict)

    def test_quiet_prints_nothing_but_the_result(self):
        done = self.succeed("evaluate", "--quiet", "--time-budget", "3s", "--filter", "^gemm_fp64/")
        self.assertEqual(done.stderr, "")
        self.assertIn("Rent", done.stdout)

    def test_several_workloads_are_ranked_in_one_report(self):
        run = self.small_run()
        self.succeed("evaluate", "--results", run, "--workload", "resnet50-train", "--workload", "resnet50-infer",
                     "--max-nodes", "2", "--quiet")
        page = next(self.here.glob("gpubench-report-*.html")).read_text()
        self.assertIn("ResNet-50 training", page)
        self.assertIn("ResNet-50 inference", page)

    def test_unknown_workload_is_refused_before_measuring(self):
        self.refuse("evaluate", "--workload", "resnet-50-training", says=["resnet-50-training", "resnet50-train"])

    def test_unknown_instance_is_refused_before_measuring(self):
        self.refuse("evaluate", "--instance", "p5.48xlrage", says=["p5.48xlrage", "p5.48xlarge"])

    def test_known_instance_stands_in_the_run_file(self):
        self.succeed("run", "--instance", "g6.xlarge", *SMALL, "--run-file",
                     "here.json")
        cloud = json.loads((self.here / "here.json").read_text())["environment"]["cloud"]
        self.assertEqual((cloud["provider"], cloud["instance_type"], cloud["source"]),
                         ("aws", "g6.xlarge", "--instance"))

    def test_unknown_provider_is_refused_before_measuring(self):
        self.refuse("evaluate", "--provider", "asw", says=["asw", "aws"])

    def test_impossible_deadline_is_refused_with_the_fastest_offer(self):
        self.refuse("evaluate", "--deadline", "1s", status=NO, says=["resnet50-train", "the fastest is"])

    def test_impossible_budget_is_refused_with_the_cheapest_offer(self):
        self.refuse("evaluate", "--budget", "0.01", status=NO, says=["resnet50-train", "the cheapest is"])

    def test_unwritable_output_directory_is_refused_before_measuring(self):
        for directory in ("/proc", "/sys"):
            self.refuse("evaluate", "--output-dir", directory, says=[directory, "--output-dir"])

    def test_file_in_place_of_the_output_directory_is_refused(self):
        self.write("file", "")
        self.refuse("evaluate", "--output-dir", "file", says=["file/gpubench-run-"])

    def test_missing_results_file_is_refused(self):
        self.refuse("evaluate", "--results", "missing.json", status=USAGE, says=["missing.json", "No such file"])


if __name__ == "__main__":
    unittest.main()
