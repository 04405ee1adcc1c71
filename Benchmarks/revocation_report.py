"""The figures of revocations, as a table and for the JSON."""

import tables

from revocation import BOUND, HOSTS, KINDS

COLUMNS = [
    ("database", lambda row: row["load"]),
    ("revoked", lambda row: row["kind"]),
    ("count", lambda row: str(row["count"])),
    ("p50 ms", lambda row: f"{row['p50_ms']:.0f}"),
    ("p99 ms", lambda row: f"{row['p99_ms']:.0f}"),
    ("max ms", lambda row: f"{row['max_ms']:.0f}"),
]


def collect(results):
    rows = [
        {"load": result["load"], "kind": kind} | _figures(result["delays"][kind])
        for result in results
        for kind in KINDS
    ]
    return {"rows": rows, "bound_ms": BOUND * 1000, "loads": [_load(result) for result in results]}


def _figures(seconds):
    ordered = sorted(second * 1000 for second in seconds)
    return {
        "count": len(ordered),
        "p50_ms": ordered[len(ordered) // 2],
        "p99_ms": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        "max_ms": ordered[-1],
    }


def _load(result):
    return {name: value for name, value in result.items() if name != "delays"}


def as_text(result):
    missed = [f"{row['kind']} ({row['load']})" for row in result["rows"] if row["p99_ms"] > result["bound_ms"]]
    return "\n".join(
        [
            *tables.lines(COLUMNS, result["rows"], names=2),
            "",
            f"Until the last of {sum(HOSTS)} workers of {len(HOSTS)} hosts refuses; the bound is {BOUND:.0f} s at p99.",
            *(
                f"{load['load']}: the machine was {load['machine']:.0%} busy, the least busy worker had "
                f"{load['least_busy_worker']:.0%} of a core; {load['commits']:,.0f} transactions and "
                f"{load['updates']:,.0f} changed rows a second."
                for load in result["loads"]
            ),
            f"Above the bound: {', '.join(missed)}." if missed else "No p99 is above the bound.",
        ]
    )
