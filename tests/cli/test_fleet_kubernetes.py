"""A campaign on Kubernetes, whose kubectl is stood in for: submitted once whatever happens, followed, collected."""

import json
import re
import shutil
import subprocess
import unittest

from fleet_engine import ON_CPUS, EngineTest, yaml
from harness import ENVIRONMENT, FAILED, NO, PROGRAM, SMALL, USAGE, environment


class Kubernetes(EngineTest):
    program = "kubectl"

    def render(self, *more, nodes=3, folder="c"):
        self.fleet("render", "--engine", "kubernetes", "--output-dir", folder, "--instance", "p5.48xlarge", "--nodes", nodes,
                   "--image", "registry.example/gpubench:1", "--results-dir", "/results", "--set", "volume-claim=results",
                   *more)

    def with_fault(self, fault=""):
        return {**super().with_fault(fault), "KUBECONFIG": str(self.here / "kubeconfig.json")}

    def configure(self, current, contexts=("lab", "prod")):
        """kubectl's configuration: each context is of a cluster of its own."""
        self.write("kubeconfig.json", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": current, "users": None,
            "clusters": [{"name": f"{name}-cluster", "cluster": {"server": f"https://{name}"}} for name in contexts],
            "contexts": [{"name": name, "context": {"cluster": f"{name}-cluster", "user": "me", "namespace": f"of-{name}"}}
                         for name in contexts]}))

    def places(self, kind="Job"):
        return {(one.get("server"), one["metadata"]["namespace"]) for one in self.items(kind)}

    def test_a_campaign_stays_with_the_cluster_and_namespace_to_which_it_was_submitted(self):
        self.render(*ON_CPUS)
        self.configure("lab")
        self.fleet("submit", "c")
        self.configure("prod")
        self.update(lambda items: [pod["status"].update(phase="Running") for pod in items if pod["kind"] == "Pod"])
        self.assertEqual(self.fleet("status", "c").stdout.count("running"), 3)
        self.measure(0)
        self.measure(1)
        self.update(self.fail_third)
        collected = self.fleet("collect", "c", status=FAILED)
        self.assertEqual(collected.stdout.count("measured"), 2, collected.stdout)
        self.assertRegex(collected.stdout, "kubectl logs .* --context=lab --namespace=of-lab")
        self.fleet("resume", "c")
        self.fleet("submit", "c")
        self.assertEqual(len(self.items()), 4)
        self.assertEqual(self.places(), {("https://lab", "of-lab")})

    def test_an_answer_that_is_lost_is_looked_for_where_it_was_given(self):
        self.render()
        self.configure("lab")
        self.fleet("submit", "c", fault="lost", status=ENVIRONMENT)
        self.configure("prod")
        self.assertIn("Found", self.fleet("submit", "c").stderr)
        self.assertEqual(len(self.items()), 3)
        self.assertEqual(self.places(), {("https://lab", "of-lab")})

    def test_what_no_cluster_took_may_go_to_another(self):
        self.render()
        self.configure("lab")
        for fault in ("unreachable", "forbidden"):
            self.fleet("submit", "c", fault=fault, status=ENVIRONMENT)
        self.configure("prod")
        self.fleet("submit", "c")
        self.assertEqual(self.places(), {("https://prod", "of-prod")})
        self.assertEqual(len(self.items()), 3)

    def test_a_context_that_is_gone_or_of_another_cluster_is_refused(self):
        self.render()
        self.configure("lab")
        self.fleet("submit", "c")
        self.configure("prod", ("prod",))
        for command in ("submit", "status", "collect", "resume"):
            done = self.fleet(command, "c", status=USAGE)
            self.assertRegex(done.stderr, "context 'lab', which kubectl's configuration no longer has")
            self.assertIn("hint: it has prod; set KUBECONFIG", done.stderr)
        text = (self.here / "kubeconfig.json").read_text()
        (self.here / "kubeconfig.json").write_text(text.replace('"name": "prod"', '"name": "lab"'))
        done = self.fleet("resume", "c", status=USAGE)
        self.assertRegex(done.stderr, "was submitted to https://lab, and the context 'lab' is now of https://prod")
        self.assertEqual(len(self.items()), 3)

    def test_a_context_that_is_named_counts_and_must_be_there(self):
        self.render("--set", "context=prod")
        self.configure("lab", ("lab",))
        done = self.fleet("submit", "c", status=USAGE)
        self.assertIn("kubectl's configuration has no context 'prod'", done.stderr)
        self.assertFalse(self.items() if self.cluster.exists() else [])
        self.configure("lab")
        self.fleet("submit", "c")
        self.assertEqual(self.places(), {("https://prod", "of-prod")})

    def test_a_namespace_that_was_written_into_the_manifest_is_asked(self):
        for folder, more in (("c", ()), ("d", ("--set", "namespace=team"))):
            self.render(*more, *ON_CPUS, nodes=1, folder=folder)
            self.configure("lab")
            file = self.here / folder / "p5-48xlarge.yaml"
            text = re.sub("\n  namespace: .*", "", file.read_text(), count=1)
            file.write_text(text.replace("\n  name: ", "\n  namespace: mine\n  name: ", 1))
            self.fleet("submit", folder)
            self.assertEqual(self.places(), {("https://lab", "mine")})
            self.assertIn("waiting", self.fleet("status", folder).stdout)
            self.measure(0, folder=folder)
            self.assertIn("measured", self.fleet("collect", folder).stdout)

    def test_in_a_pod_kubectl_knows_its_cluster_itself(self):
        self.render(*ON_CPUS, nodes=1)
        self.fleet("submit", "c")
        self.measure(0)
        self.assertIn("measured", self.fleet("collect", "c").stdout)
        self.assertNotIn("context", (self.here / "c" / "state.json").read_text())
        self.assertFalse([word for call in json.loads(self.cluster.read_text())["calls"] for word in call
                          if word.startswith("--context")])

    def test_a_state_that_notes_no_place_is_still_read(self):
        self.render(*ON_CPUS, nodes=1)
        self.configure("lab")
        self.fleet("submit", "c")
        state = self.here / "c" / "state.json"
        kept = json.loads(state.read_text())
        self.assertEqual(kept["submissions"][0].pop("place"),
                         {"context": "lab", "namespace": "of-lab", "server": "https://lab"})
        state.write_text(json.dumps(kept))
        self.assertIn("waiting", self.fleet("status", "c").stdout)
        self.measure(0)
        self.assertIn("measured", self.fleet("collect", "c").stdout)

    def by_hand(self, file, folder="c"):
        subprocess.run([str(self.here / "bin" / "kubectl"), "create", f"--filename={self.here / folder / file}"], env=self.with_fault(), check=True,
                       capture_output=True, cwd=self.here)

    def test_what_was_submitted_by_hand_is_followed_and_not_submitted_again(self):
        self.render(*ON_CPUS)
        self.configure("lab")
        self.by_hand("p5-48xlarge.yaml")
        self.configure("prod", ("prod",))
        self.assertEqual(self.fleet("status", "c").stdout.count("not submitted yet"), 3)
        self.configure("lab")

        def one_of_each(items):
            [job] = [one for one in items if one["kind"] == "Job"]
            pods = [one for one in items if one["kind"] == "Pod"]
            job["status"] = {"completedIndexes": "0", "failedIndexes": "2"}
            pods[1]["status"] = {"phase": "Running"}
            pods[2]["status"] = {"phase": "Failed", "containerStatuses": [
                {"name": "gpubench", "state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}]}
        self.update(one_of_each)
        status = self.fleet("status", "c")
        self.assertEqual([line.split()[2] for line in status.stdout.splitlines()[1:]], ["ended", "running", "failed"])
        self.assertIn("OOMKilled, exit code 137", status.stdout)
        self.assertRegex(status.stderr, "Next +gpubench fleet collect c")
        submitted = self.fleet("submit", "c")
        self.assertRegex(submitted.stderr, "Found +p5-48xlarge job.batch/fleet-.*, tasks 0-2: .* was submitted by hand")
        self.assertEqual(len(self.items()), 1)
        self.measure(0)
        collected = self.fleet("collect", "c", status=FAILED)
        self.assertEqual([line.split()[2] for line in collected.stdout.splitlines()[1:]], ["measured", "running", "failed"])
        self.assertRegex(collected.stdout, "kubectl logs --selector=batch.kubernetes.io/job-name=fleet-")
        self.fleet("resume", "c")
        self.assertEqual(len(self.items()), 2)

    def test_labels_that_were_changed_in_the_manifest_hide_no_job(self):
        for nth, of_users in enumerate(({"team": "ml"}, {"gpubench/campaign": "mine"}, None)):
            folder = f"c{nth}"
            self.render(*ON_CPUS, nodes=1, folder=folder)
            file = self.here / folder / "p5-48xlarge.yaml"
            job = yaml.safe_load(file.read_text())
            job["metadata"]["labels"] = job["spec"]["template"]["metadata"]["labels"] = of_users
            file.write_text(yaml.safe_dump(job))
            self.fleet("submit", folder)
            self.assertRegex(self.fleet("status", folder).stdout, "p5-48xlarge +0 +waiting")
            self.assertNotIn("Submitted", self.fleet("resume", folder).stderr)
            self.assertEqual(len(self.items()), nth + 1)
            labels = self.items()[-1]["metadata"]["labels"]
            self.assertEqual({**labels, **(of_users or {}), "gpubench/campaign": self.id(folder)}, labels)

    def test_what_was_submitted_by_hand_into_another_namespace_is_refused_by_name(self):
        self.render(*ON_CPUS)
        self.configure("lab")
        file = self.here / "c" / "p5-48xlarge.yaml"
        whole = file.read_text()
        file.write_text(whole.replace("\n  name: ", "\n  namespace: team\n  name: ", 1))
        self.by_hand("p5-48xlarge.yaml")
        elsewhere = file.read_text()
        file.write_text(whole)
        for command in ("submit", "resume"):
            done = self.fleet(command, "c", status=USAGE)
            self.assertRegex(done.stderr, "job.batch/fleet-.* was made by hand in the namespace team, and c/p5-48xlarge.yaml "
                                          "goes to of-lab")
            self.assertIn('hint: say "namespace: team" in its metadata there', done.stderr)
            self.assertEqual(len(self.items()), 1)
        self.assertIn("made by hand in the namespace team", self.fleet("status", "c").stderr)
        # A user who may not look there is told where nothing was found.
        done = self.fleet("submit", "c", fault="one_namespace")
        self.assertRegex(done.stderr, "Looked in +context lab \\(https://lab\\), namespace of-lab alone: no job of this campaign there")
        self.assertEqual(len(self.items()), 4)
        self.assertNotIn("Looked in", self.fleet("submit", "c").stderr)
        # As the hint says, it is followed.
        (self.here / "c" / "state.json").write_text(json.dumps({"schema": "gpubench.fleet-state/1", "campaign": self.id(),
                                                                 "submissions": []}))
        file.write_text(elsewhere)
        self.assertIn("was submitted by hand", self.fleet("submit", "c").stderr)
        self.assertEqual(len(self.items()), 4)

    def test_where_nothing_was_found_is_said_before_it_is_handed_over(self):
        self.render(*ON_CPUS)
        self.configure("lab")
        done = self.fleet("submit", "c")
        self.assertRegex(done.stderr, "Looked in +context lab \\(https://lab\\), all namespaces: no job of this campaign there")
        self.assertLess(done.stderr.index("Looked in"), done.stderr.index("Submitted"))
        # In a pod it is its own cluster.
        (self.here / "kubeconfig.json").unlink()
        self.render(*ON_CPUS, folder="e")
        self.assertRegex(self.fleet("submit", "e", fault="one_namespace").stderr,
                         "Looked in +the cluster of this pod, namespace default alone: no job of")

    def test_of_named_nodes_those_that_were_not_submitted_by_hand_are(self):
        self.fleet("render", "--engine", "kubernetes", "--output-dir", "c", "--host", "a,b", "--gpus", "8", "--image",
                   "registry.example/gpubench:1", "--results-dir", "/results", "--set", "volume-claim=results")
        whole = (self.here / "c" / "nodes.yaml").read_text()
        (self.here / "c" / "second.yaml").write_text(whole[whole.index("\n---\n") + 5:])
        self.by_hand("second.yaml")
        self.fleet("submit", "c")
        self.assertEqual([job["spec"]["template"]["spec"]["nodeSelector"]["kubernetes.io/hostname"] for job in self.items()],
                         ["b", "a"])

    def test_nothing_is_submitted_while_it_is_not_known_whether_it_is_there(self):
        self.render()
        self.by_hand("p5-48xlarge.yaml")
        self.fleet("submit", "c", fault="unreachable", status=ENVIRONMENT)
        self.assertIn("whether tasks were submitted by hand is not known",
                      self.fleet("status", "c", fault="unreachable").stderr)
        self.fleet("submit", "c")
        self.assertEqual(len(self.items()), 1)

    def test_named_nodes_have_a_job_each(self):
        self.fleet("render", "--engine", "kubernetes", "--output-dir", "c", "--host", "a,b", "--gpus", "8", "--image",
                   "registry.example/gpubench:1", "--results-dir", "/results", "--set", "volume-claim=results")
        self.fleet("submit", "c")
        self.assertEqual([job["spec"]["template"]["spec"]["nodeSelector"]["kubernetes.io/hostname"] for job in self.items()],
                         ["a", "b"])

    def items(self, kind="Job"):
        return [one for one in json.loads(self.cluster.read_text())["items"] if one["kind"] == kind]

    def update(self, change):
        cluster = json.loads(self.cluster.read_text())
        change(cluster["items"])
        self.cluster.write_text(json.dumps(cluster))

    def test_each_task_is_a_job_of_its_own_and_submitted_once(self):
        self.render()
        self.fleet("submit", "c")
        self.fleet("submit", "c")
        jobs = self.items()
        self.assertEqual(len({job["metadata"]["name"] for job in jobs}), 3)
        tasks = [variable["value"] for job in jobs
                 for variable in job["spec"]["template"]["spec"]["containers"][0]["env"]
                 if variable["name"] == "GPUBENCH_TASK"]
        self.assertEqual(sorted(tasks), ["0", "1", "2"])
        self.assertEqual({job["spec"]["completions"] for job in jobs}, {1})

    def test_a_change_of_the_manifest_is_handed_over(self):
        self.render()
        file = self.here / "c" / "p5-48xlarge.yaml"
        file.write_text(file.read_text().replace("ttlSecondsAfterFinished: 604800", "ttlSecondsAfterFinished: 60"))
        self.fleet("submit", "c")
        self.assertEqual({job["spec"]["ttlSecondsAfterFinished"] for job in self.items()}, {60})

    def test_a_call_whose_answer_is_lost_submits_nothing_twice(self):
        self.render()
        done = self.fleet("submit", "c", fault="lost", status=ENVIRONMENT)
        self.assertIn("kubectl", done.stderr)
        self.assertGreaterEqual(len(self.items()), 1)
        again = self.fleet("submit", "c")
        self.assertIn("Found", again.stderr)
        self.assertEqual(len(self.items()), 3)

    def test_refusals_have_the_words_of_the_cluster_and_a_hint(self):
        self.render()
        for fault, words in {"unreachable": "connection refused", "forbidden": "cannot create resource",
                             "quota": "exceeded quota"}.items():
            done = self.fleet("submit", "c", fault=fault, status=ENVIRONMENT)
            self.assertIn(words, done.stderr)
            self.assertIn("hint: ", done.stderr)
        self.fleet("submit", "c")
        self.assertEqual(len(self.items()), 3)

    def test_without_kubectl_it_says_what_is_missing(self):
        self.render()
        empty = self.here / "empty"
        empty.mkdir()
        done = self.run_program("fleet", "submit", "c", env=environment(PATH=str(empty)))
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        self.assertIn("kubectl is not installed", done.stderr)

    def test_a_collective_needs_the_operator(self):
        self.render("--", "collective")
        done = self.fleet("submit", "c", fault="no_mpi", status=ENVIRONMENT)
        self.assertIn("Kubeflow MPI operator", done.stderr)
        self.fleet("submit", "c")
        [job] = self.items("MPIJob")
        self.assertEqual(job["spec"]["mpiReplicaSpecs"]["Worker"]["replicas"], 3)

    def fail_third(self, items):
        job = [one for one in items if one["kind"] == "Job"][2]
        job["status"] = {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}
        [pod] = [one for one in items if one["kind"] == "Pod" and one["metadata"]["name"].startswith(job["metadata"]["name"])]
        pod["spec"]["nodeName"] = "node-c"
        pod["status"] = {"phase": "Failed", "containerStatuses": [
            {"name": "gpubench", "state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}]}

    def end_all(self, items):
        for job in (one for one in items if one["kind"] == "Job"):
            job["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
        for pod in (one for one in items if one["kind"] == "Pod"):
            pod["status"] = {"phase": "Succeeded", "containerStatuses": [
                {"name": "gpubench", "state": {"terminated": {"exitCode": 0}}}]}

    def test_results_are_collected_and_the_failed_task_is_named_and_done_again(self):
        self.render(*ON_CPUS)
        self.fleet("submit", "c")
        for index in (0, 1):
            self.measure(index)
        self.update(self.fail_third)
        collected = self.run_program("fleet", "collect", "c", env=self.with_fault())
        self.assertEqual(collected.returncode, FAILED, collected.stderr)
        self.assertIn("OOMKilled, exit code 137; BackoffLimitExceeded; see kubectl logs --selector=gpubench/key="
                      f"{self.id()}-p5-48xlarge-3 --tail=-1", collected.stdout + collected.stderr)
        self.assertIn("node-c", collected.stdout)
        self.assertEqual(collected.stdout.count("measured"), 2, collected.stdout)
        self.assertEqual(self.readers(), [])
        self.fleet("resume", "c")
        self.assertEqual(len(self.items()), 4)
        [task] = [variable["value"] for variable in self.items()[3]["spec"]["template"]["spec"]["containers"][0]["env"]
                  if variable["name"] == "GPUBENCH_TASK"]
        self.assertEqual(task, "2")

    def test_a_copys_job_of_another_task_is_not_taken_for_ones_own(self):
        self.render(*ON_CPUS, nodes=2)
        self.fleet("submit", "c")
        shutil.copytree(self.here / "c", self.here / "d")

        def fail(nth):
            def change(items):
                [one for one in items if one["kind"] == "Job"][nth]["status"] = {
                    "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}
            self.update(change)
        fail(0)
        self.fleet("resume", "c")
        self.measure(0)
        fail(1)
        for _ in range(2):
            refused = self.fleet("resume", "d", status=USAGE)
            self.assertIn(f"handed over task 0 under the key {self.id()}-p5-48xlarge-3, as jobs.batch/", refused.stderr)
            self.assertIn("which here is of task 1", refused.stderr)
            self.assertEqual(len(self.items()), 3)
        self.fleet("resume", "c")
        self.assertEqual(len(self.items()), 4)

    def readers(self):
        return [p for p in self.items("Pod") if p["metadata"]["labels"].get("gpubench/role") == "reader"]

    def test_one_collection_after_the_other_has_a_pod_of_its_own(self):
        self.render(*ON_CPUS, nodes=1)
        self.fleet("submit", "c")
        self.fleet("collect", "c", status=NO)  # nothing is there yet, not even the campaign's folder
        self.measure(0)
        # One that was killed, and whose pod is being deleted, and one that nobody deleted.
        self.update(lambda items: items.extend(
            {"kind": "Pod", "metadata": {"name": f"{self.id()}-read{end}", **more,
                                         "labels": {"gpubench/campaign": self.id(), "gpubench/role": "reader"}}}
            for end, more in (("", {"deletionTimestamp": "2026-11-27T00:00:30Z"}), ("-1", {}))))
        for _ in range(2):
            self.assertIn("measured", self.fleet("collect", "c").stdout)
            self.assertEqual(self.readers(), [])

    def test_two_collections_at_once_do_not_meet(self):
        self.render(*ON_CPUS, nodes=1)
        self.fleet("submit", "c")
        self.measure(0)
        with subprocess.Popen([PROGRAM, "fleet", "collect", "c"], env=self.with_fault("slow"), cwd=self.here,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
            try:
                self.wait_for(self.readers)
                for command in ("collect", "resume"):
                    second = self.fleet(command, "c", status=ENVIRONMENT)
                    self.assertIn("another gpubench fleet command", second.stderr)
            finally:
                (self.here / "volume" / "go-on").touch()
            out, err = first.communicate(timeout=60)
        self.assertEqual(first.returncode, 0, out + err)
        self.assertIn("measured", out)

    def test_what_was_fetched_before_counts_when_the_cluster_is_gone(self):
        self.render(*ON_CPUS, nodes=2)
        self.fleet("submit", "c")
        self.measure(1)
        self.fleet("collect", "c", status=NO)
        done = self.fleet("collect", "c", fault="unreachable", status=ENVIRONMENT)
        self.assertIn("connection refused", done.stderr)
        self.assertEqual(done.stdout.count("measured"), 1, done.stdout)
        self.fleet("resume", "c", fault="unreachable", status=ENVIRONMENT)
        self.assertEqual(len(self.items()), 2)

    def test_campaigns_on_one_volume_do_not_meet(self):
        for folder in ("c", "d"):
            self.render(*ON_CPUS, nodes=1, folder=folder)
            self.fleet("submit", folder)
            self.measure(0, folder=folder)
        for folder in ("c", "d"):
            self.assertIn("measured", self.fleet("collect", folder).stdout)
            copied = [path.parts[0] for path in self.relative_files(self.here / folder / "results")]
            self.assertEqual(set(copied), {"p5-48xlarge"})

    def test_results_on_a_volume_that_is_not_mounted_here_have_not_failed(self):
        self.render("--set", f"local-results={self.here / 'volume'}", *ON_CPUS, nodes=2)
        self.fleet("submit", "c")
        # Where no task can have left anything, nothing need be mounted.
        (self.here / "volume").mkdir()
        self.fleet("collect", "c", status=NO)
        for index in (0, 1):
            self.measure(index)
        self.update(self.end_all)
        self.fleet("collect", "c")
        (self.here / "volume").rename(self.here / "away")
        (self.here / "volume").mkdir()
        collected = self.fleet("collect", "c", status=ENVIRONMENT)
        self.assertEqual(collected.stdout.count("unknown"), 2, collected.stdout)
        self.assertIn("is it mounted here?", collected.stderr)
        again = self.fleet("resume", "c", status=ENVIRONMENT)
        self.assertIn("nothing was submitted again", again.stderr)
        self.assertEqual(len(self.items()), 2)
        (self.here / "volume").rmdir()
        (self.here / "away").rename(self.here / "volume")
        self.assertEqual(self.fleet("collect", "c").stdout.count("measured"), 2)

    def test_a_campaign_is_read_from_any_folder(self):
        self.render(*ON_CPUS, nodes=1)
        self.fleet("submit", "c")
        self.measure(0)
        self.fleet("collect", "c")
        for here, folder in ((self.here, "c"), (self.here / "c", "."), (self.here / "bin", "../c")):
            done = subprocess.run([PROGRAM, "recommend", "resnet50-train", "--results", folder, "--as-of", "2026-11-22"],
                                  cwd=here, env=environment(), capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Fleet ", done.stderr)

    def test_a_task_in_whose_place_lies_another_campaigns_result_is_not_submitted_again(self):
        self.render("--set", f"local-results={self.here / 'volume'}", *ON_CPUS, nodes=1)
        self.fleet("submit", "c")
        self.measure(0)
        record = self.here / "volume" / self.id() / "p5-48xlarge" / "0.record.json"
        record.write_text(record.read_text().replace(self.id(), "other-1a2b3c4d"))
        self.assertIn("foreign", self.fleet("collect", "c", status=FAILED).stdout)
        again = self.fleet("resume", "c")
        self.assertRegex(again.stderr, "Not again +p5-48xlarge 0: .* in campaign other-1a2b3c4d")
        self.assertEqual(len(self.items()), 1)

    @staticmethod
    def relative_files(folder):
        return [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]

    def test_what_comes_next_brings_the_campaign_nearer_to_its_end(self):
        def is_next(command, words, **options):
            self.assertRegex(self.fleet(command, "c", **options).stderr, f"(?m)^Next +gpubench {words}")
        local = ("--set", f"local-results={self.here / 'volume'}")
        self.render(*local, *ON_CPUS, nodes=2)
        (self.here / "volume").mkdir()
        is_next("status", "fleet submit c$")
        is_next("collect", "fleet submit c$", status=NO)
        self.fleet("submit", "c")
        is_next("status", "fleet collect c$")
        self.measure(0)
        is_next("collect", "fleet collect c, when the others have ended$", status=NO)
        self.measure(1)
        is_next("collect", "recommend WORKLOAD --results c$")
        record = self.here / "volume" / self.id() / "p5-48xlarge" / "0.record.json"
        record.write_text(record.read_text().replace(self.id(), "other-1a2b3c4d"))
        is_next("collect", "fleet render into another --output-dir, with a --results-dir of its own$", status=FAILED)
        (self.here / "volume" / self.id() / "p5-48xlarge" / "1.json").write_text("{}")
        self.update(self.end_all)
        is_next("collect", "fleet resume c$", status=FAILED)

    def test_what_is_refused_when_the_pod_is_made_is_said(self):
        self.render(nodes=1)
        self.fleet("submit", "c", fault="pod_quota")
        self.assertIn("FailedCreate: Error creating", self.fleet("status", "c").stdout)
        collected = self.fleet("collect", "c", status=NO)
        self.assertRegex(collected.stdout, "waiting.*exceeded quota: gpus")

    def test_pods_of_gpus_keep_the_profile_baseline_unless_they_are_of_root(self):
        self.render(nodes=1)
        self.fleet("submit", "c", fault="baseline")
        self.assertEqual(len(self.items("Pod")), 1)
        self.render("--set", "user=0", nodes=1, folder="d")
        self.fleet("submit", "d", fault="baseline")
        self.assertIn('must not include "IPC_LOCK"', self.fleet("status", "d").stdout)

    def test_a_campaign_is_asked_about_in_one_question(self):
        self.render(nodes=3)
        self.fleet("submit", "c")
        for pod in range(3):
            self.update(lambda items, nth=pod: [o for o in items if o["kind"] == "Pod"][nth]["status"].update(phase="Running"))
        def questions():
            return len([call for call in json.loads(self.cluster.read_text())["calls"] if call[0] != "config"])
        before = questions()
        self.assertEqual(self.fleet("status", "c").stdout.count("running"), 3)
        self.assertEqual(questions() - before, 1)

    def test_the_clock_of_a_node_is_held_against_the_clusters_though_it_was_measured(self):
        self.render(*ON_CPUS, nodes=1)
        self.fleet("submit", "c")
        self.measure(0, GPUBENCH_NODE="node-a")

        def run_earlier(items):
            [pod] = [one for one in items if one["kind"] == "Pod"]
            pod["spec"]["nodeName"] = "node-a"
            pod["status"] = {"phase": "Succeeded", "containerStatuses": [{"name": "gpubench", "state": {"terminated": {
                "exitCode": 0, "startedAt": "2026-11-27T00:00:00Z", "finishedAt": "2026-11-27T00:01:00Z"}}}]}
        self.update(run_earlier)
        self.assertRegex(self.fleet("collect", "c").stderr, "the clock of .* ahead of that of the engine")

    def test_a_node_that_measured_without_its_gpus_is_refused(self):
        self.render("--", "run", *SMALL, nodes=1)
        self.fleet("submit", "c")
        self.measure(0)
        collected = self.fleet("collect", "c", status=FAILED)
        self.assertRegex(collected.stdout, r"refused.*was measured with \d GPUs?, and 8 were asked for")

    def test_a_copy_that_breaks_off_leaves_no_half_file(self):
        self.render(*ON_CPUS, nodes=1)
        self.fleet("submit", "c")
        self.measure(0)
        done = self.run_program("fleet", "collect", "c", env=self.with_fault("half"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("unexpected EOF", done.stderr)
        self.assertEqual([f for f in (self.here / "c").rglob("*.json") if f.name == "0.json"], [])
        done = self.run_program("fleet", "collect", "c", env=self.with_fault())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("measured", done.stdout)


if __name__ == "__main__":
    unittest.main()
