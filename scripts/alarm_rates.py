#!/usr/bin/env python3
"""How often `gpubench compare` is wrong, on recorded runs: draws two runs of the same code and eight others, whose noise
profile they are compared under, and counts the comparisons in which anything is called slower; then holds runs that were
slowed down on purpose (GPUBENCH_TEST_SLOWDOWN) against one of the same code likewise, and counts the benchmarks found of
those that were slowed down.

Usage: scripts/alarm_rates.py GPUBENCH SAME_CODE_FOLDER [SLOWED_FOLDER] [--draws 200] [--seed 1]"""

import argparse
import json
import random
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

PROFILE_RUNS = 8


def compared(gpubench, base, new, others, folder):
    """Rows of base against new, under the noise of the others."""
    profile = folder / "noise.json"
    subprocess.run([gpubench, "selftest", *others, "--profile", profile, "--quiet", "--output", folder / "table"],
                   check=True)
    done = subprocess.run([gpubench, "compare", base, new, "--noise", profile, "--format", "json", "--quiet"],
                          stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)["comparisons"][0]["benchmarks"]


def slowed_benchmarks(file):
    """Names and devices of what was slowed down on purpose in a run; nothing else can be found or missed."""
    return {(m["name"], m["device"]) for m in json.loads(file.read_text())["measurements"]
            if "test_slowdown" in (m.get("method") or {})}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gpubench")
    parser.add_argument("same_code", type=Path)
    parser.add_argument("slowed", type=Path, nargs="?")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    runs = sorted(options.same_code.glob("*.json"))
    slowed = sorted(options.slowed.glob("*.json")) if options.slowed else []
    if options.slowed and not any(map(slowed_benchmarks, slowed)):
        parser.error(f"{options.slowed} has no run in which anything was slowed down on purpose")
    if len(runs) < PROFILE_RUNS + 2:
        parser.error(f"{options.same_code} has {len(runs)} runs; {PROFILE_RUNS + 2} are needed")
    random.seed(options.seed)

    alarms, verdicts, floors, found = 0, Counter(), [], Counter()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for _ in range(options.draws):
            base, new, *others = random.sample(runs, PROFILE_RUNS + 2)
            rows = compared(options.gpubench, base, new, others, folder)
            alarms += any(row["verdict"] == "slower" for row in rows)
            verdicts.update(row["verdict"] for row in rows)
            floors += [row["noise_floor"] for row in rows if row["noise_floor"] is not None]
            if not slowed:
                continue
            changed = random.choice(slowed)
            on_purpose = slowed_benchmarks(changed)
            for row in compared(options.gpubench, base, changed, others, folder):
                floor = row["noise_floor"]
                if floor is None or (row["benchmark"], row["device"]) not in on_purpose:
                    continue
                group = "up to 1 %" if floor <= 0.01 else "1 to 2 %" if floor <= 0.02 else "above 2 %"
                found[group, row["verdict"] == "slower"] += 1
    floors.sort()
    print(f"{len(runs)} runs of the same code, {options.draws} comparisons of one with one under {PROFILE_RUNS} others")
    print(f"  with a false 'slower': {alarms}; rows: " + ", ".join(f"{n} {v}" for v, n in verdicts.most_common()))
    if floors:
        print(f"  noise floor: median {floors[len(floors) // 2]:.2%}, a tenth below {floors[len(floors) // 10]:.2%}")
    for group in sorted({group for group, _ in found}):
        hits = found[group, True]
        print(f"  slowed down, noise floor {group}: {hits} of {hits + found[group, False]} found")


if __name__ == "__main__":
    main()
