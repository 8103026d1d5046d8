"""A campaign that was submitted to Slurm by hand, whose programs are stood in for: a cluster is in test_fleet_slurm."""

import json
import os
import unittest

from harness import ProgramTest, environment


class SlurmByHand(ProgramTest):
    def test_what_sbatch_was_given_by_hand_is_followed_and_not_submitted_again(self):
        bin_folder = self.here / "bin"
        bin_folder.mkdir()
        of_the_names_asked_for = """asked=
for word; do case "$word" in --name=*) asked=",${word#--name=},";; esac; done
while IFS= read -r row; do
  case "$asked" in ""|*",${row##*|},"*) printf '%s\\n' "$row";; esac
done <queue.txt"""
        for name, body in (("squeue", of_the_names_asked_for), ("sbatch", 'echo "$*" >>sbatch.txt; echo 9'),
                           ("sacct", "true")):
            file = bin_folder / name
            file.write_text(f"#!/bin/sh\ncd {self.here}\n{body}\n")
            file.chmod(0o755)
        env = environment(PATH=f"{bin_folder}:{os.environ['PATH']}")
        self.succeed("fleet", "render", "--engine", "slurm", "--output-dir", "c", "--nodes", "3", env=env)
        name = json.loads((self.here / "c" / "campaign.json").read_text())["id"] + "-nodes"
        self.assertIn(f"--job-name={name}\n", (self.here / "c" / "nodes.sbatch").read_text())
        # As of "sbatch --array=0-1 nodes.sbatch".
        self.write("queue.txt", "".join(f"7|{task}|{state}||None|N/A|N/A|0|0|{name}\n"
                                        for task, state in ((0, "RUNNING"), (1, "PENDING"))))
        status = self.succeed("fleet", "status", "c", env=env)
        self.assertEqual([line.split()[2] for line in status.stdout.splitlines()[1:]], ["running", "waiting", "unknown"])
        done = self.succeed("fleet", "submit", "c", "--format", "json", env=env)
        self.assertRegex(done.stderr, f"Found +nodes 7, tasks 0-1: {name} was submitted by hand")
        self.assertRegex((self.here / "sbatch.txt").read_text(), f"^--parsable --job-name={name}-2 --array=2 .*\n$")
        self.assertIsNone(json.loads((self.here / "c" / "state.json").read_text())["submissions"][0]["submitted_at"])
        self.succeed("fleet", "submit", "c", env=env)
        self.assertEqual(len((self.here / "sbatch.txt").read_text().splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
