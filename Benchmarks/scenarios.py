"""What is measured, and the peers and ceilings that each is held against."""

import json
import sys
import uuid

import credentials
import goals
import transactions
from load import Contestant
from seed import open_sessions
from servers import WORKERS

NAMES = ("livez", "jwt", "jwt-new", "api-key", "users-me", "users-page", "create-user", "refresh")


# Access tokens that a worker of Postern remembers (CachingTokenVerifier.capacity).
REMEMBERED = 4096
# With how many credentials answers are compared: each of the twenty roles that users have is among them.
COMPARED = 20


class Scenario:
    """Requests for one path, each with the next of the header fields; `transaction` is the SQL behind the answer."""

    method = "GET"
    script = "requests.lua"
    status = 200
    # What no two answers have in common: of these only the type is compared.
    own = ("next_cursor",)

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

    def credentials(self):
        """The header fields that requests come with, in turn."""
        return self.headers

    def lines(self):
        """What the script reads, made anew for each measurement."""
        return self.credentials()

    def arguments(self, load):
        """What the script is given, too."""
        return []

    def body(self):
        return None

    def ask(self, server, credential):
        """The answer to one request, which shows that the scenario works."""
        name, _, value = credential.partition(": ")
        headers = {name: value} | ({"Content-Type": "application/json"} if self.body() else {})
        answer = server.request(self.method, self.path, headers, self.body())
        if answer.status != self.status:
            sys.exit(f"{type(server).__name__}: {self.method} {self.path} answered {answer.status}:\n{answer.body}")
        return answer

    def compare(self, postern, peers):
        """Stops when a peer does not answer what Postern answers; the answer to the first credential."""
        answers = [self.ask(postern, credential) for credential in self.credentials()[:COMPARED]]
        for peer in peers:
            for credential, ours in zip(self.credentials(), answers):
                theirs = self.ask(peer, credential)
                if self._comparable(ours) != self._comparable(theirs):
                    bodies = f"{ours.body[:500]}\n{theirs.body[:500]}"
                    sys.exit(f"{self.method} {self.path}: Postern and its peer answer differently:\n{bodies}")
        return answers[0]

    def _comparable(self, answer):
        fields = json.loads(answer.body).items()
        return {name: type(value) if name in self.own else value for name, value in fields}

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


class NewTokens(Scenario):
    """As many tokens that no worker remembers one until it comes again: each gets a third of the others meanwhile."""

    def __init__(self, name, path, subject):
        super().__init__(name, path, [])
        self.subject = subject
        self.begins = {}

    def credentials(self):
        # Made when they are needed, because that takes some seconds.
        if not self.headers:
            tokens = self.subject.new_tokens(3 * REMEMBERED * WORKERS // 2)
            self.headers = [f"Authorization: Bearer {token}" for token in tokens]
        return self.headers

    def run(self, load, server, lines, seconds):
        # Where the server's last run ended: a short one would show it the same tokens again.
        begin = self.begins.get(server, 0)
        result = super().run(load, server, lines[begin:] + lines[:begin], seconds)
        self.begins[server] = (begin + result["requests"] // load.threads) % len(lines)
        return result


class CreateUser(Scenario):
    method = "POST"
    script = "create.lua"
    status = 201
    own = ("id", "email", "created_at", "updated_at")

    def arguments(self, load):
        return [uuid.uuid4().hex[:8]]

    def body(self):
        return json.dumps({"email": f"user.{uuid.uuid4().hex}@example.com", "display_name": "New User"})


class Refresh(Scenario):
    """Each connection swaps a refresh token, and then the successor that it got."""

    method = "POST"
    script = "refresh.lua"
    own = ("access_token", "refresh_token")

    def __init__(self, name, path, subject, load, transaction):
        super().__init__(name, path, ["Accept: */*"], transaction=transaction)
        # wrk takes one more for each of its threads.
        self.open_sessions = lambda count=load.connections + load.threads: open_sessions(
            subject.database, subject.secret, count
        )

    def lines(self):
        return self.open_sessions()

    def arguments(self, load):
        return [str(load.threads)]

    def body(self):
        return json.dumps({"refresh_token": self.open_sessions(1)[0]})


def make(subject, load):
    """All scenarios, in the order of NAMES."""
    with_key = [f"X-API-Key: {key}" for key in subject.keys]
    with_token = [f"Authorization: Bearer {token}" for token in subject.tokens]

    def with_permission(permission):
        return [line for line in with_token if permission in credentials.claims(line)["permissions"]]

    return [
        Scenario("livez", "/livez", ["Accept: */*"], has_nginx=True),
        Scenario("jwt", "/api/v1/examples/jwt-only", with_token, has_nginx=True),
        NewTokens("jwt-new", "/api/v1/examples/jwt-only", subject),
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
        Refresh("refresh", "/api/v1/auth/refresh", subject, load, transactions.refresh()),
    ]
