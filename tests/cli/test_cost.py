"""What a job costs: price models, spot, limits, and the request file."""

import csv
import io
import json
import re
import unittest

from harness import NO, ProgramTest

WORKLOAD = "resnet50-train"

TRACE = "time_seconds,available\n" + "".join(f"{600 * i},{0 if i % 12 == 0 else 8}\n" for i in range(200))


class Cost(ProgramTest):
    def answer(self, *arguments):
        done = self.succeed("recommend", *arguments, "--format", "json", "--quiet", "--as-of", "2026-11-22")
        return json.loads(done.stdout)["recommendations"][0]

    def test_is_ranked_by_expected_cost_and_its_parts_add_up(self):
        answer = self.answer(WORKLOAD)
        costs = [offer["expected_cost_usd"] for offer in answer["ranked"]]
        self.assertGreater(len(costs), 10)
        self.assertEqual(costs, sorted(costs))
        for offer in answer["ranked"]:
            self.assertAlmostEqual(sum(offer["cost_by_part_usd"].values()) / offer["expected_cost_usd"], 1, places=6)
            self.assertAlmostEqual(offer["regret_usd"], offer["expected_cost_usd"] - costs[0], places=6)
            self.assertEqual(offer["spot"] is not None, offer["price"]["model"] == "spot")

    def test_a_part_without_a_tariff_is_unknown_and_not_nothing(self):
        answer = self.answer(WORKLOAD, "--storage", "100GB", "--provider", "lambda,aws", "--price-model", "on-demand")
        storage = {offer["instance"]["provider"]: offer["cost_by_part_usd"]["storage"] for offer in answer["ranked"]}
        self.assertIsNone(storage["lambda"])
        self.assertGreater(storage["aws"], 0)
        self.assertIn("Storage at lambda is not in its costs", json.dumps(answer["notes"]))

    def test_same_question_gives_the_same_bytes(self):
        asked = ("recommend", WORKLOAD, "--format", "json", "--quiet", "--as-of", "2026-11-22", "--deadline", "30h")
        self.assertEqual(self.succeed(*asked).stdout, self.succeed(*asked).stdout)

    def test_discount_lowers_every_price_of_a_provider(self):
        def cheapest(*more):
            return self.answer(WORKLOAD, "--provider", "aws", "--price-model", "on-demand", *more)["ranked"][0]
        self.assertAlmostEqual(cheapest("--discount", "aws=25%")["expected_cost_usd"] / cheapest()["expected_cost_usd"],
                               0.75, places=4)

    def test_a_trace_makes_spot_slower(self):
        self.write("history.csv", TRACE)
        asked = ("llama3-8b-finetune", "--provider", "aws", "--price-model", "spot")
        calm = self.answer(*asked)["ranked"][0]
        rough = {(offer["offer"], offer["price"]["region"]): offer
                 for offer in self.answer(*asked, "--spot-trace", "history.csv", "--restart", "1m")["ranked"]}
        same = rough[calm["offer"], calm["price"]["region"]]
        self.assertGreater(same["job"]["seconds"], calm["job"]["seconds"])
        self.assertGreater(same["spot"]["interruptions"], calm["spot"]["interruptions"])
        self.assertGreater(same["cost_by_part_usd"]["checkpoints"], calm["cost_by_part_usd"]["checkpoints"])

    def test_violation_risk_stays_below_the_level(self):
        answer = self.answer(WORKLOAD, "--deadline", "24h", "--budget", "500", "--confidence", "0.9")
        for offer in answer["ranked"]:
            self.assertLessEqual(offer["violation_risk"], 0.1 + 1e-9)
            self.assertLessEqual(offer["cost_at_confidence_usd"], 500)

    def test_a_shorter_deadline_flips_to_what_was_said(self):
        seconds_of = {"s": 1, "min": 60, "h": 3600, "days": 86400}
        for asked in ((WORKLOAD,), ("resnet50-infer", "--deadline", "6h"), ("resnet50-infer", "--gpu", "L4|A100")):
            with self.subTest(asked):
                answer = self.answer(*asked)
                [flip] = [point for point in answer["flip_points"] if "if the deadline were under" in point]
                name, value, unit = re.match(r"(.+), if the deadline were under ([\d.]+) (\w+)", flip).groups()
                shorter = self.answer(asked[0], *(asked[1:] if "--gpu" in asked else ()), "--deadline",
                                      f"{float(value) * seconds_of[unit] * 0.99}s")["ranked"][0]
                system = shorter["instance"]["provider"] + " " + shorter["instance"]["type"]
                self.assertIn(system, name)
                helpers = shorter["helpers"]
                self.assertEqual(" with " in name, helpers is not None, flip)
                if helpers:
                    self.assertIn(f"with {helpers['count']} x {helpers['instance']['type']}", name)

    def test_a_longer_deadline_flips_to_what_was_said(self):
        seconds_of = {"s": 1, "min": 60, "h": 3600, "days": 86400}
        answer = self.answer("resnet50-infer", "--deadline", "2h")
        flips = [point for point in answer["flip_points"] if "if the deadline were over" in point]
        self.assertEqual(len(flips), 1, answer["flip_points"])
        name, value, unit = re.match(r"(.+), if the deadline were over ([\d.]+) (\w+)", flips[0]).groups()
        longer = self.answer("resnet50-infer", "--deadline", f"{float(value) * seconds_of[unit] * 1.02}s")
        named = [offer for offer in longer["ranked"]
                 if f"{offer['instance']['provider']} {offer['instance']['type']} " in name + " "]
        self.assertTrue(named, name)
        self.assertLess(longer["ranked"][0]["expected_cost_usd"], answer["ranked"][0]["expected_cost_usd"])

    def test_helpers_say_where_their_price_is_from(self):
        fed = [offer for offer in self.answer("resnet50-infer")["ranked"] if offer["helpers"]]
        self.assertGreater(len(fed), 3)
        for offer in fed:
            helpers = offer["helpers"]
            self.assertIn(f" + {helpers['count']} x {helpers['instance']['type']}", offer["offer"])
            self.assertAlmostEqual(helpers["usd_per_hour"], helpers["count"] * helpers["price"]["amount_per_hour"])
            self.assertEqual(helpers["price"]["region"], offer["price"]["region"])
            self.assertTrue(helpers["price"]["date"] and helpers["price"]["source"])
            self.assertLessEqual(helpers["count"], 16 * offer["nodes"])

    def test_rules_of_thumb_stand_beside_the_answer(self):
        rules = {rule["rule"]: rule for rule in self.answer(WORKLOAD, "--deadline", "24h")["rules_of_thumb"]}
        self.assertEqual(set(rules), {"cheapest per hour", "cheapest per peak FLOP/s"})
        self.assertLess(rules["cheapest per hour"]["probability_all_limits"], 0.95)

    def test_every_form_carries_it(self):
        for form in ("table", "markdown", "html"):
            text = self.succeed("recommend", WORKLOAD, "--deadline", "30h", "--quiet", "--format", form).stdout
            for word in ("Cost", "Next best", "cheapest per hour"):
                self.assertIn(word, text, form)
        self.assertIn("expected_cost_usd", self.succeed("recommend", WORKLOAD, "--format", "csv").stdout.splitlines()[0])

    def test_nothing_feasible_says_which_limit_to_loosen(self):
        done = self.run_program("recommend", WORKLOAD, "--deadline", "10m", "--budget", "100000")
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertRegex(done.stderr, r"--deadline \d+h?\d*m? would do")
        both = self.run_program("recommend", WORKLOAD, "--deadline", "10m", "--budget", "1")
        self.assertEqual(both.returncode, NO, both.stderr)
        self.assertIn("loosen both", both.stderr)

    def test_what_is_wrong_is_refused(self):
        self.write("gap.csv", "time_seconds,available\n0,1\n60,1\n300,1\n")
        self.write("back.csv", "time_seconds,available\n0,1\n60,1\n30,1\n")
        self.write("unit.csv", "time_ms,available\n0,1\n60,1\n")
        ask = ("recommend", WORKLOAD)
        self.refuse(*ask, "--spot-trace", "gap.csv", says=["gap.csv:4:1", "240 s after"])
        self.refuse(*ask, "--spot-trace", "back.csv", says=["back.csv:4:1", "sort the rows"])
        self.refuse(*ask, "--spot-trace", "unit.csv", says=["unit.csv:1", "time_seconds"])
        self.refuse(*ask, "--discount", "awz=0.1", says=["awz", "aws"])
        self.refuse(*ask, "--discount", "aws=-0.1", says=["--discount", "-0.1"])
        self.refuse(*ask, "--utilisation", "0", says=["--utilisation"])
        self.refuse(*ask, "--fallback", "later", says=["before-deadline"])
        self.write("history.csv", TRACE)
        self.refuse(*ask, "--spot-trace", "history.csv", "--interruption", "0.1", says=["stated twice"])
        self.refuse(*ask, "--throughput", "0", says=["--throughput", "is not a throughput"])
        self.refuse(*ask, "--throughput", "1e-300/s", says=["--throughput", "is not a throughput"])
        self.write("ages.csv", "time_seconds,available\n0,1\n1e300,1\n")
        self.refuse(*ask, "--spot-trace", "ages.csv", says=["ages.csv:3:1", "1,000 years"])
        self.refuse(*ask, "--as-of", "9999-01-01", says=["--as-of", "1970 to 2188"])
        self.refuse(*ask, "--confidence", "0.9999", says=["99.99 %", "--simulations 10000"])
        self.succeed("recommend", WORKLOAD, "--confidence", "0.9999", "--price-model", "on-demand", "--quiet")
        self.succeed("recommend", "llama3-8b-serve", "--request-rate", "5", "--confidence", "0.9999", "--gpu", "H100",
                     "--provider", "nebius", "--quiet")
        self.refuse("recommend", "llama3-8b-serve", "--request-rate", "5", "--throughput", "3/s",
                    says=["--throughput is for jobs", "--request-rate"])

    def test_prices_of_later_days_are_put_aside(self):
        done = self.succeed("recommend", WORKLOAD, "--format", "json", "--quiet", "--as-of", "2026-11-22")
        dates = sorted({offer["price"]["date"] for offer in json.loads(done.stdout)["recommendations"][0]["ranked"]})
        earlier = dates[-1]
        self.write("new/prices.csv", "provider,instance_type,region,price_model,term,amount_per_hour,currency,checked,"
                   "source,date,note\naws,g6.xlarge,us-east-1,on_demand,,0.01,USD,yes,a dream,2026-12-24,\n")
        answer = self.answer(WORKLOAD, "--overlay", "new")
        self.assertNotIn("2026-12-24", {offer["price"]["date"] for offer in answer["ranked"]}, earlier)
        self.assertTrue([r for r in answer["rejected"] if "2026-12-24, after the day of this answer" in r["detail"]])
        nothing = self.run_program("recommend", WORKLOAD, "--as-of", "2001-01-01", "--quiet")
        self.assertEqual(nothing.returncode, NO, nothing.stderr)

    def test_price_models_have_one_spelling(self):
        rows = list(csv.DictReader(io.StringIO(self.succeed(
            "recommend", WORKLOAD, "--price-model", "on-demand,spot,commitment", "--all", "--format", "csv",
            "--quiet").stdout)))
        models = {row["price_model"] for row in rows if row["record"] == "ranking"}
        self.assertEqual(models, {"on_demand", "spot", "commitment"})
        for row in rows:
            if row["record"] == "ranking":
                self.assertEqual(bool(row["commitment_term"]), row["price_model"] == "commitment")

    def test_a_throughput_that_suffices_makes_the_cheapest_hour_win(self):
        answer = self.answer("resnet50-infer", "--throughput", "30/s", "--price-model", "on-demand")
        prices = [offer["usd_per_hour"] for offer in answer["ranked"]]
        self.assertLessEqual(prices[0], 1.05 * min(prices))
        self.assertEqual(answer["limits"]["rate_units_per_second"], 30)
        for offer in answer["ranked"]:
            self.assertGreaterEqual(offer["units_per_second"], 30)
        self.assertTrue([r for r in answer["rejected"] if r["reason"] == "rate"])

    def test_cpu_instances_beside_a_gpu_one_say_what_they_cost(self):
        answer = self.answer(WORKLOAD, "--provider", "aws", "--price-model", "on-demand")
        fed = [offer for offer in answer["ranked"] if offer["helpers"]]
        self.assertTrue(fed)
        for offer in fed:
            self.assertGreater(offer["helpers"]["count"], 0)
            share = offer["cost_by_part_usd"]["data preparation"] / offer["expected_cost_usd"]
            self.assertAlmostEqual(share, offer["helpers"]["usd_per_hour"] / offer["usd_per_hour"], places=2)
            alone = [one for one in answer["ranked"] if not one["helpers"]
                     and one["offer"] == offer["offer"] and one["price"]["region"] == offer["price"]["region"]]
            for one in alone:
                self.assertLess(offer["expected_cost_usd"], one["expected_cost_usd"])


class Request(ProgramTest):
    def answer(self, *arguments):
        done = self.succeed("recommend", *arguments, "--format", "json", "--quiet", "--as-of", "2026-11-22")
        return json.loads(done.stdout)["recommendations"][0]

    def test_a_file_asks_as_the_options_do(self):
        self.write("question.toml", f'workload = "{WORKLOAD}"\ndeadline = "30h"\nprovider = ["aws"]\nseed = 7\n'
                   '[discount]\naws = 0.1\n[storage]\nstored = "150GiB"\n')
        by_file = self.answer("--request", "question.toml")
        by_options = self.answer(WORKLOAD, "--deadline", "30h", "--provider", "aws", "--seed", "7", "--discount",
                                 "aws=0.1", "--storage", "150GiB")
        self.assertEqual(by_file, by_options)
        self.assertEqual(self.answer("--request", "question.toml", "--deadline", "40h")["limits"]["deadline_seconds"],
                         40 * 3600)

    def test_own_hardware_is_an_offer(self):
        self.write("question.toml", f'workload = "{WORKLOAD}"\n[own_hardware]\nname = "rack-7"\ngpu = "L4"\n'
                   'gpu_count = 8\nvcpus = 96\nhost_memory = "384GiB"\npurchase = 1000\namortisation_years = 4\n'
                   'power_watts = 900\nenergy_price_per_kwh = 0.3\n')
        answer = self.answer("--request", "question.toml", "--provider", "aws")
        best = answer["ranked"][0]
        self.assertEqual((best["instance"]["provider"], best["instance"]["type"]), ("own", "rack-7"))
        self.assertAlmostEqual(best["usd_per_hour"], 1000 / (4 * 8760) + 0.9 * 0.3, places=9)
        self.assertGreater(best["break_even_months"], 0)
        self.assertIn("Your own rack-7 has paid for itself after", json.dumps(answer["notes"]))

    def test_own_gpus_are_joined_as_their_part_is_sold_or_as_is_said(self):
        def hours(gpu, *lines):
            self.write("question.toml", "\n".join(['workload = "bert-large-train"', '[own_hardware]', 'name = "rack-7"',
                                                   f'gpu = "{gpu}"', 'gpu_count = 8', 'purchase = 1000', *lines, ""]))
            answer = self.answer("--request", "question.toml", "--provider", "own")
            return answer["ranked"][0]["job"]["seconds"]

        usual, pcie, switched = (hours("H100-SXM5-80GB", *lines) for lines in (
            (), ('gpu_interconnect = "pcie"',), ('gpu_interconnect = "nvswitch"',)))
        self.assertEqual(usual, switched)
        self.assertLess(usual, pcie)
        self.assertEqual(hours("L4"), hours("L4", 'gpu_interconnect = "pcie"'))

    def test_what_is_wrong_is_refused_with_its_place(self):
        def refuse(text, *says):
            self.write("question.toml", text)
            self.refuse("recommend", "--request", "question.toml", says=["question.toml:", *says])
        refuse(f'workload = "{WORKLOAD}"\ndedline = "24h"\n', ":2:", "deadline")
        refuse(f'workload = "{WORKLOAD}"\ndeadline = "24"\n', ":2:", "24")
        refuse(f'workload = "{WORKLOAD}"\n[discount]\naws = -0.1\n', ":3:", "discount.aws")
        refuse(f'workload = "{WORKLOAD}"\n[own_hardware]\nname = "x"\ngpu = "L4"\npurchase = -1\n', ":5:", "purchase")
        refuse(f'workload = "{WORKLOAD}"\n[own_hardware]\nname = "x"\ngpu = "L5"\npurchase = 1\n', "L5")
        refuse(f'workload = "{WORKLOAD}"\n[own_hardware]\nname = "x"\ngpu = "L4"\npurchase = 1000\nresale = 1001\n',
               ":6:", "resale")
        own = f'workload = "{WORKLOAD}"\n[own_hardware]\nname = "x"\npurchase = 1000\n'
        refuse(own + "gpu_count = 8\n", ":5:", "gpu_count without gpu")
        refuse(own + 'gpu_interconnect = "pcie"\n', ":5:", "gpu_interconnect without gpu")
        refuse(own + 'gpu = "L4"\ngpu_interconnect = "pcie"\n', ":6:", "joined to no other")
        refuse(own + 'gpu = "L4"\ngpu_count = 2\ngpu_interconnect = "token-ring"\n', ":7:", "token-ring", "nvswitch")
        refuse(f'workload = "{WORKLOAD}"\n[billing.awz]\nminimum = "1h"\n', ":2:", "awz", "aws")
        refuse(f'workload = "{WORKLOAD}"\n[storage]\nstored = "1GB"\nservice = "EBS gp33"\n', ":4:", "EBS gp33", "EBS gp3")
        refuse(f'workload = "{WORKLOAD}"\n[spot]\ntrace = "x.csv"\nmonthly_interruption = 0.1\n', ":4:", "stated twice")
        self.write("question.toml", 'deadline = "24h"\n')
        self.refuse("recommend", "--request", "question.toml", says=["workload"])


if __name__ == "__main__":
    unittest.main()
