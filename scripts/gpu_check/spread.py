#!/usr/bin/env python3
"""Prints how far the medians of the same benchmarks lie apart over several run files of one machine.

Usage: spread.py RUN_FILE RUN_FILE...
Spread is (largest - smallest) / median of the medians. Only benchmarks of at least 100 us that every run holds.
"""
import json
import statistics
import sys

SHORTEST_NS = 100e3


def medians_of(run):
    return {f"{m['device']} {m['name']}": m["time_ns"]["median"]
            for m in run["measurements"] if m["backend"] == "cuda" and m["status"] == "ok"}


def spreads(runs):
    """Name, median of the medians in ns, and spread, in the order of the first run."""
    tables = [medians_of(run) for run in runs]
    common = [name for name in tables[0] if all(name in table for table in tables)]
    result = []
    for name in common:
        values = [table[name] for table in tables]
        middle = statistics.median(values)
        if middle >= SHORTEST_NS:
            result.append((name, middle, (max(values) - min(values)) / middle))
    return result


def main(arguments):
    if len(arguments) < 2 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    runs = []
    for path in arguments:
        with open(path, encoding="utf-8") as file:
            runs.append(json.load(file))
    rows = spreads(runs)
    if not rows:
        print("error: no benchmark of a GPU of at least 100 us is in all of these runs", file=sys.stderr)
        return 3
    width = max(len(name) for name, _, _ in rows)
    print(f"{'benchmark'.ljust(width)}  {'median us':>12}  spread over {len(runs)} runs")
    for name, middle, spread in rows:
        print(f"{name.ljust(width)}  {middle / 1e3:12,.1f}  {spread:.2%}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
