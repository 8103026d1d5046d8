"""gpubench fleet nodes: which of many run files is from a node, GPU or link that is slower than its peers."""

import copy
import hashlib
import json
import random
import shutil
import unittest

from harness import DONE, NO, SOURCE, USAGE, ProgramTest

NOT_COMPARABLE = 5


def validate(document, schema):
    try:
        import jsonschema
    except ImportError:
        raise unittest.SkipTest("python3-jsonschema is not installed") from None
    schema = json.loads((SOURCE / "report" / "schema" / schema).read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(document)


class FleetNodes(ProgramTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(5)

    def node(self, number, slower=1.0, benchmarks=4, **changes):
        """A run of a few GEMMs on the CPU, of some 1 ms each within 1 %."""
        run = self.kept_run()
        template = next(m for m in run["measurements"] if m["status"] == "ok")
        run["id"] = f"run-{number}"
        run["environment"].update(changes)
        run["measurements"] = []
        for size in range(benchmarks):
            m = copy.deepcopy(template)
            m["parameters"]["m"] = 1024 + size
            m["name"] = f"gemm_fp32/m:{1024 + size}/n:1024/k:1024/layout:row"
            time = 1e6 * slower * self.random.gauss(1, 0.01)
            m["samples_ns"] = [time] * 7
            m["time_ns"] = {"n": 7, "median": time, "mean": time, "min": time, "max": time, "stddev": 0.0, "p5": time,
                            "p95": time, "median_interval": {"low": time, "high": time}}
            m["rates"]["flop_per_second"] = m["work"]["flop"] / time * 1e9
            run["measurements"].append(m)
        return run

    def fleet(self, count=9, slow=None, slower=1.1, **changes_of_last):
        for number in range(count):
            changes = changes_of_last if number == count - 1 else {}
            run = self.node(number, slower if number == slow else 1.0, **changes)
            self.write(f"runs/node-{number}/run.json", json.dumps(run))

    def compared(self, *arguments, status=DONE):
        done = self.run_program("fleet", "nodes", "runs", "--format", "json", *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        validate(document, "gpubench.nodes-1.json")
        return document, done.stderr

    def test_the_slow_node_of_nine_is_named_and_stands_first(self):
        self.fleet(slow=3)
        found, said = self.compared(status=NO)
        [slow] = found["slow"]
        self.assertEqual((slow["kind"], slow["node"], slow["part"]), ("node", "node-3/run", None))
        self.assertEqual(slow["figures"][0]["peers"], 8)
        self.assertAlmostEqual(slow["figures"][0]["slower"], 0.1, delta=0.04)
        self.assertEqual(found["nodes"][0]["node"], "node-3/run")
        self.assertIn("node-3/run is slower than its 8 peers", said)

    def test_equal_nodes_end_with_0_and_the_table_names_all(self):
        self.fleet()
        done = self.succeed("fleet", "nodes", "runs")
        for number in range(9):
            self.assertIn(f"node-{number}/run", done.stdout)
        self.assertIn("no node, GPU or link is slower than its peers by 3 %", done.stderr)

    def test_rows_come_as_csv(self):
        self.fleet(slow=3)
        done = self.run_program("fleet", "nodes", "runs", "--format", "csv", "--show", "slow")
        self.assertEqual(done.returncode, NO, done.stderr)
        header, *rows = done.stdout.splitlines()
        self.assertEqual(header.split(",")[:4], ["kind", "node", "part", "benchmark"])
        self.assertGreaterEqual(len(rows), 4)

    def test_a_node_of_another_environment_is_no_peer_unless_allowed(self):
        self.fleet(slow=8, slower=2, libraries={"openblas": "0.3.26"})
        found, said = self.compared()
        self.assertEqual(found["slow"], [])
        self.assertEqual(found["groups"][1]["differences"],
                         [{"key": "openblas", "largest_group": "0.3.21", "this_group": "0.3.26"}])
        self.assertIn("node-8/run is no peer of the largest group (8 nodes): openblas 0.3.26, not 0.3.21", said)
        found, _ = self.compared("--allow", "openblas", status=NO)
        self.assertEqual(found["slow"][0]["node"], "node-8/run")

    def test_other_instance_types_are_no_peers(self):
        cloud = {"provider": "aws", "instance_type": "m7i.xlarge", "source": "DMI"}
        self.fleet(slow=8, slower=3, cloud=cloud)
        found, _ = self.compared()
        self.assertEqual(found["slow"], [])
        self.assertEqual(found["groups"][1]["differences"][0]["key"], "instance_type")

    def test_too_few_nodes_are_said(self):
        self.fleet(count=4, slow=1)
        found, said = self.compared(status=NOT_COMPARABLE)
        self.assertEqual(found["figures_compared"], 0)
        self.assertIn("no part has four peers", said)

    def test_bad_input_is_named(self):
        self.fleet()
        self.refuse("fleet", "nodes", "empty.json", says=["empty.json"])
        self.refuse("fleet", "nodes", "runs/node-1/run.json", "runs/node-1/run.json", says=["are the same run"])
        self.refuse("fleet", "nodes", "runs", "--threshold", "3kg", says=["is no share"])
        self.refuse("fleet", "nodes", "runs", "--allow", "drivr", says=["did you mean 'driver'"])
        self.refuse("fleet", "nodes", "runs", "--format", "html", says=["no form 'html'"])
        text = (self.here / "runs/node-2/run.json").read_text()
        self.write("runs/node-2/run.json", text[:len(text) // 2])
        self.refuse("fleet", "nodes", "runs", says=["node-2/run.json:"])

    def test_who_is_far_behind_without_being_named_is_said(self):
        for number, slower in enumerate([1, 1, 1, 1, 1, 1.05, 1.1, 1.2, 1.4]):
            self.write(f"runs/node-{number}/run.json", json.dumps(self.node(number, slower, benchmarks=2)))
        done = self.run_program("fleet", "nodes", "runs", "--false-alarms", "0.01%")
        self.assertEqual(done.returncode, DONE, done.stderr)
        said = " ".join(done.stderr.split())
        self.assertRegex(said, r"no node, GPU or link is certain to be slower .*; node-8/run lies \+\d+\.\d % off the median")

    def test_runs_that_were_cut_short_are_named(self):
        self.fleet(6)
        run = json.loads((self.here / "runs/node-2/run.json").read_text())
        run["finished_at"] = None
        self.write("runs/node-2/run.json", json.dumps(run))
        self.assertIn("runs/node-2/run.json was cut short", self.run_program("fleet", "nodes", "runs").stderr)

    def test_folders_may_hold_other_files(self):
        self.fleet()
        self.write("runs/notes.json", "{}")
        self.write("runs/text.json", "no json")
        found, _ = self.compared()
        self.assertEqual(len(found["nodes"]), 9)

    def test_empty_files_and_times_that_cannot_be_are_named(self):
        self.fleet()
        self.write("runs/node-9/run.json", "")
        _, said = self.compared()
        self.assertRegex(said, "Left out +runs/node-9/run.json is empty")
        run = json.loads((self.here / "runs/node-4/run.json").read_text())
        for samples in ([-5.0, 1.0], [0.0, 0.0]):
            bad = json.loads(json.dumps(run))
            bad["measurements"][0]["samples_ns"][:2] = samples
            bad["measurements"][0]["time_ns"]["min"] = min(samples)
            self.write("runs/node-4/run.json", json.dumps(bad))
            self.refuse("fleet", "nodes", "runs", says=["runs/node-4/run.json"])

    def campaign(self, runs, folder="night"):
        """A collected campaign as fleet render and collect leave it: (task, node, run) each."""
        self.succeed("fleet", "render", "--engine", "slurm", "--output-dir", folder)
        id = json.loads((self.here / folder / "campaign.json").read_text())["id"]
        tasks = []
        for task, node, run in runs:
            path = f"{folder}/results/all/{task}.json"
            content = json.dumps(run)
            self.write(path, content)
            tasks.append({"job": "all", "index": task, "state": "measured", "node": node, "reason": None,
                          "started_at": run["started_at"], "finished_at": None,
                          "run": {"file": str(self.here / path), "id": run["id"], "suite": "quick",
                                  "started_at": run["started_at"], "finished_at": None, "bytes": len(content.encode()),
                                  "sha256": hashlib.sha256(content.encode()).hexdigest()}})
        tasks.append({"job": "all", "index": 99, "state": "refused", "node": "elsewhere", "reason": "of another campaign",
                      "started_at": None, "finished_at": None, "run": None})
        document = {"schema": "gpubench.fleet-collection/1", "campaign": id, "made_at": "2026-11-27T00:00:00Z",
                    "engine_problem": None, "notes": [], "tasks": tasks}
        validate(document, "../../fleet/schema/gpubench.fleet-collection-1.json")
        self.write(f"{folder}/collection.json", json.dumps(document))

    def test_of_a_campaign_what_counts_is_compared_by_the_names_of_its_nodes(self):
        runs = [(n, f"rack1-{n}", self.node(n, 1.1 if n == 3 else 1.0)) for n in range(8)]
        again = self.node(20)
        again["started_at"] = "2026-11-26T23:00:00Z"  # later than the others
        self.campaign([*runs, (20, "rack1-7", again)])
        cut_short = self.node(30, 3.0)
        self.write("night/results/all/3.1-rack1-3.json", json.dumps(cut_short))  # kept aside by the node
        for folder in ("night", "night/results", "night/results/all"):
            with self.subTest(folder):
                done = self.run_program("fleet", "nodes", folder, "--format", "json")
                self.assertEqual(done.returncode, NO, done.stderr)
                found = json.loads(done.stdout)
                validate(found, "gpubench.nodes-1.json")
                self.assertEqual(sorted(n["node"] for n in found["nodes"]), [f"rack1-{n}" for n in range(8)])
                self.assertEqual([s["node"] for s in found["slow"]], ["rack1-3"])
                self.assertIn("rack1-7 measured as tasks 7 and 20 of all: the later one counts", done.stderr)
        report = self.succeed("report", "night", "--to", "markdown")
        self.assertIn("rack1-3 is slower than its 7 peers", report.stdout.replace("\\", ""))

    def test_hosts_of_one_name_in_two_campaigns_are_told_apart(self):
        self.campaign([(n, f"rack1-{n}", self.node(n)) for n in range(5)])
        self.campaign([(n, f"rack1-{n + 4}", self.node(n + 10)) for n in range(3)], "day")
        done = self.run_program("fleet", "nodes", "night", "day", "--format", "json")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertEqual(sorted(n["node"] for n in json.loads(done.stdout)["nodes"]),
                         ["rack1-0", "rack1-1", "rack1-2", "rack1-3", "rack1-4 (day)", "rack1-4 (night)", "rack1-5", "rack1-6"])
        self.assertRegex(done.stderr, "Note +rack1-4 has a run in each of night, day: they stand as nodes of their own")
        self.succeed("report", "night", "day", "--to", "markdown")
        # A file by its name, which a node of the campaign has.
        self.write("rack1-0.json", json.dumps(self.node(20)))
        done = self.succeed("fleet", "nodes", "night", "rack1-0.json", "--format", "json")
        self.assertIn("rack1-0.json", [n["node"] for n in json.loads(done.stdout)["nodes"]])
        self.refuse("fleet", "nodes", "night", "night", says=["are the same run"])

    def test_files_of_another_campaign_in_the_current_folder_stand_for_none(self):
        self.campaign([(n, f"rack1-{n}", self.node(n)) for n in range(5)])
        index = self.here / "night/collection.json"
        document = json.loads(index.read_text())
        for task in document["tasks"]:
            if task["run"]:
                task["run"]["file"] = f"results/all/{task['index']}.json"  # as seen from the campaign
        index.write_text(json.dumps(document))
        self.succeed("report", "night", "--to", "md")
        shutil.copytree(self.here / "night", self.here / "day")
        shutil.rmtree(self.here / "night/results")
        self.here /= "day"
        for command in (("report", "../night"), ("fleet", "nodes", "../night"),
                        ("recommend", "resnet50-train", "--results", "../night")):
            done = self.run_program(*command)
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertIn("../night/results/all/0.json, of task 0 of all, is gone", done.stderr)

    def test_a_recommendation_that_rests_on_nothing_of_a_campaign_says_so(self):
        self.campaign([(n, f"rack1-{n}", self.node(n)) for n in range(5)])
        done = self.succeed("recommend", "resnet50-train", "--results", "night", "--as-of", "2026-11-22")
        self.assertRegex(done.stderr, "Not used +the run of .*: no time of this answer rests on")

    def test_no_result_is_written_over_a_file_of_a_campaign(self):
        self.campaign([(n, f"rack1-{n}", self.node(n)) for n in range(5)])
        before = {p: p.read_bytes() for p in (self.here / "night").iterdir() if p.is_file()}
        for name in ("collection.json", "nodes.sbatch"):
            self.assertIn(self.here / "night" / name, before)
            self.refuse("fleet", "nodes", "night", "--output", f"night/{name}", "--format", "json",
                        says=[f"--output names night/{name}, a file of the campaign in night"])
        self.assertEqual({p: p.read_bytes() for p in (self.here / "night").iterdir() if p.is_file()}, before)
        self.succeed("report", "night", "--output", "night/report.html")
        self.succeed("report", "night", "--output", "night/report.html")

    def test_a_campaign_that_was_not_collected_is_refused_with_what_to_do(self):
        self.succeed("fleet", "render", "--engine", "slurm", "--output-dir", "night")
        self.refuse("fleet", "nodes", "night", says=["was not collected yet", "gpubench fleet collect"])

    def test_what_was_collected_must_be_there_unchanged_and_of_the_campaign(self):
        self.campaign([(n, f"rack1-{n}", self.node(n)) for n in range(5)])
        commands = (("recommend", "resnet50-train", "--results", "night", "--as-of", "2026-11-22"), ("report", "night"),
                    ("report", "night/results"), ("fleet", "nodes", "night"),
                    ("fleet", "plan", "resnet50-train", "--results", "night", "--as-of", "2026-11-22"))

        def refused(*says):
            for command in commands:
                with self.subTest(says=says, command=command):
                    self.refuse(*command, status=USAGE, says=[*says, "hint: gpubench fleet collect night"])

        for command in commands[:-1]:
            self.assertNotIn("since it was collected", self.run_program(*command).stderr)
        run = self.here / "night/results/all/3.json"
        kept = run.read_text()
        for text in (kept + " ", kept.replace("1", "2", 1)):  # also of the same size
            run.write_text(text)
            refused("error: night", "night/results/all/3.json, of task 3 of all, was changed since it was collected")
        run.rename(self.here / "away.json")
        refused("error: night", "night/results/all/3.json, of task 3 of all, is gone since it was collected")
        (self.here / "night/results/all/4.json").unlink()
        refused("3.json, of task 3 of all, is gone since it was collected; and 1 other likewise")
        index = self.here / "night/collection.json"
        document = json.loads(index.read_text())
        document["campaign"] = "other-00000000"
        index.write_text(json.dumps(document))
        refused("night/collection.json: is of campaign other-00000000, not of fleet-")

    def test_a_node_that_computes_wrongly_is_named_and_ends_with_1(self):
        self.fleet()
        path = self.here / "runs/node-4/run.json"
        run = json.loads(path.read_text())
        run["measurements"][1].update(status="failed", reason="wrong result: differs by 3e-2", samples_ns=[], time_ns=None, rates={})
        path.write_text(json.dumps(run))
        found, said = self.compared(status=NO)
        [faulty] = found["faulty"]
        self.assertEqual((faulty["node"], faulty["part"]), ("node-4/run", None))
        self.assertIn("node-4/run fails where its peers do not: gemm_fp32/m:1025", said)

    def test_reports_of_many_nodes_have_a_section_on_them(self):
        self.fleet(slow=3)
        files = [f"runs/node-{number}/run.json" for number in range(9)]
        for form, says in (("markdown", "## Nodes among their peers"), ("html", '<h2 id="nodes">'), ("table", "Nodes")):
            with self.subTest(form):
                done = self.succeed("report", *files, "--to", form)
                self.assertIn(says, done.stdout)
                self.assertRegex(done.stdout.replace("\\", ""), "node-3/run.json is slower than its 8 peers")
        few = self.succeed("report", *files[:3], "--to", "markdown")
        self.assertNotIn("Nodes among their peers", few.stdout)


if __name__ == "__main__":
    unittest.main()
