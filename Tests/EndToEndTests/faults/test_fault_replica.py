"""Lists that a replica answers: what was written before is in them, and nobody notices when it lags or is gone."""

import concurrent.futures
import contextlib
import itertools
import pathlib
import re
import signal
import tempfile

import pytest
import requests

from support.load import Load
from support.postern import Postern, new_secret
from support.postgres import PostgresServer
from support.wait import wait_until

#: What only the list of users asks for.
LIST = "where u.id < coalesce"
NOT_USED = "the replica is not used; the primary serves all reads"
#: One secret, because several tests use the same database one after the other.
SETTINGS = {"POSTERN_WORKERS": 2, "POSTERN_POOL_SIZE": 2, "POSTERN_SECRET": new_secret()}
names = (f"user{number}@example.com" for number in itertools.count())


@pytest.fixture(scope="module")
def pair():
    """A primary and a standby of it."""
    with servers() as start:
        primary = start().migrate()
        yield primary, start(of=primary)


@pytest.fixture(scope="module")
def three():
    """Another primary, and two standbys of it."""
    with servers() as start:
        primary = start().migrate()
        yield primary, start(of=primary), start(of=primary)


@contextlib.contextmanager
def servers():
    with contextlib.ExitStack() as stack:

        def start(of=None):
            # No power is lost here, so nothing has to reach the disk.
            settings = {"log_statement": "all", "fsync": "off"}
            server = of.standby(**settings) if of else PostgresServer(**settings)
            stack.callback(server.end)
            return server if of else server.initialize()

        yield start


class Subject:
    """A running Postern, and an administrator's key."""

    def __init__(self, postern, primary, replica, key=None):
        self.postern = postern
        self.primary = primary
        self.replica = replica
        self.key = key or postern.bootstrap(next(names))["api_key"]

    def create(self):
        email = next(names)
        assert self.postern.post("/api/v1/users", key=self.key, json={"email": email}).status_code == 201
        return email

    def users(self):
        """The addresses of the newest users, read on a new connection: on whichever worker takes it."""
        answer = self.postern.get("/api/v1/users?limit=20", key=self.key)
        assert answer.status_code == 200, answer.text
        return [user["email"] for user in answer.json()["items"]]

    def newest(self):
        return next(iter(self.users()), None)

    def samples(self):
        """What a scrape finds, by name with labels."""
        lines = requests.get(f"{self.postern.admin_url}/metrics", timeout=10).text.splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}

    def reads(self):
        """How many reads the replica answered, or why it did not."""
        name = re.compile(r'db_replica_reads_total\{result="(\w+)"\}')
        return {found[1]: count for sample, count in self.samples().items() if (found := name.fullmatch(sample))}

    def server_of_a_list(self):
        """Who answers; the replica may have been asked in vain before."""
        before = lists(self.primary), lists(self.replica)
        self.newest()
        if lists(self.primary) > before[0]:
            return "primary"
        return "replica" if lists(self.replica) > before[1] else None

    def uses(self, server):
        """Waits until both workers do; each list is on a connection of its own."""
        wait_until(
            lambda: all(self.server_of_a_list() == server for _ in range(8)),
            timeout=20,
            what=f"lists from the {server}",
        )

    def says_why(self, reason):
        """Waits until the log says why the replica is not used, while lists are asked for."""

        def is_said():
            self.newest()
            return any(line.get("msg") == NOT_USED and reason in line["detail"] for line in self.postern.log_lines())

        wait_until(is_said, what="the line in the log")


def lists(server):
    return pathlib.Path(f"{server.folder}/server.log").read_text().count(LIST)


@pytest.fixture
def start(start_postern):
    def start(primary, replica, url=None, **settings):
        primary.query("delete from user_roles; delete from api_keys; delete from users")
        settings = {"POSTERN_REPLICA_DATABASE_URL": url or replica.url} | SETTINGS | settings
        return Subject(start_postern(primary.url, **settings), primary, replica)

    return start


@pytest.fixture
def subject(pair, start):
    return start(*pair)


def test_lists_areTheReplicas_andHoldWhatAnyHostWroteBefore(subject):
    second = Postern(subject.primary.url, POSTERN_REPLICA_DATABASE_URL=subject.replica.url, **SETTINGS).start()
    try:
        hosts = [subject, Subject(second, subject.primary, subject.replica, subject.key)]
        before = lists(subject.replica)

        def write_and_read(number):
            for writer in hosts * 10:
                email = writer.create()
                for reader in hosts * 2:
                    assert email in reader.users(), f"{email} in the list of {reader.postern.url}"

        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            for _ in threads.map(write_and_read, range(4)):
                pass
        assert lists(subject.replica) - before > 100
        for host in hosts:
            host.uses("replica")
    finally:
        second.end()


def test_readsOfTheReplica_areCounted_withWhyThePrimaryHadToAnswer(subject):
    subject.uses("replica")
    before = subject.reads()
    for _ in range(10):
        subject.newest()
    counted = changes(before, subject.reads())
    assert counted.pop("answered") + sum(counted.values()) == 10 and set(counted) <= {"behind", "resting"}
    assert subject.samples()["db_replica_in_use"] == 2

    subject.replica.query("select pg_wal_replay_pause()")
    try:
        subject.create()
        before = subject.reads()
        subject.uses("primary")
        assert {"behind", "resting"} <= set(changes(before, subject.reads()))
        assert subject.samples()["db_replica_in_use"] == 0
    finally:
        subject.replica.query("select pg_wal_replay_resume()")

    subject.uses("replica")
    before = subject.reads()
    subject.replica.kill()
    try:
        subject.uses("primary")
        wait_until(lambda: subject.newest() and "disconnected" in changes(before, subject.reads()), what="the count")
    finally:
        subject.replica.start()


def changes(before, after):
    return {result: count - before[result] for result, count in after.items() if count > before[result]}


def test_connectionsToTheReplica_areCounted_apartFromThoseToThePrimary(subject):
    counted = {line["msg"]: line["needed"] for line in subject.postern.log_lines() if "needed" in line}
    assert counted == {"connections to the replica": "9", "connections to the database": "12"}


def test_replayThatHalts_hidesNothing_andTheReplicaIsUsedAfterIt(subject):
    subject.uses("replica")
    subject.replica.query("select pg_wal_replay_pause()")
    try:
        for _ in range(10):
            email = subject.create()
            assert [subject.newest() for _ in range(4)] == [email] * 4
        subject.uses("primary")
        subject.says_why("behind")
    finally:
        subject.replica.query("select pg_wal_replay_resume()")
    subject.uses("replica")
    assert "the replica is used again" in subject.postern.messages()


def test_replicaThatHangsAndDies_failsNoRequest_andIsUsedWhenItIsBack(subject):
    subject.uses("replica")
    workers = set(subject.postern.workers())
    with Load(
        subject.postern.port, 8, path="/api/v1/users?limit=1", headers={"X-API-Key": subject.key}, rate=100
    ) as load:
        flows(load)
        subject.replica.signal(signal.SIGSTOP)
        # What was on its way waits for a second; after it nobody does.
        flows(load, 150)
        subject.replica.kill()
        flows(load, 150)
        subject.replica.start()
        flows(load)
    assert load.failures() == {}, load.snapshot()
    assert set(subject.postern.workers()) == workers
    subject.uses("replica")


def flows(load, count=100):
    before = load.count("ok")
    wait_until(lambda: load.count("ok") >= before + count, timeout=20, what=f"{count} successes")


def test_serve_withAReplicaThatIsNotThere_startsAndServes(pair, start):
    subject = start(*pair, url="host=/nowhere user=postern dbname=postgres")
    email = subject.create()
    assert subject.newest() == email
    assert "replica not reached; its limit of connections is not known" in subject.postern.messages()


def test_serve_withAConnectionStringOfAReplicaThatIsNone_refuses(pair):
    postern = Postern(pair[0].url, POSTERN_REPLICA_DATABASE_URL="postgresql://postern:s3cret@[::1/x")
    postern.start(until=None)
    try:
        assert postern.process.wait(timeout=30) == 64
        assert "POSTERN_REPLICA_DATABASE_URL" in postern.log and "s3cret" not in postern.log
    finally:
        postern.end()


def test_replica_isTakenAndGivenUpByAReload(pair, start):
    with tempfile.NamedTemporaryFile("w", suffix=".env") as file:
        # An empty variable leaves the setting to the file.
        subject = start(*pair, POSTERN_REPLICA_DATABASE_URL="", POSTERN_CONFIG=file.name)
        postern = subject.postern
        subject.uses("primary")
        for line, server in [(f'POSTERN_REPLICA_DATABASE_URL="{pair[1].url}"', "replica"), ("", "primary")]:
            file.seek(0)
            file.truncate()
            file.write(line + "\n")
            file.flush()
            before = postern.messages().count("reloaded")
            postern.process.send_signal(signal.SIGHUP)
            wait_until(lambda: postern.messages().count("reloaded") > before, timeout=30, what="the reload")
            subject.uses(server)


def test_standbyOfAnotherDatabase_isNotUsed(pair, three, start):
    other, _, wrong = three
    advance(other, wrong, beyond=pair[0])
    assert_left(start(pair[0], wrong), "another database")


def test_standbyThatStillFollowsTheFormerPrimary_isNotUsed(three, start):
    former, primary, replica = three
    primary.promote()
    advance(former, replica, beyond=primary)
    assert_left(start(primary, replica), "failover")


def test_replicaThatIsPromoted_isLeft(three, start):
    primary, _, replica = three
    subject = start(primary, replica)
    subject.uses("replica")
    replica.promote()
    assert_left(subject, "no standby")


def advance(source, standby, beyond):
    """Makes the log of `source` so long that its locations alone would say that `standby` has everything."""
    end = beyond.query("select pg_current_wal_insert_lsn() + 33554432")[0][0]
    source.query("create table if not exists padding (bytes text)")
    wait_until(
        lambda: source.query(
            "insert into padding select repeat(md5(n::text), 60) from generate_series(1, 5000) n"
        ) is not None
        and source.query(f"select pg_current_wal_flush_lsn() > '{end}'") == [["t"]],
        timeout=30,
        what="a longer log",
    )
    replayed = f"select pg_last_wal_replay_lsn() > '{end}'"
    wait_until(lambda: standby.query(replayed) == [["t"]], timeout=30, what="replay")


def assert_left(subject, why):
    for _ in range(5):
        email = subject.create()
        assert [subject.newest() for _ in range(4)] == [email] * 4
    subject.uses("primary")
    subject.says_why(why)
