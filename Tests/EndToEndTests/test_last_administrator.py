"""Somebody is always left who can let others in: the last active administrator stays, however two of them hurry."""

import itertools

import pytest

from support.caller import refusal
from support.race import at_once
from support.world import USERS

SETTINGS = {"POSTERN_WORKERS": 4}
LAST = (409, "last_admin")


def administrator(world):
    person = world.person(roles=["admin"])
    holder = world.keyholder(roles=["admin"], owner=person.id)
    holder.email = person.email
    return holder


@pytest.fixture(scope="module")
def pair(world):
    """Two administrators, and nobody else who is one.

    They call with keys, which can be brought back with their owners: a session that ended stays so.
    """
    two = administrator(world), administrator(world)
    for table in ("api_keys", "api_key_roles"):
        world.database.query(f"create table kept_{table} as select * from {table}")
    world.database.query(f"update users set is_active = false where id = '{world.admin.id}'")
    return two


def restore(world, pair):
    """Makes both administrators again, whatever became of them; how many there were."""
    users = ", ".join(
        f"('{one.id}', '{one.email}', false, true, now(), now())" for one in pair
    )
    ids = ", ".join(f"'{one.id}'" for one in pair)
    [[left], *_] = world.database.query(
        "select count(*) from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id"
        f" where r.name = 'admin' and u.is_active and u.id in ({ids});"
        " insert into users (id, email, is_email_verified, is_active, created_at, updated_at)"
        f" values {users} on conflict (id) do update set is_active = true;"
        " insert into user_roles (user_id, role_id, created_at)"
        f" select u.id, r.id, now() from users u, roles r where r.name in ('admin', 'user') and u.id in ({ids})"
        " on conflict do nothing;"
        f" insert into api_keys select * from kept_api_keys where owner_id in ({ids}) on conflict do nothing;"
        " insert into api_key_roles select * from kept_api_key_roles"
        f" where api_key_id in (select id from api_keys where owner_id in ({ids})) on conflict do nothing"
    )
    return int(left)


WAYS = {
    "demote": lambda world, caller, target: caller.delete(f"{USERS}/{target.id}/roles/{world.admin_role}"),
    "deactivate": lambda world, caller, target: caller.patch(f"{USERS}/{target.id}", json={"is_active": False}),
    "delete": lambda world, caller, target: caller.delete(f"{USERS}/{target.id}"),
}


@pytest.fixture(scope="module", autouse=True)
def admin_role(world):
    world.admin_role = world.role_id("admin")


@pytest.mark.parametrize("way", WAYS)
def test_lastAdministrator_staysWhoeverTries(world, pair, way):
    one, other = pair
    restore(world, pair)
    assert WAYS[way](world, one, other).status_code in (200, 204)

    assert refusal(WAYS[way](world, one, one)) == LAST
    # The one who is gone has no say.
    assert WAYS[way](world, other, one).status_code in (401, 403)
    assert restore(world, pair) == 1


def test_lastAdministrator_byAKeyWithEveryPermission_stays(world, pair):
    one, other = pair
    restore(world, pair)
    made = one.made("/api/v1/api-keys", {"name": "all", "roles": ["admin"]})
    key = world.caller(key=made["key"])
    assert WAYS["demote"](world, key, other).status_code == 204

    for way in WAYS.values():
        assert refusal(way(world, key, one)) == LAST
    assert restore(world, pair) == 1
    assert one.delete(f"/api/v1/api-keys/{made['id']}").status_code == 204


def test_administratorsWhoAreNotActive_doNotCount(world, pair):
    one, other = pair
    restore(world, pair)
    assert WAYS["deactivate"](world, one, other).status_code == 200

    # The bootstrap's administrator and the other hold the role still.
    for way in WAYS.values():
        assert refusal(way(world, one, one)) == LAST
    assert restore(world, pair) == 1


def test_twoLastAdministrators_whenEachRemovesOneAtOnce_neverBothGo(world, pair):
    # Each the other, or each oneself, in every mixture of ways.
    races = [
        (first, second, crossed)
        for first, second in itertools.product(WAYS, repeat=2)
        for crossed in (True, False)
    ]
    one, other = pair
    restore(world, pair)
    seen = set()

    for number in range(200):
        first, second, crossed = races[number % len(races)]
        targets = (other, one) if crossed else (one, other)
        answers = at_once(
            lambda: WAYS[first](world, one, targets[0]),
            lambda: WAYS[second](world, other, targets[1]),
        )
        outcomes = sorted(
            (answer.status_code, answer.json()["code"] if answer.status_code >= 400 else "") for answer in answers
        )
        left = restore(world, pair)
        assert left == 1, (number, first, second, crossed, outcomes)
        assert outcomes[0][0] in (200, 204) and outcomes[1] in {
            (401, "unauthenticated"), (403, "forbidden"), (403, "grant_exceeds_own"), LAST,
        }, (number, first, second, crossed, outcomes)
        seen.add(outcomes[1])
    assert LAST in seen and len(seen) >= 3, "the races did not meet"
