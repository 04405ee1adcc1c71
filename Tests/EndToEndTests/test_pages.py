"""Lists: page by page while others write, with every filter, and against what is no query."""

import subprocess
import time
import uuid

import pytest

from support.caller import bad_fields, refusal
from support.openapi import operations
from support.samples import sample_for
from support.wait import wait_until
from support.world import KEYS, PERMISSIONS, ROLES, USERS

SETTINGS = {"POSTERN_WORKERS": 4}
QUERIES = [
    (operation, parameter["name"])
    for operation in operations()
    for parameter in operation.parameters("query")
    if operation.method == "GET"
]
LISTS = [operation for operation in operations() if {"limit", "cursor"} <= {
    parameter["name"] for parameter in operation.parameters("query")}]

NO_LIMITS = ["0", "-1", "abc", "1000000000", "9223372036854775808", "201", "1.0", "1e2", "", " 1", "+1", "0x1",
             "\u0661", "1;2", "null"]
FRAGMENTS = [
    "'", "''", "\\", "\\'", '"', "$$", "--", "/*", ";", "%", "_", "%bf%27", "\u00bf'", "'||pg_sleep(5)--",
    "'; select pg_sleep(5)--", "1 or 1=1", "' or '1'='1", "(select pg_sleep(5))", "1);select pg_sleep(5)--",
    "$1", "%s", "{}", "${x}", "\ufffd", "\u0000", "\u2019", "a' union select secret_hash from api_keys--",
    "x'::regclass", "E'\\x27'", "admin'--", "*", "()", "[", "\\p{L}", "\U0001f4a9",
]


@pytest.fixture(scope="module")
def thousand(world):
    """1,000 users, whose names begin with one word, one in four not active, who hold one role alone: word and role."""
    role, word = world.role(), world.name("crowd").replace("-", "")
    world.database.query(
        "with made as ("
        " insert into users (id, email, is_email_verified, display_name, is_active, created_at, updated_at)"
        " select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'c' || n || '@example.com', true,"
        f" '{word} ' || n, n % 4 > 0, now(), now() from generate_series(4096, 5095) n returning id)"
        f" insert into user_roles (user_id, role_id, created_at) select id, '{role['id']}', now() from made"
    )
    return word, role


def disturb(world, word, doomed):
    """With each step somebody comes, somebody who just came goes, and one of `doomed` goes."""
    other = world.person("users:write", "users:delete")
    came = []
    for victim in doomed:
        came.append(other.made(USERS, {"email": f"{world.name('c')}@example.com", "display_name": f"{word} 5"})["id"])
        for user in [victim, *came[:-1:2]]:
            assert other.delete(f"{USERS}/{user}").status_code == 204
        came = came[-1:]
        yield


@pytest.mark.parametrize(
    "query, belongs",
    [
        ({}, lambda item, word: True),
        ({"q": "{word} "}, lambda item, word: item["display_name"].startswith(word)),
        ({"q": "{word} 4"}, lambda item, word: item["display_name"].startswith(f"{word} 4")),
        ({"is_active": "true"}, lambda item, word: item["is_active"]),
        ({"q": "{word}", "is_active": "false"}, lambda item, word: not item["is_active"]),
        ({"role_id": "{role}"}, lambda item, word: "user" not in item["roles"]),
    ],
    ids=["all", "name", "search", "active", "search of the inactive", "role"],
)
def test_walk_whileOthersWrite_repeatsNothingAndMissesNothing(world, thousand, query, belongs):
    word, role = thousand
    query = {name: text.format(word=word, role=role["id"]) for name, text in query.items()}
    old = [item for item in world.admin.all(USERS, limit=200, role_id=role["id"]) if belongs(item, word)]
    assert len(old) > 80
    doomed = {item["id"] for item in old[::7]}

    seen = []
    disturbance = disturb(world, word, doomed)
    for page in world.admin.pages(USERS, limit=20, **query):
        seen += page
        next(disturbance, None)

    ids = [item["id"] for item in seen]
    assert len(ids) == len(set(ids)), "somebody came twice"
    assert {item["id"] for item in old} - doomed <= set(ids), "somebody old was left out"
    assert all(belongs(item, word) for item in seen)
    if "q" not in query:
        assert ids == sorted(ids, reverse=True), "newest first"


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_everyList_isWholeWhateverThePageSize(world, limit):
    person = world.person("users:read")
    for number in range(4):
        world.permission(), person.made(KEYS, {"name": f"key {number}"})
        world.give(person.id, world.role()["name"])
    role = world.role("users:read", "roles:read", "users:write")

    for path, query in [
        (PERMISSIONS, {}), (ROLES, {}), (KEYS, {"owner_id": person.id}), (f"{USERS}/{person.id}/roles", {}),
        (f"{ROLES}/{role['id']}/permissions", {}),
    ]:
        whole = world.admin.shown(path, params={"limit": 200} | query)
        assert whole["next_cursor"] is None and len(whole["items"]) >= 3
        pages = list(world.admin.pages(path, limit=limit, **query))
        assert [item for page in pages for item in page] == whole["items"]
        assert all(len(page) == limit for page in pages[:-1]) and 1 <= len(pages[-1]) <= limit


def test_page_has50ItemsUnlessToldOtherwise(world, thousand):
    assert len(world.admin.shown(USERS)["items"]) == 50
    assert len(world.admin.shown(USERS, params={"limit": 200})["items"]) == 200


# Search


@pytest.fixture(scope="module")
def people(world):
    stem = world.name("q")[2:]
    return {
        "ann": world.user(email=f"ann.{stem}@mail.example", display_name=f"Ann-Marie O'{stem}"),
        "percent": world.user(email=f"percent%{stem}@mail.example", display_name=f"100% {stem}"),
        "underscore": world.user(email=f"under_{stem}@mail.example", display_name=None),
        "backslash": world.user(email=f"back{stem}@mail.example", display_name=f"back\\{stem}"),
        "umlaut": world.user(email=f"zoe{stem}@mail.example", display_name=f"\u00c4rzte {stem}"),
    }, stem


@pytest.mark.parametrize(
    "query, found",
    [
        ("ann.{0}", {"ann"}), ("ANN.{0}@MAIL", {"ann"}), ("o'{0}", {"ann"}),
        ("{0}", {"ann", "percent", "underscore", "backslash", "umlaut"}),
        ("percent%{0}", {"percent"}), ("100% {0}", {"percent"}), ("1__% {0}", set()), ("%{0}", set()),
        ("under_{0}", {"underscore"}), ("under%{0}", set()), ("underx{0}", set()), ("_{0}", set()),
        ("back\\{0}", {"backslash"}), ("back\\\\{0}", set()), ("\u00e4rzte {0}", {"umlaut"}),
        ("nn.{0}", set()), ('"{0}', set()), ("{0}'--", set()),
    ],
)
def test_search_findsWordsThatBeginSo_literally(world, people, query, found):
    users, stem = people

    items = world.admin.shown(USERS, params={"q": query.format(stem)})["items"]

    names = {user["id"]: name for name, user in users.items()}
    assert {names.get(item["id"]) for item in items} == found


def test_search_followsChanges(world):
    user, word = world.user(), world.name("word")[5:]
    path = f"{USERS}/{user['id']}"

    def found():
        return [item["id"] for item in world.admin.shown(USERS, params={"q": word})["items"]]

    assert found() == []
    world.admin.patch(path, json={"display_name": f"x {word} y"})
    assert found() == [user["id"]]
    world.admin.patch(path, json={"display_name": None, "email": f"{word}@example.com"})
    assert found() == [user["id"]]
    world.admin.delete(path)
    assert found() == []


# No query


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
def test_list_whenTheQueryIsNone_is422(world, operation):
    sample = sample_for(operation, world, owner=world.admin.id)

    def refused(query):
        return bad_fields(sample.send(world.admin, operation, query=query))

    for limit in NO_LIMITS:
        assert refused({"limit": limit}).keys() == {"limit"}, limit
    for cursor in ("!", "x", "", "A" * 22 + "=", "A" * 7_000, "../..", "AAAAAAAAAAAAAAAAAAAAAB", "' or 1=1--"):
        assert refused({"cursor": cursor}).keys() == {"cursor"}, cursor
    # There is no such parameter: neither order, nor filters on what is not shown.
    for name in ("sort", "order_by", "secret_hash", "secret_hash[like]", "filter", "offset", "limit[]", "Q", ""):
        assert list(refused({name: "name;drop table users"}).values()) == ["unknown"], name
    assert refused([("limit", "1"), ("limit", "2")]) == {"limit": "repeated"}


@pytest.mark.parametrize(
    "query, fields",
    [
        ({"q": ""}, {"q"}), ({"q": "x" * 101}, {"q"}), ({"q": "x" * 7_000}, {"q"}), ({"q": "a\u0000"}, {"q"}),
        ({"q": "\u202ea"}, {"q"}), ({"is_active": "1"}, {"is_active"}), ({"is_active": "True"}, {"is_active"}),
        ({"is_active": ""}, {"is_active"}), ({"role_id": "admin"}, {"role_id"}),
        ({"role_id": "01900000-0000-7000-8000-000000000001", "q": "a"}, {"role_id"}),
        ({"role_id": "01900000-0000-7000-8000-000000000001", "is_active": "true"}, {"role_id"}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_users_whenAFilterIsNone_is422(world, query, fields):
    assert bad_fields(world.admin.get(USERS, params=query)).keys() == fields


def test_search_forTenThousandCharacters_is414(world):
    assert refusal(world.admin.get(USERS, params={"q": "x" * 10_000})) == (414, "uri_too_long")


def test_users_ofARoleThatIsNone_areNone(world):
    assert world.admin.shown(USERS, params={"role_id": str(uuid.uuid4())})["items"] == []


def test_cursor_ofAnotherList_isRefusedOrHarmless(world, thousand):
    by_word = world.admin.shown(USERS, params={"q": thousand[0], "limit": 1})["next_cursor"]
    plain = world.admin.shown(USERS, params={"limit": 1})["next_cursor"]

    for query in ({"cursor": by_word}, {"cursor": by_word, "is_active": "true"}, {"cursor": plain, "q": thousand[0]}):
        assert bad_fields(world.admin.get(USERS, params=query)).keys() == {"cursor"}, query
    assert bad_fields(world.admin.get(ROLES, params={"cursor": by_word})).keys() == {"cursor"}
    # A place is a place; it tells nothing that the caller may not see.
    assert world.admin.get(ROLES, params={"cursor": plain}).status_code == 200


@pytest.mark.parametrize("operation, name", QUERIES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_parameter_withAPieceOfSQL_doesNothing(world, operation, name):
    sample = sample_for(operation, world, owner=world.admin.id)
    begun = time.monotonic()

    for fragment in FRAGMENTS:
        answer = sample.send(world.admin, operation, query=sample.query | {name: fragment})
        assert answer.status_code in (200, 400, 403, 422), (fragment, answer.text)
        if answer.status_code == 200:
            assert name in ("q", "action") and answer.json() == {"items": [], "next_cursor": None}, fragment
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("raw", ["%", "%zz", "%bf%27", "%ff", "%c0%af", "%00", "+", "%2500"])
def test_parameter_thatIsNoText_is422OrFindsNobody(world, raw):
    answer = world.admin.get(f"{USERS}?q={raw}")

    assert answer.status_code in (200, 400, 422), answer.text
    if answer.status_code == 200:
        assert answer.json()["items"] == []


# A query that takes too long


def test_list_whenTheDatabaseIsTooSlow_is503AndTheWorkerLives(world):
    workers = set(world.server.workers())
    lock = subprocess.Popen(
        ["psql", world.database.url, "--no-psqlrc", "--quiet", "-c",
         "begin; lock table permissions in access exclusive mode; select pg_sleep(60)"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(
            lambda: world.database.value(
                "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted"
                " and relation = 'permissions'::regclass"
            ) != "0",
            what="the lock",
        )
        answer = world.admin.get(PERMISSIONS)
        assert refusal(answer) == (503, "unavailable") and answer.headers["Retry-After"]
        # What needs nothing that is locked goes on.
        assert world.nobody.get("/livez").status_code == 200
    finally:
        world.database.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%'"
            " and pid <> pg_backend_pid() and datname = current_database()"
        )
        lock.wait(timeout=10)
    assert world.admin.get(PERMISSIONS).status_code == 200
    assert set(world.server.workers()) == workers
