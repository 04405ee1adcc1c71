"""The figures of a run: medians over its rounds, as a table and as JSON."""

import collections
import json
import os
import platform
import re
import statistics
import subprocess
import time

import peers
import processes
import soak_report
import tables
from database import server_settings, server_version
from servers import EXECUTABLE

COLUMNS = [
    ("scenario", lambda row: row["scenario"] if row["ratio"] is None else ""),
    ("", lambda row: row["contestant"]),
    ("req/s", lambda row: f"{row['rate']:,.0f}"),
    ("min–max", lambda row: f"{row['rate_min']:,.0f}–{row['rate_max']:,.0f}"),
    ("ratio", lambda row: number(row["ratio"], ".2f")),
    ("goal", lambda row: number(row["goal"], "g")),
    ("p50 ms", lambda row: number(row["p50_ms"], ".2f")),
    ("p99 ms", lambda row: number(row["p99_ms"], ".2f")),
    ("failed", lambda row: str(sum(row["failures"].values()))),
    ("server µs", lambda row: number(row.get("server_us"), ".1f")),
    ("database µs", lambda row: number(row.get("database_us"), ".1f")),
    ("load µs", lambda row: number(row["load_us"], ".1f")),
    ("MB/worker", lambda row: number(row.get("memory_mb"), ".1f")),
]

OPTIONS = ["users", "connections", "rounds", "seconds", "access_log", "peer_pool", "revocations", "growth_users"]
OPTIONS += ["soak_seconds"]

SCHEDULING = (
    "The kernel shares CPU out by session (autogroup), which makes the database scenarios slow and uneven; "
    "see docs/BENCHMARKS.md."
)


def head(options):
    """What holds for a whole run."""
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": {
            "cpu": cpu_model(),
            "cores": os.cpu_count(),
            "kernel": platform.release(),
            "schedules_by_session": processes.is_scheduled_by_session(),
        },
        "versions": {
            "postern": version(EXECUTABLE, "--version"),
            "postgresql": server_version(),
            "nginx": version("nginx", "-v"),
            "wrk": version("wrk", "--version"),
            **peers.versions(),
        },
        "database": server_settings(),
        "options": {name: getattr(options, name) for name in OPTIONS},
    }


def rows(scenario):
    """Postern's figures, and then those of its peers and ceilings with the ratio to them."""
    ours = None
    for contestant in scenario.contestants:
        results = contestant.results
        failures = sum((collections.Counter(result.pop("failures")) for result in results), collections.Counter())
        row = {"scenario": scenario.name, "path": scenario.path, "contestant": contestant.name, "failures": failures}
        row |= {name: statistics.median(result[name] for result in results) for name in results[0]}
        rates = [result["rate"] for result in results]
        row |= {"rate_min": min(rates), "rate_max": max(rates)}
        row["others_cpu"] = max(result["others_cpu"] for result in results)
        row["ratio"] = ours["rate"] / row["rate"] if ours else None
        row["goal"] = scenario.goals.get(contestant.name)
        ours = ours or row
        yield row


def failures(result):
    """What failed, a line each."""
    lines = [
        f"{row['scenario']}, {row['contestant']}: {count} × {kind}"
        for row in result.get("results", [])
        for kind, count in row["failures"].items()
    ]
    return lines + list(soak_report.failures(result["soak"]) if "soak" in result else [])


def as_json(result):
    return json.dumps(result, indent=2) + "\n"


def as_text(result):
    options, rows = result["options"], result["results"]
    spread, noisiest = max(((row["rate_max"] - row["rate_min"]) / row["rate"], str(row["scenario"])) for row in rows)
    return "\n".join(
        [
            *tables.lines(COLUMNS, rows, names=2),
            "",
            "ratio: Postern's req/s divided by this peer's or ceiling's. µs: CPU time for each request.",
            f"{options['users']:,} users, {options['connections']} connections, "
            f"median of {options['rounds']} rounds of {options['seconds']} s; "
            f"Postern's access log is {'on' if options['access_log'] else 'off'}.",
            *(f"Missed: {line}." for line in result["missed"]),
            f"Noise: rounds differ by up to {spread:.0%} ({noisiest}); "
            f"other processes took up to {max(row['others_cpu'] for row in rows):.0%} of the machine.",
        ]
    )


def head_as_text(result):
    machine, versions = result["machine"], result["versions"]
    return "\n".join(
        [
            f"{result['date']}, {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}; "
            + ", ".join(f"{name} {version}" for name, version in versions.items()),
            "PostgreSQL: " + ", ".join(f"{name} {value}" for name, value in result["database"].items()) + ".",
            *([SCHEDULING] if machine["schedules_by_session"] else []),
        ]
    )


def number(value, form):
    return "" if value is None else format(value, form)


def cpu_model():
    with open("/proc/cpuinfo") as file:
        found = re.search(r"^model name\s*: (.*)$", file.read(), re.MULTILINE)
    return found[1] if found else platform.machine()


def version(program, option):
    done = subprocess.run([program, option], capture_output=True, text=True)
    return re.search(r"\d+(\.\d+)+(-dev)?", done.stdout + done.stderr)[0]
