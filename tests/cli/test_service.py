"""Service levels: how many of what to rent so that requests are answered in time."""

import csv
import io
import json
import os
import unittest

from harness import DATA, NO, SOURCE, ProgramTest

CHAT = ("recommend", "llama3-8b-serve", "--simulated-requests", "3000")
LEVELS = ("--request-rate", "20", "--ttft-p95", "1s", "--tpot-p95", "60ms")


class Service(ProgramTest):
    def answer(self, *arguments, levels=LEVELS):
        done = self.succeed(*CHAT, *levels, *arguments, "--format", "json", "--quiet")
        document = json.loads(done.stdout)
        self.check_schema(document)
        return document["services"][0]

    def check_schema(self, document):
        try:
            import jsonschema
        except ImportError:
            return
        schema = json.loads((SOURCE / "report" / "schema" / "gpubench.report-1.json").read_text())
        jsonschema.validators.validator_for(schema)(schema).validate(document)

    def test_limits_are_kept_with_the_confidence_asked_for(self):
        answer = self.answer("--availability", "99.9%")
        self.assertGreater(len(answer["ranked"]), 3)
        costs = [offer["usd_per_month"] for offer in answer["ranked"]]
        self.assertEqual(costs, sorted(costs))
        for offer in answer["ranked"]:
            self.assertGreaterEqual(offer["probability_kept"], 0.95)
            self.assertGreaterEqual(offer["availability"], 0.999)
            self.assertGreater(offer["spares"], 0)
            self.assertGreaterEqual(offer["replicas"], offer["fewest_replicas"])
            self.assertLessEqual(offer["at_confidence"]["ttft"]["p95_seconds"], 1)
            self.assertLessEqual(offer["at_confidence"]["tpot"]["p95_seconds"], 0.06)
            self.assertLessEqual(offer["predicted"]["ttft"]["p95_seconds"], offer["at_confidence"]["ttft"]["p95_seconds"])
            hourly = offer["price"]["amount_per_hour"] * (offer["instances"] + offer["spares"])
            if offer["price"]["currency"] == "USD":
                self.assertAlmostEqual(offer["usd_per_hour"], hourly, places=6)
            self.assertAlmostEqual(offer["usd_per_month"], offer["usd_per_hour"] * 730, places=4)
            self.assertAlmostEqual(offer["usd_per_million_output_tokens"],
                                   offer["usd_per_hour"] / (20 * answer["mean_output_tokens"] * 3600) * 1e6, places=6)
            self.assertEqual(offer["price"]["model"], "on_demand", "spot only where it is asked for")

    def test_same_seed_says_the_same_byte_for_byte(self):
        def text(*seed):
            done = self.succeed(*CHAT, *LEVELS, *seed, "--format", "csv", "--quiet")
            return done.stdout
        self.assertEqual(text(), text())
        self.assertNotEqual(text(), text("--seed", "2"))

    def test_every_form_says_what_to_rent(self):
        for form in ("table", "markdown", "html", "csv", "json"):
            done = self.succeed(*CHAT, *LEVELS, "--format", form, "--quiet")
            if form == "csv":
                rows = list(csv.DictReader(io.StringIO(done.stdout)))
                self.assertEqual({row["record"] for row in rows}, {"service"})
                self.assertGreater(float(rows[0]["usd_per_month"]), 0)
                self.assertGreaterEqual(float(rows[0]["ttft_p99_seconds"]), float(rows[0]["ttft_p95_seconds"]))
            else:
                for word in ("a month", "per million output tokens", "headroom"):
                    self.assertIn(word, done.stdout, form)

    def test_a_higher_rate_costs_more(self):
        slow = self.answer()["ranked"][0]
        fast = self.answer(levels=("--request-rate", "200", "--ttft-p95", "1s", "--tpot-p95", "60ms"))["ranked"][0]
        self.assertGreater(fast["usd_per_month"], slow["usd_per_month"])

    def test_limit_below_what_any_gpu_reaches_is_said_with_the_floor(self):
        done = self.run_program(*CHAT, "--request-rate", "20", "--ttft-p95", "1ms")
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertRegex(done.stderr, r"--ttft-p95 1\.00 ms is below what any catalogued offer can reach for 1020 prompt "
                                      r"tokens of llama3-8b \(best [0-9.]+ ms on ")

    def test_nothing_feasible_names_the_nearest_miss_and_the_limit_to_relax(self):
        done = self.run_program(*CHAT, "--request-rate", "20", "--tpot-p95", "12ms", "--gpu", "^T4$")
        self.assertEqual(done.returncode, NO, done.stderr)
        self.assertIn("nearest is", done.stderr + done.stdout)
        self.assertIn("relax --tpot-p95", done.stderr)

    def test_a_trace_is_replayed(self):
        rows = ["time_ms,prompt_tokens,output_tokens"]
        rows += [f"{i * 50},{500 + i % 7 * 100},{50 + i % 5 * 40}" for i in range(3000)]
        self.write("trace.csv", "\n".join(rows) + "\n")
        answer = self.answer("--trace", "trace.csv", levels=("--ttft-p95", "1s", "--tpot-p95", "60ms"))
        self.assertAlmostEqual(answer["requests_per_second"], 20, places=3)
        self.assertAlmostEqual(answer["mean_output_tokens"], 130, delta=0.2)  # of the stretch that is replayed
        self.assertIsNone(answer["arrival_cv"])

    def test_bad_traces_are_refused_where_they_are_wrong(self):
        self.write("back.csv", "time_s,prompt_tokens,output_tokens\n5,1,1\n4,1,1\n")
        self.write("gap.csv", "time,prompt_tokens,output_tokens\n5,1,1\n50000,1,1\n")
        for file, says in (("back.csv", "back.csv:3:1: time 4 is before"), ("gap.csv", "without a request before this one"),
                           ("none.csv", "none.csv")):
            self.refuse(*CHAT, "--ttft-p95", "1s", "--trace", file, says=[says])
        os.mkfifo(self.here / "pipe")
        for name in ("pipe", "."):
            self.refuse(*CHAT, "--ttft-p95", "1s", "--trace", name, says=["is not a regular file", "hint:"], timeout=20)

    def test_questions_that_make_no_sense_are_refused(self):
        for arguments, says in ((("--ttft-p95", "1s"), "--request-rate"),
                                (("--request-rate", "0"), "--request-rate: '0'"),
                                (("--request-rate", "-5"), "--request-rate: '-5'"),
                                (("--request-rate", "5", "--availability", "100%"), "--availability"),
                                (("--request-rate", "5", "--ttft-p95", "5"), "--ttft-p95"),
                                (("--request-rate", "5", "--trace-gap", "1h"), "--trace-gap without --trace"),
                                (("--request-rate", "5", "--deadline", "24h"), "--deadline and --budget are for jobs")):
            self.refuse(*CHAT, *arguments, says=[says])
        self.refuse("recommend", "resnet50-train", "--request-rate", "5", says=["serves no requests"])

    def test_workload_file_states_its_service_level(self):
        text = (DATA / "workloads" / "llama3-8b-serve.toml").read_text().replace('"llama3-8b-serve"', '"mine"')
        self.write("mine.toml", text + "\n[service]\nrequests_per_second = 20\nttft_p95_seconds = 1.0\n"
                   "tpot_p95_seconds = 0.06\n")
        done = self.succeed("recommend", "mine.toml", "--simulated-requests", "3000", "--format", "json", "--quiet")
        mine = json.loads(done.stdout)["services"][0]["ranked"]
        self.assertEqual([o["usd_per_month"] for o in mine], [o["usd_per_month"] for o in self.answer()["ranked"]])
        self.write("wrong.toml", text + "\n[service]\nrequests_per_second = 20\nttft_p95 = 1.0\n")
        self.refuse("recommend", "wrong.toml", says=["wrong.toml:", "ttft_p95"])


if __name__ == "__main__":
    unittest.main()
