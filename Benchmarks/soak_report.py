"""The figures of the soak, as tables and for the JSON."""

import statistics

import tables
from goals import MEGABYTES_A_WORKER
from soak import SCENARIOS

# The caches fill in the first tenth of the time.
WARM_UP = 0.1
# How much a worker may grow in the second half, by the line that fits it best.
GROWTH = 1.0

WORKERS = [
    ("worker", lambda row: row["worker"]),
    ("MB warm", lambda row: f"{row['warm_mb']:.1f}"),
    ("at most", lambda row: f"{row['max_mb']:.1f}"),
    ("at the end", lambda row: f"{row['end_mb']:.1f}"),
    ("MB a minute", lambda row: f"{row['slope_mb_per_minute']:+.3f}"),
    ("in the second half", lambda row: f"{row['growth_mb']:+.2f}"),
    ("of a core", lambda row: f"{row['core']:.0%}"),
]
REQUESTS = [
    ("scenario", lambda row: row["scenario"]),
    ("requests", lambda row: f"{row['requests']:,}"),
    ("req/s", lambda row: f"{row['rate']:,.0f}"),
    ("p50 ms", lambda row: f"{row['p50_ms']:.2f}"),
    ("p99 ms", lambda row: f"{row['p99_ms']:.2f}"),
    ("failed", lambda row: str(sum(row["failures"].values()))),
]


def collect(outcomes, samples, options):
    seconds = options.soak_seconds
    # Numbered as they came: a number more than there are workers has taken the place of one that ended.
    numbers = {}
    for sample in samples:
        for pid in sample["megabytes"]:
            numbers.setdefault(pid, str(len(numbers) + 1))
    workers = [_worker(number, samples, pid, seconds) for pid, number in numbers.items()]
    first, last = samples[0]["megabytes"], samples[-1]["megabytes"]
    return {
        "seconds": seconds,
        "connections": options.connections // len(SCENARIOS),
        "goals": {"max_mb": MEGABYTES_A_WORKER, "growth_mb": GROWTH},
        "scenarios": [{"scenario": name} | outcome for name, outcome in outcomes.items()],
        "workers": workers,
        "ended": [numbers[pid] for pid in first if pid not in last],
        "missed": list(_missed(workers)),
        "samples": [
            {"seconds": sample["seconds"], "mb": {numbers[pid]: size for pid, size in sample["megabytes"].items()}}
            for sample in samples
        ],
    }


def _worker(number, samples, pid, seconds):
    present = [each for each in samples if pid in each["megabytes"]]
    points = [(each["seconds"], each["megabytes"][pid]) for each in present]
    warm = [size for time, size in points if time >= seconds * WARM_UP] or [points[-1][1]]
    second_half = [point for point in points if point[0] >= seconds / 2]
    slope = statistics.linear_regression(*zip(*second_half)).slope if len(second_half) > 1 else 0
    return {
        "worker": number,
        "warm_mb": warm[0],
        "max_mb": max(size for _, size in points),
        "end_mb": points[-1][1],
        "slope_mb_per_minute": slope * 60,
        "growth_mb": slope * seconds / 2,
        # A worker without work would say nothing.
        "core": (present[-1]["cpu_seconds"][pid] - present[0]["cpu_seconds"][pid]) / seconds,
    }


def _missed(workers):
    for row in workers:
        name = f"soak, worker {row['worker']}"
        if row["max_mb"] > MEGABYTES_A_WORKER:
            yield f"{name}: {row['max_mb']:.0f} MB, more than {MEGABYTES_A_WORKER} MB"
        if row["growth_mb"] > GROWTH:
            yield f"{name}: grew by {row['growth_mb']:.1f} MB in the second half, more than {GROWTH:g} MB"


def failures(result):
    """What failed, a line each."""
    for row in result["scenarios"]:
        for kind, count in row["failures"].items():
            yield f"soak, {row['scenario']}: {count} × {kind}"
    for worker in result["ended"]:
        yield f"soak: worker {worker} ended"


def as_text(result):
    return "\n".join(
        [
            *tables.lines(WORKERS, result["workers"], names=1),
            "",
            *tables.lines(REQUESTS, result["scenarios"], names=1),
            "",
            f"Soak of {result['seconds']} s, {result['connections']} connections for each scenario, all at once. "
            f"MB: what a worker takes, after {WARM_UP:.0%} of the time, at most and at the end;",
            "how fast it grows in the second half, and how much that is: "
            f"at most {MEGABYTES_A_WORKER} MB, and {GROWTH:g} MB of growth.",
            *([f"Missed: {line}." for line in result["missed"]] or ["No worker misses that."]),
        ]
    )
