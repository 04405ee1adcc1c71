"""Fixtures: the built executable on a database of its own, and a real identity provider."""

import pytest

from support import secrets
from support.database import Database
from support.linking import REDIRECT_URL
from support.postern import Postern
from support.provider import Browser, Provider
from support.world import World


secrets.watch()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    setattr(item, f"report_{report.when}", report)


@pytest.fixture
def start_postern(request):
    """Starts servers with settings of the test's choice, and ends them; shows the log of a test that failed."""
    started = []

    def start(database_url=None, until="/readyz", **settings):
        server = Postern(database_url or Database.migrated().url, **settings)
        started.append(server)
        return server.start(until=until)

    yield start
    for server in started:
        if getattr(request.node, "report_call", None) and request.node.report_call.failed:
            print(f"--- log of {server.url}\n{server.log[-8000:]}")
        server.end()


@pytest.fixture(scope="session")
def provider():
    people = [
        {"sub": f"{name}@example.com", "email": f"{name}@example.com", "email_verified": True}
        for name in ("ada", "grace", "alan")
    ]
    provider = Provider(people)
    yield provider
    provider.end()


class Installation:
    """A running Postern with an administrator and an identity provider."""

    def __init__(self, server, database, administrator):
        self.server = server
        self.database = database
        self.administrator = administrator

    def browser(self):
        return Browser(self.server)

    def sign_in(self, subject="ada@example.com"):
        return self.browser().sign_in(subject)

    def administrator_token(self):
        """An access token by way of a sign-in link; the bootstrap's own link works only once."""
        if not hasattr(self, "_token"):
            answer = use_link(self.server, self.administrator["sign_in_url"])
            assert answer.status_code == 200, answer.text
            self._token = answer.json()["access_token"]
        return self._token


def use_link(server, url):
    return server.post("/api/v1/auth/link", data={"token": url.partition("token=")[2]})


@pytest.fixture(scope="module")
def installation(request, provider):
    """The module's own; its `SETTINGS`, when it has any, are added to those of the provider."""
    database = Database.migrated()
    settings = {"POSTERN_REDIRECT_URLS": REDIRECT_URL} | getattr(request.module, "SETTINGS", {})
    server = Postern(database.url, **provider.settings, **settings).start()
    yield Installation(server, database, server.bootstrap())
    server.end()


@pytest.fixture(scope="module")
def postern(installation):
    return installation.server


@pytest.fixture(scope="module")
def world(installation):
    """The installation with whatever a test asks for; no secret that it issued may be in its log."""
    world = World(installation)
    yield world
    world.database.end()
    assert world.secrets_in_log() == []
