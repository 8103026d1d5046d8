#!/usr/bin/env python3
"""Does the GPU work of a run file through PyTorch and prints both rates in one table.

Usage: gpu_check_torch.py RUN_FILE
Without PyTorch its columns stay empty. The same sizes and types, the L2 cache emptied before each sample, device time
by CUDA events, the median; so a ratio far from 1 means that one of the two measures something else.
"""
import json
import os
import statistics
import sys

SAMPLES = 30


def torch_or_none():
    # As gpubench numbers them; must be set before CUDA starts.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    try:
        import torch
    except ImportError:
        return None
    return torch if torch.cuda.is_available() else None


def stream_work(torch, name, array_bytes, device):
    """A function that does one streaming benchmark's work once, or None for a name that is not known."""
    kinds = ("stream_copy", "stream_scale", "stream_add", "stream_triad", "memory_read", "memory_write")
    if name not in kinds:
        return None
    a, b, c = (torch.ones(array_bytes // 8, dtype=torch.float64, device=device) for _ in range(3))
    return {
        "stream_copy": lambda: c.copy_(a),
        "stream_scale": lambda: torch.mul(a, 3.0, out=c),
        "stream_add": lambda: torch.add(a, b, out=c),
        "stream_triad": lambda: torch.add(a, b, alpha=3.0, out=c),
        "memory_read": lambda: torch.sum(a),
        "memory_write": lambda: c.fill_(7.0),
    }[name]


def gemm_works(torch, name, sizes, device):
    """The product as torch.matmul and as a linear layer computes it, or in the one layout that was asked for."""
    types = {"fp64": torch.float64, "fp32": torch.float32, "tf32": torch.float32, "fp16": torch.float16,
             "bf16": torch.bfloat16}
    precision = name.removeprefix("gemm_")
    if precision == name or precision not in types:
        return []
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    m, n, k = (sizes[size] for size in "mnk")
    batch = (sizes["batch"],) if "batch" in sizes else ()

    def operand(rows, columns):
        uniform = torch.rand(*batch, rows, columns, dtype=torch.float32, device=device) * 2 - 1
        return uniform.to(types[precision])

    a, b = operand(m, k), operand(k, n)
    weights = b.reshape(*batch, n, k).transpose(-1, -2)  # the same memory read as n x k
    c = torch.empty(*batch, m, n, dtype=types[precision], device=device)
    layouts = {"nn": b, "nt": weights}
    wanted = [sizes["layout"]] if "layout" in sizes else list(layouts)
    return [lambda b=layouts[layout]: torch.matmul(a, b, out=c) for layout in wanted]


def median_seconds(torch, work, device):
    cache_bytes = getattr(torch.cuda.get_device_properties(device), "L2_cache_size", 128 << 20)
    filler = torch.empty(max(2 * cache_bytes, 1 << 20) // 4, dtype=torch.int32, device=device)
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    times = []
    for sample in range(SAMPLES + 3):
        filler.zero_()
        filler.max()
        start.record()
        work()
        stop.record()
        torch.cuda.synchronize(device)
        if sample >= 3:
            times.append(start.elapsed_time(stop) / 1e3)
    return statistics.median(times)


def torch_seconds(torch, measurement):
    """Median time of the same work through PyTorch; None where it has no counterpart or does not fit."""
    device = torch.device("cuda", int(measurement["device"].removeprefix("gpu")))
    parameters = measurement["parameters"]
    with torch.cuda.device(device):
        try:
            stream = stream_work(torch, measurement["benchmark"], parameters.get("array_bytes", 0), device)
            works = [stream] if stream else gemm_works(torch, measurement["benchmark"], parameters, device)
            return min((median_seconds(torch, work, device) for work in works), default=None)
        except torch.cuda.OutOfMemoryError:
            print(f"{measurement['name']}: does not fit beside PyTorch's own memory", file=sys.stderr)
            return None
        finally:
            torch.cuda.empty_cache()


def row(measurement, seconds):
    """Name, unit, our rate, their rate, ratio, fraction of the peak; None for what is not known."""
    rates, work = measurement["rates"], measurement["work"]
    compute = measurement["benchmark"].startswith("gemm_")
    ours, amount, unit, scale = ((rates["flop_per_second"], work["flop"], "TFLOP/s", 1e12) if compute else
                                 (rates["bytes_per_second"], work["bytes"], "GB/s", 1e9))
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


def main(arguments):
    if len(arguments) != 1:
        print("usage: gpu_check_torch.py RUN_FILE", file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        measurements = measured_on_gpu(json.load(file))
    if not measurements:
        print(f"error: {arguments[0]} holds no measurement of a GPU", file=sys.stderr)
        return 3
    torch = torch_or_none()
    if torch is None:
        print("PyTorch with CUDA is not installed for this python3: its columns stay empty", file=sys.stderr)
    else:
        print(f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}", file=sys.stderr)
    print(text_of([row(m, torch_seconds(torch, m) if torch else None) for m in measurements]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
