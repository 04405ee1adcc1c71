"""nginx and HAProxy from the shipped configuration, only their ports changed, before a running Postern or a backend
that shows what reached it."""

import contextlib
import os
import pathlib
import subprocess
import time

import pytest
import requests

from support.backend import Backend, executable
from support.ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROXIES = ["nginx", "haproxy"]


def nginx_command(folder, port, backend_port):
    shipped = (ROOT / "deploy/nginx/postern.conf").read_text()
    assert shipped.count("listen 80;") == 1 and shipped.count("127.0.0.1:8080") == 1
    site = shipped.replace("listen 80;", f"listen 127.0.0.1:{port};")
    (folder / "postern.conf").write_text(site.replace("127.0.0.1:8080", f"127.0.0.1:{backend_port}"))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log stderr;\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}include {folder}/postern.conf; }}\n"
    )
    command = [executable("nginx"), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    return command, command + ["-t"], dict(os.environ)


def haproxy_command(folder, port, backend_port):
    environment = os.environ | {
        "POSTERN_FRONTEND": f"127.0.0.1:{port}",
        "POSTERN_BACKEND": f"127.0.0.1:{backend_port}",
    }
    command = [executable("haproxy"), "-f", str(ROOT / "deploy/haproxy/haproxy.cfg")]
    return command + ["-db"], command + ["-c"], environment


@contextlib.contextmanager
def running(name, folder, backend_port):
    """Starts a proxy before `backend_port`; gives its URL once it forwards requests."""
    port = free_port()
    folder.chmod(0o755)  # nginx's workers are not root when its master is.
    build = {"nginx": nginx_command, "haproxy": haproxy_command}[name]
    command, check, environment = build(folder, port, backend_port)
    checked = subprocess.run(check, env=environment, capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    log_path = folder / "proxy.log"
    with log_path.open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_forwarding(process, url, log_path)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until_forwarding(process, url, log_path):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        assert process.poll() is None, log_path.read_text()
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{url}/livez", timeout=5).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the proxy does not forward: {log_path.read_text()}")


@pytest.fixture
def backend():
    backend = Backend()
    yield backend
    backend.end()


@pytest.mark.parametrize("name", PROXIES)
def test_proxy_before_postern_forwards_requests_and_request_ids(name, tmp_path, postern):
    with running(name, tmp_path, postern.port) as url:
        for path in ("/livez", "/readyz", "/api/v1/examples/public"):
            answer = requests.get(url + path, timeout=10)

            assert answer.status_code == 200, (path, answer.text)
            assert answer.headers["X-Request-Id"]

        refused = requests.get(f"{url}/api/v1/users/me", timeout=10)
        assert refused.status_code == 401
        assert refused.headers["Content-Type"].startswith("application/problem+json")
        assert refused.json()["request_id"] == refused.headers["X-Request-Id"]


@pytest.mark.parametrize("name", PROXIES)
def test_proxy_whenClientClaimsAnotherAddress_replacesTheClaim(name, tmp_path, backend):
    claims = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    with running(name, tmp_path, backend.port) as url:
        seen = requests.get(f"{url}/seen", headers=claims | {"Host": "id.example.com"}, timeout=10).json()

    assert seen["x-forwarded-for"] == ["127.0.0.1"]
    assert seen["x-forwarded-proto"] == ["http"]
    assert seen["x-forwarded-host"] == ["id.example.com"]
    assert seen["host"] == ["id.example.com"]


@pytest.mark.parametrize("name", PROXIES)
def test_proxy_whenClientKeepsItsConnection_keepsTheOneToTheBackend(name, tmp_path, backend):
    with running(name, tmp_path, backend.port) as url, requests.Session() as client:
        for _ in range(10):
            client.get(f"{url}/seen", timeout=10)

    assert len(backend.attempts_at("/seen")) == 10
    assert len({address for _, _, address in backend.attempts_at("/seen")}) == 1


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize("method, path", [("POST", "/api/v1/api-keys"), ("GET", "/api/v1/auth/acme/callback")])
def test_proxy_whenARequestThatMayHaveDoneSomethingGetsNoAnswer_doesNotRepeatIt(name, method, path, tmp_path, backend):
    with running(name, tmp_path, backend.port) as url:
        backend.dropped.add(path)
        answer = requests.request(method, url + path, data=b"{}" if method == "POST" else None, timeout=10)

    assert answer.status_code == 502
    assert len(backend.attempts_at(path)) == 1


@pytest.mark.parametrize("name", PROXIES)
def test_proxy_whenAHarmlessRequestGetsNoAnswer_repeatsIt(name, tmp_path, backend):
    with running(name, tmp_path, backend.port) as url:
        backend.dropped.add("/api/v1/users/me")
        answer = requests.get(f"{url}/api/v1/users/me", timeout=10)

    assert answer.status_code == 200
    assert len(backend.attempts_at("/api/v1/users/me")) == 2
