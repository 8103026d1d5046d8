"""Seven days of made-up observations whose right answer is known, and a small catalogue to choose from."""

import csv
import random
import shutil

from harness import DATA

DAY = 86400
END = 1795305600  # 2026-11-22T00:00:00Z, a Sunday
BEGIN = END - 7 * DAY
UNTIL = "2026-11-22T00:00:00Z"
STEP = 1800  # few points: promtool reads its input anew for each of 84 blocks
LEAD = 7  # seconds before whole steps: a range of Prometheus 2 has both its ends
MIB = 2 ** 20

# Instance types of the catalogue with round prices of the tests, USD an hour. The first two are cheap but run other
# software: a GPU of AMD, and a host with an Arm CPU.
PRICES = {("aws", "g4ad.xlarge"): 0.2, ("aws", "g5g.xlarge"): 0.2,
          ("aws", "g4dn.xlarge"): 0.5, ("aws", "g6.xlarge"): 0.8, ("aws", "g6.4xlarge"): 1.3, ("aws", "g6.16xlarge"): 3.4,
          ("aws", "g6.12xlarge"): 4.6, ("aws", "g6e.xlarge"): 1.9, ("aws", "p4d.24xlarge"): 22, ("aws", "p5.48xlarge"): 55,
          ("aws", "p5en.48xlarge"): 63, ("gcp", "a2-highgpu-1g"): 3.7, ("gcp", "a2-highgpu-2g"): 7.4,
          ("gcp", "a2-ultragpu-1g"): 5.1, ("gcp", "a3-highgpu-1g"): 11}


def write_catalogue(folder):
    """The shipped catalogue with these instance types and prices alone."""
    shutil.copytree(DATA, folder)
    for name in ("instances.csv", "prices.csv", "spot_interruption.csv"):
        with open(DATA / name, newline="") as source:
            rows = list(csv.DictReader(source))
        kept = {}
        for row in rows:
            key = row["provider"], row["instance_type"]
            if key not in PRICES or (name == "spot_interruption.csv"):
                continue
            if name == "prices.csv":
                if row["price_model"] != "on_demand" or key in kept:
                    continue
                row.update(amount_per_hour=PRICES[key], currency="USD", checked="yes", date="2026-11-01", source="a test")
            kept[key] = row
        with open(folder / name, "w", newline="") as target:
            writer = csv.DictWriter(target, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept.values())
    missing = set(PRICES) - set(kept_prices(folder))
    assert not missing, missing
    return folder


def kept_prices(folder):
    with open(folder / "prices.csv", newline="") as source:
        return [(row["provider"], row["instance_type"]) for row in csv.DictReader(source)]


def constant(value):
    return lambda at: value


def around(value, spread=0.05, seed=1):
    """Noise of that share around a value, the same at each run."""
    noise = random.Random(seed)
    return lambda at: value * (1 + noise.uniform(-spread, spread))


def office_hours(busy, otherwise=0.0):
    """From 8 to 18 h on Monday to Friday; a sample tells of the time before it."""
    def value(at):
        at -= STEP // 2
        weekday, hour = (at // DAY + 3) % 7, at % DAY // 3600
        return busy if weekday < 5 and 8 <= hour < 18 else otherwise
    return value


def counter(per_second):
    """A counter that grows at that rate."""
    return lambda at: per_second * (at - BEGIN)


class Series:
    """Text with times, as promtool makes blocks of."""

    def __init__(self):
        self.families = {}

    def add(self, name, labels, value, step=STEP, begin=BEGIN):
        text = ",".join(f'{key}="{str(label)}"' for key, label in labels.items())
        lines = self.families.setdefault(name, [])
        lines += [f"{name}{{{text}}} {value(at):.6g} {at - LEAD}" for at in range(begin, END + 1, step)]
        return self

    def dcgm(self, host, gpu, model, total_mib, labels=None, **values):
        """Series of the DCGM exporter for one GPU; names without DCGM_FI_."""
        shared = {"gpu": gpu, "UUID": f"GPU-{host}-{gpu}", "modelName": model, "Hostname": host,
                  "instance": f"{host}:9400", "job": "dcgm", **(labels or {})}
        if "DEV_FB_USED" in values:
            used = values["DEV_FB_USED"]
            values["DEV_FB_FREE"] = lambda at, used=used: total_mib - used(at)
        for name, value in values.items():
            self.add(f"DCGM_FI_{name}", shared, value)
        return self

    def host_cpus(self, host, cpus, busy):
        """node_exporter's counters of a host with that many CPUs of which `busy` are in use."""
        for cpu in range(cpus):
            labels = {"instance": f"{host}:9100", "job": "node", "cpu": cpu}
            share = busy / cpus
            self.add("node_cpu_seconds_total", {**labels, "mode": "user"}, counter(share), 600)
            self.add("node_cpu_seconds_total", {**labels, "mode": "idle"}, counter(1 - share), 600)
        return self

    def text(self):
        parts = []
        for name, lines in self.families.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            parts += [f"# TYPE {name[:-6] if kind == 'counter' else name} {kind}", *lines]
        return "\n".join([*parts, "# EOF", ""])
