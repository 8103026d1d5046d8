"""Ranking offers, and what the user's own data changes."""

import csv
import io
import json
import unittest

from harness import DATA, NO, ProgramTest

WORKLOAD = "resnet50-train"


class Recommend(ProgramTest):
    def ranking(self, *arguments, workload=WORKLOAD):
        done = self.succeed("recommend", workload, *arguments, "--format", "json", "--all", "--quiet")
        answer = json.loads(done.stdout)["recommendations"][0]
        return answer["ranked"]

    def test_says_the_answer_first(self):
        lines = self.succeed("recommend", WORKLOAD, "--deadline", "24h", "--quiet").stdout.splitlines()
        text = "\n".join(lines)
        self.assertLess(text.index("Rent"), text.index("Because"))
        self.assertLessEqual(text[:text.index("Cost ")].count("\n"), 8, "the answer stands above everything else")
        self.assertLessEqual(text[:text.index("\nNote ")].count("\n"), 45, "one screen, its notes below it")
        self.assertLessEqual(len(lines), 60)

    def test_every_form_is_well_formed(self):
        run = self.small_run()
        for form in ("table", "json", "csv", "markdown", "html"):
            done = self.succeed("recommend", WORKLOAD, "--results", run, "--format", form)
            self.assertGreater(len(done.stdout), 100, form)
            if form == "json":
                json.loads(done.stdout)
            elif form == "csv":
                rows = list(csv.reader(io.StringIO(done.stdout)))
                self.assertEqual({len(row) for row in rows}, {len(rows[0])})
            elif form == "html":
                self.assertTrue(done.stdout.lstrip().lower().startswith("<!doctype html>"))

    def test_is_ranked_by_expected_cost(self):
        costs = [offer["expected_cost_usd"] for offer in self.ranking()]
        self.assertGreater(len(costs), 10)
        self.assertEqual(costs, sorted(costs))

    def test_provider_region_gpu_and_price_model_filter(self):
        offers = self.ranking("--provider", "aws", "--region", "us-east-1", "--gpu", "^L4", "--price-model", "spot")
        self.assertGreater(len(offers), 0)
        for offer in offers:
            self.assertEqual((offer["instance"]["provider"], offer["price"]["region"], offer["price"]["model"]),
                             ("aws", "us-east-1", "spot"))
            self.assertTrue(offer["instance"]["gpu"].startswith("L4"), offer["offer"])

    def test_deadline_and_budget_are_kept(self):
        for offer in self.ranking("--deadline", "24h", "--budget", "500"):
            self.assertGreaterEqual(offer["probability_in_deadline"], 0.95)
            self.assertLessEqual(offer["cost_usd"], 500)

    def test_budget_in_another_currency_is_converted(self):
        in_usd = self.ranking("--budget", "100")
        in_cny = self.ranking("--budget", "200XTS", "--rate", "XTS=2")
        self.assertEqual(len(in_usd), len(in_cny))

    def test_rate_changes_what_foreign_prices_cost(self):
        def cheapest(rate):
            return self.ranking("--provider", "alibaba", "--price-model", "on-demand", "--rate", rate)[0]["cost_usd"]
        self.assertAlmostEqual(cheapest("CNY=7") / cheapest("CNY=14"), 2, places=6)

    def test_rate_on_the_command_line_wins_over_an_overlay(self):
        self.write("own/exchange_rates.csv", "currency,units_per_usd,source,date,note\n"
                   "CNY,5,our bank,2026-11-01,\n")
        asked = ("--provider", "alibaba", "--price-model", "on-demand", "--rate", "CNY=10")
        self.assertEqual(self.ranking(*asked)[0]["cost_usd"], self.ranking(*asked, "--overlay", "own")[0]["cost_usd"])

    def test_limit_that_leaves_no_offer_says_so(self):
        done = self.run_program("recommend", WORKLOAD, "--gpu", "no such GPU")
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertIn("the catalogue has no offer on GPUs that match 'no such GPU'", done.stderr)
        self.assertIn("list gpus", done.stderr)

    def test_nothing_feasible_is_exit_code_1_with_the_nearest_miss(self):
        done = self.run_program("recommend", WORKLOAD, "--budget", "0.001")
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertIn("the cheapest is", done.stderr)

    def test_workload_from_a_file(self):
        text = (DATA / "workloads" / f"{WORKLOAD}.toml").read_text()
        self.write("mine.toml", text.replace(f'"{WORKLOAD}"', '"mine"'))
        self.assertEqual(self.ranking(workload="mine.toml")[0]["offer"], self.ranking()[0]["offer"])

    def test_rejected_offers_are_listed_with_reasons(self):
        done = self.succeed("recommend", WORKLOAD, "--deadline", "6h", "--rejected", "--quiet")
        self.assertIn("deadline", done.stdout)


class Overlay(ProgramTest):
    """A directory of the user's own."""

    def best(self, *arguments):
        done = self.succeed("recommend", WORKLOAD, *arguments, "--format", "json", "--quiet")
        return json.loads(done.stdout)["recommendations"][0]["ranked"][0]

    def test_private_discount_changes_the_ranking(self):
        before = self.best()
        target = self.best("--gpu", "H100")
        self.assertNotEqual(before["instance"], target["instance"])
        self.write("mine/discounts.csv",
                   "provider,instance_type,price_model,discount_fraction,source,date\n"
                   f"{target['instance']['provider']},^{target['instance']['type']}$,{target['price']['model']},0.99,our contract,"
                   "2026-11-01\n")
        after = self.best("--overlay", "mine")
        self.assertEqual(after["instance"], target["instance"])
        # CPU instances beside it are no part of the contract, and of another number where the GPU is nearly free.
        of_gpu = [offer["usd_per_hour"] - (offer["helpers"] or {"usd_per_hour": 0})["usd_per_hour"]
                  for offer in (after, target)]
        self.assertAlmostEqual(of_gpu[0] / after["nodes"], of_gpu[1] / target["nodes"] / 100, places=6)

    def test_on_premises_machine_is_ranked(self):
        def header(name):
            return (DATA / name).read_text().splitlines()[0]
        def row(name, **cells):
            columns = header(name).split(",")
            self.assertLessEqual(set(cells), set(columns))
            return header(name) + "\n" + ",".join(str(cells.get(column, "")) for column in columns) + "\n"
        self.write("mine/instances.csv", row(
            "instances.csv", provider="ours", instance_type="rack-7", gpu="L4", gpu_count=8, gpu_fraction=1,
            gpu_memory_gib=24, vcpus=96, host_memory_gib=384, gpu_interconnect="pcie",
            network_gbit_per_second=25, source="inventory", date="2026-11-01"))
        self.write("mine/prices.csv", row(
            "prices.csv", provider="ours", instance_type="rack-7", region="basement", price_model="on_demand",
            amount_per_hour=0.1, currency="USD", checked="yes", source="inventory", date="2026-11-01"))
        best = self.best("--overlay", "mine")
        self.assertEqual((best["instance"]["provider"], best["instance"]["type"], best["price"]["region"]),
                         ("ours", "rack-7", "basement"))
        done = self.succeed("list", "instances", "rack-7", "--overlay", "mine", "--format", "json")
        self.assertEqual(json.loads(done.stdout)[0]["on_demand_usd_per_hour"], 0.1)

    def test_own_workload_is_found(self):
        text = (DATA / "workloads" / f"{WORKLOAD}.toml").read_text()
        self.write("mine/workloads/ours.toml", text.replace(f'"{WORKLOAD}"', '"ours"'))
        self.assertIn("ours", self.succeed("list", "workloads", "--overlay", "mine").stdout)
        self.succeed("recommend", "ours", "--overlay", "mine", "--quiet")


if __name__ == "__main__":
    unittest.main()
