"""The SSH daemon of a collective's workers on Kubernetes, started as it is rendered, with the rights that a container
would leave it."""

import os
import shutil
import subprocess
import time
import unittest

from harness import SOURCE, ProgramTest
from servers import free_port
from ssh_hosts import PLACES

try:
    import yaml
except ImportError:
    yaml = None


@unittest.skipUnless(yaml, "python3-yaml is not installed")
@unittest.skipUnless(os.geteuid() == 0, "only root can take rights away from root")
@unittest.skipUnless(shutil.which("setpriv") and shutil.which("ssh-keygen"), "setpriv or ssh-keygen is not installed")
class WorkerDaemon(ProgramTest):

    def setUp(self):
        super().setUp()
        self.sshd = next((str(place / "sshd") for place in PLACES if os.access(place / "sshd", os.X_OK)), None)
        if self.sshd is None:
            self.skipTest("sshd is not here; scripts/setup.sh takes it out of its package")
        self.keys = self.here / "keys"
        self.keys.mkdir()
        subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", self.keys / "id_rsa"], check=True)
        shutil.copy(self.keys / "id_rsa.pub", self.keys / "authorized_keys")
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self.port = free_port()

    def container(self):
        self.succeed("fleet", "render", "--engine", "kubernetes", "--output-dir", "c", "--gpus", "8", "--nodes", "2",
                     "--image", "registry.example/gpubench:1", "--results-dir", "/results", "--set", "volume-claim=results",
                     "--set", "user=0", "--", "collective")
        job = yaml.safe_load((self.here / "c" / "nodes.yaml").read_text())
        return job["spec"]["mpiReplicaSpecs"]["Worker"]["template"]["spec"]["containers"][0]

    def start(self, container, capabilities):
        words = [word.replace("$(GPUBENCH_NODE)", "node-a")  # as Kubernetes does
                 .replace("/root/.ssh", str(self.keys)).replace("/usr/sbin/sshd", self.sshd)
                 .replace("/etc/gpubench/sshd_config", str(SOURCE / "scripts" / "container" / "sshd_config"))
                 for word in container["command"]]
        bounds = ",".join(["-all", *("+" + name.lower() for name in capabilities)])
        daemon = subprocess.Popen(["setpriv", f"--bounding-set={bounds}", "--inh-caps=-all", "--no-new-privs", "--", *words,
                                   "-p", str(self.port)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        return daemon

    def log_in(self, command):
        return subprocess.run(["ssh", "-F", "none", "-p", str(self.port), "-i", self.keys / "id_rsa", "-o", "BatchMode=yes",
                               "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
                               "LogLevel=ERROR", "root@127.0.0.1", command], capture_output=True, text=True, check=False)

    def answer(self, command):
        until = time.monotonic() + 30
        while (done := self.log_in(command)).returncode != 0 and time.monotonic() < until:
            time.sleep(0.1)
        return done

    def test_it_logs_mpirun_in_and_ranks_know_their_node(self):
        container = self.container()
        self.start(container, container["securityContext"]["capabilities"]["add"])
        done = self.answer("echo $GPUBENCH_NODE")
        self.assertEqual(done.stdout, "node-a\n", done.stderr)

    def test_root_without_any_right_could_not(self):
        daemon = self.start(self.container(), [])
        until = time.monotonic() + 30
        while "refused" in (done := self.log_in("true")).stderr and time.monotonic() < until:
            time.sleep(0.1)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("refused", done.stderr)
        self.assertIsNone(daemon.poll())


if __name__ == "__main__":
    unittest.main()
