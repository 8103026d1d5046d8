"""A real Slurm on this machine's loopback: munged, slurmctld and one slurmd a virtual node, all of a folder of their own.

Its programs are those that scripts/setup.sh took out of Debian's packages, or those that are installed. Nothing of a
Slurm that the machine may have of its own is read or touched.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import unittest
from pathlib import Path

from servers import FOLDERS, free_port

TREES = (*(Path(folder) / "slurm" for folder in FOLDERS), Path("/"))
DAEMONS = ("munged", "slurmctld", "slurmd", "slurmstepd")


def program(name):
    """Debian adds -wlm to the daemons and lets its scripts make the plain names."""
    for tree in TREES:
        for folder in ("usr/sbin", "usr/bin"):
            for variant in (name, name + "-wlm"):
                path = tree / folder / variant
                if os.access(path, os.X_OK):
                    return path
    raise unittest.SkipTest(f"{name} is not here; scripts/setup.sh takes it out of its package")


def libraries():
    for tree in TREES:
        for folder in sorted(tree.glob("usr/lib/*/slurm*")):
            if (folder / "auth_munge.so").exists():
                return folder
    raise unittest.SkipTest("the plugins of Slurm are not here; scripts/setup.sh takes them out of their package")


class SlurmCluster:
    """Started by the constructor, ended by stop(). `variables` are for programs that shall talk to it."""

    def __init__(self, folder, nodes=4):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.names = [f"node{number}" for number in range(1, nodes + 1)]
        self.processes = []
        self.user = subprocess.check_output(["id", "-un"], text=True).strip()
        self.daemons = {name: program(name) for name in DAEMONS}
        self.plugins = libraries()
        commands = self.folder / "bin"
        commands.mkdir(exist_ok=True)
        for name in ("sbatch", "squeue", "sacct", "scontrol", "scancel", "srun", "sinfo"):
            (commands / name).symlink_to(program(name))
        self.variables = {"PATH": f"{commands}:{os.environ['PATH']}", "SLURM_CONF": str(self.folder / "slurm.conf"),
                          "LD_LIBRARY_PATH": ":".join(filter(None, [str(self.plugins),
                                                                    os.environ.get("LD_LIBRARY_PATH")]))}
        try:
            self._start_munge()
            self._configure()
            self._start("slurmctld", "-D", "-c", "-f", self.folder / "slurm.conf")
            for name in self.names:
                self.start_node(name)
            self._await_idle()
        except BaseException:
            self.stop()
            raise

    def _environment(self):
        return {**os.environ, **self.variables}

    def _start(self, name, *arguments, log=None):
        with open(self.folder / f"{log or name}.out", "ab") as out:
            process = subprocess.Popen([str(self.daemons[name]), *map(str, arguments)], stdout=out, stderr=out,
                                       stdin=subprocess.DEVNULL, env=self._environment(), start_new_session=True)
        self.processes.append(process)
        return process

    def _start_munge(self):
        # munged asks that nobody else can write to the folders above its files.
        self.munge = self.folder / "munge"
        self.munge.mkdir(mode=0o755)
        key = self.munge / "key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        self._start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.munge / 'socket'}",
                    f"--pid-file={self.munge / 'pid'}", f"--log-file={self.munge / 'log'}",
                    f"--seed-file={self.munge / 'seed'}", "--num-threads=1")
        self._await(lambda: (self.munge / "socket").exists(), "munged did not start")

    def _configure(self):
        controller, ports = free_port(), [free_port() for _ in self.names]
        host, user = socket.gethostname(), self.user
        (self.folder / "state").mkdir()
        lines = [
            "ClusterName=gpubench-test", f"SlurmctldHost={host}(127.0.0.1)", f"SlurmctldPort={controller}",
            f"SlurmUser={user}", f"SlurmdUser={user}", "AuthType=auth/munge", "CredType=cred/munge",
            f"AuthInfo=socket={self.munge / 'socket'}", f"PluginDir={self.plugins}",
            f"StateSaveLocation={self.folder / 'state'}", f"SlurmdSpoolDir={self.folder}/spool-%n",
            f"SlurmctldPidFile={self.folder}/slurmctld.pid", f"SlurmdPidFile={self.folder}/slurmd-%n.pid",
            f"SlurmctldLogFile={self.folder}/slurmctld.log", f"SlurmdLogFile={self.folder}/slurmd-%n.log",
            "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "JobAcctGatherType=jobacct_gather/none",
            "SelectType=select/cons_tres", "SelectTypeParameters=CR_Core", "SwitchType=switch/none",
            "MpiDefault=none", "ReturnToService=2", "SchedulerType=sched/builtin", "JobRequeue=1", "KillWait=2",
            "SlurmdTimeout=10", "MessageTimeout=5", "MinJobAge=300", "LaunchParameters=disable_send_gids",
            # PMIx keeps there what each node has of its own.
            f"TmpFS={self.folder}/tmp-%n",
            # Several nodes share this machine's cores, so that what each has of them is what is written here.
            "SlurmdParameters=config_overrides",
        ]
        lines += [f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 State=UNKNOWN"
                  for name, port in zip(self.names, ports)]
        lines.append(f"PartitionName=main Nodes={','.join(self.names)} Default=YES MaxTime=60 State=UP")
        (self.folder / "slurm.conf").write_text("\n".join(lines) + "\n")
        (self.folder / "cgroup.conf").write_text("CgroupAutomount=no\n")

    def start_node(self, name):
        for kind in ("spool", "tmp"):
            (self.folder / f"{kind}-{name}").mkdir(exist_ok=True)
        return self._start("slurmd", "-D", "-f", self.folder / "slurm.conf", "-N", name, "-d",
                           self.daemons["slurmstepd"], log=f"slurmd-{name}")

    def run(self, *arguments):
        return subprocess.run([str(self.folder / "bin" / arguments[0]), *map(str, arguments[1:])],
                              env=self._environment(), capture_output=True, text=True, timeout=60, check=False)

    def _await(self, condition, what, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError(f"{what}\n{self.logs()}")

    def _await_idle(self):
        self._await(lambda: self.run("sinfo", "-h", "-o", "%T %D").stdout.split() == ["idle", str(len(self.names))],
                    "the nodes did not get ready")

    def await_no_jobs(self, seconds=60):
        self._await(lambda: self.run("squeue", "-h", "-o", "%T").stdout.strip() == "", "jobs did not end", seconds)

    def logs(self):
        texts = []
        for path in sorted([*self.folder.glob("*.out"), *self.folder.glob("*.log")]):
            texts.append(f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-15:]))
        return "\n".join(texts)

    def stop(self):
        # Jobs live in processes of their own, which the end of the daemons does not end.
        if len(self.processes) > 1 and self.processes[1].poll() is None:
            self.run("scancel", "--full", "--signal=KILL", "--user", self.user)
            self.run("scancel", "--user", self.user)
            with contextlib.suppress(AssertionError):
                self.await_no_jobs(10)
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
