"""What is measured, and the peers and ceilings that each is held against."""

import json
import sys
import uuid

import credentials
import goals
import transactions
from load import Contestant
from seed import open_sessions

NAMES = ("livez", "jwt", "api-key", "users-me", "users-page", "create-user", "refresh")


class Scenario:
    """Requests for one path, each with the next of the header fields; `transaction` is the SQL behind the answer."""

    method = "GET"
    script = "requests.lua"
    status = 200

    def __init__(self, name, path, headers, has_nginx=False, transaction=None):
        self.name = name
        self.path = path
        self.headers = headers
        self.has_nginx = has_nginx
        self.transaction = transaction
        self.contestants = []

    @property
    def goals(self):
        return goals.RATIOS.get(self.name, {})

    def lines(self):
        """What the script reads, made anew for each measurement."""
        return self.headers

    def arguments(self, load):
        """What the script is given, too."""
        return []

    def body(self):
        return None

    def ask(self, server):
        """The answer to one request, which shows that the scenario works."""
        name, _, value = self.headers[0].partition(": ")
        headers = {name: value} | ({"Content-Type": "application/json"} if self.body() else {})
        answer = server.request(self.method, self.path, headers, self.body())
        if answer.status != self.status:
            sys.exit(f"{type(server).__name__}: {self.method} {self.path} answered {answer.status}:\n{answer.body}")
        return answer

    def compare(self, ours, theirs):
        """Stops when a peer does not answer what Postern answers; cursors are everybody's own."""
        said = [json.loads(answer.body) | {"next_cursor": None} for answer in (ours, theirs)]
        if self.method == "GET" and said[0] != said[1]:
            sys.exit(f"{self.path}: Postern and its peer answer differently:\n{ours.body[:500]}\n{theirs.body[:500]}")

    def run(self, load, server, lines, seconds):
        return load.wrk(server, self.path, self.script, lines, self.arguments(load), seconds)

    def line_up(self, load, database, postern, peers, nginx):
        """Postern, its peers, and its ceilings."""

        def add(name, server):
            def wrk(lines, seconds):
                return self.run(load, server, lines, seconds)

            asked = database if self.transaction and server is not nginx else None
            self.contestants.append(Contestant(self.name, name, wrk, server, asked, self.lines))

        add("postern", postern)
        for name, peer in peers.items():
            add(name, peer)
        if self.has_nginx:
            add("nginx", nginx)
        if self.transaction:

            def pgbench(_, seconds):
                return load.pgbench(database, self.transaction, seconds)

            self.contestants.append(Contestant(self.name, "pgbench", pgbench, database=database))


class CreateUser(Scenario):
    method = "POST"
    script = "create.lua"
    status = 201

    def arguments(self, load):
        return [uuid.uuid4().hex[:8]]

    def body(self):
        return json.dumps({"email": f"user.{uuid.uuid4().hex}@example.com", "display_name": "New User"})


class Refresh(Scenario):
    """Each connection swaps a refresh token, and then the successor that it got."""

    method = "POST"
    script = "refresh.lua"

    def __init__(self, name, path, database, secret, load, transaction):
        super().__init__(name, path, ["Accept: */*"], transaction=transaction)
        # wrk takes one more for each of its threads.
        self.open_sessions = lambda count=load.connections + load.threads: open_sessions(database, secret, count)

    def lines(self):
        return self.open_sessions()

    def arguments(self, load):
        return [str(load.threads)]

    def body(self):
        return json.dumps({"refresh_token": self.open_sessions(1)[0]})


def make(keys, tokens, database, secret, load):
    """All scenarios, in the order of NAMES."""
    with_key = [f"X-API-Key: {key}" for key in keys]
    with_token = [f"Authorization: Bearer {token}" for token in tokens]

    def with_permission(permission):
        return [line for line in with_token if permission in credentials.claims(line)["permissions"]]

    return [
        Scenario("livez", "/livez", ["Accept: */*"], has_nginx=True),
        Scenario("jwt", "/api/v1/examples/jwt-only", with_token, has_nginx=True),
        Scenario(
            "api-key", "/api/v1/examples/api-key-only", with_key, has_nginx=True, transaction=transactions.api_key()
        ),
        Scenario("users-me", "/api/v1/users/me", with_token, transaction=transactions.own_profile()),
        Scenario(
            "users-page",
            "/api/v1/users?limit=50",
            with_permission("users:read"),
            transaction=transactions.users_page(),
        ),
        CreateUser(
            "create-user", "/api/v1/users", with_permission("users:write"), transaction=transactions.create_user()
        ),
        Refresh("refresh", "/api/v1/auth/refresh", database, secret, load, transactions.refresh()),
    ]
