"""What clients notice when PostgreSQL is restarted, killed, frozen, full or promoted: counts of outcomes, under load."""

import contextlib
import itertools
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import time

import pytest
import requests

from support.database import psql
from support.load import Load
from support.postgres import PostgresServer, url
from support.processes import threads_of
from support.session import Session
from support.tcp_proxy import TCPProxy
from support.wait import wait_until
from support.writes import Writes

#: A statement's deadline, and the wait for a connection before it.
DEADLINE = 6
#: What a busy machine needs on top of it.
SLACK = 2


@pytest.fixture
def start_server():
    """Makes servers, and ends them."""
    with contextlib.ExitStack() as stack:

        def start(**settings):
            server = PostgresServer(**settings)
            stack.callback(server.end)
            return server.initialize()

        def follow(primary, **settings):
            standby = primary.standby(**settings)
            stack.callback(standby.end)
            return standby

        start.standby_of = follow
        yield start


class Subject:
    """A running Postern with an administrator's key, and load that only reads."""

    def __init__(self, postern):
        self.postern = postern
        administrator = postern.bootstrap()
        self.key = administrator["api_key"]
        self.link = administrator["sign_in_url"].partition("token=")[2]
        self.workers = set(postern.workers())

    def reads(self, clients=20, rate=200):
        return Load(
            self.postern.port, clients, path="/api/v1/users/me", headers={"X-API-Key": self.key}, rate=rate
        )

    def writes(self, clients=6, **options):
        return Writes(self.postern, self.key, self.sign_in(times=clients // 4), clients, **options)

    def sign_in(self, times):
        """Token pairs, each of a session of its own, by way of a link that can be used again."""
        dsn = f"{self.postern.env['DATABASE_URL']} target_session_attrs=read-write"
        pairs = []
        if times:
            [[link, user]] = psql(dsn, "select token_hash, user_id from sign_in_links")
        for _ in range(times):
            answer = self.postern.post("/api/v1/auth/link", data={"token": self.link})
            assert answer.status_code == 200, answer.text
            pairs.append(answer.json())
            psql(dsn, f"insert into sign_in_links values ('{link}', '{user}', now() + interval '1 hour')")
        return pairs

    def threads(self):
        return [threads_of(pid) for pid in sorted(self.workers)]

    def assert_unharmed(self):
        assert set(self.postern.workers()) == self.workers, "no worker died of it"


@pytest.fixture
def subject(start_postern):
    return lambda database_url, **settings: Subject(start_postern(database_url, **settings))


def flows(load, count=20, timeout=10):
    """Waits until so many more requests have succeeded; the seconds that the first of them took."""
    began, before = time.monotonic(), load.count("ok")
    wait_until(lambda: load.count("ok") > before, timeout=timeout, what="a success")
    first = time.monotonic() - began
    wait_until(lambda: load.count("ok") >= before + count, timeout=timeout, what=f"{count} successes")
    return first


def back(*loads, since=None, timeout=15):
    """Waits until a request of each has succeeded; the seconds from `since`, or from now, until all had."""
    since = since or time.monotonic()
    before = [load.count("ok") for load in loads]
    wait_until(
        lambda: all(load.count("ok") > count for load, count in zip(loads, before)), timeout=timeout, what="successes"
    )
    return time.monotonic() - since


def assert_failed_only(began, over, *loads):
    """Nothing failed but what was under way at the time `began`, or came between it and the time `over`."""
    for load in loads:
        others = [(start - began, end - began) for start, end in load.failed if end < began or start > over]
        assert others == [], (over - began, others[:5])


def assert_no_failures_from_now_on(load, seconds=2):
    before = load.failures()
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end, what="time passing")
    assert load.failures() == before


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_restart_failsOnlyWhatIsUnderWay_andIsOverWithin2Seconds(start_server, subject, how):
    server = start_server().migrate()
    postern = subject(server.url)
    with postern.reads() as reads, postern.writes() as writes:
        flows(reads), flows(writes)
        began = time.monotonic()
        server.stop(how)
        server.start()
        returned = time.monotonic()
        assert back(reads, writes) <= 2
        flows(reads, 400), flows(writes, 100)
        wait_until(lambda: time.monotonic() > returned + 4, what="two seconds more")
    # Each worker has been back for two seconds, and not just the first.
    assert_failed_only(began, returned + 2, reads, writes)
    assert set(reads.failures()) <= {"503"}, reads.snapshot()
    assert writes.unexpected() == {} and writes.outcomes["broken"] == 0, writes.outcomes
    assert writes.audit(server.query) == ([], [])
    postern.assert_unharmed()


def test_standbyPromoted_writesAreBackWithin5Seconds_andNothingIsLost(start_server, subject):
    primary = start_server().migrate()
    standby = start_server.standby_of(primary)
    replicate_synchronously(primary)
    # The standby stands first, and must be passed over as long as it is one.
    postern = subject(url(standby, primary))
    with postern.reads() as reads, postern.writes() as writes:
        flows(reads), flows(writes, 50)
        began = time.monotonic()
        primary.kill()
        promoted = time.monotonic()
        standby.promote()
        # From the moment at which the promotion begins.
        assert back(reads, writes, since=promoted) <= 5
        flows(reads, 400), flows(writes, 50)
        wait_until(lambda: time.monotonic() > promoted + 7, what="two seconds more")
    assert_failed_only(began, promoted + 5, reads, writes)
    assert set(reads.failures()) <= {"503"}, reads.snapshot()
    assert writes.unexpected() == {} and writes.outcomes["broken"] == 0, writes.outcomes
    assert writes.audit(standby.query) == ([], [])
    postern.assert_unharmed()


def replicate_synchronously(primary):
    primary.query("alter system set synchronous_standby_names = '*'")
    primary.query("select pg_reload_conf()")
    wait_until(
        lambda: primary.query("select sync_state from pg_stat_replication") == [["sync"]], what="the standby in step"
    )


def test_primaryThatOnlyReadsFromNowOn_isLeftForTheNewOne(start_server, subject):
    """It stays up and goes on answering reads, as one that was demoted does: only a write finds out."""
    old = start_server().migrate()
    new = start_server.standby_of(old)
    replicate_synchronously(old)
    postern = subject(url(old, new), POSTERN_WORKERS=2, POSTERN_POOL_SIZE=4)
    with postern.reads() as reads, postern.writes(clients=4) as writes:
        flows(reads), flows(writes)
        old.query("alter system set default_transaction_read_only = on")
        old.query("select pg_reload_conf()")
        wait_until(lambda: writes.count("503") > 0, what="a refused write")
        promoted = time.monotonic()
        new.promote()
        assert back(writes, since=promoted) <= 5
        flows(reads), flows(writes, 50)
        wait_until(lambda: sessions(old) == 0, what="the old server being left")
        refused = writes.count("503")
        flows(writes, 100)
        assert writes.count("503") == refused
    assert set(reads.failures()) <= {"503"}, reads.snapshot()
    assert writes.unexpected() == {} and writes.outcomes["broken"] == 0, writes.outcomes
    assert writes.audit(new.query) == ([], [])
    postern.assert_unharmed()


def sessions(server):
    [[count]] = server.query("select count(*) from pg_stat_activity where application_name like 'postern%'")
    return int(count)


def test_networkThatDropsEverything_costsARequestItsDeadline(start_server, subject):
    server = start_server().migrate()
    proxy = TCPProxy(f"{server.folder}/.s.PGSQL.5432")
    dsn = f"host=127.0.0.1 port={proxy.port} user=postern dbname=postgres sslmode=disable gssencmode=disable"
    with contextlib.closing(proxy):
        costs_a_request_its_deadline(subject(dsn), server, proxy.drop, proxy.mend)


def test_serverThatIsStopped_costsARequestItsDeadline(start_server, subject):
    """SIGSTOP: the kernel still takes connections and data for it."""
    server = start_server().migrate()
    costs_a_request_its_deadline(
        subject(server.url), server, lambda: server.signal(signal.SIGSTOP), lambda: server.signal(signal.SIGCONT)
    )


def costs_a_request_its_deadline(postern, server, stop, go_on):
    with postern.reads() as reads, postern.writes() as writes:
        flows(reads), flows(writes)
        threads = postern.threads()
        began = time.monotonic()
        stop()
        wait_until(lambda: reads.count("503") > 50 and writes.count("503") > 10, timeout=30, what="refusals")
        assert postern.threads() == threads
        go_on()
        over = time.monotonic() + DEADLINE + SLACK
        assert back(reads, writes) <= DEADLINE + SLACK
        wait_until(lambda: time.monotonic() > over + 2, what="two seconds more")
    assert_failed_only(began, over, reads, writes)
    assert set(reads.failures()) <= {"503"}, reads.snapshot()
    assert max(reads.longest, writes.longest) <= DEADLINE + SLACK, (reads.longest, writes.longest)
    assert writes.unexpected() == {} and writes.outcomes["broken"] == 0, writes.outcomes
    assert writes.audit(server.query) == ([], [])
    postern.assert_unharmed()


def test_connectionsThatOthersHave_costA503_andComeBack(start_server, subject, tmp_path):
    server = start_server(max_connections=20, superuser_reserved_connections=3).migrate()
    server.query("create role app login; grant all on all tables in schema public to app")
    # The way to the server can be taken away without stopping it.
    way = tmp_path / "way"
    way.symlink_to(server.folder)
    postern = subject(f"host={way} user=app dbname=postgres", POSTERN_WORKERS=2, POSTERN_POOL_SIZE=2)
    hogs = []
    with postern.reads() as reads:
        flows(reads)
        way.unlink()
        server.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'")
        try:
            hogs += take_all_connections(server)
            way.symlink_to(server.folder)
            wait_until(lambda: "remaining connection slots" in postern.postern.log, what="refused connections")
            refused = reads.count("503")
            wait_until(lambda: reads.count("503") > refused + 50, timeout=30, what="refused requests")
            assert postern.postern.get("/livez").status_code == 200
        finally:
            server.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hog'")
            for hog in hogs:
                hog.kill()
                hog.wait()
        assert flows(reads) <= 2 + SLACK
        flows(reads, 200)
        assert_no_failures_from_now_on(reads)
    assert set(reads.failures()) <= {"503"}, reads.snapshot()
    postern.assert_unharmed()


def take_all_connections(server):
    """Connections of somebody else until there are no more."""
    hogs = []
    dsn = url(server, user="app") + " application_name=hog"
    [[left]] = server.query(
        "select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    )
    # Those that were ended a moment ago may not have left yet.
    others = "select count(*) from pg_stat_activity where usename = 'app'"
    wait_until(lambda: server.query(others) == [["0"]], what="the end of the others")

    def are_taken():
        # One is refused while the connection that asks here, or one that is about to go, has its place.
        hogs[:] = [hog for hog in hogs if hog.poll() is None]
        while len(hogs) < int(left):
            command = ["psql", dsn, "-c", "select pg_sleep(600)"]
            hogs.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return server.query("select count(*) from pg_stat_activity where application_name = 'hog'") == [[left]]

    wait_until(are_taken, what="all connections being taken")
    return hogs


@pytest.fixture
def small_disk():
    """A file system of 120 MB; where none can be mounted the test is skipped, but not in continuous integration."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-disk.", dir="/tmp"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", folder], capture_output=True)
    if done.returncode != 0:
        folder.rmdir()
        assert not os.environ.get("CI"), done.stderr
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


def test_fullDisk_refusesWrites_andIsOverWhenThereIsRoom(small_disk, subject):
    server = PostgresServer(folder=str(small_disk), max_wal_size="32MB", min_wal_size="32MB")
    try:
        server.initialize().migrate()
        postern = subject(server.url)
        with postern.writes(clients=3, pause=0) as writes:
            flows(writes)
            filler = small_disk / "filler"
            with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
                while file.write(bytes(65536)) == 65536:
                    pass
            # Pages of tables and of the log that exist already still take some.
            wait_until(lambda: refusals(writes) > 5, timeout=60, what="a refused write")
            assert postern.postern.get("/livez").status_code == 200
            filler.unlink()
            if server.process.poll() is not None:
                server.start()
            wait_until(server.accepts, timeout=30, what="PostgreSQL being back")
            assert flows(writes, timeout=20) <= 5
        assert set(writes.unexpected()) <= {"500"}, writes.outcomes
        assert writes.audit(server.query) == ([], [])
        postern.assert_unharmed()
    finally:
        server.end()


def refusals(writes):
    return writes.count("503") + writes.count("500")


def test_connectionsThatItMayNotMakeAnew_areDoneWithout_whileOthersAreThere(start_server, subject):
    server = start_server().migrate()
    server.query("create role app login; grant all on all tables in schema public to app")
    postern = subject(url(server, user="app"), POSTERN_WORKERS=2, POSTERN_POOL_SIZE=2)
    reads, writes = postern.reads(), postern.writes()
    wait_until(lambda: len(pool_of(server)) == 4, what="both pools")
    server.query("alter role app connection limit 1")
    # One that has nothing to do is replaced alone; now it cannot be.
    [victim] = server.query(
        "select pid from pg_stat_activity where application_name = 'postern' and state = 'idle' limit 1"
    )
    server.query(f"select pg_terminate_backend({victim[0]})")
    wait_until(lambda: "too many connections for role" in postern.postern.log, what="a refused connection")
    with reads, writes:
        flows(reads, 400), flows(writes, 100)
        assert len(pool_of(server)) == 3
        server.query("alter role app connection limit -1")
        wait_until(lambda: len(pool_of(server)) == 4, what="the whole pool")
        flows(reads, 200), flows(writes, 50)
    assert (reads.failures(), writes.unexpected(), writes.failed) == ({}, {}, [])
    postern.assert_unharmed()


def pool_of(server):
    return server.query("select pid from pg_stat_activity where application_name = 'postern'")


def test_postmasterThatIsStopped_leavesTheConnectionsThatAreThere_andHoldsNobodyUp(start_server, subject):
    """SIGSTOP for it alone: the kernel still takes connections for it, and nobody says anything on them."""
    server = start_server().migrate()
    postern = subject(server.url, POSTERN_WORKERS=2)
    session = Session(server)
    with contextlib.ExitStack() as stack, postern.reads() as reads, postern.writes() as writes:
        stack.callback(session.end)
        flows(reads), flows(writes)
        os.kill(server.process.pid, signal.SIGSTOP)
        flows(reads, 400), flows(writes, 100)
        assert (reads.failures(), writes.failed) == ({}, [])

        began = time.monotonic()
        session.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'postern%'")
        wait_until(lambda: reads.count("503") > 50 and writes.count("503") > 10, timeout=30, what="refusals")
        os.kill(server.process.pid, signal.SIGCONT)
        over = time.monotonic() + DEADLINE + SLACK
        assert back(reads, writes) <= DEADLINE + SLACK
        wait_until(lambda: time.monotonic() > over + 2, what="two seconds more")
    assert_failed_only(began, over, reads, writes)
    assert set(reads.failures()) <= {"503"}, reads.snapshot()
    # A place in line, and then a connection, for which a second each is waited.
    assert reads.longest <= 1 + SLACK and writes.longest <= 2 + SLACK, (reads.longest, writes.longest)
    assert writes.unexpected() == {} and writes.outcomes["broken"] == 0, writes.outcomes
    assert writes.audit(server.query) == ([], [])
    postern.assert_unharmed()


@pytest.mark.slow
def test_killedFiftyTimesEach_losesAndDoublesNothing(start_server, subject):
    """PostgreSQL and workers of Postern in turns, at any moment, while clients write down what they were told.

    Now and then it is the supervisor, whose workers end by themselves.
    """
    server = start_server().migrate()
    postern = subject(server.url, POSTERN_WORKERS=3)
    wait_until(lambda: is_started(postern.postern), what="a start that is over")
    with postern.writes(clients=8, pause=0) as writes:
        for number, victim in zip(range(100), itertools.cycle(["PostgreSQL", "worker"])):
            flows(writes, random.randint(5, 60), timeout=40)
            if victim == "PostgreSQL":
                server.kill()
                server.start()
            elif number % 20 == 1:
                postern.postern.stop(signal.SIGKILL)
                postern.postern.start(until=None)
                wait_until(lambda: is_started(postern.postern), timeout=40, what="a start that is over")
            else:
                os.kill(random.choice(sorted(postern.postern.workers())), signal.SIGKILL)
    assert writes.unexpected() == {}, writes.outcomes
    assert len(writes.acknowledged) > 1000
    assert writes.audit(server.query) == ([], [])


def is_started(postern):
    """Before any worker has lived for ten seconds, five deaths in a row of each mean a start that failed."""
    with contextlib.suppress(requests.RequestException):
        workers = postern.status()["workers"]
        return len(workers) == postern.worker_count and all(worker["age_ms"] > 10_500 for worker in workers)
    return False
