"""Workloads of CPU cores alone, and the applications of the catalogue side by side."""

import json
import unittest

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
        done = self.succeed("predict", "data-preparation-images", "--on", "c7a.8xlarge", "--format", "json")
        rows = json.loads(done.stdout)
        self.assertEqual(rows[1]["operator"], "one image on each core")
        self.assertEqual(rows[1]["bound_by"], "host")
        self.refuse("predict", "data-preparation-images", "--on", "H100-SXM5-80GB", status=1,
                    says=["has no cores to work on"])

    def run_with_images(self, seconds_each):
        """A run in which 64 images on one core took so long each."""
        run = self.kept_run()
        one = dict(run["measurements"][0], name="data_preparation_images/images:64/threads:1",
                   benchmark="data_preparation_images", parameters={"images": 64, "threads": 1}, peak=None)
        ns = 64e9 * seconds_each
        one["work"] = {"flop": None, "bytes": None, "items": 64.0, "item": "image"}
        one["samples_ns"] = [ns] * 7
        one["time_ns"] = {"n": 7, "median": ns, "mean": ns, "min": ns, "max": ns, "stddev": 0.0, "p5": ns, "p95": ns,
                          "median_interval": {"low": ns, "high": ns}}
        one["rates"] = {"flop_per_second": None, "bytes_per_second": None, "items_per_second": 1 / seconds_each}
        run["measurements"].append(one)
        return self.write("run.json", json.dumps(run))

    def test_a_run_takes_the_place_of_the_shipped_figure(self):
        def rank_one(seconds_each):
            answer = self.ranking("data-preparation-images", "--results", self.run_with_images(seconds_each))
            self.assertTrue(any("of a core, as run" in note for note in answer["notes"]), answer["notes"])
            for offer in answer["ranked"][:5]:
                self.assertEqual(offer["step"]["basis"], "scaled", "no run of that instance type was given")
            return answer["ranked"][0]

        fast, slow = rank_one(0.01), rank_one(0.02)
        self.assertAlmostEqual(slow["expected_cost_usd"] / fast["expected_cost_usd"], 2, delta=0.2)


if __name__ == "__main__":
    unittest.main()
