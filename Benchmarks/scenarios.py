"""What is measured, and the ceilings that each is held against."""

import sys

import statements
from load import Contestant

NAMES = ("livez", "api-key", "jwt", "users-me")


class Scenario:
    """Requests for one path, each with the next of the header fields; `query` is the SQL behind the answer."""

    def __init__(self, name, path, headers, has_nginx=False, query=None):
        self.name = name
        self.path = path
        self.headers = headers
        self.has_nginx = has_nginx
        self.query = query
        self.contestants = []

    def ask(self, postern):
        """The answer to one of the requests, for the ceiling to copy; it also shows that the scenario works."""
        name, _, value = self.headers[0].partition(": ")
        answer = postern.request("GET", self.path, {name: value})
        if answer.status != 200:
            sys.exit(f"GET {self.path} answered {answer.status}:\n{answer.body}")
        return answer

    def line_up(self, load, postern, nginx, database):
        """Postern, and then its ceilings."""

        def wrk(server):
            return lambda seconds: load.wrk(server, self.path, self.headers, seconds)

        asked = database if self.query else None
        self.contestants = [Contestant(self.name, "postern", wrk(postern), server=postern, database=asked)]
        if self.has_nginx:
            self.contestants.append(Contestant(self.name, "nginx", wrk(nginx), server=nginx))
        if self.query:
            pgbench = lambda seconds: load.pgbench(database, *self.query, seconds)
            self.contestants.append(Contestant(self.name, "pgbench", pgbench, database=database))


def make(keys, tokens):
    """All scenarios, in the order of NAMES."""
    with_key = [f"X-API-Key: {key}" for key in keys]
    with_token = [f"Authorization: Bearer {token}" for token in tokens]
    check = statements.sql("PostgresAPIKeyRepository+Use.swift", "check")
    profile = statements.sql("PostgresUserRepository.swift", "profile")
    a_hash = "select secret_hash as value from api_keys order by random() limit 1"
    a_user = "select id as value from users order by random() limit 1"
    return [
        Scenario("livez", "/livez", ["Accept: */*"], has_nginx=True),
        Scenario("api-key", "/api/v1/examples/api-key-only", with_key, has_nginx=True, query=(check, a_hash)),
        Scenario("jwt", "/api/v1/examples/jwt-only", with_token, has_nginx=True),
        Scenario("users-me", "/api/v1/users/me", with_token, query=(profile, a_user)),
    ]
