"""gpubench compare, on run files that are made here from a kept one: the times are set, nothing else."""

import copy
import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path
import xml.etree.ElementTree as ET

from harness import DONE, NO, SOURCE, USAGE, ProgramTest, environment

NOT_COMPARABLE = 5
QUIET = (1000.0, 1001.0, 999.0, 1000.5, 999.5)


def statistics(samples):
    ordered = sorted(samples)
    n, mean = len(ordered), sum(ordered) / len(ordered)
    at = lambda q: ordered[int(q * (n - 1))] + (q * (n - 1) % 1) * (
        ordered[min(int(q * (n - 1)) + 1, n - 1)] - ordered[int(q * (n - 1))])
    return {"n": n, "median": at(0.5), "mean": mean, "min": ordered[0], "max": ordered[-1],
            "stddev": (sum((x - mean) ** 2 for x in ordered) / (n - 1)) ** 0.5, "p5": at(0.05), "p95": at(0.95),
            "median_interval": None}


class Compare(ProgramTest):
    def setUp(self):
        super().setUp()
        self.template = self.kept_run()
        self.template["measurements"] = self.template["measurements"][:1]
        self.template["measurements"][0]["benchmark"] = "gemm_fp64"

    def run_file(self, name, time_ns, change=None):
        """A run of one benchmark that takes `time_ns`, with five samples (too few for an interval of the median)."""
        run = copy.deepcopy(self.template)
        run["id"] = name
        m = run["measurements"][0]
        m["samples_ns"] = [time_ns * (1 + 0.0002 * i) for i in (0, 1, -1, 2, -2)]
        m["time_ns"] = statistics(m["samples_ns"])
        m["host_ns"], m["clock_samples_hertz"], m["telemetry"], m["peak"] = [], [], {}, None
        median = m["time_ns"]["median"]
        for rate, work in (("flop_per_second", "flop"), ("bytes_per_second", "bytes"), ("items_per_second", "items")):
            m["rates"][rate] = None if m["work"][work] is None else m["work"][work] / median * 1e9
        if change:
            change(run)
        return self.write(name + ".json", json.dumps(run))

    def side(self, name, factor=1.0, change=None):
        for i, time in enumerate(QUIET):
            self.run_file(f"{name}/{i}", time * factor, change)
        return name

    def compared(self, *arguments, status=DONE):
        done = self.run_program("compare", *arguments, "--format", "json")
        self.assertEqual(done.returncode, status, done.stderr)
        document = json.loads(done.stdout)
        try:
            import jsonschema
        except ImportError:
            return document["comparisons"]
        schema = json.loads((SOURCE / "report" / "schema" / "gpubench.comparison-1.json").read_text())
        jsonschema.Draft7Validator(schema).validate(document)
        return document["comparisons"]

    def test_a_slow_down_of_three_percent_is_named_and_ends_in_one(self):
        [result] = self.compared(self.side("base"), self.side("new", 1.03), status=NO)
        [row] = result["benchmarks"]
        self.assertEqual(row["verdict"], "slower")
        self.assertAlmostEqual(row["change"], 0.03, delta=0.003)
        done = self.run_program("compare", "base", "new")
        self.assertEqual(done.returncode, NO)
        self.assertIn("gemm_fp64", done.stdout)
        self.assertIn("1 slower", done.stdout)

    def test_the_same_code_and_a_speed_up_end_in_zero(self):
        base = self.side("base")
        [same, faster] = self.compared(base, self.side("same", 1.0005), self.side("fast", 0.95))
        self.assertEqual(same["benchmarks"][0]["verdict"], "same")
        self.assertEqual(faster["benchmarks"][0]["verdict"], "faster")

    def test_other_libraries_are_not_comparable_unless_allowed(self):
        def newer(run):
            run["environment"]["libraries"]["openblas"] = "99.9"
        base, new = self.side("base"), self.side("new", 1.0, newer)
        [result] = self.compared(base, new, status=NOT_COMPARABLE)
        self.assertEqual(result["benchmarks"][0]["verdict"], "not comparable")
        self.assertIn("openblas", [d["key"] for d in result["differences"] if d["forbids"]])
        [result] = self.compared(base, new, "--allow", "openblas")
        self.assertEqual(result["benchmarks"][0]["verdict"], "same")

    def test_what_fails_can_be_chosen(self):
        base, new = self.side("base"), self.side("new", 1.03)
        self.compared(base, new, "--fail-on", "wrong")
        # One run a side says nothing about noise: ambiguous.
        one, other = self.run_file("one", 1000), self.run_file("other", 1030)
        self.compared(one, other)
        self.compared(one, other, "--fail-on", "slower,ambiguous", status=NO)

    def test_outputs_for_ci_are_written_beside_the_result(self):
        base, new = self.side("base"), self.side("new", 1.05)
        summary = self.write("summary.md", "before\n")
        done = self.run_program("compare", base, new, "--github", "--write", "junit=junit.xml", "--write",
                                "openmetrics=metrics.txt", "--write", "markdown=comment.md",
                                env=environment(GITHUB_STEP_SUMMARY=str(summary)))
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertIn("::error title=slower%3A gemm_fp64", done.stdout)
        self.assertTrue(summary.read_text().startswith("before\n### gpubench: "))
        self.assertIn("slower", (self.here / "comment.md").read_text())
        suite = ET.parse(self.here / "junit.xml").getroot().find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("1", "1"))
        self.assertEqual(suite.find("testcase/failure").get("type"), "slower")
        metrics = (self.here / "metrics.txt").read_text()
        self.assertTrue(metrics.endswith("# EOF\n"))
        self.assertIn("gpubench_failed{", metrics)

    def test_junit_is_valid_and_escapes_hostile_names(self):
        if shutil.which("xmllint") is None:
            self.skipTest("xmllint is not installed")

        def hostile(run):
            run["measurements"][0]["benchmark"] = "a<b>&\"'\u0001\ufffe]]>"
        self.side("base", 1.0, hostile)
        self.side("new", 1.03, hostile)
        done = self.run_program("compare", "base", "new", "--format", "junit", "--output", "junit.xml")
        self.assertEqual(done.returncode, NO, done.stderr)
        schema = os.path.join(os.path.dirname(os.path.abspath(__file__)), "junit.xsd")
        checked = subprocess.run(["xmllint", "--noout", "--schema", schema, str(self.here / "junit.xml")],
                                 capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_a_noise_profile_from_runs_of_the_same_code_decides_for_one_run_a_side(self):
        base = self.side("base")
        self.succeed("selftest", base, "--profile", "noise.json")
        profile = json.loads((self.here / "noise.json").read_text())
        self.assertEqual(profile["schema"], "gpubench.noise/1")
        self.assertEqual(profile["benchmarks"][0]["runs"], len(QUIET))
        self.assertEqual(profile["same_code"], {"comparisons": len(QUIET) - 1, "alarms": 0})
        self.assertGreater(profile["timer"]["resolution_ns"], 0)
        one, other = self.run_file("one", 1000), self.run_file("other", 1030)
        [result] = self.compared(one, other, "--noise", "noise.json", status=NO)
        self.assertEqual(result["benchmarks"][0]["noise"], "profile")
        self.refuse("selftest", one, "--profile", "few.json", says=["1 run cannot tell"])

    def test_google_benchmarks_own_script_reads_a_run(self):
        script = Path("/usr/share/benchmark/compare.py")
        python = "/usr/bin/python3"  # the one that Debian's packages belong to
        if not script.exists() or subprocess.run([python, "-c", "import scipy"], check=False,
                                                 capture_output=True).returncode:
            self.skipTest("libbenchmark-tools or python3-scipy is not installed")
        for name, time in (("base", 1000), ("new", 1030)):
            self.succeed("report", self.run_file(name, time), "--format", "google-benchmark", "--output",
                         name + "-google.json")
        done = subprocess.run([python, str(script), "--no-color", "benchmarks", "base-google.json", "new-google.json"],
                              cwd=self.here, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line for line in done.stdout.splitlines() if line.startswith("gemm_fp64/")]
        medians = [line for line in rows if "pvalue" not in line]
        self.assertEqual(len(medians), 5, done.stdout)  # a line for each sample
        self.assertIn("+0.0300", medians[0])
        self.assertTrue([line for line in rows if "U Test, Repetitions: 5 vs 5" in line], done.stdout)
        # And what it reads can be imported again, sample by sample.
        self.succeed("import", "google-benchmark", "base-google.json", "--run-file", "again.json", "--quiet")
        again = json.loads((self.here / "again.json").read_text())["measurements"][0]
        base = json.loads((self.here / "base.json").read_text())["measurements"][0]
        self.assertEqual(again["samples_ns"], base["samples_ns"])

    def test_bad_arguments_are_refused(self):
        one = self.run_file("one", 1000)
        self.write("folder/readme.json", "{}")
        self.refuse("compare", one, says=["compare"])
        self.refuse("compare", one, "folder", says=["holds no run file"])
        self.refuse("compare", one, "absent.json", says=["absent.json"])
        self.refuse("compare", f"{one},{one}", one, says=["given twice"])
        self.refuse("compare", one, one, "--fail-on", "faster", says=["--fail-on", "slower"])
        self.refuse("compare", one, one, "--threshold", "2", says=["--threshold", "2%"])
        self.refuse("compare", one, one, "--write", "pdf=x", says=["--write", "junit"])
        self.refuse("compare", one, one, "--write", "junit=x.xml", "--write", "markdown=./x.xml", says=["name one file"])
        self.refuse("compare", one, one, "--write", "junit=x.xml", "--write", "junit=y.xml", says=["given two files"])
        self.refuse("compare", one, one, "--output", "x.xml", "--write", "junit=x.xml", says=["--output", "name one file"])
        self.refuse("compare", one, one, "--github", says=["GITHUB_STEP_SUMMARY"],
                    env=environment(GITHUB_STEP_SUMMARY="absent/summary.md"))
        self.refuse("compare", one, one, "--noise", one, says=["selftest"])
        self.refuse("compare", one, one, "--allow", "foo", says=["--allow", "'foo'", "driver", "OMP_NUM_THREADS"])

    def test_a_run_file_with_a_key_twice_is_refused_at_its_place(self):
        one = self.run_file("one", 1000)
        twice = self.write("twice/a.json", one.read_text().replace('"suite":', '"suite": "x",\n"suite":', 1))
        self.refuse("compare", one, twice, says=["a.json:2:1:", "'suite' stands twice"])
        self.refuse("compare", one, "twice", says=["a.json:2:1:", "'suite' stands twice"])

    def test_the_reason_of_a_verdict_stands_on_a_narrow_terminal_too(self):
        def newer(run):
            run["environment"]["libraries"]["openblas"] = "99.9"
        base, new = self.side("base"), self.side("new", 1.0, newer)
        for columns in ("60", "200"):
            done = self.run_program("compare", base, new, env=environment(COLUMNS=columns))
            self.assertIn("differing: openblas", " ".join(done.stdout.split()))
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), int(columns))

    def test_what_has_no_samples_is_counted_where_the_form_has_only_samples(self):
        def summary(run):
            run["provenance"] = {"kind": "imported", "imported_at": "2026-01-01T00:00:00Z", "sources": [
                {"file": "a", "format": "csv", "tool": "csv", "tool_version": None, "measured_at": None, "bytes": 1}]}
            m = run["measurements"][0]
            m["samples_ns"], m["time_ns"], m["method"], m["verification"] = [], None, {}, None
            m["reported"] = {"time_ns": {"median": 1000}, "values": []}
        one = self.run_file("one", 1000, summary)
        done = self.succeed("report", one, "--to", "google-benchmark")
        self.assertEqual(json.loads(done.stdout)["benchmarks"], [])
        self.assertIn("1 measurement left out", done.stderr)

    def test_a_run_is_the_same_as_itself(self):
        one = self.run_file("one", 1000)
        [result] = self.compared(one, one, "--fail-on", "slower,ambiguous")
        self.assertEqual(result["benchmarks"][0]["verdict"], "same")
        self.assertEqual(result["benchmarks"][0]["change"], 0)


if __name__ == "__main__":
    unittest.main()
