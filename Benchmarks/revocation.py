"""How long it takes until a revocation holds on every worker of two hosts, with the database idle and under load."""

import contextlib
import os
import pathlib
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import credentials
import processes
from database import Database
from doors import doors
from seed import seed
from servers import Postern

NAME = "revocation"
HOSTS = (4, 2)
BOUND = 1.0
# Credentials for the load; the others are for revoking.
LOAD = 100

# What is asked of the database, for the number of somebody who has a session, a token and a key.
ID = "01910000-0000-7000-8000-{:012x}"
CHANGES = {
    "session": "update sessions set ended_at = now() where user_id = '{id}'",
    "user": "update users set is_active = false where id = '{id}'",
    "key": "update api_keys set revoked_at = now() where id = '{id}'",
}
KINDS = ("session", "token", "user", "key")


class Hosts:
    """Two hosts of one installation, of four workers and of two."""

    def __init__(self, directory, revocations, say):
        self.directory = directory
        self.revocations = revocations
        self.say = say

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            secret = credentials.new_secret()
            self.database = stack.enter_context(Database("_revocation"))
            first = stack.enter_context(Postern(self.directory, self.database, secret, HOSTS[0]))
            url = f"http://127.0.0.1:{first.port}"
            second = stack.enter_context(Postern(self.directory, self.database, secret, HOSTS[1], public_url=url))
            self.servers = [first, second]
            # For each revocation, idle and under load, one person of each kind.
            people = LOAD + 2 * len(KINDS) * self.revocations
            self.say(f"Migrating and seeding {people:,} users")
            first.migrate()
            self.keys, links = seed(self.database, secret, people, people)
            for server in self.servers:
                server.start()
            self.say("Signing them in")
            self.tokens = first.sign_in(links)
            self.doors = [door for server in self.servers for door in doors(server)]
            self.session = stack.enter_context(Session(self.database.url))
            self.last = LOAD
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    @property
    def workers(self):
        return [worker for server in self.servers for worker in server.workers]

    def delays(self):
        """Revokes one of each kind, again and again; the seconds that each took to hold at the last worker."""
        found = {kind: [] for kind in KINDS}
        for _ in range(self.revocations):
            # So that the workers may be anywhere between two readings.
            time.sleep(random.uniform(0, 0.25))
            for kind, seconds in self._round().items():
                found[kind].append(seconds)
        return found

    def _round(self):
        people = {}
        for kind in KINDS:
            people[kind] = self.last
            self.last += 1
        fields = {kind: self._field(kind, number) for kind, number in people.items()}
        for door in self.doors:
            door.renew()
            for kind, field in fields.items():
                if (status := door.status(field)) != 200:
                    raise SystemExit(f"{kind}: answered {status} before the revocation")
        begins = {}
        with ThreadPoolExecutor(len(self.doors)) as pool:
            watches = [pool.submit(_watch, door, fields) for door in self.doors]
            for kind, number in people.items():
                begins[kind] = time.monotonic()
                self._revoke(kind, number)
                if kind == "token":
                    # The answer says that it is done; the way of the request there is no part of it.
                    begins[kind] = time.monotonic()
        # What stopped one of them is raised here: each worker must have refused each credential.
        ends = [watch.result() for watch in watches]
        return {kind: max(0, max(end[kind] for end in ends) - begins[kind]) for kind in KINDS}

    def _field(self, kind, number):
        return f"X-API-Key: {self.keys[number]}" if kind == "key" else f"Authorization: Bearer {self.tokens[number]}"

    def _revoke(self, kind, number):
        if kind == "token":
            fields = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self.servers[0].request("POST", "/api/v1/auth/revoke", fields, f"token={self.tokens[number]}")
            if answer.status != 200:
                raise SystemExit(f"the revocation of a token answered {answer.status}: {answer.body}")
        else:
            # Row number n of the seed has index n - 1.
            self.session.run(CHANGES[kind].format(id=ID.format(number + 1)))


def _watch(door, fields):
    """Asks a worker with what is not refused yet, until all is; when each was."""
    pending, ends = dict(fields), {}
    deadline = time.monotonic() + 30
    while pending:
        for kind, field in list(pending.items()):
            # Other answers than these are those of an overloaded server: no refusal.
            if door.status(field) == 401:
                ends[kind] = time.monotonic()
                del pending[kind]
        if pending and time.monotonic() > deadline:
            raise SystemExit(f"worker {door.worker} still accepts after 30 s: {', '.join(pending)}")
        time.sleep(0.01)
    return ends


class Session:
    """A kept connection to the database."""

    def __init__(self, url):
        command = ["psql", url, "--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1"]
        self.psql = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait()

    def run(self, sql):
        """Returns when the statement is committed."""
        self.psql.stdin.write(f"{sql};\n\\echo done\n")
        self.psql.stdin.flush()
        while (line := self.psql.stdout.readline()) != "done\n":
            if not line:
                raise SystemExit("psql ended")


class Load:
    """Reads and writes at all workers, as many as there is room for."""

    def __init__(self, hosts, connections):
        self.hosts = hosts
        self.connections = connections

    def __enter__(self):
        fields = self.hosts.directory / "load"
        fields.write_text("\n".join(f"Authorization: Bearer {token}" for token in self.hosts.tokens[:LOAD]))
        script = str(pathlib.Path(__file__).with_name("requests.lua"))
        self.wrks = []
        for server in self.hosts.servers:
            for count, more in ((self.connections, []), (self.connections // 4, ["PATCH", '{"display_name": "Load"}'])):
                command = ["wrk", "--threads=1", f"--connections={count}", "--duration=1h", f"--script={script}"]
                command += [f"http://127.0.0.1:{server.port}/api/v1/users/me", "--", str(fields), *more]
                self.wrks.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        # Until all connections are there.
        time.sleep(2)
        return self

    def __exit__(self, *_):
        for wrk in self.wrks:
            wrk.kill()
            wrk.wait()


def measure(directory, revocations, connections, say):
    """The delays in seconds, by load and kind, and how busy the machine and the least busy worker were."""
    with Hosts(directory, revocations, say) as hosts:
        for load in ("idle", "load"):
            with Load(hosts, connections) if load == "load" else contextlib.nullcontext():
                say(f"Revoking {revocations} of each kind, {load}")
                workers = hosts.workers
                before = time.monotonic(), processes.machine_seconds(), [processes.clock_seconds([w]) for w in workers]
                rate = Rate(hosts)
                delays = hosts.delays()
                took = time.monotonic() - before[0]
                yield {
                    "load": load,
                    "delays": delays,
                    "machine": (processes.machine_seconds() - before[1]) / took / os.cpu_count(),
                    "least_busy_worker": min(
                        (processes.clock_seconds([w]) - spent) / took for w, spent in zip(workers, before[2])
                    ),
                    **rate.end(),
                }


class Rate:
    """Transactions of the database, as it counts them."""

    SQL = "select xact_commit, tup_updated from pg_stat_database where datname = current_database()"

    def __init__(self, hosts):
        self.database = hosts.database
        self.start = self._read()

    def _read(self):
        return time.monotonic(), *map(int, self.database.run(self.SQL).split("|"))

    def end(self):
        now, commits, updates = self._read()
        took = now - self.start[0]
        return {"commits": (commits - self.start[1]) / took, "updates": (updates - self.start[2]) / took}
