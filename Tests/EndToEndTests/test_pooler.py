"""Behind a pooler that gives each transaction a session of its choice."""

import concurrent.futures
import contextlib
import datetime

import pytest

from support.database import Database, psql
from support.hosts import BOUND, JWT_ONLY, Hosts, claims
from support.load import Load
from support.pgbouncer import PgBouncer


@pytest.fixture(scope="module")
def pooler():
    pooler = PgBouncer()
    yield pooler
    pooler.end()


@pytest.fixture(scope="module")
def hosts(pooler, provider):
    """Thirty connections on three sessions, whose settings are not those that Postern wants."""
    database = Database.migrated()
    database.query(f"alter database {database.name} set timezone = 'Asia/Kolkata'")
    database.query(f"alter database {database.name} set datestyle = 'German'")
    hosts = Hosts(provider, database, pooler.url(database), POSTERN_PREPARED_STATEMENTS="off")
    yield hosts
    hosts.end()


def test_requests_atOnce_areAllAnswered_onAFewSessions(hosts):
    """Reads, single writes, and transactions of several statements, from all workers at once."""
    key = hosts.first.bootstrap()["api_key"]

    def work(number):
        server = (hosts.first, hosts.second)[number % 2]
        role = server.post("/api/v1/roles", key=key, json={"name": f"role-{number}"})
        user = server.post("/api/v1/users", key=key, json={"email": f"{number}@example.com", "roles": ["user"]})
        assert (role.status_code, user.status_code) == (201, 201), (role.text, user.text)
        given = server.request("PUT", f"/api/v1/users/{user.json()['id']}/roles/{role.json()['id']}", key=key)
        assert given.status_code == 204, given.text
        seen = server.get(f"/api/v1/users/{user.json()['id']}", key=key).json()
        assert sorted(seen["roles"]) == [f"role-{number}", "user"]
        created = datetime.datetime.fromisoformat(seen["created_at"])
        assert abs(datetime.datetime.now(datetime.UTC) - created) < datetime.timedelta(minutes=1)

    with concurrent.futures.ThreadPoolExecutor(12) as threads:
        list(threads.map(work, range(60)))
    [[count]] = hosts.database.query(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'postern%'"
    )
    assert 0 < int(count) <= PgBouncer.SESSIONS


@pytest.mark.parametrize("load", ["idle", "busy"])
def test_endedSession_isRefusedByAllWorkers_withinASecond(hosts, load):
    tokens = [hosts.sign_in() for _ in range(15)]
    with contextlib.ExitStack() as stack:
        for server in (hosts.first, hosts.second) if load == "busy" else ():
            stack.enter_context(Load(server.port, clients=4, path="/readyz"))
        for token in tokens:
            assert hosts.statuses(token) == {200}
            end = f"update sessions set ended_at = now() where id = '{claims(token)['sid']}'"
            assert hosts.delay(lambda: hosts.sql.query(end), token, JWT_ONLY, 401) <= BOUND


def test_sessions_ofThePooler_keepNothingThatIsOurs(hosts, pooler):
    url = pooler.url(hosts.database)
    asked = "select current_setting('plan_cache_mode'), current_setting('jit'), current_setting('TimeZone'), " \
        "(select count(*) from pg_prepared_statements)"
    for _ in range(10):
        assert psql(url, asked) == [["auto", "on", "Asia/Kolkata", "0"]]
