"""Times work through PyTorch as gpubench times its own: cold L2 cache, launch cost hidden, device events, median."""
import statistics
import time

SAMPLES = 30
# As long as gpubench's sampling lasts and what comes before it: a GPU at its power limit lowers its clock within some
# 100 ms, and a shorter look would see a rate that it does not keep.
WARM_UP_SECONDS = 0.3
DEVICE_SECONDS = 0.3
SECONDS_AT_MOST = 2.0
# The device sleeps this many cycles, about 0.15 ms, while Python enqueues; not before work of some length, which
# emptying the cache hides as well: rest lets the clock rise.
SLEEP_CYCLES = 300_000
LONG_SECONDS = 100e-6


def median_seconds(torch, work, device):
    """`work` does the work once; it may carry `enqueues_long = True` when it launches too much to be hidden."""
    cache_bytes = getattr(torch.cuda.get_device_properties(device), "L2_cache_size", 128 << 20)
    filler = torch.empty(max(2 * cache_bytes, 1 << 20) // 4, dtype=torch.int32, device=device)
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    cycles = 0 if getattr(work, "enqueues_long", False) else SLEEP_CYCLES

    def sample():
        filler.zero_()
        filler.max()
        if cycles:
            torch.cuda._sleep(cycles)
        start.record()
        work()
        stop.record()
        torch.cuda.synchronize(device)
        return start.elapsed_time(stop) / 1e3

    sample()
    if sample() > LONG_SECONDS:
        cycles = 0
    began = time.monotonic()
    while time.monotonic() - began < WARM_UP_SECONDS:
        sample()
    times = []
    began = time.monotonic()
    while len(times) < SAMPLES or sum(times) < DEVICE_SECONDS:
        times.append(sample())
        if len(times) >= 5 and time.monotonic() - began > SECONDS_AT_MOST:
            break
    return statistics.median(times)
