"""What users are found by (docs/decisions/0006): the terms that triggers keep, against a model in Python."""

import json
import random
import subprocess

import pytest

from support.database import Database
from support.migrate import done, states
from support.wait import wait_until

PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ")
ALPHABETS = [
    "ab-. ", "aAbB.@", "  .. --", "äÄßİıΣσςǅﬁ ", "🦊é e\u0301-", "\u00a0\u2003\u3000x y", "漢字 𝒜𝒷\U0001f468",
    "~!\"#$%&'()*+,/:;<=>?[\\]^`{|} a", "\t\n\u0001a b", "abcdefgh .-",
]
LENGTHS = [0, 1, 2, 3, 5, 8, 13, 20, 41, 99, 100, 101, 200]
USER = "('01910000-0000-7000-8000-000000000001', '{}', {}, now(), now())"
INSERT = f"insert into users (id, email, display_name, created_at, updated_at) values {USER}"


@pytest.fixture(scope="module")
def database():
    return Database.migrated()


@pytest.mark.parametrize("seed", range(8))
def test_terms_areThoseOfTheModel(database, seed):
    chance = random.Random(seed)
    people = [person(chance) for _ in range(150)]
    rows = json.dumps(people, ensure_ascii=False).replace("'", "''")
    found = database.value(f"""
        select jsonb_agg(array[to_jsonb(lower(name)), coalesce(terms, '[]')] order by number)
        from jsonb_array_elements('{rows}') with ordinality person (pair, number)
        cross join lateral (values (pair ->> 0, pair ->> 1)) given (email, name)
        cross join lateral (
            select jsonb_agg(jsonb_build_array(term, shared) order by term collate "C")
            from user_search_terms_of(given.email, given.name)
        ) found (terms)
    """)
    assert len(people) == len(json.loads(found))
    for (email, name), (lower_name, terms) in zip(people, json.loads(found), strict=True):
        assert terms == terms_of(email, lower_name or ""), (email, name)


def person(chance):
    def text():
        return "".join(chance.choices(chance.choice(ALPHABETS), k=chance.choice(LENGTHS)))

    email = chance.choice([text(), f"{text()[:20]}@ab.example", "ann.lee@example.com"])
    name = chance.choice([None, text(), text(), f"{text()} {email[:10]}", email.upper(), f"{email[:9]} {email[:9]}"])
    return email, name


def terms_of(email, lower_name):
    """Each term with the number of characters that it has in common with the one before it."""
    words = [(place, 1, email[place:]) for place in beginnings(email)]
    words += [(place, 2, lower_name[place:]) for place in beginnings(lower_name)]
    if "@" in email:
        words.append((email.index("@"), 0, email[email.index("@"):]))
    suffixes = {suffix[:100] for _, _, suffix in sorted(words)[:40]}
    terms = [
        term for term in sorted(suffixes, key=str.encode)
        if not any(other != term and other.startswith(term) for other in suffixes)
    ]
    return [[term, common(term, before)] for before, term in zip(["", *terms], terms)]


def beginnings(text):
    return [
        place for place, character in enumerate(text)
        if character != " " and (place == 0 or text[place - 1] in PUNCTUATION)
    ]


def common(one, other):
    return next((place for place, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))


def terms(database):
    return [row[0] for row in database.query("select term || shared from user_search_terms order by term")]


def test_terms_goWithTheUser():
    database = Database.migrated()
    insert = INSERT.format("ann@x.org", "null")
    kept = ["@x.org0", "ann@x.org0", "org0", "x.org0"]
    database.query(insert)
    assert terms(database) == kept

    database.query("delete from users")
    assert terms(database) == []

    database.query(insert)
    database.query("truncate users cascade")
    assert terms(database) == []

    database.query(insert)
    database.query("update users set id = '01910000-0000-7000-8000-000000000002'")
    assert terms(database) == kept
    assert database.value("select count(*) from user_search_terms t join users u on u.id = t.user_id") == "4"


def test_terms_ofAUserWhoIsChangedAndDeletedAtOnce_areGone():
    """The deletion waits for the change, and then finds the terms that it wrote."""
    database = Database.migrated()
    database.query(INSERT.format("ann@x.org", "null"))
    psql = ["psql", database.url, "--no-psqlrc", "--quiet"]
    with subprocess.Popen(psql, stdin=subprocess.PIPE, text=True) as change:
        change.stdin.write("begin; update users set email = 'bob@x.org';\n")
        change.stdin.flush()
        wait_until(lambda: "idle in transaction" in states(database), what="the change")
        with subprocess.Popen([*psql, "-c", "delete from users"]) as deletion:
            wait_until(lambda: is_waiting(database), what="the deletion waiting for the change")
            change.communicate("commit;\n", timeout=30)
            assert deletion.wait(30) == 0
    assert terms(database) == []


def is_waiting(database):
    return database.value(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    ) == "1"


def test_up_givesAUserWhoseNameIsTheAddress_theTermsThatWereMissing():
    database = Database.empty()
    done(database, "up", "--to", "23")
    database.query(INSERT.format("ann@x.org", "'Ann@X.org'"))
    assert terms(database) == ["@x.org0", "x.org0"]

    done(database, "up")

    assert terms(database) == ["@x.org0", "ann@x.org0", "org0", "x.org0"]
