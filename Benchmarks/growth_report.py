"""The figures of lists at two sizes: medians over the turns, as a table and for the JSON."""

import statistics

import tables
from growth import LIMIT, REQUESTS, TURNS

# How much dearer a page may be with a hundred times the users.
GOAL = 1.3

COLUMNS = [
    ("list", lambda page: page["page"]),
    ("items", lambda page: str(page["items"])),
    ("ratio", lambda page: f"{page['ratio']:.2f}"),
    ("half of all", lambda page: f"{page['ratio_quartiles'][0]:.2f}–{page['ratio_quartiles'][1]:.2f}"),
    ("server µs", lambda page: pair(page, "server_us", ".0f")),
    ("database µs", lambda page: pair(page, "database_us", ".0f")),
    ("p50 ms", lambda page: pair(page, "p50_ms", ".2f")),
    ("ratio", lambda page: f"{page['ratio_p50']:.2f}"),
    ("buffers", lambda page: pair(page, "buffers", ".0f")),
    ("ratio", lambda page: f"{page['ratio_buffers']:.2f}"),
]


def collect(pages, users, small):
    return {"users": [small, users], "goal": GOAL, "pages": [row(page) for page in pages]}


def row(page):
    ratios = [cpu(large) / cpu(small) for large, small in page.turns]
    lower, middle, upper = statistics.quantiles(ratios, n=4, method="inclusive")
    large, small = (
        {name: statistics.median(costs[size][name] for costs in page.turns) for name in page.turns[0][size]}
        | {"buffers": page.buffers[size]}
        for size in (0, 1)
    )
    return {
        "page": page.name,
        "items": page.items,
        "ratio": middle,
        "ratio_quartiles": [lower, upper],
        "ratio_p50": large["p50_ms"] / small["p50_ms"],
        "ratio_buffers": large["buffers"] / small["buffers"],
        "small": small,
        "large": large,
    }


def cpu(costs):
    return costs["server_us"] + costs["database_us"]


def pair(page, name, form):
    return f"{page['small'][name]:{form}} → {page['large'][name]:{form}}"


def as_text(result, rounds):
    small, users = result["users"]
    missed = [page["page"] for page in result["pages"] if page["ratio"] > result["goal"]]
    return "\n".join(
        [
            *tables.lines(COLUMNS, result["pages"], names=1),
            "",
            f"Each cost at {small:,} → {users:,} users; the first ratio is that of the CPU time, server and database.",
            f"Pages of {LIMIT}, one client, median of {rounds * TURNS} turns with {REQUESTS} requests to each.",
            f"Above {result['goal']}: {', '.join(missed)}." if missed else f"No ratio is above {result['goal']}.",
        ]
    )
