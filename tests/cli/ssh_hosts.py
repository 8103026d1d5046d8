"""Hosts that SSH reaches by names of their own, all of them this machine: one sshd on loopback, in a folder of its own."""

import os
import shutil
import socket
import subprocess
import unittest
from pathlib import Path

from servers import FOLDERS, free_port

PLACES = (*(Path(folder) / "slurm" / "usr" / "sbin" for folder in FOLDERS), Path("/usr/sbin"))


class SshHosts:
    """`config` is for ssh -F. A host in `down` is not reached."""

    def __init__(self, folder, names):
        sshd = next((place / "sshd" for place in PLACES if os.access(place / "sshd", os.X_OK)), None)
        for program in ("ssh", "ssh-keygen", "rsync"):
            if not shutil.which(program):
                raise unittest.SkipTest(f"{program} is not installed (scripts/setup.sh)")
        if sshd is None:
            raise unittest.SkipTest("sshd is not here; scripts/setup.sh takes it out of its package")
        self.folder, self.names = Path(folder), names
        self.folder.mkdir()
        self.port = free_port()
        self.dead = socket.socket()  # bound, so that nobody else listens there
        self.dead.bind(("127.0.0.1", 0))
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / key], check=True)
        shutil.copy(self.folder / "user.pub", self.folder / "authorized")
        if os.geteuid() == 0:
            # Compiled into sshd, which as root insists on it.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        (self.folder / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.folder}/host\nPidFile {self.folder}/pid\n"
            f"AuthorizedKeysFile {self.folder}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
            "PasswordAuthentication no\nAcceptEnv GPUBENCH_NODE\n")
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([str(sshd), "-D", "-e", "-f", str(self.folder / "sshd_config")], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL)
        self.config = self.folder / "config"
        self.write_config()

    def write_config(self, down=()):
        text = ""
        for name in self.names:
            text += (f"Host {name}\n HostName 127.0.0.1\n Port {self.dead.getsockname()[1] if name in down else self.port}\n"
                     f" SetEnv GPUBENCH_NODE={name}\n")
        text += (f"Host *\n IdentityFile {self.folder}/user\n IdentitiesOnly yes\n StrictHostKeyChecking no\n"
                 f" UserKnownHostsFile /dev/null\n LogLevel ERROR\n")
        self.config.write_text(text)

    def ready(self):
        return subprocess.run(["ssh", "-F", self.config, "-o", "BatchMode=yes", self.names[0], "true"],
                              capture_output=True, check=False).returncode == 0

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.dead.close()
