"""Times work through PyTorch as gpubench times its own: cold L2 cache, launch cost hidden, device events, median."""
import statistics
import time

SAMPLES = 30
WARM_UP = 3
SECONDS_AT_MOST = 2.0
# The device sleeps this many cycles, about 0.5 ms, while Python enqueues.
SLEEP_CYCLES = 1_000_000


def median_seconds(torch, work, device):
    """`work` does the work once; it may carry `enqueues_long = True` when it launches too much to be hidden."""
    cache_bytes = getattr(torch.cuda.get_device_properties(device), "L2_cache_size", 128 << 20)
    filler = torch.empty(max(2 * cache_bytes, 1 << 20) // 4, dtype=torch.int32, device=device)
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    hide = not getattr(work, "enqueues_long", False)
    times = []
    began = time.monotonic()
    for sample in range(SAMPLES + WARM_UP):
        filler.zero_()
        filler.max()
        if hide:
            torch.cuda._sleep(SLEEP_CYCLES)
        start.record()
        work()
        stop.record()
        torch.cuda.synchronize(device)
        if sample >= WARM_UP:
            times.append(start.elapsed_time(stop) / 1e3)
        if len(times) >= 5 and time.monotonic() - began > SECONDS_AT_MOST:
            break
    return statistics.median(times)
