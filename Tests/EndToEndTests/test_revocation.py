"""A revocation holds within a second: on every worker of every host, whoever makes it and however busy they are."""

import base64
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import time

import pytest

from support.database import Database, server_url
from support.load import Load
from support.postern import Postern
from support.provider import Browser
from support.session import Session
from support.tcp_proxy import TCPProxy
from support.wait import wait_until

BOUND = 1.0
JWT_ONLY = "/api/v1/examples/jwt-only"
USERS_READ = "/api/v1/examples/users-read"


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


class Door:
    """A kept connection to one worker."""

    def __init__(self, server):
        self.port = server.port
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        self._get("/livez", {})
        self.worker = self._worker(server)

    def status(self, token, path=JWT_ONLY):
        return self._get(path, {"Authorization": f"Bearer {token}"})

    def _get(self, path, headers):
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def _worker(self, server):
        """The process that has the other end of the connection."""
        ends = f":{self.port:04X}", f":{self.connection.sock.getsockname()[1]:04X}"
        lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()]
        inode = next(line[9] for line in lines if (line[1][-5:], line[2][-5:]) == ends)
        for worker in server.workers():
            for descriptor in pathlib.Path(f"/proc/{worker}/fd").iterdir():
                with contextlib.suppress(OSError):
                    if descriptor.readlink().name == f"socket:[{inode}]":
                        return worker


class Hosts:
    """Two hosts on one database, and a connection to each of their workers."""

    def __init__(self, provider):
        self.database = Database.migrated()
        self.first = Postern(self.database.url, POSTERN_WORKERS=4, **provider.settings).start()
        self.second = self.another(POSTERN_WORKERS=2)
        self.sql = Session(self.database)
        self.doors = [door for server in (self.first, self.second) for door in self._doors(server)]
        self.threads = concurrent.futures.ThreadPoolExecutor(len(self.doors))

    def another(self, **settings):
        """One more host of the same installation."""
        secret = self.first.env["POSTERN_SECRET"]
        return Postern(
            self.database.url, POSTERN_SECRET=secret, POSTERN_PUBLIC_URL=self.first.url, **settings
        ).start()

    def _doors(self, server):
        workers = set(server.workers())
        found = {}
        deadline = time.monotonic() + 30
        while set(found) != workers:
            assert time.monotonic() < deadline, f"only {set(found)} of {workers} answered"
            door = Door(server)
            found.setdefault(door.worker, door)
        return found.values()

    def sign_in(self, subject="ada@example.com"):
        return Browser(self.first).sign_in(subject)["access_token"]

    def statuses(self, token, path=JWT_ONLY):
        return {door.status(token, path) for door in self.doors}

    def delay(self, change, token, path, status):
        """Seconds from before `change` until the last worker of all answers with `status`."""
        start = time.monotonic()

        def wait(door):
            while door.status(token, path) != status:
                assert time.monotonic() < start + 30, f"{path} does not become {status}"
                time.sleep(0.005)
            return time.monotonic() - start

        change()
        return max(self.threads.map(wait, self.doors))

    def end(self):
        self.threads.shutdown()
        self.sql.end()
        self.second.end()
        self.first.end()


@pytest.fixture(scope="module")
def hosts(provider):
    hosts = Hosts(provider)
    yield hosts
    hosts.end()


@pytest.fixture(scope="module")
def role(hosts):
    """A role that gives users:read."""
    hosts.sql.query(
        "insert into roles (id, name, created_at, updated_at) values (gen_random_uuid(), 'reader', now(), now());"
        "insert into role_permissions select r.id, p.id, now() from roles r, permissions p"
        " where r.name = 'reader' and p.name = 'users:read'"
    )
    return hosts.sql.value("select id from roles where name = 'reader'")


@pytest.fixture
def reader(hosts, role):
    """The token of somebody who holds that role, and the user's id."""
    subject = "grace@example.com"
    user = claims(hosts.sign_in(subject))["sub"]
    hosts.sql.query(
        f"insert into user_roles values ('{user}', '{role}', now()) on conflict do nothing;"
        "insert into role_permissions select r.id, p.id, now() from roles r, permissions p"
        " where r.name = 'reader' and p.name = 'users:read' on conflict do nothing"
    )
    token = hosts.sign_in(subject)
    wait_until(lambda: hosts.statuses(token, USERS_READ) == {200}, what="the right to read")
    return token, user


@pytest.mark.parametrize("load", ["idle", "busy"])
def test_endedSession_isRefusedByAllWorkersOfAllHosts_withinASecond(hosts, load):
    delays = []
    with contextlib.ExitStack() as stack:
        tokens = [hosts.sign_in() for _ in range(50)]
        if load == "busy":
            # /readyz asks the database each time.
            for server in (hosts.first, hosts.second):
                stack.enter_context(Load(server.port, clients=8, path="/readyz"))
        for token in tokens:
            assert hosts.statuses(token) == {200}
            end = f"update sessions set ended_at = now() where id = '{claims(token)['sid']}'"
            delays.append(hosts.delay(lambda: hosts.sql.query(end), token, JWT_ONLY, 401))
    delays.sort()
    print(f"\n{load}: p50 {delays[24] * 1000:.0f} ms, p99 {delays[-1] * 1000:.0f} ms (the longest of {len(delays)})")
    assert delays[-1] <= BOUND


def test_session_thatIsDeleted_isRefused_andTheOthersGoOn(hosts):
    token, other = hosts.sign_in(), hosts.sign_in()
    delete = f"delete from sessions where id = '{claims(token)['sid']}'"
    assert hosts.delay(lambda: hosts.sql.query(delete), token, JWT_ONLY, 401) <= BOUND
    assert hosts.statuses(other) == {200}


@pytest.mark.parametrize(
    "change",
    [
        "delete from user_roles where user_id = '{user}' and role_id = '{role}'",
        "delete from role_permissions where role_id = '{role}'",
    ],
    ids=["from the user", "from the role"],
)
def test_permission_thatIsTaken_isGoneFromLivingTokens_andBackWhenItIsGiven(hosts, role, reader, change):
    token, user = reader
    take = change.format(user=user, role=role)
    give = (
        f"insert into user_roles values ('{user}', '{role}', now()) on conflict do nothing;"
        f"insert into role_permissions select '{role}', id, now() from permissions where name = 'users:read'"
        " on conflict do nothing"
    )
    assert hosts.delay(lambda: hosts.sql.query(take), token, USERS_READ, 403) <= BOUND
    assert hosts.statuses(token) == {200}, "who the user is has not changed"
    assert hosts.delay(lambda: hosts.sql.query(give), token, USERS_READ, 200) <= BOUND


def test_change_byATransactionThatCommitsLate_holdsWithinASecondOfItsCommit(hosts, role, reader):
    token, user = reader
    late = Session(hosts.database)
    late.query(f"begin; delete from user_roles where user_id = '{user}' and role_id = '{role}'")
    # Later transactions, which every worker sees while this one is still open.
    for _ in range(3):
        other = hosts.sign_in()
        end = f"update sessions set ended_at = now() where id = '{claims(other)['sid']}'"
        assert hosts.delay(lambda: hosts.sql.query(end), other, JWT_ONLY, 401) <= BOUND
    assert hosts.statuses(token, USERS_READ) == {200}
    assert hosts.delay(lambda: late.query("commit"), token, USERS_READ, 403) <= BOUND
    late.end()


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
def test_user_whoIsGone_isRefused(hosts, how):
    token = hosts.sign_in("alan@example.com")
    user = claims(token)["sub"]
    change = {
        "deactivated": f"update users set is_active = false where id = '{user}'",
        "deleted": f"delete from users where id = '{user}'",
    }[how]
    assert hosts.delay(lambda: hosts.sql.query(change), token, JWT_ONLY, 401) <= BOUND
    if how == "deactivated":
        hosts.sql.query(f"update users set is_active = true where id = '{user}'")


def test_worker_thatStartsLater_knowsWhatWasRevoked(hosts):
    token = hosts.sign_in()
    end = f"update sessions set ended_at = now() where id = '{claims(token)['sid']}'"
    hosts.delay(lambda: hosts.sql.query(end), token, JWT_ONLY, 401)
    third = hosts.another()
    try:
        assert {third.get(JWT_ONLY, token=token).status_code for _ in range(10)} == {401}
        assert third.get(JWT_ONLY, token=hosts.sign_in()).status_code == 200
    finally:
        third.end()


def test_worker_cutOffFromTheDatabase_acceptsTokensMeanwhile_saysSo_andCatchesUp(start_postern, provider):
    folder = server_url().partition("host=")[2].partition("&")[0]
    proxy = TCPProxy(f"{folder}/.s.PGSQL.5432")
    database = Database.migrated()
    url = f"postgresql://postern@127.0.0.1:{proxy.port}/{database.name}?sslmode=disable&gssencmode=disable"
    postern = start_postern(url, **provider.settings)
    token = Browser(postern).sign_in("ada@example.com")["access_token"]

    proxy.cut()
    database.query("update sessions set ended_at = now()")
    warned = lambda: [line for line in postern.log_lines() if str(line.get("msg", "")).startswith("revocations not read")]
    wait_until(lambda: len(warned()) >= 2, what="a warning of each worker")
    assert postern.get(JWT_ONLY, token=token).status_code == 200
    assert postern.get("/readyz").status_code == 503, "so that nobody is sent here"

    proxy.mend()
    wait_until(
        lambda: {postern.get(JWT_ONLY, token=token).status_code for _ in range(8)} == {401}, what="refusal by all workers"
    )
    assert len(warned()) == 2, "once for each worker, not for each attempt"
    proxy.close()
