"""Times work through PyTorch as gpubench times its own: cold L2 cache, launch cost hidden, device events, median."""
import statistics
import time

SAMPLES = 30
# As long as gpubench's sampling lasts and what comes before it: a GPU at its power limit lowers its clock within some
# 100 ms, and a shorter look would see a rate that it does not keep.
WARM_UP_SECONDS = 0.6  # building operands has let the GPU rest; gpubench's own cases follow each other
DEVICE_SECONDS = 0.3
SECONDS_AT_MOST = 2.0
# Samples between which the host does not wait: a pause after each would let the clock rise, which gpubench's shorter
# ones do not.
BATCH = 16
# The device sleeps while Python enqueues: half as long again as that takes. No GPU's clock is higher.
CYCLES_A_SECOND = 3e9
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
    events = [[torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(BATCH)]

    def samples(count, cycles, every):
        """Times of `count` samples; the device sleeps before the first or every one."""
        for number, (start, stop) in enumerate(events[:count]):
            filler.zero_()
            filler.max()
            if cycles and (every or number == 0):
                torch.cuda._sleep(cycles)
            start.record()
            work()
            stop.record()
        torch.cuda.synchronize(device)
        return [start.elapsed_time(stop) / 1e3 for start, stop in events[:count]]

    samples(1, 0, False)
    cycles, every, count = 0, False, 1
    if not getattr(work, "enqueues_long", False):
        enqueue = enqueue_seconds(torch, work, device)
        cycles = int(CYCLES_A_SECOND * max(SLEEP_SECONDS_AT_LEAST, SLEEP_SHARE * enqueue))
        # Else the host is ahead of the device from the first sample on.
        every = statistics.median(samples(5, cycles, True)[1:]) < 2 * enqueue
        count = BATCH
    began = time.monotonic()
    while time.monotonic() - began < WARM_UP_SECONDS:
        samples(count, cycles, every)
    times = []
    began = time.monotonic()
    while len(times) < SAMPLES or sum(times) < DEVICE_SECONDS:
        times.extend(samples(count, cycles, every))
        if len(times) >= 5 and time.monotonic() - began > SECONDS_AT_MOST:
            break
    return statistics.median(times)
