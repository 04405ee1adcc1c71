"""What is aimed at: Postern's requests per second, divided by those of a peer or a ceiling."""

RATIOS = {
    "jwt": {"fastapi": 10, "nginx": 0.6},
    "api-key": {"fastapi": 40, "nginx": 0.5},
    "users-me": {"fastapi": 15, "pgbench": 0.5},
    "users-page": {"fastapi": 13, "pgbench": 0.5},
    "create-user": {"fastapi": 8.5, "pgbench": 0.6},
    "refresh": {"fastapi": 7, "pgbench": 0.6},
}
P99_BY_P50 = 5
MEGABYTES_A_WORKER = 60


def missed(rows):
    """The goals that the rows of a run miss, a line each."""
    for row in rows:
        name = f"{row['scenario']}, {row['contestant']}"
        if row["goal"] is not None and row["ratio"] < row["goal"]:
            yield f"{name}: ratio {row['ratio']:.2f} of {row['goal']:g}"
        if row["contestant"] == "postern":
            if row["p99_ms"] > P99_BY_P50 * row["p50_ms"]:
                yield f"{name}: p99 is {row['p99_ms'] / row['p50_ms']:.1f} × p50, more than {P99_BY_P50} ×"
            if row["memory_mb"] > MEGABYTES_A_WORKER:
                yield f"{name}: {row['memory_mb']:.0f} MB a worker, more than {MEGABYTES_A_WORKER} MB"
