"""What is refused while it is read: requests that are too large, or that two readers could read differently."""

import json
import pathlib
import re
import socket
import time

import pytest

HOST = b"Host: postern.example\r\n"
SMUGGLED = b"GET /api/v1/examples/public HTTP/1.1\r\n" + HOST + b"\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
# What the address of the bodies here says when it has read one and does not like what is in it
LINK = b"The body must be token="
PROBLEM = ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]}"


def answers(data, head=False):
    """All answers in `data`; fails when something is left over."""
    found = []
    while data:
        top, _, data = data.partition(b"\r\n\r\n")
        first, *lines = top.decode().split("\r\n")
        version, status, *_ = first.split(" ")
        assert version == "HTTP/1.1"
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = 0 if head or status[0] == "1" else int(headers["content-length"])
        assert len(data) >= length
        found.append(Answer(int(status), headers, data[:length]))
        data = data[length:]
    return found


def connect(postern):
    return socket.create_connection(("127.0.0.1", postern.port), timeout=10)


def read_to_end(connection):
    """What comes until the server closes; a timeout means that it does not."""
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    return data


def exchange(postern, request, **how):
    with connect(postern) as connection:
        connection.sendall(request)
        return answers(read_to_end(connection), **how)


def assert_refused(postern, answer, status, code, instance=None):
    """The documented form, whichever layer refuses."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] and answer.headers["referrer-policy"]
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer.headers["date"])
    problem = json.loads(answer.body)
    assert list(problem) == PROBLEM
    assert (problem["status"], problem["code"], problem["errors"]) == (status, code, [])
    assert problem["type"] == f"{postern.url}/problems/{code.replace('_', '-')}"
    assert problem["request_id"] == answer.headers["x-request-id"]
    if instance is not None:
        assert problem["instance"] == instance


@pytest.fixture(autouse=True)
def same_workers(postern):
    """No input of these tests may end a worker, and the next request is answered as always."""
    before = postern.workers()
    yield
    assert postern.get("/livez").status_code == 200
    assert sorted(postern.workers()) == sorted(before)


def get(headers=b"", target=b"/livez", version=b"HTTP/1.1", host=HOST, method=b"GET"):
    return method + b" " + target + b" " + version + b"\r\n" + host + headers + b"\r\n"


def post(headers, body=b"", version=b"HTTP/1.1"):
    return get(FORM + headers, b"/api/v1/auth/link", version, method=b"POST") + body


def chunked(body):
    return post(b"Transfer-Encoding: chunked\r\n", body)


MALFORMED = {
    # Not HTTP, or another one
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
    "binary": bytes(range(128, 256)) * 20 + b"\r\n\r\n",
    "zeros": b"\0" * 1000 + b"\r\n\r\n",
    "HTTP/0.9": b"GET /livez\r\n",
    "HTTP/0.9 with a version": get(version=b"HTTP/0.9"),
    "HTTP/1.2": get(version=b"HTTP/1.2"),
    "HTTP/2.0": get(version=b"HTTP/2.0"),
    "HTTP/9.9": get(version=b"HTTP/9.9"),
    "lower-case version": get(version=b"http/1.1"),
    "h2c preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0",
    "method of 10 kB": get(method=b"A" * 10_000),
    "no target": b"GET HTTP/1.1\r\n" + HOST + b"\r\n",
    "space in the target": get(target=b"/livez x"),
    "NUL in the target": get(target=b"/liv\0ez"),
    # Host (RFC 9112 section 3.2)
    "no Host": get(host=b""),
    "two Hosts": get(HOST),
    "two different Hosts": get(b"Host: other.example\r\n"),
    "empty Host": get(host=b"Host: \r\n"),
    "list in Host": get(host=b"Host: a, b\r\n"),
    "user in Host": get(host=b"Host: admin@postern.example\r\n"),
    "path in Host": get(host=b"Host: postern.example/livez\r\n"),
    "two Hosts in HTTP/1.0": get(HOST, version=b"HTTP/1.0"),
    # Fields
    "folded line": get(b"X-A: b\r\n c\r\n"),
    "folded line with a tab": get(b"X-A: b\r\n\tc\r\n"),
    "blank before the first field": b"GET /livez HTTP/1.1\r\n Host: x\r\n\r\n",
    "blank before the colon": get(b"X-A : b\r\n"),
    "no colon": get(b"X-A\r\n"),
    "no name": get(b": b\r\n"),
    "no token": get(b"X(A): b\r\n"),
    "NUL in a value": get(b"X-A: b\0c\r\n"),
    "NUL in a name": get(b"X\0A: b\r\n"),
    "CR in a value": get(b"X-A: b\rc\r\n"),
    "CR before a field": get(b"X-A: b\r\rX-B: c\r\n"),
    "control in a value": get(b"X-A: b\x01c\r\n"),
    "LF alone": b"GET /livez HTTP/1.1\nHost: x\n\n",
    "CR alone": b"GET /livez HTTP/1.1\rHost: x\r\r",
    # Length
    "length and chunks": post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "chunks and length": post(b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", b"0\r\n\r\nX"),
    "two lengths": post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"{}   "),
    "two equal lengths": post(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"),
    **{
        f"length {value!r}": post(b"Content-Length: " + value + b"\r\n", b"{}")
        for value in (b"2, 2", b"2 2", b"+2", b"-1", b"-0", b"0x2", b"002", b"2_0", b"1 0", b"", b"2\x0b", b"2.0", b"ten", b"18446744073709551618")
    },
    # Transfer coding
    **{
        f"coding {value!r}": post(b"Transfer-Encoding: " + value + b"\r\n", b"0\r\n\r\n")
        for value in (
            b"identity", b"chunked, identity", b"gzip, chunked", b"xchunked", b"chunked, chunked", b",chunked",
            b"chunked,", b"\x0bchunked", b"chunked\0", b"", b"chunked;q=1", b'"chunked"',
        )
    },
    "two codings": post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n"),
    "coding twice": post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "blank before the coding's colon": post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"),
    "folded coding": post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"),
    "chunks in HTTP/1.0": post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", version=b"HTTP/1.0"),
    # Chunks
    **{
        f"chunk size {value!r}": chunked(value + b"\r\n{}\r\n0\r\n\r\n")
        for value in (b"F" * 17, b"-1", b"+2", b"0x2", b" 2", b"2_0", b"", b"g", b"2 ;x", b"2\n", b"2\r")
    },
    "chunk size ended by LF": chunked(b"2\n{}\r\n0\r\n\r\n"),
    "chunk size ended by CR": chunked(b"2\r{}\r\n0\r\n\r\n"),
    "chunk longer than its size": chunked(b"1\r\n{}\r\n0\r\n\r\n"),
    "chunk ended by LF": chunked(b"2\r\n{}\n0\r\n\r\n"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformedRequest_is400AndTheLastOfItsConnection(postern, name):
    found = exchange(postern, MALFORMED[name] + SMUGGLED)

    assert len(found) == 1, found
    assert_refused(postern, found[0], 400, "malformed")


OTHERWISE = {
    "header of 17 KiB": (get(b"".join(b"X-%d: %b\r\n" % (n, b"a" * 170) for n in range(98))), 431, "headers_too_large"),
    "field of 20 kB": (get(b"X-A: " + b"a" * 20_000 + b"\r\n"), 431, "headers_too_large"),
    "name of 20 kB": (get(b"A" * 20_000 + b": a\r\n"), 431, "headers_too_large"),
    "101 fields": (get(b"a: b\r\n" * 100), 431, "headers_too_large"),
    "300,000 fields": (get(b"a:b\r\n" * 300_000), 431, "headers_too_large"),
    "200 kB of blanks": (get(b"a:" + b" " * 200_000 + b"b\r\n"), 431, "headers_too_large"),
    "200 kB of empty lines": (b"\r\n" * 100_000 + get(), 431, "headers_too_large"),
    "200 kB of trailer fields": (chunked(b"2\r\n{}\r\n0\r\n" + b"a: b\r\n" * 33_000), 431, "headers_too_large"),
    "target of 8193 bytes": (get(target=b"/" + b"a" * 8192), 414, "uri_too_long"),
    "target of 12 kB": (get(target=b"/" + b"a" * 12_000), 414, "uri_too_long"),
    "target of 100 kB": (get(target=b"/" + b"a" * 100_000), 414, "uri_too_long"),
    "query of 100 kB": (get(target=b"/livez?a=" + b"a" * 100_000), 414, "uri_too_long"),
    "long target behind another request": (get() + get(target=b"/" + b"a" * 100_000), 414, "uri_too_long"),
    "unknown method": (get(method=b"BREW"), 501, "not_implemented"),
    "lower-case method": (get(method=b"get"), 501, "not_implemented"),
    "method of another protocol": (get(method=b"PROPFIND"), 501, "not_implemented"),
    "CONNECT": (get(method=b"CONNECT", target=b"127.0.0.1:5432"), 501, "not_implemented"),
    "unknown expectation": (post(b"Expect: a-miracle\r\nContent-Length: 2\r\n", b"{}"), 417, "expectation_failed"),
    "length 65537": (post(b"Content-Length: 65537\r\n"), 413, "payload_too_large"),
    "length 2^63": (post(b"Content-Length: 9223372036854775808\r\n"), 413, "payload_too_large"),
    "chunk of 65537 bytes": (chunked(b"10001\r\n" + b" " * 65537 + b"\r\n0\r\n\r\n"), 413, "payload_too_large"),
    "70,000 chunks": (chunked(b"1\r\n \r\n" * 70_000), 413, "payload_too_large"),
    "chunk extension of 1 MB": (chunked(b"2;" + b"a" * 1_000_000 + b"\r\n{}\r\n0\r\n\r\n"), 413, "payload_too_large"),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_requestBeyondALimit_isRefusedAndTheLastOfItsConnection(postern, name):
    request, status, code = OTHERWISE[name]

    found = exchange(postern, request + SMUGGLED)

    assert len(found) == (2 if "behind" in name else 1), found
    assert_refused(postern, found[-1], status, code)


def test_requestAtTheLimits_isAnswered(postern):
    close = b"Connection: close\r\n"
    fields = b"".join(b"X-%02d: %b\r\n" % (n, b"a" * 150) for n in range(98))
    for request, status in (
        (get(fields + close), 200),
        (get(b"X-A: " + b"a" * 16_000 + b"\r\n" + close), 200),
        (get(close, target=b"/" + b"a" * 8191), 404),
        (get(fields + close, target=b"/" + b"a" * 8191), 404),
        (get() + get(b"X-A: " + b"a" * 16_000 + b"\r\n" + close), 200),
        (post(close + b"Content-Length: 65536\r\n", b" " * 65536), 400),
        (post(close + b"Content-Length: 0\r\n"), 400),
        (post(close + b"Transfer-Encoding: Chunked\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n0\r\n\r\n"), 400),
        (post(close + b"Transfer-Encoding: chunked\r\n", b"2;a=b\r\n{}\r\n0\r\nX-Trailer: a\r\n\r\n"), 400),
        (get(close, target=b"http://elsewhere.example/livez"), 200),
        (get(close, host=b"host: [::1]:8080\r\n"), 200),
        (b"\r\n\r\n" + get(close), 200),
    ):
        found = exchange(postern, request)
        assert found[-1].status == status, (request[:80], found)
        assert status == 200 or LINK in found[-1].body or status == 404


def test_refusal_saysWhatIsKnownOfTheRequest(postern):
    [answer] = exchange(postern, get(b"X-Request-Id: abc-1\r\nExpect: 200-ok\r\n", target=b"/nowhere?token=hidden"))
    assert_refused(postern, answer, 417, "expectation_failed", instance="/nowhere")
    assert answer.headers["x-request-id"] == "abc-1"
    [unread] = exchange(postern, b"\0\r\n\r\n")
    assert_refused(postern, unread, 400, "malformed", instance="")

    lines = {line["request_id"]: line for line in postern.log_lines() if line["msg"] == "request failed"}
    assert (lines["abc-1"]["status"], lines["abc-1"]["code"]) == ("417", "expectation_failed")
    assert lines[unread.headers["x-request-id"]]["status"] == "400"
    assert "invalid HTTP method" in lines[unread.headers["x-request-id"]]["cause"]


def test_refusalOfHead_hasNoBody(postern):
    [answer] = exchange(postern, get(method=b"HEAD", host=b""), head=True)
    assert answer.status == 400 and int(answer.headers["content-length"]) > 0


def test_clientThatSendsFieldsForEver_isCutAndCostsNoMemory(postern):
    def resident():
        return sum(
            int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
            for pid in postern.workers()
        )

    before, started, sent = resident(), time.monotonic(), 0
    with connect(postern) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\n" + HOST)
        with pytest.raises(OSError):
            while time.monotonic() - started < 20:
                sent += connection.send(b"X-A: " + b"a" * 60_000 + b"\r\n")
    assert sent > 0 and resident() - before < 20 * 1024


def test_bodyThatIsTooLong_isRefusedBeforeItIsSent(postern):
    with connect(postern) as connection:
        connection.sendall(post(b"Content-Length: 1000000\r\n"))
        [answer] = answers(read_to_end(connection))
    assert_refused(postern, answer, 413, "payload_too_large")


def test_bodyThatIsTooLong_isAnsweredToClientsThatSendAllOfItFirst(postern):
    answer = postern.post("/api/v1/auth/link", data={"token": "x" * 5_000_000})
    assert answer.status_code == 413 and answer.json()["code"] == "payload_too_large"


def test_pipeline_whoseFourthRequestIsMalformed_answersThreeInOrderAnd400(postern):
    targets = [b"/livez", b"/nowhere", b"/api/v1/examples/public"]
    requests = [get(b"X-Request-Id: r%d\r\n" % n, target=target) for n, target in enumerate(targets)]

    found = exchange(postern, b"".join([*requests, get(b"X A: b\r\n"), *requests, *requests]))

    assert [answer.status for answer in found] == [200, 404, 200, 400]
    assert [answer.headers["x-request-id"] for answer in found[:3]] == ["r0", "r1", "r2"]
    assert_refused(postern, found[3], 400, "malformed")


def test_pipeline_ofTen_isAnsweredInOrder(postern):
    last = get(b"Connection: close\r\nX-Request-Id: r9\r\n")
    found = exchange(postern, b"".join([*(get(b"X-Request-Id: r%d\r\n" % n) for n in range(9)), last]))
    assert [answer.headers["x-request-id"] for answer in found] == [f"r{n}" for n in range(10)]
    assert ["connection" in answer.headers for answer in found] == [False] * 9 + [True]


def test_pipeline_whoseLastRequestIsChunked_isAnsweredWhole(postern):
    last = post(b"Connection: close\r\nTransfer-Encoding: chunked\r\n")
    with connect(postern) as connection:
        connection.sendall(get() + last)
        first = connection.recv(1000)
        assert [answer.status for answer in answers(first)] == [200] and b"connection: close" not in first.lower()
        connection.sendall(b"2\r\n{}\r\n0\r\n\r\n")
        [answer] = answers(read_to_end(connection))
    assert LINK in answer.body and answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "request_bytes",
    [
        get(b"Connection: close\r\n"),
        get(b"Connection: Close, X\r\n"),
        get(version=b"HTTP/1.0"),
        get(version=b"HTTP/1.0", host=b""),
        get(b"Connection: Upgrade\r\nUpgrade: h2c\r\n"),
    ],
)
def test_lastRequestOfAConnection_isAnsweredAndNoneAfterIt(postern, request_bytes):
    [answer] = exchange(postern, request_bytes + SMUGGLED)
    assert answer.status == 200 and answer.headers["connection"] == "close"


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "POST"])
def test_methodThatAnAddressDoesNotTake_is405WithAllow(postern, method):
    answer = postern.request(method, "/livez")
    assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD"
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_methodInAnotherField_isIgnored(postern, name):
    assert postern.post("/livez", headers={name: "GET"}).status_code == 405
    assert postern.get("/livez", headers={name: "DELETE"}).status_code == 200


@pytest.mark.parametrize("name", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path"])
def test_addressInAnotherField_isIgnored(postern, name):
    assert postern.get("/nowhere", headers={name: "/livez"}).status_code == 404
    assert postern.get("/livez", headers={name: "/api/v1/users/me"}).status_code == 200


class TestExpectContinue:
    """A client that keeps its body back until it gets a word (RFC 9110 section 10.1.1)."""

    @staticmethod
    def open(connection, headers, target=b"/api/v1/auth/link"):
        fields = FORM + b"Expect: 100-Continue\r\n" + headers
        connection.sendall(get(fields, target, method=b"POST"))

    @pytest.mark.parametrize("framing", [b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n"])
    def test_bodyThatIsWanted_isAskedFor(self, postern, framing):
        with connect(postern) as connection:
            self.open(connection, framing + b"Connection: close\r\n")
            assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(b"{}" if b"Length" in framing else b"2\r\n{}\r\n0\r\n\r\n")
            [answer] = answers(read_to_end(connection))
        assert LINK in answer.body, answer

    def test_connection_isUsedAgainAfterwards(self, postern):
        with connect(postern) as connection:
            self.open(connection, b"Content-Length: 2\r\n")
            assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(b"{}" + get(b"Connection: close\r\n"))
            assert [answer.status for answer in answers(read_to_end(connection))] == [400, 200]

    @pytest.mark.parametrize(
        ("headers", "target", "status"),
        [
            (b"Content-Length: 1000000\r\n", b"/api/v1/auth/link", 413),
            (b"Content-Length: 1000\r\n", b"/api/v1/api-keys", 401),
            (b"Transfer-Encoding: chunked\r\n", b"/api/v1/api-keys", 401),
            (b"Content-Length: 1000\r\n", b"/nowhere", 404),
        ],
    )
    def test_bodyThatIsNotWanted_isRefusedWithoutAWord(self, postern, headers, target, status):
        with connect(postern) as connection:
            self.open(connection, headers, target)
            [answer] = answers(read_to_end(connection))
        assert answer.status == status and answer.headers["connection"] == "close"

    def test_withoutABody_isIgnored(self, postern):
        [answer] = exchange(postern, get(b"Expect: 100-continue\r\nConnection: close\r\n"))
        assert answer.status == 200


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_jsonThatIsTooDeep_is400(installation, opening):
    json_type = {"Content-Type": "application/json"}
    token = installation.administrator_token()
    for depth, status in ((33, 400), (10_000, 400), (65_536 // len(opening), 400), (100_000, 413)):
        answer = installation.server.post("/api/v1/api-keys", token=token, data=opening * depth, headers=json_type)
        assert answer.status_code == status, answer.text


def test_clientThatClosesItsSide_isStillAnswered(postern):
    for request, status in ((get(), 200), (b"GET /livez HTTP/1.1\r\nHo", 400), (post(b"Content-Length: 9\r\n", b"{"), 400)):
        with connect(postern) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            [answer] = answers(read_to_end(connection))
        assert answer.status == status, (request, answer)
