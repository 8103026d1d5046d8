"""Workloads of CPU cores alone, and the applications of the catalogue side by side."""

import json

from harness import ProgramTest


class HostWork(ProgramTest):
    def ranking(self, workload, *arguments):
        done = self.succeed("recommend", workload, *arguments, "--format", "json", "--all", "--quiet")
        return json.loads(done.stdout)["recommendations"][0]

    def test_cpu_offers_lead_where_cores_do_the_work(self):
        ranked = self.ranking("data-preparation-images")["ranked"]
        self.assertGreater(len(ranked), 100)
        self.assertIsNone(ranked[0]["instance"]["gpu"])
        with_gpu = [offer for offer in ranked if offer["instance"]["gpu"]]
        self.assertGreater(len(with_gpu), 10, "GPU instances have cores too")
        for offer in ranked[:5]:
            self.assertIn(offer["step"]["bound_by"], ("host", "network"))

    def test_a_deadline_takes_more_nodes(self):
        one = self.ranking("data-preparation-images", "--provider", "aws", "--price-model", "on-demand")["ranked"][0]
        several = self.ranking("data-preparation-images", "--provider", "aws", "--price-model", "on-demand",
                               "--max-nodes", "8", "--deadline", "12h")["ranked"][0]
        self.assertGreaterEqual(several["nodes"], one["nodes"])
        self.assertGreaterEqual(several["probability_in_deadline"], 0.95)
        self.assertIn("all cores", several["split"])

    def test_the_applications_are_ranked_with_cpu_only_offers(self):
        names = ["md-lj", "render-frames", "equihash-200-9", "data-preparation-text", "resnet50-train"]
        done = self.succeed("recommend", *names, "--format", "json", "--all", "--quiet")
        answers = json.loads(done.stdout)["recommendations"]
        self.assertEqual(len(answers), len(names))
        for answer in answers:
            self.assertTrue(any(not offer["instance"]["gpu"] for offer in answer["ranked"]), answer["workload"])
        self.assertEqual(answers[0]["workload"]["name"], "md-lennard-jones")

    def test_a_step_is_one_unit_on_each_core(self):
        done = self.succeed("predict", "data-preparation-images", "--on", "c7a.16xlarge", "--format", "json")
        rows = json.loads(done.stdout)
        self.assertEqual(rows[1]["operator"], "one image on each core")
        self.assertEqual(rows[1]["bound_by"], "host")
        self.refuse("predict", "data-preparation-images", "--on", "H100-SXM5-80GB", status=1,
                    says=["has no cores to work on"])

    def test_a_run_takes_the_place_of_the_shipped_figure(self):
        self.succeed("run", "--suite", "apps", "--filter", "^data_preparation_images/.*threads:1$", "--budget", "4s",
                     "--run-file", "run.json", "--quiet")
        run = json.loads((self.here / "run.json").read_text())
        self.assertEqual([m["benchmark"] for m in run["measurements"]], ["data_preparation_images"])
        answer = self.ranking("data-preparation-images", "--results", "run.json")
        self.assertTrue(any("of a core, as run" in note for note in answer["notes"]), answer["notes"])
        for offer in answer["ranked"][:5]:
            self.assertIn(offer["step"]["basis"], ("scaled", "calibrated"), "no run of that instance type was given")
