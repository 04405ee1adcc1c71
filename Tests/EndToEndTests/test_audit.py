"""The audit trail: each change leaves one event, what is no change leaves none, and months come and go by themselves."""

import json
import uuid

import pytest

from support.caller import bad_fields, refusal
from support.database import Database
from support.migrate import migrate
from support.openapi import operations
from support.provider import Browser
from support.samples import sample_for
from support.session import Session
from support.wait import wait_until
from support.world import KEYS, ROLES, USERS

EVENTS = "/api/v1/audit-events"

# What each operation that can change something records; nothing where it changes nothing that lasts.
ACTIONS = {
    "POST /api/v1/auth/{provider}/link": None,
    "POST /api/v1/auth/refresh": None,
    "POST /api/v1/auth/token": None,
    "POST /api/v1/auth/introspect": None,
    "POST /api/v1/auth/revoke": "session.ended",
    "POST /api/v1/auth/logout": "session.ended",
    "DELETE /api/v1/auth/sessions": "user.sessions_ended",
    "DELETE /api/v1/auth/sessions/{id}": "session.ended",
    "POST /api/v1/auth/link": "session.opened",
    "POST /api/v1/users": "user.created",
    "PATCH /api/v1/users/me": "user.changed",
    "POST /api/v1/users/me/identities": "identity.linked",
    "DELETE /api/v1/users/me/identities/{id}": "identity.unlinked",
    "PATCH /api/v1/users/{id}": "user.changed",
    "DELETE /api/v1/users/{id}": "user.deleted",
    "PUT /api/v1/users/{id}/roles/{role_id}": "user.role_assigned",
    "DELETE /api/v1/users/{id}/roles/{role_id}": "user.role_unassigned",
    "DELETE /api/v1/users/{id}/sessions": "user.sessions_ended",
    "DELETE /api/v1/users/{id}/sessions/{session_id}": "session.ended",
    "DELETE /api/v1/users/{id}/identities/{identity_id}": "identity.unlinked",
    "POST /api/v1/roles": "role.created",
    "PATCH /api/v1/roles/{id}": "role.changed",
    "DELETE /api/v1/roles/{id}": "role.deleted",
    "PUT /api/v1/roles/{id}/permissions/{permission_id}": "role.permission_attached",
    "DELETE /api/v1/roles/{id}/permissions/{permission_id}": "role.permission_detached",
    "POST /api/v1/permissions": "permission.created",
    "DELETE /api/v1/permissions/{id}": "permission.deleted",
    "POST /api/v1/api-keys": "api_key.created",
    "PATCH /api/v1/api-keys/{id}": "api_key.changed",
    "DELETE /api/v1/api-keys/{id}": "api_key.revoked",
    "POST /api/v1/api-keys/{id}/rotate": "api_key.rotated",
}
# Who does these is not the caller: whoever the token or link belongs to.
BY_OTHERS = {"POST /api/v1/auth/revoke", "POST /api/v1/auth/link"}
CHANGES = [operation for operation in operations() if operation.method != "GET"]


@pytest.fixture(scope="module", autouse=True)
def trail(world):
    """Whatever the tests did: the trail holds no secret, and nothing that a person is called or reached by."""
    yield
    stored = json.dumps(world.database.query("select to_jsonb(audit_events) from audit_events"))
    assert stored != "[]"
    assert [secret[:8] for secret in world.secrets if secret in stored] == []
    assert "@example.com" not in stored and "Ada" not in stored


def events_of(world, answer_or_id):
    """The events of one request, oldest first."""
    request_id = answer_or_id if isinstance(answer_or_id, str) else answer_or_id.headers["X-Request-Id"]
    return [event for event in reversed(world.admin.all(EVENTS, limit=200)) if event["request_id"] == request_id]


def only_event_of(world, answer):
    events = events_of(world, answer)
    assert len(events) == 1, events
    return events[0]


def test_actions_areThoseOfEveryOperationThatCanChangeSomething():
    assert set(ACTIONS) == {operation.name for operation in CHANGES}


@pytest.mark.parametrize("operation", CHANGES, ids=lambda operation: operation.name)
def test_change_leavesOneEvent_withWhoDidIt(world, operation):
    caller = world.person(roles={"admin"})
    sample = sample_for(operation, world, owner=caller.id)
    if operation.name == "DELETE /api/v1/users/{id}/sessions":
        world.session(sample.path["id"])

    request_id = f"audit-{uuid.uuid4().hex}"
    answer = sample.send(caller, operation, headers=sample.headers | {"X-Request-Id": request_id})

    assert answer.status_code == operation.success, answer.text
    events = events_of(world, request_id)
    assert [event["action"] for event in events] == ([ACTIONS[operation.name]] if ACTIONS[operation.name] else [])
    for event in events:
        assert event["client_address"] == "127.0.0.1" and event["actor_kind"] == "user"
        assert event["api_key_id"] is None
        assert (event["actor_id"] == caller.id) != (operation.name in BY_OTHERS)
        made = answer.json() if answer.content and operation.method == "POST" else {}
        subjects = {*sample.path.values(), made.get("id"), caller.id}
        assert event["subject_id"] in subjects or event["subject_kind"] == "session"


def test_change_byAKey_namesTheKeyAndItsOwner(world):
    caller = world.keyholder("users:write")
    event = only_event_of(world, caller.post(USERS, json={"email": f"{world.name('made')}@example.com"}))

    assert (event["actor_kind"], event["actor_id"], event["api_key_id"]) == ("api_key", caller.id, caller.key_id)
    assert event["details"] == {"is_active": True, "roles": ["user"]}
    assert world.admin.all(EVENTS, api_key_id=caller.key_id) == [event]
    assert event in world.admin.all(EVENTS, actor_id=caller.id)


def test_change_byTheCommandLine_hasNoActorAndNoRequest(world):
    done = world.server.command("permissions", "create", f"{world.name('thing')}:read", "--json")
    event = world.admin.all(EVENTS, subject_id=json.loads(done.stdout)["id"])[0]

    assert (event["actor_kind"], event["actor_id"], event["request_id"]) == ("command_line", None, None)


def test_bootstrap_leavesWhatItMade(world):
    first = {event["action"] for event in world.admin.all(EVENTS) if event["actor_kind"] == "command_line"}

    assert {"user.created", "api_key.created", "sign_in_link.created"} <= first
    assert [event["actor_kind"] for event in world.admin.all(EVENTS, action="signing_key.created")] == ["system"]


def test_change_saysWhatIsOther_butNoTexts(world):
    user = world.user()
    body = {"email": f"{world.name('other')}@example.com", "display_name": "Somebody", "is_active": False}
    event = only_event_of(world, world.admin.patch(f"{USERS}/{user['id']}", json=body))

    assert event["details"] == {"changed": ["email", "display_name", "is_active"], "is_active": False}
    assert event["subject_kind"] == "user" and event["subject_id"] == user["id"]


def test_firstSignIn_leavesTheUserAndTheSession_andTheNextOneASession(world):
    email = f"{world.name('new')}@example.com"
    for expected in (["user.created", "session.opened"], ["session.opened"]):
        pair = Browser(world.server).sign_in(email)
        user = world.caller(token=pair["access_token"]).shown(f"{USERS}/me")["id"]
        actions = [event["action"] for event in reversed(world.admin.all(EVENTS, actor_id=user))]
        assert actions[-len(expected):] == expected
    assert len(actions) == 3
    assert world.admin.all(EVENTS, actor_id=user)[0]["details"] == {"method": "corp"}


def test_refreshTokenUsedTwice_leavesTheEndOfTheSession(world):
    old = world.refresh_token()
    refreshed = world.nobody.post("/api/v1/auth/refresh", json={"refresh_token": old})
    assert refreshed.status_code == 200 and events_of(world, refreshed) == []
    world.database.query("update refresh_tokens set used_at = used_at - interval '1 minute' where used_at is not null")

    first, second = (world.nobody.post("/api/v1/auth/refresh", json={"refresh_token": old}) for _ in range(2))

    assert (first.status_code, second.status_code) == (401, 401)
    event = only_event_of(world, first)
    assert (event["action"], event["actor_kind"]) == ("session.ended", "system")
    assert event["details"]["reason"] == "refresh_token_reused"
    assert events_of(world, second) == []
    gone = world.nobody.post("/api/v1/auth/refresh", json={"refresh_token": refreshed.json()["refresh_token"]})
    assert gone.status_code == 401


def test_repetitionOfARequest_leavesNoSecondEvent(world):
    headers = {"Idempotency-Key": world.name("once")}
    body = {"email": f"{world.name('made')}@example.com"}
    made, repeated = (world.admin.post(USERS, json=body, headers=headers) for _ in range(2))

    assert repeated.headers["Idempotent-Replayed"] == "true"
    only_event_of(world, made)
    assert events_of(world, repeated) == []


def test_whatChangesNothing_leavesNothing(world):
    user = world.user()
    role = world.role("users:read")
    stale = {"If-Match": '"stale"'}
    unchanged = [
        world.admin.post(USERS, json={"email": user["email"]}),
        world.admin.post(USERS, json={"email": f"{world.name('made')}@example.com", "roles": ["ghost"]}),
        world.admin.post(ROLES, json={"name": role["name"]}),
        world.admin.patch(f"{USERS}/{user['id']}", json={"display_name": "Ada"}, headers=stale),
        world.admin.delete(f"{USERS}/{world.admin.id}", headers=stale),
        world.admin.patch(f"{USERS}/{user['id']}", json={"is_active": True}),
        world.admin.put(f"{ROLES}/{role['id']}/permissions/{world.permission_id('users:read')}"),
        world.admin.delete(f"{USERS}/{user['id']}/roles/{role['id']}"),
        world.admin.delete(f"{USERS}/{user['id']}/sessions"),
        world.admin.post(KEYS, json={"name": "k", "roles": ["ghost"]}),
        world.nobody.post("/api/v1/auth/revoke", data={"token": "nothing"}),
    ]

    assert [answer.status_code for answer in unchanged] == [409, 422, 409, 412, 412, 200, 204, 204, 204, 403, 200]
    assert [events_of(world, answer) for answer in unchanged] == [[]] * len(unchanged)


def test_eventsOfAUser_outliveTheUser(world):
    ada = world.person()
    assert ada.patch(f"{USERS}/me", json={"display_name": "Ada"}).status_code == 200
    before = world.admin.all(EVENTS, actor_id=ada.id)

    assert world.admin.delete(f"{USERS}/{ada.id}").status_code == 204
    assert world.admin.all(EVENTS, actor_id=ada.id) == before != []
    assert world.admin.all(EVENTS, subject_id=ada.id)[0]["action"] == "user.deleted"


def test_list_filtersByTime_andRefusesTwoKeys(world):
    made = [only_event_of(world, world.admin.post(ROLES, json={"name": world.name("role")})) for _ in range(3)]
    between = {"since": made[1]["occurred_at"], "until": made[2]["occurred_at"], "actor_id": world.admin.id}

    found = world.admin.all(EVENTS, **between)
    assert made[1] in found and made[0] not in found and made[2] not in found
    both = world.admin.get(EVENTS, params={"actor_id": world.admin.id, "action": "role.created"})
    assert both.status_code == 422 and bad_fields(both) == {"action": "exclusive"}


def test_walk_whileEventsAreAdded_repeatsNothingAndMissesNothing(world):
    old = {event["id"] for event in world.admin.all(EVENTS, limit=200)}
    seen = []
    for page in world.admin.pages(EVENTS, limit=10):
        seen += [event["id"] for event in page]
        world.user()

    assert len(seen) == len(set(seen)) and old <= set(seen)


def test_list_withoutThePermission_isForbidden(world):
    assert refusal(world.person("users:read").get(EVENTS)) == (403, "forbidden")
    assert world.person("audit:read").get(EVENTS).status_code == 200


def test_auditCommand_listsTheSame(world):
    role = world.role()
    done = world.server.command("audit", "list", "--subject", role["id"], "--json")

    assert json.loads(done.stdout)["items"] == world.admin.all(EVENTS, subject_id=role["id"])
    assert "role.created" in world.server.command("audit", "list", "--actor", "admin@example.com").stdout
    both = world.server.command("audit", "list", "--action", "role.created", "--subject", role["id"])
    assert both.returncode == 2 and "Only one" in both.stderr


def months(database):
    return [
        name for (name,) in database.query(
            "select relname from pg_class where relispartition and relkind = 'r' and relname ~ '^audit_events_[0-9]'"
            " order by 1"
        )
    ]


def months_ahead(database):
    return [
        name for (name,) in database.query(
            "select to_char(date_trunc('month', now() at time zone 'UTC') + i * interval '1 month',"
            " '\"audit_events_\"YYYY_MM') from generate_series(0, 2) i"
        )
    ]


def test_workers_makeMonthsAhead_andDropOldOnes(start_postern):
    database = Database.migrated()
    database.query("select drop_audit_partition(now() + interval '1 year') from generate_series(1, 3)")
    # One month more than is kept, and one less; and an event of a time without a month.
    database.query("select make_audit_partition(now() - i * interval '1 month') from generate_series(12, 30, 18) i")
    database.query(
        "insert into audit_events (id, occurred_at, action, actor_kind, subject_kind)"
        " select first_uuid_at(at), at, 'user.created', 'system', 'user'"
        " from (select now() - interval '3 months' as at) x"
    )
    server = start_postern(database.url, POSTERN_AUDIT_RETENTION="700d", POSTERN_WORKERS=4)

    wait_until(lambda: set(months_ahead(database)) <= set(months(database)), what="months ahead")
    wait_until(lambda: len(months(database)) == 5, what="the old month being dropped, and one made for the event")
    assert database.value("select count(*) from audit_events_default") == "0"
    assert database.value("select count(*) from audit_events where action = 'user.created'") == "1"
    wait_until(lambda: "audit events dropped" in server.messages(), what="the line of it")
    assert server.messages().count("audit events dropped") == 1
    # Months come and go like rows: the schema is the same.
    assert migrate(database, "verify").returncode == 0
    dumped = migrate(database, "dump").stdout
    assert "audit_events" in dumped and months(database)[0] not in dumped


def test_workers_whileABackupReads_letChangesThrough_andDropLater(start_postern):
    database = Database.migrated()
    database.query("select make_audit_partition('2020-01-01')")
    backup = Session(database)
    backup.query("begin; select count(*) from audit_events")
    try:
        server = start_postern(database.url, POSTERN_WORKERS=2)
        server.bootstrap()
        wait_until(lambda: "audit partitions not kept" in server.messages(), what="an attempt that gave up")
        assert "audit_events_2020_01" in months(database)
    finally:
        backup.query("commit")
        backup.end()
    wait_until(lambda: "audit_events_2020_01" not in months(database), timeout=60, what="the next attempt")
