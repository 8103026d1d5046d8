"""Manifests of fleet render: the examples of the documentation, and Kubernetes objects and SkyPilot tasks against the
published schemas."""

import json
import os
import re
import shlex
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import PROGRAM, SMALL, SOURCE, USAGE, ProgramTest

try:
    import yaml
except ImportError:
    yaml = None

EXAMPLES = SOURCE / "docs" / "examples" / "fleet"
MODULES = Path("/usr/local/lib/gpubench-test-tools/node_modules")
KUBERNETES = ("fleet", "render", "--engine", "kubernetes", "--output-dir", "c", "--image", "registry.example/gpubench:1",
              "--results-dir", "/results", "--set", "volume-claim=results")
IMAGE = ("--image", "registry.example/gpubench:1")
SKYPILOT = ("fleet", "render", "--engine", "skypilot", "--output-dir", "c", "--results-dir", "/results", "--set",
            "bucket=s3://b/f")
SLURM = ("fleet", "render", "--engine", "slurm", "--output-dir", "c")
MPI = ("fleet", "render", "--engine", "mpi", "--output-dir", "c", "--host", "n1")


def commands_of_the_readme():
    text = (EXAMPLES / "README.md").read_text()
    return [shlex.split(block.replace("\\\n", " "))[1:] for block in re.findall(r"```\n(gpubench fleet render.*?)```", text, re.S)]


def folder_of(command):
    return command[command.index("--output-dir") + 1]


class Manifests(ProgramTest):

    def objects(self, *files):
        if yaml is None:
            self.skipTest("python3-yaml is not installed")
        return [one for file in files for one in yaml.safe_load_all(file.read_text()) if one]

    def check_kubernetes(self, objects):
        """Findings of the validators, none where there are none."""
        if not shutil.which("node") or not (MODULES / "typescript").is_dir():
            self.skipTest("the packages of npm are not installed: scripts/setup.sh")
        done = subprocess.run(["node", str(Path(__file__).parent / "check_kubernetes.js")], input=json.dumps(objects),
                              capture_output=True, text=True, check=False, env={**os.environ, "NODE_PATH": str(MODULES)})
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout.splitlines()

    def check_skypilot(self, task):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((Path(__file__).parent / "skypilot_task.json").read_text())
        return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(task)]

    def test_the_examples_are_what_is_rendered_now(self):
        commands = commands_of_the_readme()
        self.assertGreaterEqual(len(commands), 6)
        for command in commands:
            # The campaign's file keeps the name that was drawn for it.
            folder = self.here / folder_of(command)
            shutil.copytree(EXAMPLES / folder.name, folder)
            for file in folder.iterdir():
                if file.suffix in (".yaml", ".sbatch"):
                    file.unlink()
            self.succeed("--quiet", *command)
            self.assertEqual({f.name: f.read_text() for f in folder.iterdir()},
                             {f.name: f.read_text() for f in (EXAMPLES / folder.name).iterdir()}, folder.name)
        self.assertEqual({p.name for p in EXAMPLES.iterdir() if p.is_dir()}, {folder_of(c) for c in commands})

    def test_another_campaign_in_the_place_of_one_has_an_id_of_its_own(self):
        def id_of(*more):
            self.succeed(*SLURM, "--name", "night", "--force", *more)
            return json.loads((self.here / "c" / "campaign.json").read_text())["id"]
        first = id_of()
        self.assertEqual(id_of(), first)
        # The first may have been submitted by hand: what it left must not count as the second's.
        self.assertNotEqual(id_of("--", "run", "--suite", "quick"), first)
        self.assertEqual(id_of("--results-dir", "shared")[:6], "night-")
        kept = json.loads((self.here / "c" / "campaign.json").read_text())
        self.assertEqual(id_of("--results-dir", "shared"), kept["id"])
        self.assertTrue(kept["results"].endswith("shared/" + kept["id"]), kept["results"])

    def test_the_walk_through_shows_the_script_that_is_rendered(self):
        text = (SOURCE / "docs" / "fleet.md").read_text()
        command = shlex.split(re.search(r"^\$ gpubench (fleet render --engine slurm .*)$", text, re.M)[1])
        shown = re.search(r"\$ cat night/nodes.sbatch\n(.*?)\n```", text, re.S)[1].splitlines()
        self.succeed(*command)
        script = (self.here / "night" / "nodes.sbatch").read_text().replace(str(self.here), "/shared/lab")
        script = script.replace(json.loads((self.here / "night" / "campaign.json").read_text())["id"],
                                re.search(r"Campaign +(night-\w+):", text)[1]).splitlines()
        first_unset = next(i for i, line in enumerate(script) if line.startswith("unset "))
        left_out = [line for line in script[first_unset + 1:] if line.startswith("unset ")]
        self.assertEqual([line for line in shown if line != "…"], [line for line in script if line not in left_out])

    def test_the_kubernetes_examples_keep_the_published_api(self):
        files = [f for command in commands_of_the_readme() if "kubernetes" in command
                 for f in sorted((EXAMPLES / folder_of(command)).glob("*.yaml"))]
        self.assertGreaterEqual(len(files), 6)
        objects = self.objects(*files)
        self.assertEqual({one["kind"] for one in objects}, {"Job", "MPIJob", "PersistentVolumeClaim"})
        self.assertEqual(self.check_kubernetes(objects), [])

    def test_every_setting_keeps_the_published_api(self):
        self.succeed(*KUBERNETES, "--instance", "p5.48xlarge", "--nodes", "2", "--host", "n1,n2", "--spot", "--cpus", "8",
                     "--memory", "64GiB", "--time-limit", "30m", "--env", "NCCL_DEBUG=INFO", "--set", "namespace=bench",
                     "--set", "context=here", "--set", "volume-size=10Gi", "--set", "storage-class=nfs", "--set",
                     "resources=vpc.amazonaws.com/efa=32,hugepages-2Mi=5120Mi", "--set", "shared-memory=1Gi", "--set", "user=0", "--set", "node-selector=karpenter.sh/capacity-type=spot",
                     "--set", "toleration=kubernetes.azure.com/scalesetpriority=spot", "--set", "service-account=bench",
                     "--set", "runtime-class=nvidia", "--set", "priority-class=low", "--set", "pull-secret=registry",
                     "--set", "queue=gpus")
        objects = self.objects(self.here / "c" / "p5-48xlarge.yaml", self.here / "c" / "volume-claim.yaml")
        self.assertEqual([one["kind"] for one in objects], ["Job", "Job", "PersistentVolumeClaim"])
        self.assertEqual({one["metadata"]["namespace"] for one in objects}, {"bench"})
        self.assertEqual(self.check_kubernetes(objects), [])

    def test_a_collective_on_gpus_must_find_them(self):
        for more, words in ((("--gpus", "8", "--", "collective"), ["collective", "--backend", "cuda"]),
                            (("--gpus", "8", "--", "collective", "--backend", "host"), ["collective", "--backend", "host"]),
                            (("--", "collective"), ["collective"])):
            self.succeed(*KUBERNETES, "--force", "--nodes", "2", *more)
            [job] = self.objects(self.here / "c" / "nodes.yaml")
            command = job["spec"]["mpiReplicaSpecs"]["Launcher"]["template"]["spec"]["containers"][0]["command"]
            self.assertEqual(command[command.index("collective"):], words)

    def test_the_validators_find_what_is_wrong(self):
        self.succeed(*KUBERNETES, "--gpus", "1")
        [job] = self.objects(self.here / "c" / "nodes.yaml")
        changes = (lambda spec, container: container.update(imagePullPolice="Always"),
                   lambda spec, container: spec.update(completions="1"),
                   lambda spec, container: container["resources"]["limits"].update({"nvidia.com/gpu": "1 GPU"}),
                   lambda spec, container: container.pop("name"))
        objects = [job]
        for change in changes:
            objects.append(json.loads(json.dumps(job)))
            change(objects[-1]["spec"], objects[-1]["spec"]["template"]["spec"]["containers"][0])
        findings = self.check_kubernetes(objects)
        places = [re.match(r"(?:object-)?(\d+)", finding) for finding in findings]
        self.assertEqual({int(place[1]) for place in places if place}, {1, 2, 3, 4}, findings)

    def test_skypilot_tasks_keep_the_documented_fields(self):
        for more in ((*IMAGE, "--instance", "p5.48xlarge", "--spot", "--time-limit", "30m"),
                     (*IMAGE, "--set", "accelerators=H100:8", "--set", "infra=aws/us-east-1"),
                     (*IMAGE, "--gpus", "8", "--set", "candidates=aws:p5.48xlarge,gcp/us-central1:a3-highgpu-8g", "--set",
                      "order=ordered"),
                     ("--instance", "p5.48xlarge", "--nodes", "4", "--cpus", "8", "--memory", "64GiB", "--set",
                      "setup=echo 'ready: now'", "--set", "workdir=.", "--", "collective")):
            self.succeed(*SKYPILOT, "--force", *more)
            for file in (self.here / "c").glob("*.sky.yaml"):
                [task] = self.objects(file)
                self.assertEqual(self.check_skypilot(task), [])
                shell = subprocess.run(["bash", "-n"], input=task["run"], text=True, capture_output=True, check=False)
                self.assertEqual(shell.returncode, 0, shell.stderr)
            shutil.rmtree(self.here / "c")
        example = next((EXAMPLES / "h100-x8-skypilot").glob("*.sky.yaml"))
        [task] = self.objects(example)
        self.assertEqual(self.check_skypilot(task), [])
        task["resources"]["instance"] = "x"
        self.assertNotEqual(self.check_skypilot(task), [])

    def test_a_command_that_every_node_would_refuse_is_refused_before(self):
        for command, says in ((("run", "--nonsense"), "no option '--nonsense'"), (("run", "--suite", "nope"), "suite 'nope'"),
                              (("run", "--help"), "would print help"), (("run", "--version"), "would print help"),
                              (("run", "--format", "nope"), "output form 'nope'"), (("run", "--filter", "("), "--filter"),
                              (("run", "--device"), "--device"), (("run", "more"), "does not take 'more'"),
                              (("collective", "--type", "foo"), "type 'foo'"),
                              (("collective", "--min-bytes", "1TiB", "--max-bytes", "1MB"), "no sizes from"),
                              (("run", "--list"), "--list")):
            self.refuse(*SLURM, "--", *command, status=USAGE, says=[says])
        self.refuse(*SLURM, "--suite", "nope", status=USAGE, says=["suite 'nope'"])
        self.refuse(*SLURM, "--instance", "p5.48xlarge", "--", "run", "--instance", "a", status=USAGE, says=["--instance"])
        # What the node itself has is not looked at.
        self.succeed(*SLURM, "--", "run", "--storage-dir", "/nowhere", "--device", "gpu7", "--backend", "cuda")

    def test_cuda_without_gpus_is_refused(self):
        for command in (("collective", "--backend", "cuda"), ("run", "--backend=cuda")):
            self.refuse(*SLURM, "--gpus", "0", "--", *command, status=USAGE, says=["--backend cuda beside --gpus 0"])
        self.refuse(*SLURM, "--instance", "c7i.48xlarge", "--", "run", "--backend", "cuda", status=USAGE,
                    says=["c7i.48xlarge has no GPU"])

    def test_more_than_an_instance_type_has_is_refused(self):
        collective = ("--", "collective", "--backend")
        for more, says in ((("--cpus", "193"), "--cpus 193: aws p5.48xlarge has 192 vCPUs"),
                           (("--memory", "2049GiB"), "--memory 2049 GiB: aws p5.48xlarge has 2048 GiB"),
                           (("--ranks", "9", "--", "collective"), "--ranks 9: a node of type p5.48xlarge has 8 GPUs"),
                           (("--ranks", "5", "--gpus", "4", *collective, "cuda"), "--ranks 5: a node of type p5.48xlarge has 4"),
                           (("--ranks", "193", *collective, "host"), "--ranks 193: aws p5.48xlarge has 192 vCPUs")):
            for engine in (SLURM, KUBERNETES):
                self.refuse(*engine, "--instance", "p5.48xlarge", *more, status=USAGE, says=[says, "hint: "])
        self.refuse(*SLURM, "--gpus", "4", "--ranks", "5", "--", "collective", status=USAGE, says=["--ranks 5: a node has 4 GPUs"])
        self.refuse(*SKYPILOT, *IMAGE, "--gpus", "8", "--cpus", "200", "--set",
                    "candidates=gcp:a3-highgpu-8g,aws:p5.48xlarge", status=USAGE, says=["aws p5.48xlarge has 192 vCPUs"])
        self.refuse(*SKYPILOT, *IMAGE, "--gpus", "8", "--set", "candidates=aws:g6.xlarge", status=USAGE,
                    says=["--gpus 8: aws g6.xlarge has 1"])
        self.assertFalse((self.here / "c").exists())
        self.succeed(*SLURM, "--instance", "p5.48xlarge", "--cpus", "192", "--memory", "2048GiB", "--ranks", "8", "--", "collective")
        # Of this one the catalogue knows neither.
        self.succeed(*SLURM, "--force", "--instance", "l40s-48gb.1x", "--cpus", "4096", "--memory", "100TiB")

    def test_all_that_a_node_has_is_doubted_on_kubernetes(self):
        p5 = ("--instance", "p5.48xlarge", "--cpus", "192", "--memory", "2048GiB")
        done = self.succeed(*KUBERNETES, *p5)
        self.assertIn("--cpus 192 is all that p5.48xlarge has", done.stderr)
        self.assertIn("--memory 2048 GiB is all that p5.48xlarge has", done.stderr)
        for command in ((*SLURM, *p5), (*KUBERNETES, "--instance", "p5.48xlarge", "--cpus", "190", "--memory", "2000GiB")):
            self.assertNotIn("is all that", self.succeed(*command, "--force").stderr)

    def test_work_on_cpus_asks_for_no_gpu(self):
        def pod_of(*more):
            self.succeed(*KUBERNETES, "--force", "--instance", "p5.48xlarge", *more)
            [job] = self.objects(self.here / "c" / "p5-48xlarge.yaml")
            spec = job["spec"]
            return (spec["mpiReplicaSpecs"]["Worker"] if "mpiReplicaSpecs" in spec else spec)["template"]["spec"]
        for command in (("run", "--backend", "host"), ("run", "--device", "cpu"), ("run", "--filter", "^data_preparation"),
                        ("run", "--suite", "apps", "--filter=storage_read$|storage_write", "--storage-dir", "/scratch"),
                        ("collective", "--backend=host", "--max-bytes", "64KiB")):
            pod = pod_of("--nodes", "2", "--", *command)
            self.assertNotIn("resources", pod["containers"][0], command)
            # Nodes with GPUs have this taint, on GKE by themselves.
            self.assertEqual([one["key"] for one in pod["tolerations"]], ["nvidia.com/gpu"], command)
        for command in (("run",), ("run", "--device", "cpu,gpu0"), ("run", "--filter", "stream_copy"),
                        ("run", "--filter", "storage|stream"), ("run", "--filter", "-storage"), ("run", "--filter", "(storage)?")):
            self.assertEqual(pod_of("--", *command)["containers"][0]["resources"]["limits"], {"nvidia.com/gpu": "8"}, command)
        asked = pod_of("--gpus", "2", "--", "run", "--backend", "host")["containers"][0]["resources"]["limits"]
        self.assertEqual(asked, {"nvidia.com/gpu": "2"})
        self.succeed(*KUBERNETES, "--force", "--gpu-product", "AMD-Instinct-MI300X-OAM", "--", "run", "--backend", "host")
        [job] = self.objects(self.here / "c" / "nodes.yaml")
        self.assertNotIn("resources", job["spec"]["template"]["spec"]["containers"][0])

    def test_filters_of_work_on_cpus_name_nothing_that_gpus_have(self):
        module = "".join(file.read_text() for file in (SOURCE / "bench" / "cuda" / "module").glob("*.cpp"))
        listed = self.succeed("list", "benchmarks", "--format", "csv").stdout
        for family in ("data_preparation", "storage"):
            self.assertIn(f"\n{family}_", listed)
            self.assertNotRegex(module, f'"[a-z0-9_]*{family}')

    def test_memory_leaves_room_beside_what_lies_in_it(self):
        for more in (("--memory", "8GiB"), ("--memory", "16GiB"), ("--memory", "1GiB", "--set", "shared-memory=1500M")):
            self.refuse(*KUBERNETES, *more, status=USAGE, says=["--memory ", "/dev/shm", "--set shared-memory="])
        self.succeed(*KUBERNETES, "--memory", "17GiB")
        self.succeed(*KUBERNETES, "--force", "--memory", "1501MB", "--set", "shared-memory=1500M")
        self.succeed(*SLURM, "--force", "--memory", "8GiB")

    def test_a_cloud_without_the_instance_type_is_refused(self):
        def with_candidates(text, *more):
            return (*SKYPILOT, *IMAGE, "--gpus", "8", "--set", f"candidates={text}", *more)
        for command, says in (
                ((*SKYPILOT, *IMAGE, "--instance", "p5.48xlarge", "--set", "infra=gcp/us-central1"),
                 ("--set infra=gcp/us-central1: gcp has no instance type p5.48xlarge", "hint: aws has it")),
                (with_candidates("aws:p5.48xlarge,aws/us-east-1:a3-highgpu-8g"),
                 ("--set candidates: aws has no instance type a3-highgpu-8g", "hint: gcp has it")),
                (with_candidates("p5.48xlarge", "--set", "infra=k8s"), ("--set infra=k8s: k8s has no instance type", "aws has it")),
                (with_candidates("digitalocean:gpu-mi300x8-1536gb"), ("digitalocean has no", "hint: do has it"))):
            self.refuse(*command, status=USAGE, says=says)
        self.assertFalse((self.here / "c").exists())
        for command in ((*SKYPILOT, *IMAGE, "--instance", "p5.48xlarge", "--set", "infra=AWS/us-east-1"),
                        (*SKYPILOT, *IMAGE, "--instance", "p5.48xlarge", "--set", "infra=*/us-east-1"),
                        with_candidates("aws/us-east-1:p5.48xlarge,gcp:a3-highgpu-8g"), with_candidates("ibm:unknown-8")):
            self.succeed(*command, "--force")

    def test_gpus_that_contradict_the_instance_type_are_refused(self):
        kubernetes, sky = (*KUBERNETES, "--instance"), (*SKYPILOT, *IMAGE, "--instance")
        for command, says in (
                ((*kubernetes, "p5.48xlarge", "--gpu-product", "NVIDIA-A100-SXM4-80GB"),
                 "--gpu-product NVIDIA-A100-SXM4-80GB: aws p5.48xlarge has H100"),
                ((*sky, "p5.48xlarge", "--set", "accelerators=A100:8"), "--set accelerators=A100:8: aws p5.48xlarge has H100"),
                ((*sky, "g6e.12xlarge", "--set", "accelerators=L40S:1"), "--set accelerators=L40S:1: aws g6e.12xlarge has 4"),
                ((*SKYPILOT, *IMAGE, "--set", "candidates=aws:p5.48xlarge", "--set", "accelerators=A100:8"),
                 "--set accelerators=A100:8: aws p5.48xlarge has H100")):
            self.refuse(*command, status=USAGE, says=[says, "hint: leave it out"])
        self.assertFalse((self.here / "c").exists())
        for command in ((*kubernetes, "p5.48xlarge", "--gpu-product", "NVIDIA-H100-80GB-HBM3"),
                        (*kubernetes, "p5.48xlarge", "--gpu-product", "NVIDIA-H100-80GB-HBM3-SHARED"),
                        (*kubernetes, "p5.48xlarge", "--gpu-product", "a-GPU-of-next-year"),
                        (*sky, "p5.48xlarge", "--set", "accelerators=H100:8"),
                        (*sky, "g6e.12xlarge", "--set", "accelerators=L40S:4")):
            self.succeed(*command, "--force")

    def test_accelerators_without_a_back_end_are_refused(self):
        for command, vendor in (((*SKYPILOT, *IMAGE, "--set", "accelerators=MI300X:8"), "AMD"),
                                ((*SKYPILOT, *IMAGE, "--set", "accelerators=tpu-v6e-8"), "Google"),
                                ((*SKYPILOT, *IMAGE, "--set", "accelerators=Trainium2:16"), "AWS"),
                                ((*SLURM, "--gpus", "8", "--set", "gpu-type=gaudi3"), "Intel"),
                                ((*KUBERNETES, "--gpu-product", "AMD-Instinct-MI325X"), "AMD")):
            self.refuse(*command, status=USAGE, says=[f"gpubench has no back-end for accelerators of {vendor}", "--backend host"])
            self.succeed(*command, "--force", "--", "run", "--backend", "host")
        self.refuse(*SKYPILOT, *IMAGE, "--gpus", "8", "--set", "candidates=do:gpu-mi300x8-1536gb", status=USAGE,
                    says=["no back-end for the MI300X"])
        for name in ("H100:8", "A100-80GB:8", "L40S", "RTXPRO6000:2", "unknown:1"):
            self.succeed(*SKYPILOT, *IMAGE, "--force", "--set", f"accelerators={name}")

    def test_a_collective_on_cpus_needs_two_ranks(self):
        on_cpus = ("--", "collective", "--backend", "host")
        self.refuse(*SLURM, *on_cpus, status=USAGE, says=["one rank on CPUs", "--ranks 2"])
        self.succeed(*SLURM, "--ranks", "2", *on_cpus)
        self.succeed(*SLURM, "--force", "--nodes", "2", *on_cpus)

    def test_values_that_no_engine_takes_are_refused(self):
        for more, says in ((("--host", ""), "no name of a host"), (("--host", "-w"), "no name of a host"),
                           (("--host", "a;b"), "no name of a host"), (("--host", "node[1-4]"), "scontrol show hostnames"),
                           (("--set", "qos=a", "--set", "qos=b"), "qos is said twice"), (("--set", "qos="), "no value"),
                           (("--env", "A=1", "--env", "A=2"), "A is said twice"), (("--program", ""), "is no program"),
                           (("--image", ""), "--image"), (("--image", "a b"), "container image"),
                           (("--image=-v",), "container image"), (("--instance", "nosuch.type"), "gpubench list instances"),
                           (("--instance", ""), "gpubench list instances"), (("--name", ""), "--name")):
            self.refuse(*SLURM, *more, status=USAGE, says=[says])
        self.refuse(*MPI, "--results-dir", "there", status=USAGE, says=["'there' is no whole path"])
        self.refuse(*MPI, "--set", "ssh-config=config", status=USAGE, says=["--set ssh-config"])
        self.refuse(*SKYPILOT, *IMAGE, "--gpus", "8", "--set", "candidates=aws:p5.48xlarge,aws:p5.48xlarge", status=USAGE,
                    says=["comes twice"])
        self.succeed(*SLURM, "--results-dir", "there")

    def test_campaigns_with_one_folder_of_results_have_folders_of_their_own_in_it(self):
        for command in (SLURM, MPI):
            folders = set()
            for name in ("a", "b"):
                words = [name if word == "c" else word for word in command]
                for _ in range(2):  # again the same files
                    self.succeed(*words, "--results-dir", self.here / "shared")
                campaign = json.loads((self.here / name / "campaign.json").read_text())
                self.assertEqual(campaign["results"], str(self.here / "shared" / campaign["id"]))
                folders.add(campaign["results"])
                [script] = [one for one in (self.here / name).iterdir() if one.suffix in (".sbatch", ".sh")]
                self.assertIn(f"--results-dir {campaign['results']} ", script.read_text())
                shutil.rmtree(self.here / name)
            self.assertEqual(len(folders), 2)

    def test_a_folder_with_the_results_of_another_campaign_is_refused(self):
        self.succeed(*SLURM, "--name", "first")
        first = json.loads((self.here / "c" / "campaign.json").read_text())["id"]
        self.succeed("fleet", "task", "--campaign", first, "--job", "nodes", "--results-dir", self.here / "c" / "results",
                     "--", PROGRAM, "run", *SMALL)
        self.succeed(*SLURM, "--name", "first")  # itself again
        before = {file: file.read_bytes() for file in (self.here / "c").rglob("*") if file.is_file()}
        for name, *more in (("second",), ("first", "--nodes", "2")):
            self.refuse(*SLURM, "--name", name, *more, "--force", status=USAGE,
                        says=["0.record.json", f"in campaign {first}, not of task 0 of nodes in {name}-", "results/nodes away"])
        self.assertEqual({file: file.read_bytes() for file in (self.here / "c").rglob("*") if file.is_file()}, before)
        shutil.move(self.here / "c" / "results", self.here / "kept")
        self.succeed(*SLURM, "--name", "second", "--force")

    def test_a_name_is_refused_as_it_was_given(self):
        self.refuse(*SLURM, "--name", "Night", says=["campaign 'Night' has other characters", "hint: as night\n"])
        self.succeed(*SLURM, "--name", "night")

    def test_a_value_with_a_line_break_is_named(self):
        self.refuse(*SLURM, "--env", "NAME=a\nb", says=["--env NAME has a line break"])
        self.refuse(*SLURM, "--set", "partition=a\nb", says=["--set partition has a line break"])
        for engine in (SLURM, MPI, KUBERNETES, SKYPILOT):
            self.refuse(*engine, "--", "run", "--filter", "a\nb", says=["a word of its command has a line break: 'a\nb'"])

    def test_a_folder_that_looks_like_an_option_is_named_as_a_folder(self):
        done = self.succeed("fleet", "render", "--engine", "slurm", "--output-dir=-night")
        self.assertIn("gpubench fleet submit ./-night\n", done.stderr)
        self.refuse("fleet", "nodes", "./-night", says=["was not collected yet", "gpubench fleet collect ./-night"])

    def test_what_has_no_effect_is_said(self):
        for command, says in ((SLURM + ("--set", "launcher=mpirun"), "--set launcher has no effect"),
                              (SLURM + ("--set", "gpu-type=h100"), "--set gpu-type has no effect"),
                              (SLURM + ("--ranks", "4"), "--ranks has no effect"),
                              (KUBERNETES + ("--set", "storage-class=nfs"), "--set storage-class has no effect"),
                              (SKYPILOT + IMAGE + ("--instance", "p5.48xlarge", "--set", "order=ordered"), "--set order")):
            self.assertIn(says, self.succeed(*command, "--force").stderr)
            shutil.rmtree(self.here / "c")
        self.assertNotIn("no effect", self.succeed(*SLURM, "--gpus", "8", "--set", "gpu-type=h100", "--set", "launcher=srun",
                                                   "--", "collective").stderr)

    def test_of_the_campaign_that_is_replaced_nothing_stays_behind(self):
        self.succeed(*SLURM, "--instance", "p5.48xlarge", "--instance", "g6.xlarge")
        self.write("c/mine.txt", "of the user")
        self.refuse(*SLURM, "--instance", "g6.xlarge", status=USAGE, says=["--force"])
        done = self.succeed(*SLURM, "--instance", "g6.xlarge", "--force")
        self.assertIn("Removed        c/p5-48xlarge.sbatch", done.stderr)
        self.assertEqual({file.name for file in (self.here / "c").iterdir()}, {"campaign.json", "g6-xlarge.sbatch", "mine.txt", "state.json"})
        self.assertNotIn("Removed", self.succeed(*SLURM, "--instance", "g6.xlarge", "--force").stderr)

    def test_gpus_that_an_engines_setting_names_are_those_that_results_are_held_against(self):
        self.succeed(*SKYPILOT, *IMAGE, "--set", "accelerators=H100:8")
        campaign = json.loads((self.here / "c" / "campaign.json").read_text())
        self.assertEqual(campaign["jobs"][0]["gpus_per_node"], 8)
        for options, says in (((*SKYPILOT, *IMAGE, "--gpus", "4", "--set", "accelerators=H100:8"), "--gpus 4 beside"),
                              ((*SKYPILOT, *IMAGE, "--set", "candidates=aws:p5.48xlarge"), "without --gpus"),
                              ((*KUBERNETES, "--set", "resources=nvidia.com/gpu=8"), "--gpus N"),
                              ((*KUBERNETES, "--set", "resources=nvidia.com/mig-3g.40gb=1"), "--gpus N")):
            self.refuse(*options, status=USAGE, says=[says])

    def test_text_that_is_no_utf8_is_refused_by_the_option_that_has_it(self):
        odd = os.fsdecode(b"caf\xe9")
        for options, says in ((("--env", f"X={odd}"), "--env X"), (("--program", f"/opt/{odd}"), "--program"),
                              (("--results-dir", f"/data/{odd}"), "--results-dir"),
                              (("--set", f"account={odd}"), "--set account"),
                              (("--", "run", "--filter", odd), "the command")):
            self.refuse(*SLURM, *options, status=USAGE, says=[says + ": ", "is not UTF-8"])

    def test_slices_are_counted_by_their_profile(self):
        def slices(count, profile, *more):
            return (*KUBERNETES, "--gpus", str(count), "--gpu-resource", "nvidia.com/mig-" + profile, *more)
        p5 = ("--instance", "p5.48xlarge")
        self.succeed(*slices(16, "1g.10gb", *p5))
        campaign = json.loads((self.here / "c" / "campaign.json").read_text())
        self.assertEqual(campaign["jobs"][0]["gpus_per_node"], 16)
        self.succeed(*slices(56, "1g.10gb", *p5), "--force")
        self.succeed(*KUBERNETES, "--gpu-resource", "nvidia.com/mig-1g.10gb", *p5, "--force")
        campaign = json.loads((self.here / "c" / "campaign.json").read_text())
        self.assertEqual(campaign["jobs"][0]["gpus_per_node"], 1, "who names a slice wants one of it")
        shutil.rmtree(self.here / "c")
        for options, says in (
                (slices(57, "1g.10gb", *p5), "8 of H100-SXM5-80GB with 7 slices 1g.10gb each"),
                (slices(9, "1g.10gb.me", *p5), "1 slices 1g.10gb+me"),
                (slices(17, "3g.40gb", *p5), "2 slices 3g.40gb"),
                (slices(1, "3g.20gb", *p5), "has no slices 3g.20gb"),
                (slices(1, "1g.10gb", "--instance", "g6e.xlarge"), "L40S cannot be cut"),
                (slices(1, "3g.40gb", "--gpu-product", "NVIDIA-L40S"), "L40S cannot be cut"),
                (slices(1, "3g.40gb", "--gpu-product", "NVIDIA-A30"), "has no slices 3g.40gb"),
                ((*KUBERNETES, "--gpus", "57", "--gpu-product", "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", *p5), "7 slices"),
                ((*SLURM, "--gpus", "1", "--set", "gpu-type=l40s_3g.24gb"), "cannot be cut"),
                ((*SLURM, "--gpus", "1", "--set", "gpu-type=1g.10gb", "--instance", "g6e.xlarge"), "cannot be cut"),
                ((*SLURM, "--gpus", "17", "--set", "gpu-type=h100_3g.40gb", *p5), "2 slices 3g.40gb")):
            self.refuse(*options, status=USAGE, says=[says])
        self.succeed(*SLURM, "--gpus", "16", "--set", "gpu-type=h100_3g.39gb", *p5)
        self.assertIn("#SBATCH --gpus-per-node=h100_3g.39gb:16", (self.here / "c" / "p5-48xlarge.sbatch").read_text())

    def test_gpus_that_are_attached_to_a_machine_keep_their_number(self):
        self.succeed(*SKYPILOT, *IMAGE, "--instance", "n1-standard-8", "--set", "accelerators=T4:1")
        campaign = json.loads((self.here / "c" / "campaign.json").read_text())
        one = campaign["jobs"][0]
        self.assertEqual((one["gpus_per_node"], one["instance_type"]), (1, "n1-standard-8+1xT4"))
        self.assertEqual(one["command"][-2:], ["--instance", "n1-standard-8+1xT4"])
        text = (self.here / "c" / "n1-standard-8-1xt4.sky.yaml").read_text()
        self.assertIn("instance_type: n1-standard-8\n", text)
        self.assertIn('accelerators: "T4:1"\n', text)
        shutil.rmtree(self.here / "c")
        self.refuse(*SKYPILOT, *IMAGE, "--instance", "c6g.4xlarge", "--set", "accelerators=T4:1", status=USAGE,
                    says=["accelerators=T4:1", "has no GPU"])

    def test_variables_that_fleet_sets_are_not_the_users(self):
        for name in ("SLURM_ARRAY_TASK_ID", "GPUBENCH_NODE"):
            self.refuse(*SLURM, "--env", f"{name}=0", status=USAGE, says=[name, "sets that itself"])

    def test_results_have_a_place_of_their_own_in_a_container(self):
        for place in ("/", "/dev/shm", "/re:sults", "/opt/gpubench"):
            command = [place if word == "/results" else word for word in KUBERNETES]
            self.refuse(*command, status=USAGE, says=["--results-dir /results"])

    def test_values_reach_the_pod_as_they_were_said(self):
        odd = ["no", "8", "a: b #c", "it's \"quoted\"", "$(HOME) `x`", "é", "{a}", "- x", "*", "", "0x10", "a\tb"]
        variables = [word for i, value in enumerate(odd) for word in ("--env", f"V{i}={value}")]
        self.succeed(*KUBERNETES, "--gpus", "1", *variables)
        [job] = self.objects(self.here / "c" / "nodes.yaml")
        env = {one["name"]: one.get("value") for one in job["spec"]["template"]["spec"]["containers"][0]["env"]}
        # As Kubernetes reads them: $$ is $, and $(NAME) would be another variable.
        self.assertEqual([env[f"V{i}"].replace("$$", "$") for i in range(len(odd))], odd)

    def test_what_an_engine_cannot_be_told_is_refused_and_nothing_written(self):
        for command, says in (
                (KUBERNETES[:-2], "where results are kept"), (KUBERNETES + ("--set", "colour=red"), "colour"),
                (KUBERNETES + ("--set", "namespace=A"), "namespace"), (KUBERNETES + ("--spot",), "spot"),
                (KUBERNETES + ("--gpus", "1", "--gpu-resource", "amd.com/gpu"), "no back-end"),
                (KUBERNETES + ("--gpu-product", "NVIDIA H100"), "GPU product"),
                (KUBERNETES + ("--set", "volume-size=10Gi"), "storage class"),
                (KUBERNETES + ("--set", "resources=hugepages-2Mi=1Gi"), "--memory"),
                (KUBERNETES + ("--nodes", "2", "--set", "user=2000", "--", "collective"), "no user 2000"),
                (SKYPILOT + ("--host", "n1"), "by name"), (SKYPILOT + IMAGE, "what is to be rented"),
                (SKYPILOT + IMAGE + ("--instance", "p5.48xlarge", "--gpu-resource", "nvidia.com/gpu"), "--gpu-resource"),
                (SKYPILOT + IMAGE + ("--instance", "p5.48xlarge", "--", "collective"), "by SSH"),
                (SLURM + ("--gpu-resource", "nvidia.com/mig-3g.40gb"), "--gpu-resource"),
                (SLURM + ("--gpu-product", "NVIDIA-H100-80GB-HBM3"), "--gpu-product"),
                (SLURM + IMAGE + ("--", "collective"), "host-program"),
                (MPI + ("--cpus", "8"), "--cpus"), (MPI + ("--memory", "1GiB"), "--memory"),
                (MPI + ("--gpu-product", "NVIDIA-H100-80GB-HBM3"), "--gpu-product"),
                (SKYPILOT[:-2] + IMAGE + ("--instance", "p5.48xlarge"), "where results are kept")):
            self.refuse(*command, status=USAGE, says=[says])


if __name__ == "__main__":
    unittest.main()
