"""The admin listener: metrics of the whole host, and what each worker is at."""

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import threading
import time
import uuid

import pytest
import requests

from support.database import Database
from support.load import Load
from support.ports import free_port
from support.postern import EXECUTABLE, ROOT, Postern
from support.processes import descriptors_of, resident_bytes, threads_of
from support.prometheus import Prometheus
from support.terminal import run_on_terminal
from support.wait import wait_until


@pytest.fixture(scope="module")
def server():
    server = Postern(Database.migrated().url, POSTERN_WORKERS=3).start()
    yield server
    server.end()


def metrics(server):
    """The samples of a scrape, by name with labels."""
    answer = requests.get(f"{server.admin_url}/metrics", timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def status(server):
    answer = requests.get(f"{server.admin_url}/status", timeout=5)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    return answer.json()


def answered(server, method, route, code):
    labels = f'http_request_method="{method}",http_route="{route}",http_response_status_code="{code}"'
    return metrics(server).get(f"http_server_request_duration_seconds_count{{{labels}}}", 0)


def test_metrics_countEachRequestOnce_whicheverWorkerAnsweredIt(server):
    livez = answered(server, "GET", "/livez", 200)
    users = answered(server, "GET", "/api/v1/users/{id}", 401)
    refused = metrics(server).get('token_verify_total{result="unauthenticated"}', 0)
    other = answered(server, "GET", "other", 404)
    for _ in range(40):
        # A connection each, so that every worker gets some.
        assert server.get("/livez").status_code == 200
        assert server.get(f"/api/v1/users/{uuid.uuid4()}").status_code == 401
        assert server.get(f"/nowhere/{uuid.uuid4()}").status_code == 404

    assert len([worker for worker in status(server)["workers"] if worker["requests"] > 0]) == 3
    for _ in range(6):
        assert answered(server, "GET", "/livez", 200) == livez + 40
        assert answered(server, "GET", "/api/v1/users/{id}", 401) == users + 40
        assert answered(server, "GET", "other", 404) == other + 40
        assert metrics(server)['token_verify_total{result="unauthenticated"}'] == refused + 40


def test_metrics_whenMethodsAndPathsAreInvented_getNoSeriesForEach(server):
    for method in ("GET", "BREW", "PROPFIND"):
        assert server.request(method, f"/{uuid.uuid4()}").status_code in (404, 501)
    assert server.delete("/livez").status_code == 405

    names = "\n".join(metrics(server))
    assert answered(server, "_OTHER", "/livez", 405) >= 1
    assert "BREW" not in names and "PROPFIND" not in names
    described = requests.get(f"{server.url}/openapi.json", timeout=5).json()["paths"]
    routes = set(re.findall(r'http_route="([^"]*)"', names))
    assert routes <= set(described) | {"other", "/openapi.json"}


def counted(server, name):
    return metrics(server).get(name, 0)


def test_metrics_countEachOperationOfTheDatabase_withTheStatementsSentTogether(start_postern):
    server = start_postern(POSTERN_WORKERS=2)
    key = server.bootstrap()["api_key"]
    duration = "db_client_operation_duration_seconds"
    before = metrics(server)
    for number in range(10):
        user = {"email": f"{number}@example.org"}
        assert server.post("/api/v1/users", json=user, key=key).status_code == 201
        assert server.get("/api/v1/users", key=key).status_code == 200

    after = metrics(server)

    def grown(name):
        return after[name] - before[name]

    for operation in ("read", "write"):
        assert grown(f'{duration}_count{{operation="{operation}"}}') >= 10
        assert 0 < grown(f'{duration}_sum{{operation="{operation}"}}') < 10
    statements = sum(value for name, value in after.items() if name.startswith(f"{duration}_count"))
    # What sets a session up is sent too, but nobody waits for it.
    assert after["db_pipeline_batch_size_sum"] >= statements
    assert after['db_pipeline_batch_size_bucket{le="32.0"}'] == after["db_pipeline_batch_size_count"] > 0


def test_metrics_countTokensAndSignInsThatFail(installation):
    server = installation.server
    before = counted(server, 'tokens_issued_total{grant="provider"}')
    pair = installation.sign_in()
    assert counted(server, 'tokens_issued_total{grant="provider"}') == before + 1
    server.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert counted(server, 'tokens_issued_total{grant="refresh_token"}') == 1
    assert server.get("/api/v1/users/me", token=pair["access_token"]).status_code == 200
    assert counted(server, 'token_verify_total{result="ok"}') == 1
    assert server.get("/api/v1/users", token=pair["access_token"]).status_code == 403
    assert counted(server, 'authz_decisions_total{result="allowed"}') == 1
    assert counted(server, 'authz_decisions_total{result="denied"}') == 1

    assert server.get("/api/v1/auth/corp/callback?state=wrong&code=x").status_code == 400
    assert counted(server, 'login_failures_total{reason="oauth_state_invalid"}') == 1


def test_metrics_countWhatARateLimitRefuses(start_postern):
    server = start_postern(POSTERN_RATE_LIMIT_FAILED="2/h")
    answers = [server.get("/api/v1/users/me", key="pst_nonsense").status_code for _ in range(4)]
    assert answers.count(429) == 2
    assert counted(server, 'rate_limited_total{bucket="failed_credential"}') == 2


def test_metrics_satisfyPromtool(server):
    server.get("/livez")
    text = requests.get(f"{server.admin_url}/metrics", timeout=5).text
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stdout + done.stderr == "", done


def test_metrics_areAllDocumented_andNothingElseIs(server):
    server.get("/livez")
    wait_until(lambda: counted(server, "migration_version"), what="the answer of the database")
    text = requests.get(f"{server.admin_url}/metrics", timeout=5).text
    shown = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    documented = set(re.findall(r"^\| `(\w+)` \| (?:counter|gauge|histogram)", (ROOT / "docs/METRICS.md").read_text(), re.M))
    assert shown <= documented
    # These appear with the first event, and with a replica.
    events = {"token_verify_total", "authz_decisions_total", "login_failures_total", "rate_limited_total"}
    assert documented - shown <= events | {"db_replica_reads_total"}


def test_adminPaths_areNotPublic(server):
    assert server.get("/metrics").status_code == 404
    assert server.get("/status").status_code == 404


def test_adminListener_answersNothingElse(server):
    assert requests.get(f"{server.admin_url}/livez", timeout=5).status_code == 404
    refused = requests.post(f"{server.admin_url}/metrics", timeout=5)
    assert refused.status_code == 405 and refused.headers["Allow"] == "GET, HEAD"
    head = requests.head(f"{server.admin_url}/metrics", timeout=5)
    assert head.status_code == 200 and head.content == b"" and int(head.headers["Content-Length"]) > 0


def test_status_showsEachWorker(server):
    # Heartbeats come once a second.
    wait_until(
        lambda: all(None not in worker["heartbeat_age_ms"].values() for worker in status(server)["workers"]),
        what="all heartbeats",
    )
    # The supervisor looks at itself and the workers once a second.
    wait_until(
        lambda: status(server)["supervisor"]["age_ms"] is not None
        # It may have looked at one in the very moment of its start.
        and all(worker["resident_memory_bytes"] > 1 << 20 for worker in status(server)["workers"]),
        what="the supervisor's signs",
    )
    shown = status(server)
    assert shown["supervisor"]["pid"] == server.process.pid and shown["supervisor"]["generation"] == 1
    assert {worker["pid"] for worker in shown["workers"]} == set(server.workers())
    assert shown["listen_queue"] == 0 and shown["stopping"] is False
    for worker in shown["workers"]:
        assert worker["state"] == "ready" and worker["oldest_request"] is None
        assert worker["database"]["open"] >= 1 and worker["database"]["waiting"] == 0
        assert all(age < 3000 for age in worker["heartbeat_age_ms"].values())


def test_status_whenARequestTakesLong_namesIt(server):
    token = server.bootstrap()["sign_in_url"].partition("token=")[2]
    url = server.env["DATABASE_URL"]
    lock = subprocess.Popen(["psql", url, "-qAt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    try:
        lock.stdin.write("begin; lock table users, sessions; select 'locked';\n")
        assert lock.stdout.readline().strip() == "locked"
        request = threading.Thread(
            target=lambda: server.post("/api/v1/auth/link", data={"token": token}, headers={"X-Request-Id": "slow-one"})
        )
        request.start()
        # It is shown before it is known what it asks for.
        running = wait_until(
            lambda: [worker for worker in status(server)["workers"] if (worker["oldest_request"] or {}).get("route")],
            what="the slow request",
        )
        assert len(running) == 1 and running[0]["requests_in_flight"] == 1 and running[0]["open_connections"] == 1
        oldest = running[0]["oldest_request"]
        assert oldest["request_id"] == "slow-one" and oldest["route"] == "POST /api/v1/auth/link"
        assert metrics(server)["http_server_active_requests"] == 1
        assert wait_until(lambda: status(server)["database"]["busy"], what="a busy connection") == 1
    finally:
        lock.stdin.close()
        lock.wait(timeout=10)
    request.join()
    wait_until(lambda: metrics(server)["http_server_active_requests"] == 0, what="the end of the request")


def test_counters_whenAWorkerIsKilled_stay_andItsGaugesGo(start_postern):
    server = start_postern(POSTERN_WORKERS=2)
    held = [requests.Session() for _ in range(8)]
    for session in held:
        session.get(f"{server.url}/livez", timeout=5)
    before = answered(server, "GET", "/livez", 200)
    assert metrics(server)["http_server_open_connections"] == 8
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(server.ready_workers() - {pid}) == 2, what="a replacement")

    assert answered(server, "GET", "/livez", 200) == before
    assert metrics(server)["http_server_open_connections"] == 0
    assert metrics(server)["worker_starts_total"] == 4
    assert restarts(server) == {"crash": 2, "stuck": 0, "recycled": 0, "reload": 0, "upgrade": 0}


def restarts(server):
    """How many workers gave way to others, by reason."""
    found = {re.fullmatch(r'worker_restarts_total\{reason="(\w+)"\}', name): value for name, value in metrics(server).items()}
    return {match[1]: value for match, value in found.items() if match}


@pytest.mark.parametrize("how, reason", [(signal.SIGHUP, "reload"), (signal.SIGUSR2, "upgrade")])
def test_counters_whenAllWorkersAreReplaced_stay(start_postern, how, reason):
    server = start_postern(POSTERN_WORKERS=2)
    for _ in range(20):
        assert server.get("/livez").status_code == 200
    before = answered(server, "GET", "/livez", 200)
    used = metrics(server)
    age = wait_until(lambda: status(server)["supervisor"]["age_ms"], what="the supervisor's sign")
    server.process.send_signal(how)
    wait_until(
        lambda: status(server)["supervisor"]["generation"] == 2
        and [worker["generation"] for worker in status(server)["workers"]] == [2, 2],
        timeout=30, what="two workers of the second generation",
    )

    assert answered(server, "GET", "/livez", 200) == before
    assert metrics(server)["worker_starts_total"] == 4
    assert status(server)["supervisor"]["pid"] == server.process.pid
    assert status(server)["supervisor"]["age_ms"] > age
    assert {name: value for name, value in restarts(server).items() if value} == {reason: 2}
    after = metrics(server)
    for process in ("supervisor", "worker"):
        name = f'process_cpu_seconds_total{{process="{process}"}}'
        assert 0 < used[name] <= after[name]
    started = 'process_start_time_seconds{process="supervisor"}'
    assert after[started] == used[started]


def test_processMetrics_areWhatTheKernelCounts(start_postern):
    server = start_postern(POSTERN_WORKERS=2)
    held = [requests.Session() for _ in range(50)]
    for session in held:
        session.get(f"{server.url}/livez", timeout=5)
    processes = {"supervisor": [server.process.pid], "worker": server.workers()}

    for process, pids in processes.items():
        limits = sum(resource.prlimit(pid, resource.RLIMIT_NOFILE)[0] for pid in pids)
        assert counted(server, f'process_max_fds{{process="{process}"}}') == limits
        # A worker's two threads that wait in accept have numbers already, which no list shows; this scrape has one, too.
        # Before Linux 6.2 they are counted every ten seconds.
        wait_until(
            lambda: counted(server, f'process_open_fds{{process="{process}"}}')
            == pytest.approx(sum(descriptors_of(pid) for pid in pids), abs=5),
            timeout=15, what=f"the descriptors of the {process}",
        )
        resident = sum(resident_bytes(pid) for pid in pids)
        assert counted(server, f'process_resident_memory_bytes{{process="{process}"}}') == pytest.approx(resident, rel=0.5)
    assert counted(server, 'process_open_fds{process="worker"}') >= 50
    started = counted(server, 'process_start_time_seconds{process="supervisor"}')
    assert started == pytest.approx(started_at(server.process.pid), abs=5)


def test_processorTime_ofAWorkerThatIsKilled_isCountedToItsEnd(start_postern):
    server = start_postern(POSTERN_WORKERS=1)
    [victim] = server.workers()
    # It looks at its workers once a second, and must not before this one is dead.
    server.process.send_signal(signal.SIGSTOP)
    try:
        with Load(server.port, clients=10, limit=3000) as load:
            load.join()
        used = processor_time(victim)
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: stat_of(victim)[0] == "Z" and threads_of(victim) == 1, what="the end of all its threads")
    finally:
        server.process.send_signal(signal.SIGCONT)
    wait_until(lambda: server.ready_workers() - {victim}, what="a replacement")
    assert counted(server, 'process_cpu_seconds_total{process="worker"}') >= used > 0


def stat_of(pid):
    """What the kernel tells of a process, from its state on (proc(5), stat)."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()


def processor_time(pid):
    """The seconds for which a process has had a processor."""
    return sum(int(ticks) for ticks in stat_of(pid)[11:13]) / os.sysconf("SC_CLK_TCK")


def started_at(pid):
    """When a process was started, in seconds since 1970."""
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(stat_of(pid)[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - age


def test_metrics_countTheLinesThatTheLogCannotTake(start_postern):
    server = start_postern(POSTERN_WORKERS=2, POSTERN_LOG_FILE="/dev/full", until=None)
    dropped = "log_lines_dropped_total"
    # The supervisor says that it listens, that it starts two workers, and that they are ready.
    wait_until(lambda: is_scraped(server) and counted(server, dropped) >= 5, timeout=30, what="the supervisor's lines")
    before = counted(server, dropped)
    for _ in range(20):
        assert server.get("/livez").status_code == 200
    # A line for each request, a second later.
    wait_until(lambda: counted(server, dropped) >= before + 20, what="the workers' lines")


def test_metrics_whenTheLogTakesAll_countNoLines(server):
    server.get("/livez")
    assert counted(server, "log_lines_dropped_total") == 0


def is_scraped(server):
    with contextlib.suppress(OSError):
        return bool(metrics(server))


def test_migrationVersion_isTheDatabases_alsoWhenItChanges(start_postern):
    database = Database.migrated()
    server = start_postern(database.url, POSTERN_WORKERS=2)
    newest = int(database.value("select max(version) from schema_migrations"))
    wait_until(lambda: counted(server, "migration_version") == newest, what="the version")
    database.query(f"insert into schema_migrations (version) values ('{newest + 1:04}')")
    wait_until(lambda: counted(server, "migration_version") == newest + 1, timeout=30, what="the next version")


def test_signingKeyAge_isThatOfTheKeyThatSigns(start_postern):
    database = Database.migrated()
    server = start_postern(database.url, POSTERN_WORKERS=2)
    assert 1 <= counted(server, "jwks_key_age_seconds") < 60
    assert server.stop() == 0
    database.query("update signing_keys set created_at = created_at - interval '10 days'")
    server.start()
    assert counted(server, "jwks_key_age_seconds") == pytest.approx(864_000, abs=60)


def test_prometheus_whileWorkersAreKilled_neverSeesACounterGoDown(start_postern, tmp_path):
    server = start_postern(POSTERN_WORKERS=3, POSTERN_LOG_LEVEL="info")
    with Prometheus(tmp_path, server.admin_port) as prometheus, Load(server.port, clients=10) as load:
        for _ in range(5):
            scrapes = prometheus.scrapes()
            victim = sorted(server.ready_workers())[0]
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: len(server.ready_workers() - {victim}) >= 3, what="a replacement")
            wait_until(lambda: prometheus.scrapes() >= scrapes + 2, what="two more scrapes")
        done = load.count("ok")

    assert done > 1000
    assert len(prometheus.counters) > 20
    for series in prometheus.counters:
        values = [float(value) for _, value in series["values"]]
        assert values == sorted(values), series
    assert prometheus.failed_scrapes == 0
    # It saw the load itself.
    assert prometheus.requests >= 0.5 * done


def documented_names(text):
    """The names in queries, as docs/METRICS.md has them; every query names the job."""
    return {re.sub("_(count|bucket|sum)$", "", name) for name in re.findall(r"(\w+)\{job=", text)}


def test_alerts_satisfyPromtool_andUseWhatThereIs():
    rules = ROOT / "deploy/prometheus/postern.rules.yml"
    done = subprocess.run(["promtool", "check", "rules", rules], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done
    known = set(re.findall(r"`(\w+)`", (ROOT / "docs/METRICS.md").read_text()))
    assert documented_names(rules.read_text()) - {"up"} <= known


def test_dashboard_asksForWhatThereIs_inQueriesThatPrometheusUnderstands(tmp_path):
    panels = json.loads((ROOT / "deploy/grafana/postern.json").read_text())["panels"]
    queries = [target["expr"].replace("$__rate_interval", "5m") for panel in panels for target in panel["targets"]]
    known = set(re.findall(r"`(\w+)`", (ROOT / "docs/METRICS.md").read_text()))
    for query in queries:
        assert (names := documented_names(query)) and names <= known, query
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    # JSON is YAML too.
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", tmp_path / "panels.yml"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done


def test_top_once_drawsEachWorker(server):
    done = server.command("top", "--once")
    assert done.returncode == 0, done
    rows = [line.split() for line in done.stdout.splitlines()]
    pids = {int(row[1]) for row in rows if len(row) > 2 and row[2] == "ready"}
    assert pids == set(server.workers())
    assert json.loads(server.command("top", "--json").stdout)["supervisor"]["pid"] == server.process.pid


def test_top_onATerminal_redraws_andGivesItBack(server):
    code, shown = run_on_terminal([EXECUTABLE, "top"], server.env, answer=b"q", prompt=b"q quits")
    assert code == 0, shown
    assert shown.startswith(b"\x1b[?1049h") and shown.rstrip().endswith(b"\x1b[?1049l")
    assert b"REQUESTS" in shown


def test_top_whenNobodyListens_saysSo(server):
    done = server.command("top", "--once", POSTERN_ADMIN_LISTEN=f"127.0.0.1:{free_port()}")
    assert done.returncode == 1 and "refused" in done.stderr
    assert server.command("top", "--once", POSTERN_ADMIN_LISTEN="off").returncode == 64
