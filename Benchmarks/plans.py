"""What PostgreSQL reads for a request, as it says itself (auto_explain), with plans for any values ("generic")."""

import contextlib
import json
import re
import sys
import time
import urllib.parse

from installation import Client
from servers import Postern

SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "plan_cache_mode": "force_generic_plan",
}
PLAN = re.compile(r"duration: [\d.]+ ms  plan:\n(\t?\{\n.*?\n\t?\})\n", re.DOTALL)
# Enough for every connection of a pool to have read the catalogue before.
REQUESTS = 20
# Where scripts/with-postgres put PostgreSQL's log.
LOG = "current_setting('data_directory') || '/../server.log'"


class Plans:
    """A second Postern on an installation's database, which has every statement explained."""

    def __init__(self, installation):
        self.database = installation.database
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self.postern = Postern(installation.directory, self.database, installation.secret)
        self.postern.environment["DATABASE_URL"] += "&options=" + urllib.parse.quote(options)
        # The issuer of the token that it is shown.
        self.postern.environment["POSTERN_PUBLIC_URL"] = f"http://127.0.0.1:{installation.postern.port}"
        self.token = installation.token

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.postern)
            self.postern.start()
            self.client = stack.enter_context(Client(self.postern.port, self.token))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def of(self, path):
        """The plan of the list behind the last of some answers."""
        before = self.database.run(f"select size from pg_stat_file({LOG})")
        for _ in range(REQUESTS):
            self.client.get(path)
        deadline = time.monotonic() + 10
        plans = []
        # The answer may be faster than the log. A list is what has a limit; workers read that of revocations by themselves.
        while len(plans) < REQUESTS and time.monotonic() < deadline:
            added = self.database.run(f"select pg_read_file({LOG}, {before}, 10000000)") + "\n"
            explained = [json.loads(text) for text in PLAN.findall(added)]
            texts = [(plan, plan["Query Text"]) for plan in explained]
            plans = [plan for plan, text in texts if re.search(r"\blimit \$", text) and "from revocations" not in text]
        if len(plans) != REQUESTS:
            sys.exit(f"GET {path}: PostgreSQL's log has {len(plans)} plans of {REQUESTS}")
        return plans[-1]


def buffers(plan):
    """Pages of tables and indexes that were read, every time they were."""
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
