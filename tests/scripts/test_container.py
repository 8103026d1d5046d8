"""The Containerfile, as far as it can be checked without a container engine, and the script that it asks for packages."""
import json
import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

SOURCE = Path(os.environ["GPUBENCH_SOURCE_DIR"])
# Dockerfile reference, "Overview": those that this file may use.
KNOWN = {"ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}


def instructions(text):
    """(keyword, rest) of each instruction, its lines joined."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


class Containerfile(unittest.TestCase):

    def setUp(self):
        self.instructions = instructions((SOURCE / "Containerfile").read_text())
        first = [i for i, (word, _) in enumerate(self.instructions) if word == "FROM"]
        self.stages = [self.instructions[a:b] for a, b in zip(first, first[1:] + [len(self.instructions)])]

    def test_every_instruction_is_known_and_has_something_to_do(self):
        for instruction in self.instructions:
            self.assertEqual(len(instruction), 2, instruction)
            self.assertIn(instruction[0], KNOWN)

    def test_both_bases_are_arguments_with_a_default(self):
        before = {rest.split("=")[0]: rest.split("=", 1)[1] for word, rest in self.instructions[:2] if word == "ARG"}
        self.assertEqual([stage[0][1] for stage in self.stages], ["${BUILD_BASE} AS build", "${RUN_BASE}"])
        self.assertEqual(set(before), {"BUILD_BASE", "RUN_BASE"})
        release = {re.search(r"ubuntu\d\d\.\d\d|debian:\d+", base).group() for base in before.values()}
        self.assertEqual(len(release), 1, "the programs of one release do not run on another")

    def test_whatever_is_copied_is_there(self):
        copied = [rest.split() for word, rest in self.instructions if word == "COPY"]
        self.assertGreater(len(copied), 3)
        for words in copied:
            if words[0].startswith("--from="):
                self.assertEqual(words[0], "--from=build")
                continue
            for source in words[:-1]:
                self.assertTrue((SOURCE / source).exists(), source)

    def test_what_is_run_is_there_and_reads_as_shell(self):
        for word, rest in self.instructions:
            if word != "RUN":
                continue
            done = subprocess.run(["sh", "-n"], input=rest, text=True, capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, rest + done.stderr)
            for script in re.findall(r"scripts/\w+\.sh", rest):
                self.assertTrue(os.access(SOURCE / script, os.X_OK), script)
        build = " ".join(rest for word, rest in self.stages[0] if word == "RUN")
        self.assertIn("scripts/setup.sh --no-tests", build)
        self.assertIn("scripts/build.sh /build", build)

    def test_arguments_are_declared_before_they_are_used(self):
        for stage in self.stages:
            declared = set()
            for word, rest in stage[1:]:
                if word == "ARG":
                    declared.add(rest.split("=")[0])
                else:
                    self.assertLessEqual(set(re.findall(r"\$\{(\w+)\}", rest)), declared, rest)

    def test_the_program_starts_as_no_root(self):
        final = self.stages[-1]
        self.assertEqual([rest for word, rest in final if word == "USER"], ["${RUN_USER}"])
        self.assertIn(("ARG", "RUN_USER=1000"), final)
        self.assertEqual(json.loads(dict(final)["ENTRYPOINT"]), ["gpubench"])
        self.assertEqual(json.loads(dict(final)["CMD"]), ["--help"])

    def test_nothing_that_was_built_or_measured_goes_into_the_image(self):
        ignored = (SOURCE / ".dockerignore").read_text().split()
        self.assertIn("build", ignored)
        self.assertIn(".git", ignored)

    def test_sshd_takes_its_settings(self):
        sshd = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
        if not sshd:
            self.skipTest("openssh-server is not installed")
        done = subprocess.run([sshd, "-T", "-f", str(SOURCE / "scripts/container/sshd_config"), "-o",
                               "HostKey=/etc/ssh/ssh_host_rsa_key"], capture_output=True, text=True, check=False)
        if "no hostkeys" in done.stderr:
            self.skipTest("this machine has no host key")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("port 2222", done.stdout)
        self.assertIn("passwordauthentication no", done.stdout)


@unittest.skipUnless(shutil.which("dpkg-query"), "dpkg is not installed")
class RuntimePackages(unittest.TestCase):

    def ask(self, *files):
        return subprocess.run([SOURCE / "scripts" / "runtime_packages.sh", *files], capture_output=True, text=True,
                              check=False)

    def test_the_program_needs_packages_that_are_installed(self):
        done = self.ask(os.environ["GPUBENCH_PROGRAM"])
        self.assertEqual(done.returncode, 0, done.stderr)
        packages = done.stdout.split()
        self.assertIn("libc6", packages)
        self.assertTrue([p for p in packages if p.startswith("libfmt")], packages)
        self.assertTrue([p for p in packages if p.startswith("libbenchmark")], packages)
        self.assertEqual(packages, sorted(set(packages)))
        for package in packages:
            status = subprocess.run(["dpkg-query", "-W", "-f=${db:Status-Abbrev}", package], capture_output=True,
                                    text=True, check=True)
            self.assertTrue(status.stdout.startswith("ii"), package)

    def test_no_file_is_refused(self):
        self.assertEqual(self.ask().returncode, 2)
        self.assertNotEqual(self.ask("/no/such/program").returncode, 0)


if __name__ == "__main__":
    unittest.main()
