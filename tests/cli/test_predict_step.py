"""gpubench predict WORKLOAD --on GPU|INSTANCE: one step, operator by operator."""
import csv
import io
import json

from harness import ProgramTest


class PredictStep(ProgramTest):
    def test_a_step_on_a_gpu_is_its_operators(self):
        done = self.succeed("predict", "resnet50-train", "--on", "H100-SXM5-80GB", "--format", "json")
        rows = json.loads(done.stdout)
        self.assertEqual(rows[0]["operator"], "step")
        self.assertAlmostEqual(sum(row["share_percent"] for row in rows[1:]), 100, delta=0.2)
        for row in rows:
            self.assertLessEqual(row["low_us"], row["time_each_us"])
            self.assertGreaterEqual(row["high_us"], row["time_each_us"])
            self.assertTrue(row["tier"] and row["bound_by"])
        self.assertIn("images/s", done.stderr)

    def test_eight_gpus_share_a_training_step(self):
        one, eight = (self.succeed("predict", "llama3-8b-finetune", "--on", "H100-SXM5-80GB", "--gpus", n, "--format",
                                   "csv") for n in (4, 8))
        seconds = [float(next(csv.DictReader(io.StringIO(done.stdout)))["time_each_us"]) for done in (one, eight)]
        self.assertGreater(seconds[0] / seconds[1], 1.5)
        self.assertLess(seconds[0] / seconds[1], 2.5)

    def test_an_instance_type_works_too_and_reads_as_a_table(self):
        done = self.succeed("predict", "llama3-8b-serve", "--on", "g6.12xlarge")
        self.assertIn("bound by", done.stdout)
        self.assertIn("in flight", done.stderr)

    def test_wrong_questions_are_refused(self):
        self.refuse("predict", says=["nothing to predict"])
        self.refuse("predict", "resnet50-train", says=["--on"])
        self.refuse("predict", "resnet50-trian", "--on", "H100-SXM5-80GB", says=["resnet50-train"])
        self.refuse("predict", "resnet50-train", "--on", "H100-SXM5-80GC", says=["H100-SXM5-80GB"])
        self.refuse("predict", "resnet50-train", "--on", "g6.12xlarge", "--gpus", "2", says=["4 GPUs"])
        self.refuse("predict", "resnet50-train", "--on", "A100-SXM4-80GB", "--gpus", "0", says=["--gpus"])
        self.refuse("predict", "resnet50-train", "--cases", "x.csv", says=["--cases"])

    def test_a_model_that_does_not_fit_says_why(self):
        self.refuse("predict", "llama3-8b-finetune", "--on", "T4", status=1, says=["per GPU, has"])


LIST = """name = "mine"
title = "My layers"
description = "Two layers."
kind = "operators"
unit = "frame"
total_units = 1_000_000
precision = "bf16"
source = "me"
date = 2026-11-01

[operators]
units_per_step = 4
device_memory_bytes = 1e9

[[operators.list]]
name = "projection"
params = "op=linear;m=8192;n=4096;k=4096"
count = 2

[[operators.list]]
name = "activation"
params = "op=gelu;rows=8192;cols=4096"
"""


class ListOfOperators(ProgramTest):
    def test_is_predicted_operator_by_operator(self):
        self.write("mine.toml", LIST)
        done = self.succeed("predict", "mine.toml", "--on", "H200", "--format", "json")
        step, *rows = json.loads(done.stdout)
        self.assertEqual([row["operator"] for row in rows], ["projection", "activation"])
        self.assertEqual(rows[0]["count"], 2)
        self.assertAlmostEqual(sum(row["time_each_us"] * row["count"] for row in rows), step["time_each_us"], places=3)
        self.assertIn("frames/s", done.stderr)

    def test_is_ranked_on_every_kind_of_device(self):
        self.write("mine.toml", LIST)
        done = self.succeed("recommend", "mine.toml", "--format", "json")
        answer = json.loads(done.stdout)["recommendations"][0]
        self.assertGreater(len(answer["ranked"]), 100)
        self.assertEqual(answer["workload"]["unit"], "frame")

    def test_a_mistake_in_it_is_refused_at_its_line(self):
        self.write("mine.toml", LIST.replace("n=4096;k", "n=zero;k"))
        self.refuse("predict", "mine.toml", "--on", "H200", says=["mine.toml:15", "n"])
        self.write("mine.toml", LIST.replace("op=gelu", "op=gleu"))
        self.refuse("recommend", "mine.toml", says=["mine.toml:20", "gelu"])

    def test_shipped_lists_are_predicted(self):
        for name in ("render-frames", "md-lennard-jones", "weather-stencil", "equihash-200-9"):
            self.assertIn("data sheet", self.succeed("predict", name, "--on", "L40S").stdout, name)
