"""A campaign on Kubernetes by kubectl itself, against a server that stores what it is given."""

import json
import shutil
import subprocess
import unittest

from harness import ENVIRONMENT, USAGE, ProgramTest, environment
from kubernetes_api import Cluster


@unittest.skipUnless(shutil.which("kubectl"), "kubectl is not installed")
class RealKubectl(ProgramTest):
    def setUp(self):
        super().setUp()
        self.cluster = Cluster()
        self.addCleanup(self.cluster.close)
        configuration = self.write("kubeconfig.json", json.dumps(self.cluster.configuration()))
        self.env = environment(KUBECONFIG=str(configuration), HOME=str(self.here))

    def fleet(self, *arguments):
        return self.succeed("fleet", *arguments, env=self.env)

    def test_kubectl_takes_what_it_is_given_once(self):
        self.fleet("render", "--engine", "kubernetes", "--output-dir", "c", "--instance", "p5.48xlarge", "--nodes", "2",
                   "--image", "registry.example/gpubench:1", "--results-dir", "/results", "--set", "volume-claim=results",
                   "--env", "NCCL_DEBUG=INFO")
        self.fleet("submit", "c")
        self.fleet("submit", "c")
        jobs = self.cluster.objects
        self.assertEqual([job["kind"] for job in jobs], ["Job", "Job"])
        self.assertEqual({query["fieldValidation"][0] for query in self.cluster.queries}, {"Strict"})
        jobs[0]["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
        # As if the command had been killed before it noted the second one.
        state = self.here / "c" / "state.json"
        kept = json.loads(state.read_text())
        kept["submissions"][1]["id"] = None
        state.write_text(json.dumps(kept))
        self.assertIn("Found", self.fleet("submit", "c").stderr)
        self.assertEqual(len(self.cluster.objects), 2)
        self.cluster.objects += [
            {"kind": "Event", "apiVersion": "v1", "metadata": {"name": f"e{i}"}, "type": kind, "reason": "FailedCreate",
             "message": message, "involvedObject": {"kind": "Job", "name": jobs[1]["metadata"]["name"]},
             "lastTimestamp": f"2026-11-27T00:00:0{i}Z"}
            for i, (kind, message) in enumerate((("Warning", "exceeded quota: gpus"), ("Normal", "made a pod")))]
        status = self.run_program("fleet", "status", "c", env=self.env)
        self.assertRegex(status.stdout, "waiting.*FailedCreate: exceeded quota: gpus", status.stderr)

    def test_named_nodes_stay_with_their_cluster_and_what_is_there_by_hand_is_found(self):
        self.fleet("render", "--engine", "kubernetes", "--output-dir", "c", "--host", "a,b", "--gpus", "8", "--image",
                   "registry.example/gpubench:1", "--results-dir", "/results", "--set", "volume-claim=results")
        second = (self.here / "c" / "nodes.yaml").read_text().split("\n---\n")[1]
        subprocess.run(["kubectl", "create", f"--filename={self.write('second.yaml', second)}"], env=self.env, check=True,
                       capture_output=True)
        self.assertRegex(self.fleet("submit", "c").stderr, "Found +nodes job.batch/fleet-.*-nodes-h1, task 1: ")
        self.assertEqual(len(self.cluster.objects), 2)
        other = Cluster()
        self.addCleanup(other.close)
        both = self.cluster.configuration()
        for part, one in (("clusters", {"name": "there", "cluster": other.configuration()["clusters"][0]["cluster"]}),
                          ("contexts", {"name": "there", "context": {"cluster": "there", "user": "me"}})):
            both[part].append(one)
        self.write("kubeconfig.json", json.dumps({**both, "current-context": "there"}))
        status = self.fleet("status", "c")
        self.assertEqual(status.stdout.count("waiting"), 2, status.stdout)
        self.fleet("submit", "c")
        self.assertEqual((len(self.cluster.objects), other.objects), (2, []))
        self.write("kubeconfig.json", json.dumps({**other.configuration(), "contexts": []}))
        gone = self.run_program("fleet", "resume", "c", env=self.env)
        self.assertEqual(gone.returncode, USAGE, gone.stderr)
        self.assertIn("context 'here'", gone.stderr)

    def test_without_a_configuration_there_is_no_context_to_note(self):
        """As in a pod, where kubectl finds its cluster itself; here it finds none, which it says in its own words."""
        self.fleet("render", "--engine", "kubernetes", "--output-dir", "c", "--gpus", "8", "--image",
                   "registry.example/gpubench:1", "--results-dir", "/results", "--set", "volume-claim=results")
        done = self.run_program("fleet", "submit", "c", env={**self.env, "KUBECONFIG": str(self.here / "none.json")})
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        self.assertNotIn("context", done.stderr)

    def test_a_collective_goes_to_the_operator(self):
        self.fleet("render", "--engine", "kubernetes", "--output-dir", "c", "--gpus", "8", "--nodes", "2", "--image",
                   "registry.example/gpubench:1", "--results-dir", "/results", "--set", "volume-claim=results", "--",
                   "collective")
        self.fleet("submit", "c")
        self.fleet("submit", "c")
        self.assertEqual([one["kind"] for one in self.cluster.objects], ["MPIJob"])


if __name__ == "__main__":
    unittest.main()
