"""What a page of a list costs in a large installation, beside the same page in a small one."""

import contextlib
import statistics
import urllib.parse

from installation import Installation
from plans import Plans, buffers

NAME = "growth"
SMALL = 10_000
LIMIT = 50
# How deep a list is read for its deep page, in pages.
DEPTH = 500
# A round of a page: so many turns, in each of which either installation gets so many requests.
TURNS = 6
REQUESTS = 25

USERS, KEYS = "/api/v1/users", "/api/v1/api-keys"


class Page:
    """A page of a list, for which each installation has a path of its own."""

    def __init__(self, name, paths):
        self.name = name
        self.paths = paths
        self.items = None
        self.buffers = None
        self.turns = []

    def __str__(self):
        return self.name

    def look(self, installations, plans):
        """Sees that both installations show as many items, and what their databases read for them."""
        counts = [
            len(installation.client.get(path)[1]["items"]) for installation, path in zip(installations, self.paths)
        ]
        assert len(set(counts)) == 1, f"{self}: {counts} items"
        self.items = counts[0]
        self.buffers = [buffers(plan.of(path)) for plan, path in zip(plans, self.paths)]

    def measure(self, installations):
        """What requests to one installation cost, and then to the other."""
        return [_costs(installation, path) for installation, path in zip(installations, self.paths)]


def filters(installation):
    """Every filter that lists offer, with values that many rows have and such that few have."""
    often, seldom = (
        installation.database.run(f"select id from roles where name = '{name}'") for name in ("user", "role-20")
    )
    owner = installation.database.run("select owner_id from api_keys group by 1 order by count(*) desc limit 1")
    return {
        "users": (USERS, {}),
        "users?is_active=true": (USERS, {"is_active": "true"}),
        "users?is_active=false": (USERS, {"is_active": "false"}),
        "users?q=maria": (USERS, {"q": "maria"}),
        "users?q=xanthippe": (USERS, {"q": "xanthippe"}),
        "users?q=m": (USERS, {"q": "m"}),
        "users?q=@mail.example": (USERS, {"q": "@mail.example"}),
        "users?q=maria&is_active=true": (USERS, {"q": "maria", "is_active": "true"}),
        "users?q=maria&is_active=false": (USERS, {"q": "maria", "is_active": "false"}),
        "users?q=@partner.example&is_active=false": (USERS, {"q": "@partner.example", "is_active": "false"}),
        "users?role_id=(everybody's)": (USERS, {"role_id": often}),
        "users?role_id=(a hundred's)": (USERS, {"role_id": seldom}),
        "api-keys": (KEYS, {}),
        "api-keys?owner_id=": (KEYS, {"owner_id": owner}),
        "roles": ("/api/v1/roles", {}),
        "permissions": ("/api/v1/permissions", {}),
    }


def pages(installations):
    """The first page of every list, and the deepest that is full."""
    for name, *lists in zip(filters(installations[0]), *(filters(each).values() for each in installations)):
        yield Page(name, [_path(*each) for each in lists])
        deep = [_deep(installation, *each) for installation, each in zip(installations, lists)]
        if all(deep):
            yield Page(f"{name}, deep", deep)


def measure(directory, users, rounds, say):
    """The pages with what they cost, in `rounds` rounds, at `users` users and at SMALL."""
    with contextlib.ExitStack() as stack:
        installations = []
        for size in (users, SMALL):
            say(f"Migrating and seeding {size:,} users with as many API keys")
            installations.append(stack.enter_context(Installation(directory, size)))
        say("Looking for the deep pages")
        chosen = list(pages(installations))
        with contextlib.ExitStack() as explaining:
            plans = [explaining.enter_context(Plans(installation)) for installation in installations]
            for page in chosen:
                say(f"Explaining {page}")
                page.look(installations, plans)
        # In the first round the connections prepare the statements.
        for round in range(rounds + 1):
            say(f"Round {round} of {rounds}" if round else "Warming up")
            for installation in installations:
                installation.watch()
            for page in chosen:
                turns = [page.measure(installations) for _ in range(TURNS)]
                page.turns += turns if round else []
    return chosen


def _path(path, query, **more):
    return f"{path}?{urllib.parse.urlencode(query | {'limit': LIMIT} | more)}"


def _deep(installation, path, query):
    """The path of the last full page of the first DEPTH pages; None when only the first one is full."""
    deepest, cursor = None, {}
    for _ in range(DEPTH):
        here = _path(path, query, **cursor)
        page = installation.client.get(here)[1]
        if cursor and len(page["items"]) == LIMIT:
            deepest = here
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    return deepest


def _costs(installation, path):
    before = installation.clock_seconds()
    seconds = [installation.client.get(path)[0] for _ in range(REQUESTS)]
    server, database = (b - a for a, b in zip(before, installation.clock_seconds()))
    return {
        "p50_ms": statistics.median(seconds) * 1e3,
        "server_us": server / REQUESTS * 1e6,
        "database_us": database / REQUESTS * 1e6,
    }
