"""gpubench compare, on run files that are made here from a kept one: the times are set, nothing else."""

import copy
import csv
import io
import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path
import xml.etree.ElementTree as ET

from harness import DONE, FAILED, NO, SOURCE, ProgramTest, environment

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
        self.assertEqual((row["verdict"], row["judged_in"]), ("slower", "time"))
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

    def test_what_varies_with_the_clock_is_judged_in_cycles_and_says_so(self):
        clocks = iter((3.61e9, 3.67e9, 3.61e9, 3.55e9, 3.67e9) * 2)
        def bound_by_clock(cycles):
            def change(run):
                clock, m = next(clocks), run["measurements"][0]
                m["samples_ns"] = [cycles / clock * 1e9 * (1 + 0.0002 * i) for i in (0, 1, -1, 2, -2)]
                m["time_ns"] = statistics(m["samples_ns"])
                m["rates"]["flop_per_second"] = m["work"]["flop"] / m["time_ns"]["median"] * 1e9
                m["telemetry"] = {"clock_hertz": clock}
            return change
        base, new = self.side("base", 1, bound_by_clock(4000)), self.side("new", 1, bound_by_clock(3999))
        [result] = self.compared(base, new)
        [row] = result["benchmarks"]
        self.assertEqual((row["verdict"], row["judged_in"]), ("same", "cycles"))
        self.assertIn("cycles +0.0 %", row["because"])
        table = self.succeed("compare", base, new, "--format", "csv").stdout
        self.assertEqual(next(csv.DictReader(io.StringIO(table)))["judged_in"], "cycles")
        one = self.run_file("one", 1000)
        [result] = self.compared(one, one)
        self.assertIsNone(result["benchmarks"][0]["judged_in"])  # nothing was tested

    def test_every_key_that_is_listed_can_be_allowed_by_itself(self):
        def other(run):
            run["environment"]["libraries"].update({"openblas": "99.9", "Some Library": "2"})
        def first(run):
            run["environment"]["libraries"]["Some Library"] = "1"
        base, new = self.side("base", 1, first), self.side("new", 1, other)
        [result] = self.compared(base, new, status=NOT_COMPARABLE)
        keys = [d["key"] for d in result["differences"] if d["forbids"]]
        self.assertCountEqual(keys, ["openblas", "Some Library"])
        for key in keys:
            [result] = self.compared(base, new, "--allow", key, status=NOT_COMPARABLE)
            self.assertEqual([d["key"] for d in result["differences"] if d["forbids"] and not d["allowed"]],
                             [other for other in keys if other != key])
        self.compared(base, new, "--allow", keys[0], "--allow", keys[1])
        self.refuse("compare", base, new, "--allow", "Another Library", says=["--allow", "'Another Library'"])

    def test_a_benchmark_that_stands_twice_in_a_run_is_no_second_run(self):
        def twice(run):
            run["measurements"] = run["measurements"] * 2
        base, new = self.side("base"), self.side("new", 1.03, twice)
        [result] = self.compared(base, new, status=NOT_COMPARABLE)
        [row] = result["benchmarks"]
        self.assertEqual(row["verdict"], "not comparable")
        self.assertIn("run new/4 has it more than once", row["because"])
        self.refuse("selftest", "new", "--profile", "noise.json", says=["more than once"])

    def test_selftest_refuses_runs_of_several_machines(self):
        def another(run):
            run["environment"]["cpu"]["model"] = "Another CPU"
        self.side("runs")
        self.run_file("runs/9", 1000, another)
        self.refuse("selftest", "runs", "--profile", "noise.json", says=["not of one machine", "cpu is", "Another CPU"])
        def more_work(run):
            run["measurements"][0]["work"]["flop"] *= 2
            run["measurements"][0]["rates"]["flop_per_second"] *= 2
        self.side("work")
        self.run_file("work/9", 1000, more_work)
        self.refuse("selftest", "work", "--profile", "noise.json", says=["gemm_fp64", "differing: work"])

    def failed(self, run):
        m = run["measurements"][0]
        m["status"], m["reason"], m["verification"] = "failed", "out of memory", None
        m["samples_ns"], m["time_ns"], m["rates"] = [], None, {key: None for key in m["rates"]}

    def test_selftest_of_runs_in_which_something_failed_ends_in_three(self):
        self.side("runs")
        self.run_file("runs/9", 1000, self.failed)
        done = self.run_program("selftest", "runs", "--profile", "noise.json")
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn("A measurement failed", done.stderr)
        self.assertEqual(json.loads((self.here / "noise.json").read_text())["benchmarks"][0]["runs"], len(QUIET))
        self.side("none", 1, self.failed)
        self.refuse("selftest", "none", "--profile", "empty.json", says=["no benchmark has times in two of the runs"])

    def test_what_broke_off_is_an_error_of_junit_and_a_wrong_answer_a_failure(self):
        def wrong(run):
            self.failed(run)
            run["measurements"][0]["verification"] = {"compared": "all", "error": 1, "tolerance": 0.5, "passed": False}
        self.side("base")
        for name, change, tag in (("broken", self.failed, "error"), ("wrong", wrong, "failure")):
            self.side(name, 1, change)
            done = self.run_program("compare", "base", name, "--format", "junit", "--output", name + ".xml")
            self.assertEqual(done.returncode, NO, done.stderr)
            suite = ET.parse(self.here / (name + ".xml")).getroot().find("testsuite")
            self.assertEqual((suite.get("errors"), suite.get("failures")), ("1", "0") if tag == "error" else ("0", "1"))
            self.assertIn("out of memory", suite.find("testcase/" + tag).get("message"))
            self.assert_valid_junit(name + ".xml")

    def assert_valid_junit(self, name):
        if shutil.which("xmllint") is None:
            self.skipTest("xmllint is not installed")
        schema = Path(__file__).with_name("junit.xsd")
        checked = subprocess.run(["xmllint", "--noout", "--schema", str(schema), str(self.here / name)],
                                 capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_annotations_go_to_the_log_wherever_the_result_goes(self):
        base, new = self.side("base"), self.side("new", 1.05)
        summary = self.write("summary.md", "")
        env = environment(GITHUB_STEP_SUMMARY=str(summary))
        done = self.run_program("compare", base, new, "--github", "--format", "json", "--output", "result.json", env=env)
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertTrue(done.stdout.startswith("::error title=slower"), done.stdout)
        self.assertEqual(json.loads((self.here / "result.json").read_text())["schema"], "gpubench.comparison/1")
        self.assertIn("### gpubench: ", summary.read_text())
        # On standard output the two would run into each other.
        for form in ("json", "csv", "junit", "github", "openmetrics"):
            self.refuse("compare", base, new, "--github", "--format", form, says=["--github", "--output FILE"], env=env)

    def test_names_call_nobody_and_hide_nothing(self):
        def hostile(run):
            run["measurements"][0]["benchmark"] = "a@octocat#12\u202egnp.\u200bb\u00ad"
        base, new = self.side("base", 1, hostile), self.side("new", 1.03, hostile)
        forms = {}
        for form in ("table", "markdown", "junit", "github", "openmetrics", "csv"):
            done = self.run_program("compare", base, new, "--format", form)
            self.assertEqual(done.returncode, NO, done.stderr)
            forms[form] = done.stdout
            for unseen in "\u202e\u200b\u00ad":
                self.assertNotIn(unseen, done.stdout, form)
            self.assertRegex(done.stdout, "(<|&lt;)U\\+202E(>|&gt;)")
        self.assertIn("@octocat#12<U+202E>gnp.<U+200B>b<U+00AD>", forms["table"])
        self.assertNotRegex(forms["markdown"], "@octocat|[^&]#12")
        self.assertIn("a@&#8203;octocat#&#8203;12", forms["markdown"])

    def test_what_fails_can_be_chosen(self):
        base, new = self.side("base"), self.side("new", 1.03)
        self.compared(base, new, "--fail-on", "wrong")
        # One run a side says nothing about noise: ambiguous.
        one, other = self.run_file("one", 1000), self.run_file("other", 1030)
        self.compared(one, other)
        self.compared(one, other, "--fail-on", "slower,ambiguous", status=NO)
        # What the hint names does what it says.
        done = self.succeed("compare", one, other)
        [verdicts] = re.findall(r"--fail-on (\S+) fails for them", done.stderr)
        self.compared(one, other, "--fail-on", verdicts, status=NO)

    def test_a_slow_down_under_load_is_slower_or_no_pass(self):
        def under_load(run):
            run["measurements"][0]["telemetry"] = {"competing_load": 0.7}
        base, busy = self.side("base", 1, under_load), self.side("busy", 4, under_load)
        [result] = self.compared(base, busy, status=NO)
        self.assertEqual(result["benchmarks"][0]["verdict"], "slower")
        done = self.run_program("compare", self.side("calm"), busy)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn("This is no pass: one was measured as slower", done.stderr)
        self.assertIn("by 300 %", done.stderr)
        self.assertIn("an unknown part of the cores busy at the base and 70 % at the new side", " ".join(done.stdout.split()))
        done = self.run_program("compare", base, self.side("same", 1, under_load))
        self.assertNotIn("no pass", done.stderr)

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
        def hostile(run):
            run["measurements"][0]["benchmark"] = "a<b>&\"'\u0001\ufffe]]>"
        self.side("base", 1.0, hostile)
        self.side("new", 1.03, hostile)
        done = self.run_program("compare", "base", "new", "--format", "junit", "--output", "junit.xml")
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assert_valid_junit("junit.xml")

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

    def test_the_assumed_deviation_is_a_fraction_in_either_form(self):
        one, other = self.run_file("one", 1000), self.run_file("other", 1030)
        self.assertEqual(self.compared(one, other, "--noise", "0.2%", status=NO),
                         self.compared(one, other, "--noise", "0.002", status=NO))
        for wrong in ("0%", "0", "2"):
            self.refuse("compare", one, other, "--noise", wrong, says=["--noise", "write 2% or 0.02"])
        self.refuse("compare", one, other, "--noise", "absent.json", says=["absent.json"])

    def test_google_benchmarks_form_has_no_place_for_two_machines(self):
        def another(run):
            run["environment"]["cpu"]["model"] = "Another CPU"
        one, same, other = (self.run_file("one", 1000), self.run_file("same", 1010),
                            self.run_file("other", 500, another))
        done = self.succeed("report", one, same, "--format", "google-benchmark")
        self.assertEqual(len(json.loads(done.stdout)["benchmarks"]), 10)
        self.refuse("report", one, other, "--format", "google-benchmark", "--output", "all.json",
                    says=["one.json and", "other.json are of two machines", "write each into a file of its own"])

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

    @staticmethod
    def summary(run):
        run["provenance"] = {"kind": "imported", "imported_at": "2026-01-01T00:00:00Z", "sources": [
            {"file": "a", "format": "csv", "tool": "csv", "tool_version": None, "measured_at": None, "bytes": 1}]}
        m = run["measurements"][0]
        m["samples_ns"], m["time_ns"], m["method"], m["verification"] = [], None, {}, None
        m["reported"] = {"time_ns": {"median": 1000}, "values": []}

    def test_what_has_no_samples_is_counted_where_the_form_has_only_samples(self):
        one = self.run_file("one", 1000, self.summary)
        done = self.succeed("report", one, "--to", "google-benchmark")
        self.assertEqual(json.loads(done.stdout)["benchmarks"], [])
        self.assertIn("1 measurement left out", done.stderr)

    def test_summaries_of_other_tools_are_named_and_not_compared(self):
        one, other = self.run_file("one", 1000, self.summary), self.run_file("other", 1000, self.summary)
        measured = self.run_file("measured", 1000)
        for base, new in ((one, other), (one, measured), (measured, one)):
            [result] = self.compared(base, new, "--allow", "work", status=NOT_COMPARABLE)
            self.assertEqual(result["unmeasured"], 0)
            [row] = result["benchmarks"]
            self.assertEqual(row["verdict"], "not comparable")
            self.assertIn("an imported summary without samples", row["because"])

    def test_a_side_that_is_missing_is_named(self):
        self.refuse("compare", says=["what is to be compared is missing", "hint: gpubench compare BASE NEW"])
        self.refuse("compare", "base.json", says=["compared with base.json is missing", "hint: gpubench compare BASE NEW"])

    def test_sides_without_a_benchmark_in_common_are_not_comparable(self):
        def renamed(run):
            run["measurements"][0]["benchmark"] = "gemm_fp16"
        base, new = self.side("base"), self.side("new", 1, renamed)
        done = self.run_program("compare", base, new)
        self.assertEqual(done.returncode, NOT_COMPARABLE, done.stderr)
        self.assertIn("Nothing could be compared: no benchmark has times on both sides", done.stderr)

    def test_help_and_manual_agree_on_exit_code_5(self):
        [meaning] = [line.split("|")[2].strip() for line in (SOURCE / "docs" / "cli.md").read_text().splitlines()
                     if line.startswith("| 5 |")]
        for command in ("compare", "gate"):
            self.assertIn("5 " + meaning, " ".join(self.succeed(command, "--help").stdout.split()))

    def test_a_run_is_the_same_as_itself(self):
        one = self.run_file("one", 1000)
        [result] = self.compared(one, one, "--fail-on", "slower,ambiguous")
        self.assertEqual(result["benchmarks"][0]["verdict"], "same")
        self.assertEqual(result["benchmarks"][0]["change"], 0)


if __name__ == "__main__":
    unittest.main()
