"""What a request may hold: every operation that takes JSON, against what is no JSON or no valid field."""

import gzip
import json
import re
import time

import pytest

from support.caller import bad_fields, refusal
from support.openapi import operations
from support.samples import sample_for
from support.wait import wait_until
from support.world import KEYS, PERMISSIONS, ROLES, USERS

JSON = {"Content-Type": "application/json"}
OPERATIONS = operations()
WITH_BODY = [operation for operation in OPERATIONS if operation.body_schema]
FIELDS = [(operation, name) for operation in WITH_BODY for name in operation.body_schema["properties"]]


def each_operation(test):
    return pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)(test)


def each_field(test):
    return pytest.mark.parametrize(
        "operation, field", FIELDS, ids=lambda value: value if isinstance(value, str) else value.name
    )(test)


class Attempts:
    """Sends one operation again and again with other bodies; when done, nothing has changed."""

    def __init__(self, world, operation):
        self.world, self.operation = world, operation
        self.sample = sample_for(operation, world, owner=world.admin.id)
        self.body = self.sample.json

    def __enter__(self):
        self._before = self.world.contents()
        return self

    def __exit__(self, kind, *_):
        assert kind or self.world.contents() == self._before, "something was applied"

    def raw(self, content, headers=JSON):
        return self.sample.send(self.world.admin, self.operation, json=None, form=content, headers=headers)

    def with_member(self, name, value):
        return self.sample.send(self.world.admin, self.operation, json=self.body | {name: value})

    def with_literal(self, name, literal):
        """The member's value as it shall stand in the text."""
        members = [f"{json.dumps(n)}:{json.dumps(v)}" for n, v in self.body.items() if n != name]
        return self.raw("{" + ",".join([*members, f"{json.dumps(name)}:{literal}"]) + "}")


# No JSON

NO_JSON = [
    "", " ", "{", "}", "{]", '{"a":1', '{"a":1,}', '{"a" 1}', '{"a":}', '{,"a":1}', "{'a':1}", "{a:1}", '{"a":1}}',
    '{"a":1} {"b":2}', '{"a":1}x', '{"a":1}// c', '/* c */{"a":1}', '{"a":NaN}', '{"a":Infinity}', '{"a":-}',
    '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":1.}', '{"a":1e}', '{"a":0x1}', '{"a":tru}', '{"a":True}', '{"a":nul}',
    '{"a":"\t"}', '{"a":"\\x"}', '{"a":"\\u12"}', '{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"a":"x',
    b'{"a":"\xff"}', b'{"a":"\xc0\xaf"}', b'{"a":"\xed\xa0\x80"}', b'\xef\xbb\xbf{"a":1}', b"\xff\xfe{\x00}\x00",
    '{"a":1}\0', "\0", '[1,]', '[,1]', "[1 2]", '"x', '{"a":[1,2}', '{"a":1,"a":1}', '{"a":1,"\\u0061":1}',
    '{"a":{"b":1,"b":1}}',
]


@each_operation
def test_body_whenItIsNoJSON_is400(world, operation):
    with Attempts(world, operation) as attempts:
        for text in NO_JSON:
            assert refusal(attempts.raw(text)) == (400, "malformed"), text


@each_operation
def test_body_whenItIsTooDeep_is400(world, operation):
    with Attempts(world, operation) as attempts:
        for opening in ("[", '{"a":'):
            assert attempts.raw(opening * 100_000).status_code == 413
            assert refusal(attempts.raw(opening * 10_000)) == (400, "malformed")
            assert refusal(attempts.raw(opening * 33)) == (400, "malformed")
        for deepest in ("[" * 32 + "]" * 32, '{"a":' * 31 + "{}" + "}" * 31):
            assert refusal(attempts.raw(deepest)) == (422, "validation_failed")


@each_operation
def test_body_whenItRepeatsAName_is400(world, operation):
    with Attempts(world, operation) as attempts:
        for name in {*operation.body_schema["properties"], "roles"}:
            text = json.dumps(attempts.body | {name: []})
            assert refusal(attempts.raw(f'{text[:-1]},"{name}":["admin"]}}')) == (400, "malformed"), name


@each_operation
def test_body_whenItIsNoObject_is422(world, operation):
    with Attempts(world, operation) as attempts:
        for text in ("[]", "[{}]", '""', "null", "0", "true", "1.5", "-0"):
            assert refusal(attempts.raw(text)) == (422, "validation_failed"), text


@each_operation
def test_body_whenItIsOfAnotherType_is415(world, operation):
    sample = json.dumps(sample_for(operation, world, owner=world.admin.id).json).encode()
    with Attempts(world, operation) as attempts:
        for content_type in (
            "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
            "application/json; charset=utf-16", "application/json; charset=latin1", "application/jsonx",
            "application/problem+json", "application/json, text/plain", "*/*",
        ):
            answer = attempts.raw(sample, {"Content-Type": content_type})
            assert refusal(answer) == (415, "unsupported_media_type"), content_type
        for encoding in ("gzip", "deflate", "br", "zstd", "gzip, identity"):
            bomb = gzip.compress(b"[" * 10_000_000)
            answer = attempts.raw(bomb, JSON | {"Content-Encoding": encoding})
            assert refusal(answer) == (415, "unsupported_media_type"), encoding


@each_operation
def test_body_whenItIsTooLarge_is413(world, operation):
    with Attempts(world, operation) as attempts:
        for content in (
            "[" + "0," * 1_000_000 + "0]",
            "{" + ",".join(f'"k{number}":0' for number in range(100_000)) + "}",
            json.dumps({"name": "x" * 1_000_000}),
            b"{" + b" " * 65_536,
        ):
            assert refusal(attempts.raw(content)) == (413, "payload_too_large")
        # Without a length in the header.
        assert refusal(attempts.raw(iter([b" " * 40_000] * 2))) == (413, "payload_too_large")


# No valid field

EXTRA = {
    "isAdmin": True, "is_admin": True, "roles": ["admin"], "permissions": ["users:write"], "role": "admin",
    "email_verified": True, "is_email_verified": True, "id": "00000000-0000-0000-0000-000000000001",
    "owner_id": "00000000-0000-0000-0000-000000000001", "user_id": "x", "is_built_in": True, "is_active": True,
    "grants_all_permissions": True, "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
    "secret_hash": "x", "key": "x", "last_used_at": None, "__proto__": {}, "": 1, "x" * 10_000: 1,
}


@each_operation
def test_field_thatIsNone_is422AndNothingIsApplied(world, operation):
    with Attempts(world, operation) as attempts:
        for name, value in EXTRA.items():
            if name not in operation.body_schema["properties"]:
                assert bad_fields(attempts.with_member(name, value)) == {name[:64]: "unknown"}


@each_operation
def test_fields_whenThereAreThousands_areRefusedShortly(world, operation):
    with Attempts(world, operation) as attempts:
        answer = attempts.raw(json.dumps({f"k{number}": 0 for number in range(5_000)}))
        assert 1 <= len(bad_fields(answer)) <= 30 and len(answer.content) < 8_192


@each_field
def test_field_ofAnotherType_isNamed(world, operation, field):
    values = {
        "string": "\U0001f600 no word", "integer": 7, "number": 1.5, "boolean": True, "array": [{}], "object": {"a": 1},
        "null": None,
    }
    types = operation.types(operation.body_schema["properties"][field])
    with Attempts(world, operation) as attempts:
        for type, value in values.items():
            if type not in types:
                assert bad_fields(attempts.with_member(field, value)).keys() == {field}, type


@each_field
def test_field_withAnUnusualNumber_is422(world, operation, field):
    numbers = ["0.5", "1e-1", "9007199254740993", "9223372036854775807", "9223372036854775808", "-1",
               "-9223372036854775809", "18446744073709551616"]
    with Attempts(world, operation) as attempts:
        for number in numbers:
            assert bad_fields(attempts.with_literal(field, number)).keys() == {field}, number
        # Beyond what a number can be here.
        for number in ("1e400", "-1e400", "9" * 400, "1" + "0" * 10_000):
            assert attempts.with_literal(field, number).status_code in (400, 422), number[:20]


RIDDLES = [
    "a@" * 25_000, "a." * 25_000, "(" * 50_000, "a" * 50_000 + "!", " " * 50_000, "-" * 50_000, ":" * 50_000,
    "\u0301" * 10_000, "\U0001f468\u200d" * 5_000, "2020-01-01T" + "0" * 50_000,
]


@each_field
def test_field_withALongRiddle_isAnsweredAtOnce(world, operation, field):
    with Attempts(world, operation) as attempts:
        for riddle in RIDDLES:
            for value in (riddle, [riddle]):
                begun = time.monotonic()
                answer = attempts.raw(json.dumps(attempts.body | {field: value}, ensure_ascii=False).encode())
                assert time.monotonic() - begun < 1, riddle[:10]
                assert {name.removesuffix("[0]") for name in bad_fields(answer)} == {field}
                assert len(answer.content) < 8_192, "the answer repeats the input"


UNSEEN = {
    "right-to-left override": "ada\u202egnp.exe", "isolate": "a\u2066b", "mark": "a\u200fb",
    "zero width space": "a\u200bb", "zero width joiner": "a\u200db", "byte order mark": "\ufeffa",
    "soft hyphen": "a\u00adb", "line": "a\u2028b",
    "paragraph": "a\u2029b", "NUL": "a\u0000b", "bell": "a\u0007b", "escape": "\u001b[31ma", "line feed": "a\nb",
    "tab": "a\tb", "delete": "a\u007fb", "C1": "a\u0085b", "private use": "a\ue000b", "unassigned": "a\U000e0080b",
    "tag": "a\U000e0041b",
}


@each_field
def test_text_withWhatIsNotSeen_is422(world, operation, field):
    with Attempts(world, operation) as attempts:
        for name, text in UNSEEN.items():
            answer = attempts.with_member(field, text)
            if field == "refresh_token":
                # A credential is good or not; how it is not is nobody's business.
                assert refusal(answer) == (401, "unauthenticated"), name
            else:
                assert bad_fields(answer).keys() == {field}, name


@pytest.mark.parametrize(
    "name",
    [
        "Zo\u00eb O'Neil-\u0160ipka", "\u674e\u5c0f\u9f99", "\u0623\u062d\u0645\u062f", "\U0001f44d", "a\u0301",
        "<script>alert(1)</script>", "'; drop table users;--", "x" * 200,
    ],
)
def test_name_ofAnyScript_isKeptAsItIs(world, name):
    assert world.user(display_name=name)["display_name"] == name


# Where every field is wrong


def test_refusal_namesEveryBadField(world):
    answer = world.admin.post(
        USERS,
        json={"email": 7, "display_name": "", "is_active": "yes", "roles": ["user", "user", "A"], "x": 1},
    )

    assert bad_fields(answer) == {
        "email": "wrong_type", "display_name": "too_short", "is_active": "wrong_type", "roles[1]": "repeated",
        "x": "unknown",
    }


@pytest.mark.parametrize("path, body", [(USERS, {"roles": ["a"] * 101}), (ROLES, {"permissions": ["a:b"] * 1001}),
                                        (KEYS, {"roles": ["a"] * 101}), (KEYS, {"permissions": ["a:b"] * 1001})])
def test_list_thatIsTooLong_is422(world, path, body):
    [field] = body
    needed = {USERS: {"email": "x@example.com"}, ROLES: {"name": "x"}, KEYS: {"name": "x"}}[path]

    assert bad_fields(world.admin.post(path, json=needed | body)) == {field: "too_long"}


@pytest.mark.parametrize("text", [
    "tomorrow", "2030-13-01T00:00:00Z", "2030-02-30T00:00:00Z", "2030-01-01", "2030-01-01T00:00:00", "1893456000",
    "2030-01-01T25:00:00Z", "+12030-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "2030-01-01T00:00:00+99:99", "",
    "2030-01-01T00:00:00Z ", "\u0662\u0660\u0663\u0660-01-01T00:00:00Z",
])
def test_time_whenItIsNone_is422(world, text):
    assert bad_fields(world.admin.post(KEYS, json={"name": "x", "expires_at": text})) == {"expires_at": "invalid"}


# Answers


# Each visit of the callback uses its state up.
@pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.method == "GET" and "callback" not in operation.path],
    ids=lambda operation: operation.name,
)
def test_head_hasTheHeadersOfGet_andNoBody(world, operation):
    sample = sample_for(operation, world, owner=world.admin.id)
    caller = world.keyholder(roles=["admin"]) if "access_token" not in operation.access["credentials"] else world.admin
    path = operation.path.format(**sample.path)

    got, head = caller.get(path, params=sample.query), caller.request("HEAD", path, params=sample.query)

    assert head.status_code == got.status_code and head.content == b""
    assert head.headers.get("Content-Type") == got.headers.get("Content-Type")
    assert head.headers.get("ETag") == got.headers.get("ETag")


def test_fault_showsNothingOfTheInside(world):
    world.database.query("alter table permissions rename to permissions_away")
    try:
        answers = [world.admin.get(PERMISSIONS), world.admin.post(PERMISSIONS, json={"resource": "a", "action": "b"}),
                   world.admin.get(ROLES), world.admin.get(f"{USERS}/me")]
    finally:
        world.database.query("alter table permissions_away rename to permissions")

    for answer in answers:
        assert refusal(answer) == (500, "internal")
        assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
        words = r"permission|relation|select|sql|postgres|42P01|libpq|swift|/Sources|\.swift|stack|version"
        shown = {name: value for name, value in answer.json().items() if name not in ("instance", "request_id")}
        assert not re.search(words, json.dumps(shown) + str(dict(answer.headers)), re.IGNORECASE)
        assert any(line.get("request_id") == answer.headers["X-Request-Id"] for line in world.server.log_lines())
    wait_until(lambda: world.admin.get(PERMISSIONS).status_code == 200, what="the table being used again")


def test_log_ofHostileRequests_isLinesOfJSON(world):
    secret_like = 'x","level":"critical","msg":"forged'
    before = len(world.server.log.splitlines())

    for headers in (
        {"User-Agent": secret_like}, {"User-Agent": "a\x1b[31mred"}, {"X-Request-Id": secret_like},
        {"User-Agent": "x" * 15_000}, {"Referer": "{\"forged\":true}"}, {"Idempotency-Key": secret_like},
    ):
        world.nobody.get(f"{USERS}/me", headers=headers)
        world.nobody.get("/nowhere%0d%0a{%22forged%22:true}%1b[31m", headers=headers)
        world.admin.post(USERS, json={"email": secret_like, "\u001b[31m\n{\"forged\":true}": 1}, headers=headers)

    lines = world.server.log.splitlines()[before:]
    assert len(lines) >= 12
    for line in lines:
        assert set(json.loads(line)) >= {"ts", "level", "msg"} and len(line.encode()) <= 4096
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)
        assert "forged" not in json.loads(line)["msg"] and json.loads(line)["level"] != "critical"
