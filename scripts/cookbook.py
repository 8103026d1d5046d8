#!/usr/bin/env python3
"""Runs the commands of docs/cookbook.md and compares what they print with what stands there.

    scripts/cookbook.py PROGRAM            says where the document no longer holds; exit code 1 then
    scripts/cookbook.py PROGRAM --write    puts what the commands print now into the document

A block of the document is a ```console fence whose "$ " lines are one command. A comment right before it says what of
the output is shown, by the label that begins a line ("Rent"; its continuation lines go with it) or "table N" for the
head of the first table and N rows, and the exit code where it is not 0:

    <!-- show: Rent, Because, table 3; exit 1 -->

Commands run in docs/cookbook. Everything left out stands as "…".
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import shutil
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "cookbook.md"
BLOCK = re.compile(r"<!-- show: (?P<show>[^;>]*?)(?:; exit (?P<exit>\d+))? -->\n```console\n(?P<text>.*?)```\n", re.S)


class Block:
    """One command of the document with what is shown of its output."""

    def __init__(self, match):
        self.wanted = [name.strip() for name in match["show"].split(",") if name.strip()]
        self.exit_status = int(match["exit"] or 0)
        self.span = match.span("text")
        lines = match["text"].splitlines()
        head = 1
        while lines[head - 1].endswith("\\"):
            head += 1
        self.command_lines, self.shown = lines[:head], "\n".join(lines[head:])
        self.words = " ".join(line.removeprefix("$ ").rstrip("\\") for line in self.command_lines).split()

    def run(self, program, directory, env=None):
        """@return exit status, and what the document has to show."""
        done = subprocess.run([str(program), *self.words[1:]], cwd=directory, env=env, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        return done.returncode, select(done.stdout + done.stderr, self.wanted)


def blocks(text):
    return [Block(match) for match in BLOCK.finditer(text)]


def parts_of(output):
    """Label, lines: a labelled line with its continuation, or a table."""
    parts, label = [], None
    for line in output.splitlines():
        named = re.match(r"([A-Z][a-z]+(?: [a-z]+)*|error|  hint)(?::|  )", line)
        if not line.strip():
            label = None
        elif named and not re.match(r"\s*#", line):
            label = named[1].strip()
            parts.append((label, [line]))
        elif label is not None:
            parts[-1][1].append(line)
        else:
            label = "table"
            parts.append((label, [line]))
    return parts


def select(output, wanted):
    shown, left_out, tables = [], False, 0
    rows = next((int(name.split()[1]) for name in wanted if name.startswith("table ")), 0)
    for label, lines in parts_of(output):
        if label == "table":
            tables += 1
            take = lines[:rows + 1] if tables == 1 and rows else []
            whole = len(take) == len(lines)
        else:
            take = lines if label in wanted else []
            whole = bool(take)
        if take and left_out and shown:
            shown.append("…")
        shown += take
        left_out = (left_out and not take) or not whole
    return "\n".join(shown + (["…"] if left_out else []))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = DOCUMENT.read_text()
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "cookbook"
        shutil.copytree(DOCUMENT.with_suffix(""), directory)
        for block in reversed(blocks(text)):
            status, now = block.run(options.program.resolve(), directory, dict(os.environ))
            if status != block.exit_status:
                print(f"{' '.join(block.words)}: exit code {status}, not {block.exit_status}\n{now}")
                wrong += 1
            elif now != block.shown:
                wrong += 0 if options.write else 1
                print(f"{' '.join(block.words)}\n{now}\n")
                if options.write:
                    start, end = block.span
                    text = text[:start] + "\n".join([*block.command_lines, now]) + "\n" + text[end:]
    if options.write:
        DOCUMENT.write_text(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
