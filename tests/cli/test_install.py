"""The installed program."""

import subprocess
import unittest

from harness import BUILD, ProgramTest, SMALL, environment


class Install(ProgramTest):
    def test_installed_program_finds_its_own_data(self):
        prefix = self.here / "prefix"
        done = subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(prefix)], capture_output=True,
                              text=True, timeout=240, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        program = prefix / "bin" / "gpubench"
        validated = self.succeed("catalog", "validate", program=program)
        # The name says which catalogue was read: the installed one, not that of the source tree.
        self.assertIn(str(prefix / "share" / "gpubench"), validated.stdout)
        self.succeed("recommend", "resnet50-train", "--quiet", program=program)
        self.succeed("run", *SMALL, "--run-file", "run.json", program=program)
        page = self.succeed("report", "run.json", "--format", "html", "--workload", "resnet50-train", program=program,
                            env=environment(PATH="/nonexistent")).stdout
        self.assertIn("</html>", page)


if __name__ == "__main__":
    unittest.main()
