"""Lists of the catalogue and of the benchmarks, with their filters; the check of the catalogue."""

import csv
import io
import json
import shutil
import unittest

from harness import DATA, ProgramTest, USAGE, environment, has_gpu

LISTS = ("gpus", "instances", "prices", "workloads", "benchmarks", "suites")


class Lists(ProgramTest):
    def rows(self, *arguments, **options):
        return json.loads(self.succeed("list", *arguments, "--format", "json", "--quiet", **options).stdout)

    def test_every_list_has_every_form_with_the_same_rows(self):
        for name in LISTS:
            rows = self.rows(name)
            self.assertGreater(len(rows), 0, name)
            table = list(csv.DictReader(io.StringIO(self.succeed("list", name, "--format", "csv").stdout)))
            self.assertEqual(len(table), len(rows), name)
            self.assertEqual(list(table[0]), list(rows[0]), name)
            self.assertGreater(len(self.succeed("list", name).stdout.splitlines()), len(rows), name)
            self.assertTrue(self.succeed("list", name, "--format", "markdown").stdout.startswith("|"), name)

    def test_unknown_values_are_null_and_never_zero(self):
        for row in self.rows("instances"):
            self.assertNotEqual(row["on_demand_usd_per_hour"], 0, row)
            self.assertNotEqual(row["spot_usd_per_hour"], 0, row)
        self.assertTrue(any(row["spot_usd_per_hour"] is None for row in self.rows("instances")))

    def test_pattern_selects_names(self):
        names = [row["gpu"] for row in self.rows("gpus", "^h100")]
        self.assertGreater(len(names), 0)
        self.assertTrue(all(name.startswith("H100") for name in names), names)

    def test_gpu_memory_filter(self):
        memories = [row["memory_gib"] for row in self.rows("gpus", "--min-gpu-memory", "80GiB")]
        self.assertGreater(len(memories), 0)
        self.assertTrue(all(memory >= 80 for memory in memories), memories)
        self.assertLess(len(memories), len(self.rows("gpus")))

    def test_gpu_filters_ask_for_an_instance_that_has_it(self):
        sold = {row["gpu"] for row in self.rows("instances", "--provider", "aws", "--region", "us-east-1", "--gpu", "A10|L4",
                                                "--max-price", "1.50")}
        names = {row["gpu"] for row in self.rows("gpus", "--provider", "aws", "--region", "us-east-1", "--gpu", "A10|L4",
                                                 "--max-price", "1.50")}
        self.assertIn("L4", names)
        self.assertEqual(names, sold)
        self.assertLess(len(names), len(self.rows("gpus", "--gpu", "A10|L4")))
        self.refuse("list", "gpus", "--provider", "awz", says=["awz", "aws"])

    def test_instance_filters_work_together(self):
        rows = self.rows("instances", "--provider", "aws,gcp", "--gpu", "A100", "--min-gpu-memory", "40GiB",
                         "--max-price", "40")
        self.assertGreater(len(rows), 0)
        for row in rows:
            self.assertIn(row["provider"], ("aws", "gcp"))
            self.assertIn("A100", row["gpu"])
            self.assertGreaterEqual(row["gpu_memory_gib"], 40)
            prices = [p for p in (row["on_demand_usd_per_hour"], row["spot_usd_per_hour"]) if p is not None]
            self.assertLessEqual(min(prices + [row["commitment_usd_per_hour"] or 1e9]), 40, row)

    def test_a_highest_price_hides_no_price_that_is_known(self):
        columns = ("on_demand_usd_per_hour", "spot_usd_per_hour", "commitment_usd_per_hour")
        every = {(row["provider"], row["instance_type"]): row for row in self.rows("instances", "--gpu", "A100")}
        cheap = self.rows("instances", "--gpu", "A100", "--max-price", "10")
        self.assertTrue([row for row in cheap if (row["on_demand_usd_per_hour"] or 0) > 10],
                        "some are below it on spot alone")
        for row in cheap:
            same = every[row["provider"], row["instance_type"]]
            self.assertEqual([row[name] for name in columns], [same[name] for name in columns])

    def test_price_filters_work_together(self):
        rows = self.rows("prices", "^g6", "--provider", "aws", "--region", "us-east-1", "--max-price", "2")
        self.assertGreater(len(rows), 0)
        for row in rows:
            self.assertEqual((row["provider"], row["region"]), ("aws", "us-east-1"))
            self.assertLessEqual(row["usd_per_hour"], 2)
            self.assertTrue(row["source"] and row["source_date"])

    def test_foreign_prices_keep_their_currency(self):
        rows = [row for row in self.rows("prices", "--provider", "alibaba", "--rate", "CNY=10")
                if row["currency"] == "CNY"]
        self.assertGreater(len(rows), 0)
        for row in rows:
            self.assertAlmostEqual(row["usd_per_hour"], row["amount_per_hour"] / 10, places=9)

    def test_unknown_region_names_the_nearest(self):
        self.refuse("list", "prices", "--region", "us-esat-1", says=["us-esat-1", "us-east-1"])

    def test_shares_of_gpus_and_cpu_instances_are_ordinary_rows(self):
        rows = self.rows("instances")
        self.assertTrue(any(row["gpu"] and row["gpu_fraction"] < 1 for row in rows))
        self.assertTrue(any(row["gpu"] is None and row["gpu_count"] == 0 for row in rows))

    def test_benchmarks_say_why_the_cuda_back_end_is_not_used(self):
        done = self.succeed("list", "benchmarks")
        self.assertIn("stream_triad", done.stdout)
        self.assertIn("CUDA back-end: ", done.stderr)
        if not has_gpu():
            self.assertRegex(done.stderr, r"CUDA back-end: .*(not|no) ")

    def test_suites_tell_their_budgets(self):
        budgets = {row["suite"]: row["budget_seconds"] for row in self.rows("suites")}
        self.assertEqual(budgets, {"quick": 60, "standard": 300, "apps": 300, "full": None})

    def test_gpubench_data_names_the_catalogue(self):
        shutil.copytree(DATA, self.here / "copy")
        with_copy = environment(GPUBENCH_DATA=str(self.here / "copy"))
        self.assertIn(str(self.here / "copy"), self.succeed("catalog", "validate", env=with_copy).stdout)
        # --profiles goes before the variable.
        self.assertIn(str(DATA), self.succeed("catalog", "validate", "--profiles", DATA, env=with_copy).stdout)


class Catalogue(ProgramTest):
    def test_shipped_catalogue_has_no_findings(self):
        done = self.succeed("catalog", "validate")
        self.assertRegex(done.stdout, r"\d+ GPUs, \d+ CPUs, \d+ instance types, \d+ prices, \d+ workloads: no findings")
        self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_every_finding_is_told_with_its_place(self):
        columns = (DATA / "instances.csv").read_text().splitlines()[0].split(",")
        good = {"provider": "ours", "instance_type": "a", "gpu": "L4", "gpu_count": "1", "gpu_fraction": "1",
                "gpu_memory_gib": "24", "vcpus": "8", "host_memory_gib": "32", "gpu_interconnect": "none",
                "source": "inventory", "date": "2026-11-01"}
        rows = [good, {**good, "gpu": "L44", "instance_type": "b"}, {**good, "gpu_fraction": "1.5", "instance_type": "c"},
                {**good, "source": "", "instance_type": "d"}, good]
        lines = [",".join(columns)] + [",".join(row.get(column, "") for column in columns) for row in rows]
        self.write("mine/instances.csv", "\n".join(lines) + "\n")
        done = self.run_program("catalog", "validate", "--overlay", "mine")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        column = {name: 1 + sum(len(cell) + 1 for cell in lines[2].split(",")[:columns.index(name)])
                  for name in ("gpu",)}
        self.assertIn(f"mine/instances.csv:3:{column['gpu']}: ", done.stdout)
        self.assertIn("'L4'", done.stdout, "the nearest name")
        for line in (4, 5, 6):
            self.assertIn(f"mine/instances.csv:{line}:", done.stdout)
        self.assertNotIn("mine/instances.csv:2:", done.stdout)

    def test_contradicting_rates_are_found(self):
        header = (DATA / "gpus.csv").read_text().splitlines()[0].split(",")
        with open(DATA / "gpus.csv", newline="", encoding="utf-8") as file:
            h100 = next(row for row in csv.DictReader(file) if row["name"].startswith("H100-SXM"))
        h100["fp8_tflop_per_second"] = "1"
        out = io.StringIO()
        writer = csv.DictWriter(out, header, lineterminator="\n")
        writer.writeheader()
        writer.writerow(h100)
        self.write("mine/gpus.csv", out.getvalue())
        done = self.run_program("catalog", "validate", "--overlay", "mine")
        self.assertEqual(done.returncode, USAGE, done.stdout)
        self.assertIn("mine/gpus.csv:2:", done.stdout)
        self.assertIn("fp8", done.stdout)


if __name__ == "__main__":
    unittest.main()
