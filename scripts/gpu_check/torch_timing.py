"""Times work through PyTorch as gpubench times its own: cold L2 cache, launch cost hidden, device events, median."""
import statistics
import time

SAMPLES = 30
# As long as gpubench's sampling lasts and what comes before it: a GPU at its power limit lowers its clock within some
# 100 ms, and a shorter look would see a rate that it does not keep.
WARM_UP_SECONDS = 0.6  # building operands has let the GPU rest; gpubench's own cases follow each other
DEVICE_SECONDS = 0.3
SECONDS_AT_MOST = 2.0
# The device sleeps while Python enqueues: half as long again as that takes, and no longer, since rest lets the clock
# rise. A cycle lasts half a nanosecond or more.
CYCLES_A_SECOND = 2e9
SLEEP_SHARE = 1.5
SLEEP_SECONDS_AT_LEAST = 30e-6


def enqueue_seconds(torch, work, device):
    """Host time of the work's enqueueing, the median of nine: the first ones also load code and choose algorithms."""
    times = []
    for _ in range(9):
        torch.cuda.synchronize(device)
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    torch.cuda.synchronize(device)
    return statistics.median(times)


def median_seconds(torch, work, device):
    """`work` does the work once; it may carry `enqueues_long = True` when it launches too much to be hidden."""
    cache_bytes = getattr(torch.cuda.get_device_properties(device), "L2_cache_size", 128 << 20)
    filler = torch.empty(max(2 * cache_bytes, 1 << 20) // 4, dtype=torch.int32, device=device)
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    cycles = 0

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
    if not getattr(work, "enqueues_long", False):
        cycles = int(CYCLES_A_SECOND * max(SLEEP_SECONDS_AT_LEAST, SLEEP_SHARE * enqueue_seconds(torch, work, device)))
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
