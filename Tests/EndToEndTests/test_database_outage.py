"""What works without the database, and that the rest comes back by itself."""

import json
import socket
import struct

import pytest

from support.database import Database, server_url
from support.load import Load
from support.migrate import FILES, done
from support.provider import Browser
from support.session import Session
from support.tcp_proxy import TCPProxy
from support.wait import wait_until


OUT_OF_REACH = "the database is out of reach"


@pytest.fixture
def proxy():
    folder = server_url().partition("host=")[2].partition("&")[0]
    proxy = TCPProxy(f"{folder}/.s.PGSQL.5432")
    yield proxy
    proxy.close()


def url(proxy, database):
    return f"postgresql://postern@127.0.0.1:{proxy.port}/{database.name}?sslmode=disable&gssencmode=disable"


def test_outage_costs503WhereTheDatabaseIsNeeded_andEndsByItself(start_postern, proxy, provider):
    postern = start_postern(url(proxy, Database.migrated()), **provider.settings)
    workers = set(postern.workers())
    key = postern.bootstrap()["api_key"]
    token = Browser(postern).sign_in("ada@example.com")["access_token"]

    proxy.cut()
    wait_until(lambda: postern.get("/readyz").status_code == 503, what="/readyz answering 503")
    for answer in (
        postern.get("/readyz"), postern.get("/api/v1/users/me", key=key), postern.get("/api/v1/users/me", token=token)
    ):
        assert answer.status_code == 503 and answer.json()["code"] == "unavailable"
        assert answer.headers["Retry-After"]
    assert postern.get("/livez").status_code == 200
    assert postern.get("/.well-known/jwks.json").status_code == 200
    assert postern.get("/api/v1/examples/jwt-only", token=token).status_code == 200
    assert postern.command("healthcheck").returncode == 1

    proxy.mend()
    wait_until(lambda: all(postern.get("/readyz").status_code == 200 for _ in range(8)), what="readiness again")
    assert postern.get("/api/v1/users/me", key=key).status_code == 200
    assert postern.get("/api/v1/users/me", token=token).status_code == 200
    assert set(postern.workers()) == workers, "no worker died of it"


def test_outage_refusesChangesWithinTwoSeconds_howeverManyWait(start_postern, proxy):
    postern = start_postern(url(proxy, Database.migrated()), POSTERN_WORKERS=1)
    link = postern.bootstrap()["sign_in_url"].partition("token=")[2]
    token = postern.post("/api/v1/auth/link", data={"token": link}).json()["access_token"]
    # Of a token, not of an API key, for which the database would be asked first.
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with Load(postern.port, 40, "/api/v1/api-keys", "POST", '{"name": "a"}', headers, expects=201) as changes:
        wait_until(lambda: changes.count("ok") > 40, what="changes")
        proxy.cut()
        wait_until(lambda: changes.count("503") > 100, timeout=40, what="refused changes")
    assert set(changes.failures()) == {"503"}, changes.snapshot()
    # One for its turn and one for a connection; the third is for a busy machine.
    assert changes.longest <= 3


def test_start_withoutADatabase_servesWhatItCan_andRecovers(start_postern, proxy):
    proxy.cut()
    postern = start_postern(url(proxy, Database.migrated()), until="/livez")

    assert postern.get("/readyz").status_code == 503
    assert postern.get("/api/v1/examples/jwt-only", token="x").status_code == 503

    proxy.mend()
    wait_until(lambda: all(postern.get("/readyz").status_code == 200 for _ in range(8)), what="readiness")


def test_start_withoutADatabase_whoseSchemaTurnsOutToBeOlder_isNeverReady_andEnds(start_postern, proxy):
    database = Database.migrated()
    done(database, "down", "--yes")
    proxy.cut()
    postern = start_postern(url(proxy, database), until="/livez")

    with Load(postern.port, clients=2, path="/readyz", expects=503, rate=100) as readiness:
        wait_until(lambda: readiness.count("ok") > 0, what="the first answer")
        proxy.mend()
        assert postern.process.wait(timeout=30) == 64
    assert "200" not in readiness.snapshot()
    before, newest = (name[:4] for name in FILES[-2:])
    assert f"the database schema is at {before}, this release needs {newest}; run: postern migrate up" in postern.log


def test_start_onADatabaseThatTakesNoWrites_servesWhatItCan_andRecovers(start_postern):
    database = Database.migrated()
    database.query(f"alter database {database.name} set default_transaction_read_only = on")
    postern = start_postern(database.url, until="/livez")
    assert postern.get("/readyz").status_code == 503

    database.query(f"set transaction read write; alter database {database.name} reset default_transaction_read_only")
    wait_until(lambda: all(postern.get("/readyz").status_code == 200 for _ in range(8)), what="readiness")


def test_terminatedConnections_areReplaced(start_postern):
    database = Database.migrated()
    postern = start_postern(database.url)
    key = postern.bootstrap()["api_key"]

    database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )

    wait_until(
        lambda: all(postern.get("/api/v1/users/me", key=key).status_code == 200 for _ in range(10)), what="recovery"
    )


def test_idleTimeoutOfTheServer_costsNoRequest(start_postern):
    database = Database.migrated()
    # About as long as a connection of the pools has nothing to do.
    database.query(f"alter database {database.name} set idle_session_timeout = '150ms'")
    postern = start_postern(database.url)
    headers = {"X-API-Key": postern.bootstrap()["api_key"], "Content-Type": "application/json"}
    with (
        Load(postern.port, 8, "/api/v1/users?limit=1", headers=headers, rate=40) as reads,
        Load(postern.port, 8, "/api/v1/api-keys", "POST", '{"name": "a"}', headers, expects=201, rate=40) as writes,
    ):
        wait_until(lambda: reads.count("ok") + writes.count("ok") >= 500, timeout=40, what="500 successes")
    assert (reads.failures(), writes.failures()) == ({}, {})
    assert OUT_OF_REACH not in postern.messages()


def test_idleConnectionThatIsEnded_isReplaced_withoutTheOthers(start_postern):
    database = Database.migrated()
    postern = start_postern(database.url, POSTERN_WORKERS=1)

    def backends():
        """The connections of the pool while they have nothing to do."""
        rows = database.query(
            "select pid from pg_stat_activity where datname = current_database()"
            " and application_name = 'postern' and state = 'idle'"
        )
        return {row[0] for row in rows}

    wait_until(lambda: len(backends()) == 4, what="the whole pool")
    before = backends()
    victim = min(before)
    database.query(f"select pg_terminate_backend({victim})")

    wait_until(lambda: len(backends()) == 4 and victim not in backends(), what="a connection in its place")
    assert before - backends() == {victim}
    assert OUT_OF_REACH not in postern.messages()


def test_requestOfAClientThatIsGone_isNotSentToTheDatabaseAnyMore(start_postern):
    database = Database.migrated()
    postern = start_postern(database.url, POSTERN_WORKERS=1, POSTERN_POOL_SIZE=1)
    key = postern.bootstrap()["api_key"]
    assert postern.get("/api/v1/permissions", key=key).status_code == 200
    lock = Session(database)
    lock.query("begin; lock table permissions in access exclusive mode")
    clients = []
    try:
        for resource in "abcdefghij":
            body = json.dumps({"resource": resource, "action": "read"})
            client = socket.create_connection(("127.0.0.1", postern.port))
            # Closing it sends a reset: nobody is there any more.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(
                f"POST /api/v1/permissions HTTP/1.1\r\nHost: a\r\nX-API-Key: {key}\r\nIdempotency-Key: {resource}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            clients.append(client)
        wait_until(lambda: postern.status()["requests_in_flight"] == 10, what="ten requests, one of which waits for the lock")
        for client in clients:
            client.close()
        # They would wait in line for a second.
        wait_until(lambda: postern.status()["requests_in_flight"] <= 1, what="the end of those in line")
    finally:
        lock.end()
    causes = [line.get("cause", "") for line in postern.log_lines() if line.get("msg") == "request failed"]
    # The first may have been between two statements.
    assert len([cause for cause in causes if "cancelled before it was sent" in cause]) >= 9, causes
    assert postern.get("/api/v1/permissions", key=key).status_code == 200
