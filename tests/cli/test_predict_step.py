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
