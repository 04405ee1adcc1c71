"""Two who change one thing, and one who sends a request twice: ETag, If-Match, Idempotency-Key."""

import pytest

from support.caller import bad_fields, refusal
from support.race import at_once
from support.wait import wait_until
from support.world import KEYS, PERMISSIONS, ROLES, USERS

SETTINGS = {"POSTERN_WORKERS": 4}
STALE = (412, "stale_version")


class Resource:
    """Something with versions: its address, a change of it, and a change that somebody else makes."""

    def __init__(self, world, path, change=None, relation=None):
        self.world, self.path, self.change, self.relation = world, path, change, relation

    def version(self):
        return self.world.admin.get(self.path).headers["ETag"]

    def attempts(self, version):
        """Every request that takes If-Match about it, with that version; deletion last."""
        headers = {"If-Match": version}
        if self.change:
            yield lambda: self.world.admin.patch(self.path, json=self.change, headers=headers)
        if self.relation:
            yield lambda: self.world.admin.put(self.relation, headers=headers)
            yield lambda: self.world.admin.delete(self.relation, headers=headers)
        yield lambda: self.world.admin.delete(self.path, headers=headers)


def user(world):
    path = f"{USERS}/{world.user()['id']}"
    return Resource(world, path, {"display_name": world.name("Ada")}, f"{path}/roles/{world.role()['id']}")


def role(world):
    path = f"{ROLES}/{world.role()['id']}"
    relation = f"{path}/permissions/{world.permission_id('users:read')}"
    return Resource(world, path, {"description": world.name("Reads")}, relation)


def permission(world):
    return Resource(world, f"{PERMISSIONS}/{world.permission()['id']}")


def api_key(world):
    return Resource(world, f"{KEYS}/{world.key()['id']}", {"name": world.name("key")})


KINDS = [user, role, permission, api_key]


@pytest.mark.parametrize("kind", KINDS)
def test_ifMatch_whenTheVersionIsAnother_is412AndChangesNothing(world, kind):
    resource = kind(world)
    weak = "W/" + resource.version()
    before = world.contents()

    for version in ('"AAAAAAAAAAAAAAAAAAAAAA"', '"a", "b"', weak, '""'):
        for attempt in resource.attempts(version):
            assert refusal(attempt()) == STALE, version
    assert world.contents() == before


@pytest.mark.parametrize("kind", KINDS)
def test_ifMatch_whenItIsTheVersion_passes(world, kind):
    resource = kind(world)

    # Each change makes a new version, also that of a relation; the order of the attempts is that of their making.
    count = len(list(resource.attempts("*")))
    for index in range(count):
        version = f'"other", {resource.version()}'
        answer = list(resource.attempts(version))[index]()
        assert answer.status_code in (200, 204), answer.text
    assert world.admin.get(resource.path).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_ifMatch_ofAnyVersion_orNone_passes(world, kind):
    for attempt in kind(world).attempts("*"):
        assert attempt().status_code in (200, 204)


@pytest.mark.parametrize("text", ["", "abc", '"', 'abc"', '"a" "b"', "*, *", 'W/', '"a"; "b"', "'a'"])
def test_ifMatch_whenItIsNone_is400(world, text):
    for attempt in user(world).attempts(text):
        assert refusal(attempt()) == (400, "malformed")


def test_rotate_takesIfMatch(world):
    key = world.key()
    path = f"{KEYS}/{key['id']}"
    version = world.admin.get(path).headers["ETag"]
    world.admin.patch(path, json={"name": "meanwhile"})

    assert refusal(world.admin.post(f"{path}/rotate", headers={"If-Match": version})) == STALE
    version = world.admin.get(path).headers["ETag"]
    assert world.admin.post(f"{path}/rotate", headers={"If-Match": version}).status_code == 201


def test_version_isThatOfWhatIsSeen(world):
    role = world.role()
    user = world.user(roles=["user", role["name"]])
    path = f"{USERS}/{user['id']}"
    version = world.admin.get(path).headers["ETag"]
    assert world.admin.get(path).headers["ETag"] == version

    world.admin.put(f"{ROLES}/{role['id']}/permissions/{world.permission_id('users:read')}")

    assert world.admin.get(path).headers["ETag"] != version
    assert refusal(world.admin.patch(path, json={"display_name": "x"}, headers={"If-Match": version})) == STALE


def test_version_ofAKey_isNotChangedByItsUse(world):
    key = world.key()
    path = f"{KEYS}/{key['id']}"
    version = world.admin.get(path).headers["ETag"]

    world.database.query(f"update api_keys set last_used_at = now() where id = '{key['id']}'")

    assert world.admin.shown(path)["last_used_at"]
    assert world.admin.get(path).headers["ETag"] == version


def test_version_ofAnAnswer_isThatOfTheNextGet(world):
    user = world.user()
    path = f"{USERS}/{user['id']}"

    changed = world.admin.patch(path, json={"display_name": "x"})

    assert changed.headers["ETag"] == world.admin.get(path).headers["ETag"]


def test_ifMatch_whenTwentyChangeOneVersion_letsOnePass(world):
    path = f"{USERS}/{world.user()['id']}"
    headers = {"If-Match": world.admin.get(path).headers["ETag"]}

    answers = at_once(*[
        lambda number=number: world.admin.patch(path, json={"display_name": f"Ada {number}"}, headers=headers)
        for number in range(20)
    ])

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    assert world.admin.shown(path) == winner


# Idempotency-Key


def once(world):
    return {"Idempotency-Key": world.name("once")}


def creations(world):
    """Every POST that needs a credential, with a body that makes something new."""
    return {
        USERS: {"email": f"{world.name('once')}@example.com"},
        ROLES: {"name": world.name("once")},
        PERMISSIONS: {"resource": world.name("once"), "action": "read"},
        KEYS: {"name": world.name("once")},
        f"{KEYS}/{world.key()['id']}/rotate": {"overlap_seconds": 60},
    }


def test_retry_getsTheSameAnswerByteForByte(world):
    for path, body in creations(world).items():
        headers = once(world)
        first = world.admin.post(path, json=body, headers=headers)
        before = world.contents()

        again = world.admin.post(path, json=body, headers=headers)

        assert first.status_code == again.status_code == 201, (first.text, again.text)
        assert again.content == first.content
        for name in ("Location", "ETag", "Content-Type"):
            assert again.headers[name] == first.headers[name]
        assert "Idempotent-Replayed" not in first.headers and again.headers["Idempotent-Replayed"] == "true"
        assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
        assert world.contents() == before


def test_retry_ofAnotherRequest_is422(world):
    for path, body in creations(world).items():
        headers = once(world)
        assert world.admin.post(path, json=body, headers=headers).status_code == 201
        before = world.contents()

        spaced = {"data": b" " + repr(body).replace("'", '"').encode(), "headers": headers | {
            "Content-Type": "application/json"}}
        other = USERS if path != USERS else ROLES
        for answer in (
            world.admin.post(path, **spaced),
            world.admin.post(path, json={}, headers=headers),
            world.admin.post(other, json=body, headers=headers),
        ):
            assert refusal(answer) == (422, "idempotency_mismatch"), answer.text
        assert world.contents() == before


def test_retry_afterAFailure_isANewAttempt(world):
    taken, headers = world.user(), once(world)
    body = {"email": taken["email"]}
    assert world.admin.post(USERS, json=body, headers=headers).status_code == 409
    assert world.admin.post(USERS, json={"email": "none"}, headers=headers).status_code == 422

    world.admin.delete(f"{USERS}/{taken['id']}")

    answer = world.admin.post(USERS, json=body, headers=headers)
    assert answer.status_code == 201 and "Idempotent-Replayed" not in answer.headers


def test_key_ofOneCaller_isNotThatOfAnother(world):
    headers = once(world)
    body = {"name": "same"}
    person, owner = world.person(), world.person("api_keys:manage")
    one_key, other_key = (world.keyholder("api_keys:manage", owner=owner.id) for _ in range(2))

    made = [caller.post(KEYS, json=body, headers=headers) for caller in (person, owner, one_key, other_key)]

    assert [answer.status_code for answer in made] == [201] * 4
    assert len({answer.json()["key"] for answer in made}) == 4
    assert not [answer for answer in made if "Idempotent-Replayed" in answer.headers]


def test_retry_byOneWhoLostTheRight_isRefused(world):
    owner = world.user(roles=["user", world.role("users:write")["name"]])
    key = world.keyholder("users:write", owner=owner["id"])
    headers, body = once(world), {"email": f"{world.name('once')}@example.com"}
    assert key.post(USERS, json=body, headers=headers).status_code == 201

    for role in world.admin.all(f"{USERS}/{owner['id']}/roles"):
        world.admin.delete(f"{USERS}/{owner['id']}/roles/{role['id']}")

    # A key that was shown a moment ago is known for up to a second.
    wait_until(lambda: key.post(USERS, json=body, headers=headers).status_code == 403)
    assert refusal(key.post(USERS, json=body, headers=headers)) == (403, "forbidden")


@pytest.mark.parametrize(
    "text", ["", "x" * 256, "a b", "caf\u00e9".encode("latin-1"), "a\u200b".encode(), "a\tb"], ids=ascii
)
def test_key_whenItIsNone_is422AndNothingIsMade(world, text):
    before = world.contents()

    answer = world.admin.post(USERS, json={"email": f"{world.name('n')}@example.com"}, headers={
        "Idempotency-Key": text})

    assert bad_fields(answer).keys() == {"Idempotency-Key"}
    assert world.contents() == before


@pytest.mark.parametrize("text", ["x", "x" * 255, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"])
def test_key_ofVisibleASCII_isOne(world, text):
    # Within one caller the text stands for one request.
    caller = world.person("users:write")
    body, headers = {"email": f"{world.name('n')}@example.com"}, {"Idempotency-Key": text}

    assert caller.post(USERS, json=body, headers=headers).status_code == 201
    assert caller.post(USERS, json=body, headers=headers).headers["Idempotent-Replayed"] == "true"


def test_key_afterADay_isForgotten(world):
    headers, email = once(world), f"{world.name('n')}@example.com"
    made = world.admin.made(USERS, {"email": email}, headers=headers)
    world.admin.delete(f"{USERS}/{made['id']}")
    assert world.admin.made(USERS, {"email": email}, headers=headers)["id"] == made["id"]

    world.database.query("update idempotency_keys set expires_at = now() - interval '1 second'")

    assert world.admin.made(USERS, {"email": email}, headers=headers)["id"] != made["id"]


def test_twentyRetriesAtOnce_makeOneUserAndGetOneAnswer(world):
    headers, email = once(world), f"{world.name('once')}@example.com"

    answers = at_once(*[lambda: world.admin.post(USERS, json={"email": email}, headers=headers)] * 20)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len([answer for answer in answers if "Idempotent-Replayed" in answer.headers]) == 19
    assert world.database.value(f"select count(*) from users where email = '{email}'") == "1"


def test_twentyRetriesOfAKeyAtOnce_showOneSecret(world):
    headers = once(world)

    answers = at_once(*[lambda: world.admin.post(KEYS, json={"name": "once"}, headers=headers)] * 20)

    assert {answer.status_code for answer in answers} == {201}
    [secret] = {answer.json()["key"] for answer in answers}
    assert world.caller(key=secret).get(f"{USERS}/me").status_code == 200
