"""The form of answers, whatever the request."""

import re
import socket

import pytest


def raw(postern, request):
    with socket.create_connection(("127.0.0.1", postern.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            if b"\r\n\r\n" in answer and b"HTTP/1.1 400" not in answer[:12]:
                break
        return answer


def test_everyAnswer_hasARequestIdAndCarefulHeaders(postern):
    for path in ("/livez", "/api/v1/examples/public", "/nowhere", "/api/v1/users/me"):
        headers = postern.get(path).headers
        assert re.fullmatch(r"[0-9a-f-]{36}", headers["X-Request-Id"])
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Referrer-Policy"] == "no-referrer"
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers["Date"])
        assert "Server" not in headers


def test_requestId_ofTheCaller_isKeptWhenHarmless(postern):
    assert postern.get("/livez", headers={"X-Request-Id": "abc-123"}).headers["X-Request-Id"] == "abc-123"
    for bad in ("a b", "x" * 129, '"', "<script>"):
        assert postern.get("/livez", headers={"X-Request-Id": bad}).headers["X-Request-Id"] != bad


def test_problem_hasTheDocumentedForm(postern):
    answer = postern.get("/api/v1/users/me")

    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert list(problem) == ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"]
    assert problem["type"] == f"{postern.url}/problems/unauthenticated" and problem["status"] == 401
    assert problem["instance"] == "/api/v1/users/me" and problem["errors"] == []
    assert problem["request_id"] == answer.headers["X-Request-Id"]


def test_unknownAddress_is404(postern):
    for path in ("/", "/api", "/api/v2/users/me", "/api/v1/users/me/x", "/%2e%2e/livez", "//livez", "/livez/"):
        answer = postern.get(path)
        assert answer.status_code == 404, path
        assert answer.json()["code"] == "not_found"


def test_otherMethod_is405WithAllow(postern):
    answer = postern.post("/livez")
    assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD"
    assert postern.request("PATCH", "/api/v1/api-keys").headers["Allow"] == "GET, HEAD, POST"
    for override in ("X-HTTP-Method-Override", "X-Original-URL"):
        assert postern.get("/livez", headers={override: "DELETE"}).status_code == 200


def test_head_isGetWithoutABody(postern):
    for path in ("/livez", "/.well-known/jwks.json", "/nowhere"):
        get, head = postern.get(path), postern.request("HEAD", path)
        assert head.status_code == get.status_code and head.content == b""
        assert head.headers["Content-Length"] == str(len(get.content))
        assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nA" + b"a" * 20_000 + b": b\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"".join(b"a%d: b\r\n" % n for n in range(1000)) + b"\r\n",
        b"POST /api/v1/auth/link HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost : x\r\n\r\n",
        b"\0" * 1000 + b"\r\n\r\n",
    ],
)
def test_requestThatIsNoHTTP_isRefusedAndTheWorkersLive(postern, request_bytes):
    workers = postern.workers()

    answer = raw(postern, request_bytes)

    assert not answer.startswith(b"HTTP/1.1 200")
    assert postern.get("/livez").status_code == 200
    assert postern.workers() == workers
