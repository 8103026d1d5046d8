"""Capacity over time: gpubench plan."""

import csv
import io
import json
import unittest

from harness import NO, SOURCE, ProgramTest

WORKLOAD = "resnet50-infer"
# Two weeks are enough for every part but the months.
SHORT = ("--horizon", "14d", "--offers", "3", "--as-of", "2026-11-26", "--quiet")


class Plan(ProgramTest):
    def plan(self, *arguments, status=0):
        done = self.run_program("plan", WORKLOAD, *arguments, *SHORT, "--format", "json")
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout)["plans"][0]

    def best(self, *arguments):
        return self.plan(*arguments)["ranked"][0]

    def cost(self, *arguments):
        offer = self.best(*arguments)
        return next(p["cost_usd"] for p in offer["policies"] if p["policy"] == offer["policy"])

    def test_says_the_answer_first_on_one_screen(self):
        text = self.succeed("plan", WORKLOAD, "--mean", "20000", *SHORT).stdout
        self.assertLess(text.index("Rent"), text.index("Because"))
        self.assertIn("oracle bound", text)
        self.assertLessEqual(len(text.splitlines()), 60)

    def test_goes_on_with_all_types_where_the_cheapest_do_not_do(self):
        asked = ("plan", "resnet50-infer", "--mean", "5000", "--quota", "1", "--horizon", "30d", "--format", "json",
                 "--as-of", "2026-11-26", "--quiet")
        [plan] = json.loads(self.succeed(*asked).stdout)["plans"]
        self.assertIn("none of the 20 instance types", json.dumps(plan))
        self.assertEqual(self.run_program(*asked, "--offers", "20").returncode, NO)

    def test_asks_whether_far_rows_are_in_milliseconds(self):
        rows = "".join(f"{i * 60000},{10 + i}\n" for i in range(2000))
        for column, said in (("time_seconds", True), ("time_milliseconds", False)):
            self.write("trace.csv", f"{column},units_per_second\n" + rows)
            done = self.succeed("plan", "llama3-8b-serve", "--demand", "trace.csv", "--horizon", "24h")
            self.assertEqual("if its times are milliseconds" in done.stdout, said)
        self.write("still.csv", "time_seconds,units_per_second\n0,0\n60,0\n")
        self.refuse("plan", "llama3-8b-serve", "--demand", "still.csv", says=["still.csv", "never above 0"])
        self.write("huge.csv", "time_seconds,units_per_second\n0,1\n60,1e300\n")
        self.refuse("plan", "llama3-8b-serve", "--demand", "huge.csv", says=["huge.csv:3:4", "more than 1e+15"])

    def test_every_form_is_well_formed_and_json_keeps_its_schema(self):
        for form in ("table", "json", "csv", "markdown", "html"):
            text = self.succeed("plan", WORKLOAD, "--mean", "20000", *SHORT, "--format", form).stdout
            self.assertIn("scheduled", text, form)
            if form == "csv":
                rows = list(csv.DictReader(io.StringIO(text)))
                self.assertEqual({row["record"] for row in rows}, {"plan"})
                self.assertEqual(len([row for row in rows if row["rank"]]), len(rows) // 2)
            elif form == "json":
                try:
                    import jsonschema
                except ImportError:
                    self.skipTest("python3-jsonschema is not installed")
                schema = json.loads((SOURCE / "report" / "schema" / "gpubench.report-1.json").read_text())
                jsonschema.Draft7Validator(schema).validate(json.loads(text))

    def test_is_the_same_byte_for_byte_by_its_seed(self):
        arguments = ("plan", WORKLOAD, "--mean", "20000", "--bursts", "3", "--noise", "0.2", "--max-late", "20%",
                     *SHORT, "--format", "json")
        first = self.succeed(*arguments).stdout
        self.assertEqual(first, self.succeed(*arguments).stdout)
        self.assertNotEqual(first, self.succeed(*arguments, "--seed", "2").stdout)

    def test_file_says_the_same_as_flags_and_flags_win(self):
        self.write("plan.toml", f'workload = "{WORKLOAD}"\nmean = 20_000\nup_delay = "60s"\nquota = ["g6.xlarge=900", 800]\n')
        def ranked(*arguments):
            done = self.succeed("plan", *arguments, *SHORT, "--format", "json")
            return json.loads(done.stdout)["plans"][0]["ranked"]
        flags = ("--mean", "20000", "--up-delay", "60s", "--quota", "g6.xlarge=900", "--quota", "800")
        self.assertEqual(ranked("--config", "plan.toml"), ranked(WORKLOAD, *flags))
        self.assertNotEqual(ranked("--config", "plan.toml"), ranked("--config", "plan.toml", "--mean", "10000"))

    def test_a_discount_lowers_the_cost(self):
        asked = ("--mean", "20000", "--provider", "aws", "--price-model", "on-demand")
        self.assertAlmostEqual(self.cost(*asked, "--discount", "aws=25%") / self.cost(*asked), 0.75, places=3)
        self.refuse("plan", WORKLOAD, "--mean", "5", "--discount", "awz=0.1", says=("awz", "aws"))

    def test_spot_runs_as_its_trace_and_its_interruptions_say(self):
        self.write("history.csv", "time_seconds,available\n" + "".join(
            f"{600 * i},{0 if i % 4 == 0 else 9}\n" for i in range(100)))
        asked = ("--mean", "20000", "--provider", "aws", "--price-model", "on-demand,spot")
        plan = self.plan(*asked, "--spot-trace", "history.csv")
        self.assertIn("spot runs 75 % of the time (history.csv)", json.dumps(plan["notes"]))
        calm, rough = (self.cost(*asked, "--interruption", share) for share in ("0.01", "0.99"))
        self.assertLess(calm, rough)
        self.refuse("plan", WORKLOAD, "--mean", "5", "--spot-trace", "history.csv", "--interruption", "0.1",
                    says=("stated twice",))

    def test_a_machine_of_ones_own_stands_beside_the_offers(self):
        self.write("plan.toml", f'workload = "{WORKLOAD}"\nmean = 2_000\nprovider = "aws"\nhorizon = "14d"\n'
                   'offers = 3\nas_of = 2026-11-26\n[own_hardware]\nname = "rack-7"\ngpu = "L4"\ngpu_count = 8\n'
                   'vcpus = 96\nhost_memory = "384GiB"\npurchase = 10_000\npower_watts = 900\n'
                   'energy_price_per_kwh = 0.3\n')
        done = self.succeed("plan", "--config", "plan.toml", "--format", "json", "--quiet")
        plan = json.loads(done.stdout)["plans"][0]
        own = next(offer for offer in plan["ranked"] if offer["provider"] == "own")
        bought, = own["commitments"]
        self.assertEqual(bought["term"], "own hardware")
        # Of 10,000 over four years, two weeks' share.
        self.assertAlmostEqual(bought["upfront_usd"], 10_000 * 14 / 365 / 4, places=0)
        # The machine stays on: 0.9 kW x 0.3 an hour, whatever the work.
        self.assertAlmostEqual(bought["usd_per_hour"], 0.27, places=9)
        self.assertGreater(bought["break_even_month"], 0)
        notes = json.dumps(plan["notes"])
        self.assertRegex(notes, r"hours above machines of your own are bought on demand: \d+ x aws \S+ does the work of one")
        self.assertIn("one rack-7 is bought for $10,000", notes)

    def test_trace_is_planned_on(self):
        rows = "".join(f"{hour},{1000 + 500 * (hour % 24)}\n" for hour in range(24 * 14))
        self.write("trace.csv", "time_hours,units_per_second\n" + rows)
        demand = self.plan("--demand", "trace.csv")["demand"]
        self.assertEqual(demand["peak_units_per_second"], 1000 + 500 * 23)
        self.assertAlmostEqual(demand["mean_units_per_second"], 1000 + 250 * 23, places=6)

    def test_bad_trace_is_refused_with_its_place(self):
        self.write("trace.csv", "time_minutes,units_per_second\n0,5\n1,5\n9,5\n")
        self.refuse("plan", WORKLOAD, "--demand", "trace.csv", says=("trace.csv:4:1: a gap", "--fill"))
        self.write("trace.csv", "time_minutes,units_per_second\n0,5\n1,-5\n")
        self.refuse("plan", WORKLOAD, "--demand", "trace.csv", says=("trace.csv:3:3", "negative"))
        self.write("trace.csv", "time,load\n")
        self.refuse("plan", WORKLOAD, "--demand", "trace.csv", says=("trace.csv:1:1", "no column of demand"))

    def test_bad_settings_are_refused(self):
        self.refuse("plan", WORKLOAD, says=("--mean RATE",))
        self.refuse("plan", "--mean", "1", says=("a workload is missing",))
        self.refuse("plan", WORKLOAD, "--mean", "1", "--max-late", "2", says=("--max-late", "share"))
        self.refuse("plan", WORKLOAD, "--mean", "1", "--quota", "g6.xlorge=3", says=("--quota", "g6.xlarge"))
        self.write("plan.toml", "mean = 5\nup_dely = 3\n")
        self.refuse("plan", WORKLOAD, "--config", "plan.toml", says=("plan.toml:2", "up_delay"))
        self.write("plan.toml", 'mean = 5\nhorizon = "5"\n')
        self.refuse("plan", WORKLOAD, "--config", "plan.toml", says=("plan.toml:2", "horizon"))

    def test_nothing_feasible_is_exit_code_1_with_the_nearest_miss(self):
        done = self.run_program("plan", WORKLOAD, "--mean", "20000", "--quota", "1", *SHORT)
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertIn("the quota is 1", done.stderr)
        self.assertIn("loosen --quota", done.stderr)
        done = self.run_program("plan", WORKLOAD, "--mean", "20000", "--budget", "1", *SHORT)
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertIn("the budget is $1", done.stderr)

    def test_more_quota_never_raises_the_cost(self):
        free = self.best("--mean", "20000")
        peak = max(p["peak_instances"] for p in free["policies"])
        self.assertEqual(self.cost("--mean", "20000", "--quota", str(10 * peak)), self.cost("--mean", "20000"))


if __name__ == "__main__":
    unittest.main()
