"""Hosts as network namespaces, one of them behind a slow link: real Open MPI ranks exchange data, and it is found."""

import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import DONE, NO, PROGRAM, ProgramTest, environment

HOSTS = 5

# Stands for ssh: "agent HOST COMMAND..." runs the command in the namespace of that name, under a host name of its own.
AGENT = '''#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
host=$1
shift
exec ip netns exec "PREFIX$host" unshare --uts sh -c "hostname $host; $*"
'''


class FleetNetwork(ProgramTest):
    def run_as_root(self, *command, check=True):
        return subprocess.run([str(c) for c in command], check=check, capture_output=True, text=True)

    def set_up_hosts(self, slow):
        """Namespaces host-0 ... on one bridge; traffic of and to one of them is held to a few Mbit/s."""
        for program in ("ip", "tc", "mpirun", "hostname", "unshare"):
            if shutil.which(program) is None:
                self.skipTest(f"{program} is not installed")
        if not Path(PROGRAM).with_name("gpubench_mpi.so").exists():
            self.skipTest("the MPI module is not built")
        version = subprocess.run(["mpirun", "--version"], capture_output=True, text=True, check=False).stdout
        if "Open MPI" not in version:
            self.skipTest("another MPI than Open MPI")
        if os.geteuid() != 0:
            self.skipTest("network namespaces need root")
        prefix = f"gpubench-{os.getpid()}-"
        switch = prefix + "switch"
        for name in (switch, *(f"{prefix}host-{i}" for i in range(HOSTS))):
            made = self.run_as_root("ip", "netns", "add", name, check=False)
            if made.returncode != 0:
                self.skipTest("no network namespace may be made: " + made.stderr.strip())
            self.addCleanup(self.run_as_root, "ip", "netns", "delete", name, check=False)
        made = self.run_as_root("ip", "-n", switch, "link", "add", "bridge", "type", "bridge", check=False)
        if made.returncode != 0:
            self.skipTest("no bridge may be made: " + made.stderr.strip())
        self.run_as_root("ip", "-n", switch, "link", "set", "bridge", "up")
        for i in range(HOSTS):
            host = f"{prefix}host-{i}"
            self.run_as_root("ip", "-n", switch, "link", "add", f"port{i}", "type", "veth", "peer", "name", "eth0",
                             "netns", host)
            self.run_as_root("ip", "-n", switch, "link", "set", f"port{i}", "master", "bridge", "up")
            self.run_as_root("ip", "-n", host, "address", "add", f"10.78.0.{i + 1}/24", "dev", "eth0")
            self.run_as_root("ip", "-n", host, "link", "set", "eth0", "up")
            self.run_as_root("ip", "-n", host, "link", "set", "lo", "up")
            # Of the same order as what two cores can carry, so that the fast links are alike.
            rate = "40mbit" if i == slow else "200mbit"
            for where, device in ((host, "eth0"), (switch, f"port{i}")):
                shaped = self.run_as_root("tc", "-n", where, "qdisc", "add", "dev", device, "root", "tbf", "rate", rate,
                                          "burst", "32kbit", "latency", "400ms", check=False)
                if shaped.returncode != 0:
                    self.skipTest("the kernel shapes no traffic: " + shaped.stderr.strip())
        agent = self.write("agent", AGENT.replace("PREFIX", prefix))
        agent.chmod(0o755)
        return prefix, agent

    def test_the_host_behind_a_slow_link_is_named(self):
        prefix, agent = self.set_up_hosts(slow=2)
        hosts = ",".join(f"host-{i}:1" for i in range(HOSTS))
        command = ["ip", "netns", "exec", prefix + "host-0", "unshare", "--uts", "sh", "-c", 'hostname host-0; exec "$@"',
                   "sh", "mpirun", "--allow-run-as-root", "-n", HOSTS, "--host", hosts,
                   "--mca", "plm_rsh_agent", agent, "--mca", "btl", "self,tcp", "--mca", "btl_tcp_if_include", "eth0",
                   "--mca", "oob_tcp_if_include", "eth0", PROGRAM, "collective", "--backend", "host", "--collective",
                   "send_recv", "--min-bytes", "8", "--max-bytes", "8", "--case-time", "2s", "--run-file", "run.json"]
        done = subprocess.run([str(c) for c in command], cwd=self.here, capture_output=True, text=True, timeout=280,
                              env=environment(OMPI_MCA_mpi_yield_when_idle="1"), stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        run = self.assert_valid_run(self.here / "run.json")
        self.assertEqual([r["node"] for r in run["ranks"]], [f"host-{i}" for i in range(HOSTS)])
        self.assertEqual({r["interface"] for r in run["ranks"]}, {"eth0"})
        found = self.run_program("fleet", "nodes", "run.json", "--format", "json")
        self.assertEqual(found.returncode, NO, found.stdout + found.stderr)
        slow = [(part["kind"], part["node"]) for part in json.loads(found.stdout)["slow"]]
        self.assertEqual(slow, [("node", "host-2")])


if __name__ == "__main__":
    unittest.main()
