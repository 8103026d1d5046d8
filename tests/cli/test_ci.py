"""Every gpubench command of docs/ci.md, in the order of its document, on a scripted GPU."""

import glob
import os
import re
import shlex
import subprocess
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

from harness import DONE, NO, PROGRAM, SOURCE, ProgramTest, environment


def commands(section):
    """The commands in a section's blocks, as lists of arguments; one may go on over several lines."""
    text = (SOURCE / "docs" / "ci.md").read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    found = []
    for block in re.findall(r"```[a-z]*\n(.*?)```", text, re.S):
        lines = iter(block.splitlines())
        for line in lines:
            start = re.match(r"\s*(?:- )?(?:run: )?(gpubench .*)", line)
            if start:
                found.append(start.group(1).rstrip("\\"))
            elif found and re.match(r"\s+--", line):
                found[-1] += " " + line.strip()
    return [shlex.split(command) for command in found]


class Ci(ProgramTest):
    def setUp(self):
        super().setUp()
        module = Path(os.environ.get("GPUBENCH_STAND_INS") or "/nonexistent") / "stand_in_good.so"
        if not module.exists():
            self.skipTest("the stand-in modules are not built")
        self.summary = self.write("summary.md", "")
        self.variables = {"GPUBENCH_CUDA_MODULE": str(module), "STAND_IN_N": "33",
                          "GITHUB_STEP_SUMMARY": str(self.summary)}

    def follow(self, command, status=DONE, **variables):
        program, *arguments = command
        self.assertEqual(program, "gpubench")
        if arguments[0] == "selftest":  # one GPU and fewer runs than the document's, for the time
            arguments += ["--device", "gpu0", "--runs", "4"]
        if arguments[0] == "gate":
            arguments += ["--patience", "1ms"]
        files = [match for argument in arguments for match in (sorted(glob.glob(str(self.here / argument)))
                                                               if "*" in argument else [argument])]
        done = self.run_program(*files, env=environment(**self.variables, **variables))
        self.assertEqual(done.returncode, status, f"{command}\n{done.stdout}{done.stderr}")
        return done

    def test_commands_of_github_annotate_summarise_and_write_junit(self):
        selftest, gate = commands("GitHub Actions")
        self.follow(selftest)
        self.follow(gate)
        self.assertIn("### gpubench", self.summary.read_text())
        done = self.follow(gate, status=NO, STAND_IN_NS="2.1e6")
        self.assertIn("::error title=slower", done.stdout)
        self.assertIn("slower", (self.here / "gpubench.md").read_text())
        self.assertEqual(ET.parse(self.here / "gpubench.xml").getroot().find("testsuite").get("failures"), "1")
        self.assertTrue(list((self.here / "measured").glob("gpubench-run-*.json")))

    def test_commands_of_gitlab_write_junit_and_metrics(self):
        selftest, gate = commands("GitLab")
        self.follow(selftest)
        self.follow(gate, status=NO, STAND_IN_NS="2.1e6")
        self.assertEqual(ET.parse(self.here / "gpubench.xml").getroot().find("testsuite").get("failures"), "1")
        self.assertTrue((self.here / "gpubench.txt").read_text().endswith("# EOF\n"))

    def test_other_commands_judge_again_and_hand_on(self):
        selftest, _ = commands("GitLab")
        gate, compare, report = commands("Any other")
        self.follow(selftest)
        self.follow(gate)
        self.follow(compare)
        self.assertIn("scripted", (self.here / "changes.csv").read_text())
        self.follow(report)
        self.assertIn("scripted/n:33/device:gpu0", (self.here / "new.json").read_text())

    def test_blocks_of_services_are_yaml(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("python3-yaml is not installed")
        text = (SOURCE / "docs" / "ci.md").read_text()
        github, gitlab = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.S)]
        self.assertEqual(set(github["jobs"]), {"baseline", "gate"})
        self.assertEqual(gitlab["performance"]["artifacts"]["reports"], {"junit": "gpubench.xml", "metrics": "gpubench.txt"})
        # What the baseline's job leaves is what the other finds, on unprotected branches too.
        left, found = gitlab["baseline"]["cache"], gitlab["performance"]["cache"]
        self.assertEqual((left["policy"], found["policy"]), ("push", "pull"))
        for same in ("key", "paths", "unprotect"):
            self.assertEqual(left[same], found[same])
        self.assertTrue(left["unprotect"])
        for path in left["paths"] + gitlab["performance"]["artifacts"]["paths"]:
            self.assertFalse(path.startswith(("/", "..", "~")), path)
        steps = github["jobs"]["gate"]["steps"]
        restored = next(i for i, step in enumerate(steps) if "cache/restore" in step.get("uses", ""))
        # A self-hosted runner keeps the baseline before, whose runs must not count among those of the cache.
        self.assertIn("rm -rf baseline noise.json", steps[restored - 1]["run"])
        saved = next(step for step in github["jobs"]["baseline"]["steps"] if "cache/save" in step.get("uses", ""))
        self.assertEqual(saved["with"]["path"], steps[restored]["with"]["path"])
        self.assertTrue(saved["with"]["key"].startswith(steps[restored]["with"]["restore-keys"]))


class Walkthrough(ProgramTest):
    def test_the_script_finds_the_slow_down_and_counts_what_passes(self):
        module = Path(os.environ.get("GPUBENCH_STAND_INS") or "/nonexistent") / "stand_in_good.so"
        if not module.exists():
            self.skipTest("the stand-in modules are not built")
        done = subprocess.run([str(SOURCE / "scripts" / "gate_walkthrough.sh"), "--gpubench", PROGRAM, "--runs", "4",
                               "--passes", "2", "--filter", "^scripted/", "--benchmark", "scripted", "--patience", "1ms"],
                              cwd=self.here,
                              env=environment(GPUBENCH_CUDA_MODULE=str(module), STAND_IN_N="33"),
                              capture_output=True, text=True, check=False, timeout=280)
        self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        self.assertIn("slowed down by 3%: exit 1, names scripted", done.stdout)
        self.assertIn("unchanged: 2 of 2 passed", done.stdout)

    def test_a_folder_that_is_kept_must_be_empty(self):
        self.write("kept/baseline/old.json", "{}")
        done = subprocess.run([str(SOURCE / "scripts" / "gate_walkthrough.sh"), "--gpubench", PROGRAM, "--keep", "kept"],
                              cwd=self.here, env=environment(), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--keep kept is not empty", done.stderr)


if __name__ == "__main__":
    unittest.main()
