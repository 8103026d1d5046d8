"""Reports of one and of several runs in every form, of saved recommendations, and the walk-through of three vendors."""

import csv
import hashlib
import io
import json
import re
import shlex
import shutil
import unittest
import zipfile

from harness import SOURCE, ProgramTest

VENDORS = SOURCE / "tests" / "imports" / "data" / "vendors"
FORMS = ("table", "json", "csv", "markdown", "html", "xlsx", "junit", "prometheus")


class ReportTest(ProgramTest):
    def vendor(self, name):
        files = sorted(path for path in (VENDORS / name).iterdir() if path.is_file())
        self.succeed("import", *files, "--run-file", f"{name}.json", "--quiet")
        return json.loads((self.here / f"{name}.json").read_text())

    def three_vendors(self):
        return {name: self.vendor(name) for name in ("north", "south", "west")}

    def sheets(self, path):
        """Names of the sheets and all texts of a workbook, by the standard library alone."""
        with zipfile.ZipFile(path) as book:
            self.assertIsNone(book.testzip())
            names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
            texts = re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())
            cells = "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/"))
        return names, texts, cells

    def test_every_form_is_made_of_one_run_and_of_several(self):
        self.three_vendors()
        for files in (["north.json"], ["north.json", "south.json", "west.json"]):
            for form in FORMS:
                with self.subTest(form=form, runs=len(files)):
                    self.succeed("report", *files, "--to", form, "--output", "out")
                    self.assertGreater((self.here / "out").stat().st_size, 200)
                    self.succeed("report", *files, "--format", form, "--output", "again")
                    first, second = ((self.here / name).read_bytes() for name in ("out", "again"))
                    if form in ("csv", "junit"):  # the others name the command or the time
                        self.assertEqual(first, second)
                    if form == "markdown":
                        self.succeed("report", *files, "--to", "md", "--output", "short")
                        self.assertEqual((self.here / "short").read_text().split("Made ")[0],
                                         first.decode().split("Made ")[0])

    def test_why_there_is_no_cost_is_said_where_no_run_has_a_price_too(self):
        runs = self.three_vendors()
        runs["south"]["environment"]["cloud"] = {"provider": "aws", "instance_type": "made.up", "source": "--instance"}
        self.write("south.json", json.dumps(runs["south"]))
        runs["west"]["environment"]["cloud"] = {"provider": None, "instance_type": "p5.48xlarge", "source": "--instance"}
        self.write("west.json", json.dumps(runs["west"]))
        said = " ".join(self.succeed("report", "north.json", "west.json").stdout.split())
        self.assertIn("west: no cost: provider unknown, of instance type p5.48xlarge", said)
        for form in ("table", "markdown", "html"):
            said = " ".join(self.succeed("report", "north.json", "south.json", "--to", form).stdout.split())
            self.assertIn("south: no cost: aws made.up is unknown to the catalogue", said)
            self.assertIn("north: no cost: instance type unknown, as the run names none", said)
            self.assertNotIn("$ per PB", said)

    def test_several_runs_stand_side_by_side(self):
        runs = self.three_vendors()
        done = self.succeed("report", "north.json", "south.json", "west.json", "--price", "north=24.50,south=27")
        for text in ("Compared", "imported from nccl-tests", "not measured", "no price", "$ per PB", "★",
                     "west: no cost: instance type unknown"):
            self.assertIn(text, done.stdout)
        report = json.loads(self.succeed("report", "north.json", "south.json", "west.json", "--to", "json").stdout)
        self.assertIsNone(report["run"])
        self.assertEqual([one["label"] for one in report["runs"]], ["north", "south", "west"])
        self.assertEqual([one["run"] for one in report["runs"]], list(runs.values()))
        figures = 0
        for row in report["side_by_side"]:
            for cell in row["cells"]:
                same = [m for m in runs[cell["run"]]["measurements"] if m["benchmark"] == row["benchmark"]]
                if cell["status"] == "not measured":
                    self.assertIsNone(cell["value"])
                elif row["metric"] in ("bytes_per_second", "items_per_second", "busbw_bytes_per_second"):
                    figures += 1
                    self.assertIn(cell["value"], [m["rates"][row["metric"]] for m in same])
        self.assertGreater(figures, 20)

    def test_csv_of_runs_reads_back_as_their_figures(self):
        runs = self.three_vendors()
        text = self.succeed("report", "north.json", "south.json", "west.json", "--to", "csv").stdout
        rows = list(csv.DictReader(io.StringIO(text)))
        measured = [(name, m) for name, run in runs.items() for m in run["measurements"]]
        self.assertEqual(len(rows), len(measured))
        for row, (name, m) in zip(rows, measured):
            self.assertEqual((row["run"], row["benchmark"]), (name, m["benchmark"]))
            for key in ("bytes_per_second", "items_per_second", "busbw_bytes_per_second", "flop_per_second"):
                self.assertEqual(float(row[key]) if row[key] else None, m["rates"].get(key))

    def test_a_saved_recommendation_is_written_in_every_form(self):
        self.succeed("recommend", "resnet50-train", "--deadline", "24h", "--as-of", "2026-10-01", "--format", "json",
                     "--output", "answer.json")
        saved = json.loads((self.here / "answer.json").read_text())
        for form in FORMS:
            with self.subTest(form):
                self.succeed("report", "--recommendation", "answer.json", "--to", form, "--output", "out")
                if form == "json":
                    self.assertEqual(json.loads((self.here / "out").read_text()), saved)
                elif form == "xlsx":
                    names, texts, _ = self.sheets(self.here / "out")
                    self.assertEqual(names, ["Answer", "Ranking", "Rejected", "Provenance"])
                    self.assertIn(saved["recommendations"][0]["ranked"][0]["instance"]["type"], texts)
                else:
                    direct = self.succeed("recommend", "resnet50-train", "--deadline", "24h", "--as-of", "2026-10-01",
                                          "--format", form).stdout
                    written = (self.here / "out").read_text()
                    self.assertEqual(written.replace(" --format json --output answer.json", f" --format {form}"), direct)

    def test_a_plan_that_cannot_be_read_back_is_refused_with_its_command(self):
        self.write("plan.json", json.dumps({"schema": "gpubench.report/1", "tool_version": "0", "made_at": "now",
                                            "command": "gpubench plan x", "run_file": None, "recommendations": [],
                                            "run": None, "plans": [{}]}, indent=1))
        self.refuse("report", "--recommendation", "plan.json", says=("plan.json:9:", "cannot be read back",
                                                                     "gpubench plan x"))

    def test_bad_input_is_refused_with_its_place(self):
        self.three_vendors()
        text = (self.here / "north.json").read_text()
        self.write("cut.json", text[: len(text) // 2])
        self.refuse("report", "north.json", "cut.json", "--output", "x.html", says=("cut.json:",))
        wrong = json.loads(text)
        wrong["measurements"][1]["status"] = 3
        self.write("wrong.json", json.dumps(wrong, indent=1))
        done = self.refuse("report", "wrong.json", "north.json", says=("measurements[1].status",))
        self.assertRegex(done.stderr, r"wrong\.json:\d+:\d+")
        self.write("other.json", "{}")
        self.refuse("report", "north.json", "other.json", says=("other.json", "not a gpubench run file"))
        self.refuse("report", "north.json", "absent.json", says=("absent.json",))
        self.refuse("report", "--recommendation", "north.json", says=("not a report", "without --recommendation"))

    def test_wrong_usage_is_refused(self):
        self.three_vendors()
        (self.here / "linked.json").symlink_to("north.json")
        for arguments, says in (
                ((), "no run file is named"),
                (("north.json", "--recommendation", "south.json"), "stands alone"),
                (("--recommendation", "south.json", "--deadline", "2h"), "--deadline: a saved answer"),
                (("--recommendation", "south.json", "--top", "3", "--gpu", "H100", "--discount", "aws=0.1"),
                 "--gpu, --discount: a saved answer"),
                (("--recommendation", "south.json", "--as-of", "2026-10-01"), "--as-of: a saved answer"),
                (("north.json", "--deadline", "2h"), "--deadline: nothing is ranked"),
                (("north.json", "--to", "html", "--format", "csv"), "two forms"),
                (("north.json", "--to", "pdf"), "known forms"),
                (("north.json", "--price", "north=0"), "above zero"),
                (("north.json", "--price", "north"), "no price of a run"),
                (("north.json", "--price", "east=3"), "no run is called 'east'"),
                (("north.json", "south.json", "--price", "1=3", "--price", "north=4"), "two prices"),
                (("north.json", "north.json"), "named twice"),
                (("north.json", "./north.json"), "named twice: north.json and ./north.json"),
                (("north.json", "linked.json"), "named twice: north.json and linked.json"),
                (("north.json", "--workload", "resnet50-train", "--to", "google-benchmark"), "measurements alone"),
                (("north.json", "--output", "north.json"), "north.json")):
            with self.subTest(arguments):
                self.refuse("report", *arguments, says=(says,))

    def test_files_of_one_name_are_told_apart_by_their_paths(self):
        self.vendor("north")
        for folder in ("a", "b"):
            (self.here / folder).mkdir()
            shutil.copy(self.here / "north.json", self.here / folder / "run.json")
        report = json.loads(self.succeed("report", "a/run.json", "b/run.json", "--price", "b/run.json=3", "--to",
                                         "json").stdout)
        self.assertEqual([(one["label"], one["usd_per_hour"]) for one in report["runs"]],
                         [("a/run.json", None), ("b/run.json", 3)])

    def test_prices_go_to_names_with_commas(self):
        self.vendor("north")
        shutil.copy(self.here / "north.json", self.here / "a,b.json")
        report = json.loads(self.succeed("report", "a,b.json", "north.json", "--price", "a,b=3,north=4", "--to",
                                         "json").stdout)
        self.assertEqual([(one["label"], one["usd_per_hour"]) for one in report["runs"]], [("a,b", 3), ("north", 4)])
        self.refuse("report", "a,b.json", "--price", "a,b", says=("'a,b' is no price",))

    def test_csv_holds_no_raw_control_character(self):
        run = self.vendor("north")
        run["measurements"][0]["warnings"] = ["red \x1b[31m, bell \x07, two\nlines"]
        self.write("north.json", json.dumps(run))
        text = self.succeed("report", "north.json", "--to", "csv").stdout
        self.assertFalse([c for c in text if (ord(c) < 32 and c not in "\t\r\n") or 127 <= ord(c) < 160])
        self.assertEqual([row["flags"] for row in csv.DictReader(io.StringIO(text))][0].count("?"), 2)

    def test_a_run_on_a_known_instance_gets_its_price_from_the_catalogue(self):
        run = self.vendor("north")
        run["environment"]["cloud"] = {"provider": "aws", "instance_type": "g6.xlarge", "source": "--instance"}
        self.write("rented.json", json.dumps(run))
        one = json.loads(self.succeed("report", "rented.json", "north.json", "--to", "json").stdout)["runs"][0]
        self.assertGreater(one["usd_per_hour"], 0)
        self.assertIn("aws g6.xlarge on-demand", one["price_source"])
        given = self.succeed("report", "rented.json", "north.json", "--price", "rented=7", "--to", "json").stdout
        self.assertEqual(json.loads(given)["runs"][0]["usd_per_hour"], 7)

    def test_one_gpu_of_a_machine_costs_its_share(self):
        run = self.vendor("north")
        run["environment"]["gpus"] = run["environment"]["gpus"][:1]
        for m in run["measurements"]:
            m["device"] = "gpu0"
        self.write("listed.json", json.dumps(run))
        run["environment"]["cloud"] = {"provider": "aws", "instance_type": "p5.48xlarge", "source": "--instance"}
        self.write("pod.json", json.dumps(run))

        def report(*files):
            return json.loads(self.succeed("report", *files, "--price", "1=8,2=8", "--to", "json").stdout)

        shown = report("pod.json", "listed.json")
        self.assertEqual([one["machine_gpus"] for one in shown["runs"]], [8, None])
        self.assertEqual([one["price_source"] for one in shown["runs"]],
                         ["given with --price, of p5.48xlarge with 8 GPUs",
                          "given with --price, taken for that of 1 GPU: the run lists no more"])
        costs = [[cell["cost_usd"] for cell in row["cells"]] for row in shown["side_by_side"]]
        known = [pair for pair in costs if pair[0] is not None]
        self.assertGreater(len(known), 5)
        for pod, listed in known:
            self.assertAlmostEqual(listed / pod, 8)

    def test_hostile_names_stay_text_in_every_form(self):
        run = self.vendor("north")
        formula = '=HYPERLINK("http://example.com")'
        for m in run["measurements"]:
            m["benchmark"] = formula
            m["warnings"] = ["<script>alert(1)</script>"]
        for name in ("=1+1.json", "b.json"):
            self.write(name, json.dumps(run))
        files = ("./=1+1.json", "b.json")
        self.succeed("report", *files, "--to", "xlsx", "--output", "out.xlsx")
        _, _, cells = self.sheets(self.here / "out.xlsx")
        self.assertNotIn("<f>", cells)
        self.assertNotIn("hyperlink", cells.lower())
        for row in csv.reader(io.StringIO(self.succeed("report", *files, "--to", "csv").stdout)):
            self.assertFalse([cell for cell in row if cell.startswith("=")])
        page = self.succeed("report", *files, "--to", "html").stdout
        self.assertNotIn("<script>alert", page)

    def test_a_device_that_is_not_named_stands_in_the_others_row(self):
        run = self.vendor("north")
        for m in run["measurements"]:
            m["device"] = "unknown"
        self.write("south.json", json.dumps(run))
        page = self.succeed("report", "north.json", "south.json", "--price", "north=1,south=1", "--to", "html").stdout
        self.assertNotIn(">not measured<", page)
        self.assertIn("south: which device was measured is not known", page)
        self.assertIn("device unknown", page)

    def test_the_walk_through_of_three_vendors_runs_as_it_stands_in_the_docs(self):
        text = (SOURCE / "docs" / "comparing-vendors.md").read_text()
        commands = [shlex.split(line) for line in text.splitlines() if line.startswith("gpubench ")]
        self.assertEqual([command[1] for command in commands], ["import"] * 3 + ["report"] * 3)
        shutil.copytree(VENDORS, self.here, dirs_exist_ok=True)
        for command in commands:
            self.succeed(*command[1:])
        page = (self.here / "vendors.html").read_text()
        for fact in ("3 runs side by side", "imported from nccl-tests", "not measured", "Cost of a unit of work",
                     "data-chart=\"collective\"", "Made-up GPU"):
            self.assertIn(fact, page)
        names, texts, _ = self.sheets(self.here / "vendors.xlsx")
        self.assertEqual(names, ["Answer", "Side by side", "Cost of work", "Measurements", "Provenance"])
        for name in ("north", "south", "west"):
            self.assertIn(f"{name}, USD", texts)
        self.assertIn("given with --price, taken for that of 8 GPUs: the run lists no more", texts)
        for header in ("best, and what cannot be told from it", "cheapest", "north, south"):
            self.assertIn(header, texts)
        self.assertIn(hashlib.sha256((VENDORS / "north" / "all_reduce.txt").read_bytes()).hexdigest(), texts)
        done = self.succeed(*commands[3][1:])
        self.assertIn("$ per M tokens", done.stdout)
        self.assertIn("north, south: no cost of 5 measurements: which of the GPUs worked is not known",
                      " ".join(done.stdout.split()))


if __name__ == "__main__":
    unittest.main()
