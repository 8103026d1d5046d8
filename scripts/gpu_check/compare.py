#!/usr/bin/env python3
"""Does the GPU work of a run file through PyTorch and prints both rates in one table.

Usage: compare.py RUN_FILE [--json FILE] [--seconds N]
Without PyTorch its columns stay empty. The same sizes and types, the L2 cache emptied before each sample, device time
by CUDA events, the median; so a ratio far from 1 means that one of the two measures something else.
"""
import argparse
import json
import os
import sys
import time

import torch_timing
import torch_work

# Rate in rates{}, amount in work{}, unit and scale; the first that a measurement has is shown.
BANDWIDTH = ("bytes_per_second", "bytes", "GB/s", 1e9)
COMPUTE = ("flop_per_second", "flop", "TFLOP/s", 1e12)


def torch_or_none():
    # As gpubench numbers them; must be set before CUDA starts.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    try:
        import torch
    except ImportError:
        return None
    return torch if torch.cuda.is_available() else None


def shown_rate(measurement):
    """Which of a measurement's rates tells most: items of networks, else FLOP where they bind, else bytes."""
    rates, work, peak = measurement["rates"], measurement["work"], measurement.get("peak") or {}
    if rates.get("items_per_second"):
        return ("items_per_second", "items", f"{work.get('item') or 'item'}/s", 1)
    if rates.get("flop_per_second") and "bandwidth" not in (peak.get("peak_kind") or ""):
        if measurement["benchmark"].startswith(("stream_", "memory_")):
            return BANDWIDTH
        return COMPUTE
    return BANDWIDTH


def row(measurement, seconds):
    """Name, unit, our rate, their rate, ratio, fraction of the peak; None for what is not known."""
    rate, amount_of, unit, scale = shown_rate(measurement)
    ours, amount = measurement["rates"].get(rate), measurement["work"].get(amount_of)
    theirs = amount / seconds if seconds and amount else None
    peak = measurement.get("peak") or {}
    return (f"{measurement['device']} {measurement['name']}", unit, ours / scale if ours else None,
            theirs / scale if theirs else None, ours / theirs if ours and theirs else None,
            peak.get("fraction_of_peak"))


def text_of(rows):
    header = ("benchmark", "unit", "gpubench", "PyTorch", "ratio", "of peak")
    cells = [header]
    for name, unit, ours, theirs, ratio, fraction in rows:
        cells.append((name, unit, f"{ours:,.1f}" if ours else "-", f"{theirs:,.1f}" if theirs else "-",
                      f"{ratio:.3f}" if ratio else "-", f"{fraction:.1%}" if fraction else "-"))
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    lines = []
    for line in cells:
        left = [cell.ljust(width) for cell, width in zip(line[:2], widths[:2])]
        right = [cell.rjust(width) for cell, width in zip(line[2:], widths[2:])]
        lines.append("  ".join(left + right).rstrip())
    return "\n".join(lines)


def measured_on_gpu(run):
    return [m for m in run["measurements"] if m["backend"] == "cuda" and m["status"] == "ok"]


def not_measured(run):
    """What was skipped or failed, with the reason: a table that leaves it out without a word would look whole."""
    return [f"{m['device']} {m['name']}: {m['status']}: {m['reason']}"
            for m in run["measurements"] if m["backend"] == "cuda" and m["status"] != "ok"]


def torch_seconds(torch, measurement):
    """Median time of the same work through PyTorch; None where it has no counterpart or cannot do it."""
    device = torch.device("cuda", int(measurement["device"].removeprefix("gpu").split("-")[0]))
    with torch.cuda.device(device):
        try:
            works = torch_work.work_of(torch, measurement, device)
            return min((torch_timing.median_seconds(torch, work, device) for work in works), default=None)
        except Exception as problem:  # whatever PyTorch lacks or refuses costs one cell, never the table
            words = (str(problem).splitlines() or [""])[0]
            print(f"{measurement['name']}: not through PyTorch: {type(problem).__name__}: {words}", file=sys.stderr)
            return None
        finally:
            torch.cuda.empty_cache()


def main(arguments):
    parser = argparse.ArgumentParser(prog="compare.py")
    parser.add_argument("run_file")
    parser.add_argument("--json", help="also write the table's rows to this file")
    parser.add_argument("--seconds", type=float, help="leave PyTorch's columns empty from then on")
    chosen = parser.parse_args(arguments)
    end = time.monotonic() + chosen.seconds if chosen.seconds else float("inf")
    with open(chosen.run_file, encoding="utf-8") as file:
        run = json.load(file)
    measurements = measured_on_gpu(run)
    for line in not_measured(run):
        print(line, file=sys.stderr)
    if not measurements:
        print(f"error: {chosen.run_file} holds no measurement of a GPU", file=sys.stderr)
        return 3
    torch = torch_or_none()
    if torch is None:
        print("PyTorch with CUDA is not installed for this python3: its columns stay empty", file=sys.stderr)
    else:
        print(f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}",
              file=sys.stderr)
    rows, left_out = [], False
    for measurement in measurements:
        left_out = left_out or time.monotonic() >= end
        rows.append(row(measurement, torch_seconds(torch, measurement) if torch and not left_out else None))
    if torch and left_out:
        print(f"not all was done through PyTorch within {chosen.seconds:g} s", file=sys.stderr)
    print(text_of(rows))
    if chosen.json:
        names = ("benchmark", "unit", "gpubench", "pytorch", "ratio", "fraction_of_peak")
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump([dict(zip(names, cells)) for cells in rows], file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
