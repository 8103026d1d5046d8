"""gpubench doctor on this machine, on made-up ones, and with a stand-in for the driver."""

import json
import os
import unittest
from pathlib import Path

from harness import BUILD, DONE, ENVIRONMENT, SOURCE, USAGE, ProgramTest, environment, has_gpu


def validate(document, schema_file):
    try:
        import jsonschema
    except ImportError:
        raise unittest.SkipTest("python3-jsonschema is not installed") from None
    schema = json.loads((SOURCE / "doctor" / "schema" / schema_file).read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(document)


class Doctor(ProgramTest):
    def made(self, files):
        """A made-up machine: a folder that stands for /."""
        for path, content in files.items():
            self.write("root/" + path, content)
        return self.here / "root"

    def diagnose(self, *arguments, status=DONE, **options):
        done = self.run_program("doctor", "--json", *arguments, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        validate(document, "gpubench.doctor-1.json")
        return document

    def by_check(self, document, check):
        return [one for one in document["findings"] if one["check"] == check]

    def test_this_machine_is_examined_and_the_next_command_told(self):
        done = self.run_program("doctor")
        self.assertIn(done.returncode, (DONE, ENVIRONMENT), done.stderr)
        self.assertRegex(done.stdout, r"^Doctor +(this machine is not ready|nothing keeps work from running): \d+ error")
        self.assertIn("Next ", done.stderr)
        if not has_gpu():
            self.assertEqual(done.returncode, DONE)
            self.assertIn("this machine has no NVIDIA GPU", done.stdout)

    def test_a_machine_without_gpu_still_has_its_host_checked(self):
        root = self.made({"proc/self/mounts": "shm /dev/shm tmpfs rw,size=65536k 0 0\n",
                          "proc/self/limits": "Max open files            1024      4096      files\n"})
        document = self.diagnose("--root", root)
        self.assertEqual([one["severity"] for one in self.by_check(document, "driver-present")], ["note"])
        self.assertIn("64 MiB", self.by_check(document, "shm-size")[0]["what"])
        self.assertIn("1024", self.by_check(document, "ulimits")[0]["what"])

    def test_a_gpu_without_its_driver_ends_with_4(self):
        gpu = "sys/bus/pci/devices/0000:17:00.0/"
        root = self.made({gpu + "vendor": "0x10de\n", gpu + "class": "0x030200\n"})
        document = self.diagnose("--root", root, status=ENVIRONMENT)
        self.assertEqual(document["findings"][0]["check"], "driver-present")
        self.assertEqual(document["findings"][0]["severity"], "error")

    def test_an_old_driver_for_the_cuda_on_disk_is_told_with_its_source(self):
        gpu = "sys/bus/pci/devices/0000:17:00.0/"
        root = self.made({
            gpu + "vendor": "0x10de\n", gpu + "class": "0x030200\n",
            "proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27\n",
            "usr/local/cuda-12.4/version.json": '{"cuda": {"version": "12.4.1"}}'})
        document = self.diagnose("--root", root, status=ENVIRONMENT)
        found = self.by_check(document, "driver-for-cuda")[0]
        self.assertIn("470.82.01 is too old for CUDA 12.4: it needs 525.60.13", found["what"])
        self.assertTrue(any("Release Notes" in line for line in found["evidence"]))

    def test_every_form_has_the_findings(self):
        root = self.made({"proc/self/limits": "Max open files            1024      4096      files\n"})
        self.assertIn("severity,check,what", self.succeed("doctor", "--root", root, "--format", "csv").stdout)
        self.assertIn("| note", self.succeed("doctor", "--root", root, "--format", "markdown").stdout)
        text = self.succeed("doctor", "--root", root, "--all").stdout
        self.assertIn("not checked", text)
        self.refuse("doctor", "--format", "html", says=["a diagnosis has no form 'html'"])

    def test_variables_that_name_no_interface_are_errors(self):
        document = self.diagnose(status=ENVIRONMENT, env=environment(NCCL_SOCKET_IFNAME="=nosuch0"))
        self.assertIn("nosuch0", self.by_check(document, "nccl-names")[0]["what"])

    def test_versions_are_written_and_held_against(self):
        self.run_program("doctor", "--write", "fleet.lock")
        lock = json.loads((self.here / "fleet.lock").read_text())
        validate(lock, "gpubench.lock-1.json")
        same = json.loads(self.run_program("doctor", "--json", "--against", "fleet.lock").stdout)
        self.assertEqual(self.by_check(same, "lock"), [])
        lock["versions"]["driver"] = "1.2.3"
        lock["versions"]["kernel"] = "0.0.1"
        self.write("other.lock", json.dumps(lock))
        document = self.diagnose("--against", "other.lock", status=ENVIRONMENT)
        levels = sorted(one["severity"] for one in self.by_check(document, "lock"))
        self.assertEqual(levels, ["error", "warning"])

    def test_a_run_file_of_another_machine_is_held_against(self):
        run = self.kept_run()
        run["environment"]["gpu_driver_version"] = "535.104.05"
        self.write("other.json", json.dumps(run))
        document = self.diagnose("--against", "other.json", status=ENVIRONMENT)
        self.assertTrue(any("535.104.05" in one["what"] for one in self.by_check(document, "lock")))

    def test_bad_files_are_refused_and_nothing_is_lost(self):
        self.write("notes.txt", "mine\n")
        self.write("pod.json", '{"kind": "Pod"}')
        (self.here / "empty").mkdir()
        self.refuse("doctor", "--root", "empty", says=["--root", "neither proc nor sys"])
        self.write("escape.lock", json.dumps({"schema": "gpubench.lock/1", "versions": {"driver\x1b[31m": "1"}}))
        self.refuse("doctor", "--against", "escape.lock", says=["escape.lock", "control character"])
        self.write("half.lock", '{"schema": "gpubench.lock/1", "versions"')
        self.refuse("doctor", "--write", "notes.txt", says=["notes.txt", "no lock file"])
        self.assertEqual((self.here / "notes.txt").read_text(), "mine\n")
        self.refuse("doctor", "--against", "half.lock", says=["half.lock:1:"])
        self.refuse("doctor", "--against", "pod.json", says=["schema"])
        self.write("node.json", json.dumps({"kind": "Node", "metadata": {"name": "n\x1b[31m"}, "status": {}}))
        nvml = os.environ.get("GPUBENCH_FAKE_NVML") or ""
        if Path(nvml).is_file():
            done = self.run_program("doctor", "--node", "node.json", env=environment(GPUBENCH_NVML_LIBRARY=nvml))
            self.assertIn("node n?[31m offers no nvidia.com resource", done.stdout)
            self.assertNotIn("\x1b", done.stdout)
        self.refuse("doctor", "--node", "pod.json", says=["no Kubernetes node", "kubectl get node"])
        self.refuse("doctor", "--root", "nosuch", says=["no folder"])
        self.refuse("doctor", "--against", "nosuch.lock", status=USAGE, says=["nosuch.lock", "hint: see that the name"])
        done = self.refuse("doctor", "--write", "nosuch/fleet.lock", says=["nosuch/fleet.lock", "make the folder first"])
        self.assertNotIn("--output-dir", done.stderr, "the doctor has no such option")
        self.refuse("doctor", "--write", "x", "--output", "./x", says=["--write and --output name one file"])

    def test_what_is_no_file_is_refused_at_once(self):
        os.mkfifo(self.here / "pipe")
        for name in ("pipe", ".", "/dev/zero", "/dev/full"):
            self.refuse("doctor", "--against", name, says=["is not a regular file", "hint:"], timeout=20)

    def test_two_forms_are_refused(self):
        self.refuse("doctor", "--json", "--format", "csv", says=["--json and --format csv", "known are table, json"])
        self.diagnose("--format", "json")


class DoctorWithDriver(ProgramTest):
    """The stand-in has two A100s that can be opened and one that may not be."""

    def setUp(self):
        super().setUp()
        self.nvml = os.environ.get("GPUBENCH_FAKE_NVML") or ""
        if not Path(self.nvml).is_file():
            self.skipTest("the stand-in for NVML is not built")

    def findings(self, nvml=None, **variables):
        done = self.run_program("doctor", "--json",
                                env=environment(GPUBENCH_NVML_LIBRARY=str(nvml or self.nvml), **variables))
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        document = json.loads(done.stdout)
        validate(document, "gpubench.doctor-1.json")
        return {(one["check"], one["severity"]): one for one in document["findings"]}

    def test_a_gpu_that_may_not_be_opened_is_an_error(self):
        found = self.findings()
        self.assertEqual(found["gpus-visible", "error"]["what"], "gpu2 cannot be opened: no permission")
        self.assertIn("250 W", found["power-limit", "warning"]["what"])

    def test_slices_are_told(self):
        gpu = self.findings(FAKE_NVML_MIG="MIG-5")
        self.assertIn("MIG is on", gpu["mig", "note"]["what"])

    def test_clocks_that_the_hardware_lowers_cost_half(self):
        found = self.findings(FAKE_NVML_REASONS="0x48")
        self.assertEqual(found["clocks", "warning"]["cost"]["lost_fraction"], 0.5)

    def test_a_vgpu_is_told(self):
        self.assertIn("vGPU", self.findings(FAKE_NVML_VIRTUAL="2")["vgpu", "note"]["what"])

    def test_a_sick_gpu_has_each_of_its_faults_told(self):
        nvml = BUILD / "tests" / "doctor" / "libsick_nvml.so"
        if not nvml.exists():
            self.skipTest("the stand-in for NVML is not built")
        found = self.findings(nvml=nvml)
        self.assertEqual(found["gpus-visible", "error"]["what"], "gpu0 cannot be opened: lost")
        for fault in (("ecc", "error"), ("ecc", "warning"), ("row-remaps", "error"), ("row-remaps", "warning"),
                      ("mig", "error"), ("compute-mode", "error"), ("persistence", "warning"), ("power-limit", "warning"),
                      ("clocks", "warning"), ("pcie-link", "warning"), ("nvlink", "warning")):
            self.assertIn(fault, found)
        self.assertIn("50 % of the default", found["power-limit", "warning"]["what"])
