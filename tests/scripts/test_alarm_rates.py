"""The count of alarms with a stand-in for gpubench, whose verdicts are known."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(os.environ["GPUBENCH_SOURCE_DIR"]) / "scripts" / "alarm_rates.py"

# Calls every "slow" benchmark of a slowed run slower, and nothing else.
STAND_IN = """#!/usr/bin/env python3
import json, sys
if sys.argv[1] == "selftest":
    sys.exit(0)
new = json.load(open(sys.argv[3]))
rows = [{"benchmark": m["name"], "device": m["device"], "noise_floor": 0.005,
         "verdict": "slower" if "test_slowdown" in m["method"] else "same"} for m in new["measurements"]]
print(json.dumps({"comparisons": [{"benchmarks": rows}]}))
"""


class AlarmRates(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.here = Path(folder.name)
        self.program = self.here / "gpubench"
        self.program.write_text(STAND_IN)
        self.program.chmod(0o755)

    def runs(self, name, count, notes):
        (self.here / name).mkdir()
        for i in range(count):
            measurements = [{"name": one, "device": "cpu", "method": method} for one, method in notes.items()]
            (self.here / name / f"{i}.json").write_text(json.dumps({"measurements": measurements}))

    def run_script(self):
        return subprocess.run([sys.executable, str(SCRIPT), str(self.program), "same", "slowed", "--draws", "5"],
                              cwd=self.here, capture_output=True, text=True, check=False)

    def test_only_what_was_slowed_down_can_be_found_or_missed(self):
        self.runs("same", 10, {"slow": {}, "other": {}})
        self.runs("slowed", 2, {"slow": {"test_slowdown": "3 % on purpose"}, "other": {}})
        done = self.run_script()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("with a false 'slower': 0; rows: 10 same", done.stdout)
        self.assertIn("slowed down, noise floor up to 1 %: 5 of 5 found", done.stdout)

    def test_a_folder_without_slow_downs_is_refused(self):
        self.runs("same", 10, {"slow": {}})
        self.runs("slowed", 2, {"slow": {}})
        done = self.run_script()
        self.assertEqual(done.returncode, 2)
        self.assertIn("has no run in which anything was slowed down on purpose", done.stderr)


if __name__ == "__main__":
    unittest.main()
