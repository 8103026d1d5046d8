"""gpubench fleet plan: what to measure first, what it costs and saves, and when to stop."""

import csv
import io
import json
import os
import unittest

from harness import NO, SOURCE, USAGE, ProgramTest

WHEN = ("--as-of", "2026-11-22")


class FleetPlan(ProgramTest):

    def plan(self, *arguments):
        done = self.succeed("fleet", "plan", *arguments, *WHEN, "--format", "json", "--quiet")
        return json.loads(done.stdout)

    def test_the_document_keeps_its_schema_and_its_sums(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        plan = self.plan("resnet50-train", "llama3-8b-finetune", "--spend", "20000")
        schema = json.loads((SOURCE / "fleet" / "schema" / "gpubench.fleet-plan-1.json").read_text())
        jsonschema.validators.validator_for(schema)(schema).validate(plan)
        chosen = plan["probes"][:plan["chosen"]]
        self.assertGreater(len(chosen), 0)
        self.assertAlmostEqual(sum(p["cost_usd"] for p in chosen), plan["cost_usd"], places=6)
        self.assertAlmostEqual(sum(p["expected_gain_usd"] for p in chosen), plan["expected_gain_usd"], places=6)
        self.assertLessEqual(plan["expected_gain_usd"], plan["expected_regret_usd"])
        self.assertAlmostEqual(sum(w["expected_cost_usd"] for w in plan["workloads"]), 20000, places=3)
        for probe in plan["probes"]:
            self.assertEqual(probe["verdict"] == "measure", probe in chosen)
            self.assertLessEqual(probe["expected_gain_alone_usd"], probe["perfect_information_usd"] + 1e-6)
        for probe in chosen:
            self.assertGreater(probe["expected_gain_usd"], probe["cost_usd"])

    def test_a_name_that_is_no_utf8_may_stand_on_the_command_line(self):
        self.succeed("fleet", "plan", "resnet50-train", *WHEN, "--format", "json", "--output", os.fsdecode(b"caf\xe9.json"))
        plan = json.loads((self.here / os.fsdecode(b"caf\xe9.json")).read_text())
        self.assertIn("caf\ufffd.json", str(plan))

    def test_a_workload_counts_once(self):
        self.refuse("fleet", "plan", "resnet50-train", "llama3-8b-finetune", "resnet50-train", *WHEN, status=USAGE,
                    says=["workload resnet50-train is given twice", "--jobs"])

    def test_the_same_question_has_the_same_answer(self):
        question = ("fleet", "plan", "resnet50-train", "--jobs", "300", *WHEN, "--format", "json")
        self.assertEqual(self.succeed(*question).stdout, self.succeed(*question).stdout)

    def test_one_cheap_job_is_worth_few_probes_and_a_thousand_jobs_more(self):
        few = self.plan("resnet50-train", "--jobs", "0.1")
        many = self.plan("resnet50-train", "--jobs", "1000")
        self.assertLess(few["chosen"], many["chosen"])
        self.assertAlmostEqual(many["expected_regret_usd"], 10000 * few["expected_regret_usd"],
                               delta=1e-6 * many["expected_regret_usd"])

    def test_budget_and_instances_are_kept_to(self):
        free = self.plan("resnet50-train", "--jobs", "1000")
        self.assertGreater(free["chosen"], 1)
        budget = free["cost_usd"] * 0.9
        plan = self.plan("resnet50-train", "--jobs", "1000", "--budget", f"{budget:.4f}")
        self.assertLessEqual(plan["cost_usd"], budget)
        self.assertIn("over budget", {p["verdict"] for p in plan["probes"]})
        plan = self.plan("resnet50-train", "--jobs", "1000", "--max-instances", "1")
        self.assertEqual(plan["chosen"], 1)
        self.assertIn("too many instances", {p["verdict"] for p in plan["probes"]})
        self.assertIn("instances", plan["stop"])

    def test_gpus_without_a_back_end_are_not_chosen(self):
        plan = self.plan("resnet50-train", "--jobs", "1000")
        radeon = [p for p in plan["probes"] if "Radeon" in p["device"] or p["device"].startswith("MI")]
        self.assertTrue(radeon)
        self.assertEqual({p["verdict"] for p in radeon}, {"not measurable"})

    def test_the_table_says_when_to_stop_and_the_csv_has_all(self):
        text = self.succeed("fleet", "plan", "resnet50-train", "--jobs", "500", *WHEN)
        self.assertIn("resnet50-train: today ", text.stdout)
        self.assertRegex(text.stdout, r"Measure \d+ instance types first")
        self.assertRegex(text.stdout, r"\nStop  .* is expected to gain (less than )?\$\d+\.\d\d and costs \$\d+\.\d\d")
        self.assertIn("Next ", text.stderr)
        self.succeed("fleet", "plan", "resnet50-train", "--jobs", "500", *WHEN, "--format", "csv", "--output", "p.csv")
        rows = list(csv.DictReader(io.StringIO((self.here / "p.csv").read_text())))
        self.assertGreater(len(rows), 10)
        self.assertEqual([r["order"] for r in rows if r["verdict"] == "measure"],
                         [str(i + 1) for i in range(sum(r["verdict"] == "measure" for r in rows))])

    def test_a_commitment_is_measured_by_the_hour_before(self):
        plan = self.plan("llama3-8b-serve", "--spend", "200000", "--price-model", "commitment")
        self.assertGreater(plan["chosen"], 0)
        self.assertLessEqual({p["price_model"] for p in plan["probes"][:plan["chosen"]]}, {"on-demand", "spot"})
        text = self.succeed("fleet", "plan", "llama3-8b-serve", "--spend", "200000", "--price-model", "commitment", *WHEN)
        spot = plan["probes"][0]["price_model"] == "spot"
        self.assertIn(plan["probes"][0]["instance_type"] + (" --spot," if spot else ","), text.stderr)

    def test_hints_name_options_that_there_are(self):
        done = self.refuse("fleet", "plan", "resnet50-train", "--spend", "abc", says=["abc"])
        self.assertNotIn("--time-budget", done.stderr)
        self.refuse("fleet", "plan", "resnet50-train", "--as-of", "2020-01-01", status=NO,
                    says=["gpubench recommend shows with --rejected"])

    def test_what_is_impossible_is_refused(self):
        self.refuse("fleet", "plan", says=["workload"])
        self.refuse("fleet", "plan", "resnet50-trian", says=["resnet50-train"])
        self.refuse("fleet", "plan", "resnet50-train", "--suite", "full", says=["--suite", "known length"])
        self.refuse("fleet", "plan", "resnet50-train", "--jobs", "0", says=["--jobs"])
        self.refuse("fleet", "plan", "resnet50-train", "--jobs", "2", "--spend", "100")
        self.refuse("fleet", "plan", "resnet50-train", "--budget", "1XYZ", says=["XYZ"])
        self.refuse("fleet", "plan", "resnet50-train", "--format", "html", says=["html"])
        self.refuse("fleet", "plan", "resnet50-train", "--output", "absent/plan.json", says=["absent"])
        self.refuse("fleet", "plan", "resnet50-train", "--results", "absent.json", says=["absent.json"])
        self.refuse("fleet", "plan", "resnet50-train", "--deadline", "1s", status=NO, says=["deadline"])


if __name__ == "__main__":
    unittest.main()
