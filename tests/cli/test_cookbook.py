"""docs/cookbook.md: its commands run, and print what stands there."""

import re
import shutil
import sys
import unittest

from harness import PROGRAM, SOURCE, ProgramTest, environment

sys.path.insert(0, str(SOURCE / "scripts"))
sys.dont_write_bytecode = True
import cookbook  # noqa: E402


class Cookbook(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.text = cookbook.DOCUMENT.read_text()
        cls.blocks = cookbook.blocks(cls.text)

    def test_every_console_block_is_checked_and_dated(self):
        self.assertGreaterEqual(len(self.blocks), 6)
        self.assertEqual(len(self.blocks), self.text.count("```console"), "each needs its comment right before it")
        for block in self.blocks:
            if block.words[1] in ("recommend", "plan"):
                self.assertTrue("--as-of" in block.words or "--request" in block.words or "--config" in block.words,
                                block.words)

    def test_what_it_shows_still_holds(self):
        directory = self.here / "cookbook"
        shutil.copytree(cookbook.DOCUMENT.with_suffix(""), directory)
        for block in self.blocks:
            with self.subTest(" ".join(block.words)):
                status, now = block.run(PROGRAM, directory, environment())
                self.assertEqual(status, block.exit_status, now)
                self.assertEqual(now, block.shown,
                                 "scripts/cookbook.py PROGRAM --write, then read the conclusions again")

    def test_its_conclusions_name_what_it_shows(self):
        # Each section says in bold what to conclude; the offers named there stand in the section's outputs.
        for section in re.split(r"^## ", self.text, flags=re.M)[1:]:
            shown = " ".join(" ".join(block.shown.split()) for block in cookbook.blocks(section))
            for name in re.findall(r"\*\*`([^`]+)`\*\*", section):
                self.assertIn(name, shown, section.splitlines()[0])


if __name__ == "__main__":
    unittest.main()
