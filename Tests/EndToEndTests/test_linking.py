"""Several identities of one user: who joins whom, who does not, and how one links and unlinks them on purpose."""

import jwt
import pytest

from support.caller import bad_fields, refusal
from support.linking import IDENTITIES, REDIRECT_URL, begin, link_code, prove
from support.provider import Browser, Provider, parameter
from support.race import at_once
from support.wait import wait_until


def subject(pair):
    return jwt.decode(pair["access_token"], options={"verify_signature": False})["sub"]


def identities(installation, user_id):
    rows = installation.database.query(f"select subject from oauth_accounts where user_id = '{user_id}' order by 1")
    return [row[0] for row in rows]


def callback(installation, name):
    browser = installation.browser()
    return browser.open(browser.consent(browser.begin(), name))


@pytest.fixture
def unlinked(installation):
    """A user with a verified address whose identity at the provider is not known yet."""
    user_id = subject(installation.sign_in("grace@example.com"))
    installation.database.query(f"update oauth_accounts set subject = 'another' where user_id = '{user_id}'")
    yield user_id
    installation.database.query(f"delete from users where id = '{user_id}'")


def test_callback_whenBothSidesVerifiedTheAddress_joinsTheUser(installation, unlinked):
    assert subject(installation.sign_in("grace@example.com")) == unlinked
    assert subject(installation.sign_in("grace@example.com")) == unlinked
    assert identities(installation, unlinked) == ["another", "grace@example.com"]


@pytest.mark.parametrize("standing", ["is_email_verified", "is_active"])
def test_callback_whenTheUserMayNotBeJoined_is409AndLinksNothing(installation, unlinked, standing):
    installation.database.query(f"update users set {standing} = false where id = '{unlinked}'")
    sessions = installation.database.value("select count(*) from sessions")

    answer = callback(installation, "grace@example.com")

    assert (answer.status_code, answer.json()["code"]) == (409, "account_link_required")
    assert identities(installation, unlinked) == ["another"]
    assert installation.database.value("select count(*) from sessions") == sessions


# What a provider may say instead of the boolean true counts as nothing.
@pytest.fixture(scope="module", params=[False, None, "true", 1], ids=str)
def careless(request):
    person = {"sub": "grace", "email": "grace@example.com"}
    if request.param is not None:
        person["email_verified"] = request.param
    provider = Provider([person])
    yield provider
    provider.end()


def test_callback_whenTheProviderDidNotVerifyTheAddress_is409AndLinksNothing(start_postern, careless):
    server = start_postern(**careless.settings)
    administrator = server.bootstrap()
    made = server.post(
        "/api/v1/users", key=administrator["api_key"], json={"email": "grace@example.com", "is_email_verified": True}
    )
    assert made.status_code == 201, made.text

    browser = Browser(server)
    answer = browser.open(browser.consent(browser.begin(), "grace"))

    assert (answer.status_code, answer.json()["code"]) == (409, "account_link_required")


# On purpose


@pytest.fixture
def person(world):
    """Somebody who signed in, and so has one identity."""
    return world.person()


@pytest.fixture
def verified(world):
    """The same, with an address that the provider and Postern take for verified."""
    person = world.person(email="alan@example.com")
    yield person
    world.database.query(f"delete from users where id = '{person.id}'")


def linked(caller):
    """What the caller signs in with: the ids of the identities, by subject."""
    return {identity["subject"]: identity["id"] for identity in caller.all(IDENTITIES)}


def user_of(world, subject):
    """The user who signs in as `subject`."""
    return jwt.decode(world._sign_in(subject)["access_token"], options={"verify_signature": False})["sub"]


def test_link_ofAnotherIdentity_isAWayToSignIn(world, provider, person):
    subject = f"{world.name('linked')}@example.com"

    body = link_code(person, subject)
    assert list(linked(person)) == [person.email], "nothing is linked before the app says so"
    answer = person.post(IDENTITIES, json=body)

    assert answer.status_code == 201, answer.text
    identity = answer.json()
    assert answer.headers["Location"] == f"{IDENTITIES}/{identity['id']}"
    assert person.shown(answer.headers["Location"]) == identity
    assert (identity["provider"], identity["issuer"]) == ("corp", provider.issuer)
    assert (identity["subject"], identity["email"]) == (subject, subject)
    assert user_of(world, subject) == user_of(world, person.email) == person.id
    assert [item["subject"] for item in person.all(IDENTITIES, limit=1)] == [subject, person.email]


def test_link_logsWhoAndWhat_butNotWhichPerson(world, person):
    made = person.made(IDENTITIES, link_code(person, f"{world.name('linked')}@example.com"))
    assert person.delete(f"{IDENTITIES}/{made['id']}").status_code == 204

    lines = [line for line in world.server.log_lines() if line.get("identity_id") == made["id"]]
    assert [line["msg"] for line in lines] == ["identity linked", "identity unlinked"]
    assert all((line["user_id"], line["issuer"]) == (person.id, made["issuer"]) for line in lines)
    assert made["subject"] not in str(lines)


def test_link_withTheSameCodeAgain_isTheSameIdentity(world, person):
    body = link_code(person, f"{world.name('linked')}@example.com")
    first, *others = at_once(*[lambda: person.post(IDENTITIES, json=body)] * 5)
    assert [answer.status_code for answer in (first, *others)] == [201] * 5
    assert all(answer.json() == first.json() for answer in others)
    assert len(linked(person)) == 2


def test_link_byAnotherUser_isRefused(world, person):
    thief = world.person()
    body = link_code(person, f"{world.name('linked')}@example.com")

    assert bad_fields(thief.post(IDENTITIES, json=body)) == {"code": "invalid"}
    assert list(linked(thief)) == [thief.email]
    assert person.post(IDENTITIES, json=body).status_code == 201, "the owner's code is still good"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"code": "x"}, "code"), ({"code": "A" * 300}, "code"), ({"code_verifier": "a" * 43}, "code"),
     ({"code_verifier": "a" * 42}, "code_verifier"), ({"code_verifier": "a" * 129}, "code_verifier")],
    ids=str,
)
def test_link_whenAnythingIsWrong_isRefused(world, person, changes, field):
    body = link_code(person, f"{world.name('linked')}@example.com")
    assert bad_fields(person.post(IDENTITIES, json=body | changes)) == {field: "invalid"}
    assert list(linked(person)) == [person.email]


def test_link_withWhatIsSealedForSomethingElse_isRefused(world, person):
    verifier = "v" * 43
    url = begin(person, verifier).json()["url"]
    browser = Browser(world.server)
    browser.open(url)
    (cookie,) = browser.session.cookies
    for code in (parameter(url, "link"), cookie.value):
        answer = person.post(IDENTITIES, json={"code": code, "code_verifier": verifier})
        assert bad_fields(answer) == {"code": "invalid"}


def test_link_ofSomebodyElsesIdentity_is409AndTellsNothing(world, person):
    other = world.person()

    answer = person.post(IDENTITIES, json=link_code(person, other.email))

    assert refusal(answer) == (409, "conflict")
    assert answer.json()["detail"] == "This identity belongs to another user."
    assert other.id not in answer.text
    assert user_of(world, other.email) == other.id
    assert list(linked(person)) == [person.email]


def test_link_openedInTheVictimsBrowser_linksNothing(world, person):
    """Mallory lures somebody, whom the provider knows, into opening the address of Mallory's own link."""
    mallory = world.person()
    verifier = "m" * 43
    url = begin(mallory, verifier).json()["url"]
    users, sessions = (world.database.value(f"select count(*) from {table}") for table in ("users", "sessions"))

    location = prove(world.server, url, f"{world.name('new')}@example.com")
    taken = prove(world.server, url, person.email)

    assert world.database.value("select count(*) from users") == users, "a link makes no user"
    assert world.database.value("select count(*) from sessions") == sessions, "a link signs nobody in"
    # The victim's app has the code, and Mallory's has the verifier; even with both it is of no use to the victim.
    for code in (parameter(location, "code"), parameter(taken, "code")):
        world.secrets.add(code)
        answer = person.post(IDENTITIES, json={"code": code, "code_verifier": verifier})
        assert bad_fields(answer) == {"code": "invalid"}
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        swapped = world.server.post("/api/v1/auth/token", data=form)
        assert (swapped.status_code, swapped.json()["error"]) == (400, "invalid_grant"), "it is no way to sign in"
    assert list(linked(person)) == [person.email] and list(linked(mallory)) == [mallory.email]


def test_linkURL_whenItIsNotOurs_is400(world, person):
    url = begin(person).json()["url"]
    ticket = parameter(url, "link")
    changed = ("B" if ticket[0] == "A" else "A") + ticket[1:]
    for other in ("x", changed, ticket[:-4]):
        assert refusal(world.server.get(url.replace(ticket, other).removeprefix(world.server.url))) == (
            400, "oauth_state_invalid"
        )
    beside = world.server.get(f"{url}&redirect_to={REDIRECT_URL}".removeprefix(world.server.url))
    assert bad_fields(beside) == {"link": "exclusive"}


def test_link_whenThePersonRefuses_tellsTheApp(world, person):
    browser = Browser(world.server)
    state = parameter(browser.open(begin(person).json()["url"]).headers["Location"], "state")

    answer = browser.open(f"{world.server.url}/api/v1/auth/corp/callback?state={state}&error=access_denied")

    assert answer.headers["Location"] == f"{REDIRECT_URL}?error=access_denied&state=the%20app%27s%20state"


@pytest.mark.parametrize(
    "changes",
    [{"redirect_to": "https://evil.example/"}, {"redirect_to": f"{REDIRECT_URL}/"}, {"redirect_to": "//e"}],
    ids=str,
)
def test_begin_whenTheAddressIsNotAllowed_is400(person, changes):
    assert refusal(begin(person, **changes)) == (400, "invalid_redirect")


def test_begin_withoutAChallengeOrWithAnotherMethod_is422(person):
    assert bad_fields(person.post("/api/v1/auth/corp/link", json={})) == {
        "redirect_to": "required", "code_challenge": "required"
    }
    assert bad_fields(begin(person, code_challenge="x", code_challenge_method="plain")) == {
        "code_challenge": "invalid", "code_challenge_method": "invalid"
    }


# Unlinking


def test_unlink_isNoWayInAnyMore_andSessionsGoOn(world, person):
    subject = f"{world.name('linked')}@example.com"
    made = person.made(IDENTITIES, link_code(person, subject))
    through_it = world.caller(token=world._sign_in(subject)["access_token"])

    assert person.delete(f"{IDENTITIES}/{made['id']}").status_code == 204

    assert refusal(person.delete(f"{IDENTITIES}/{made['id']}")) == (404, "not_found")
    assert through_it.shown("/api/v1/users/me")["id"] == person.id
    assert user_of(world, subject) != person.id, "it is somebody new now"


def test_unlink_whenItHasTheUsersAddress_isNotUndoneByTheAddress(world, verified):
    verified.made(IDENTITIES, link_code(verified, f"{world.name('linked')}@example.com"))
    old = linked(verified)[verified.email]
    assert verified.delete(f"{IDENTITIES}/{old}").status_code == 204

    browser = Browser(world.server)
    answer = browser.open(browser.consent(browser.begin(), verified.email))
    assert refusal(answer) == (409, "account_link_required")
    assert "POST /api/v1/auth/{provider}/link" in answer.json()["detail"]

    assert verified.post(IDENTITIES, json=link_code(verified, verified.email)).status_code == 201
    assert user_of(world, verified.email) == verified.id


def test_unlinkedIdentity_whenAnAdministratorVouchesAnew_joinsAgain(world, verified):
    answer = world.admin.delete(f"/api/v1/users/{verified.id}/identities/{linked(verified)[verified.email]}")
    assert answer.status_code == 204, answer.text
    browser = Browser(world.server)
    assert browser.open(browser.consent(browser.begin(), verified.email)).status_code == 409

    for is_verified in (False, True):
        changed = world.admin.patch(f"/api/v1/users/{verified.id}", json={"is_email_verified": is_verified})
        assert changed.status_code == 200, changed.text

    assert user_of(world, verified.email) == verified.id
    joined = [line for line in world.server.log_lines() if line.get("msg") == "identity joined a user"]
    assert verified.id in [line["user_id"] for line in joined]


def test_unlink_ofTheLastOne_is409(person):
    (only,) = linked(person).values()
    assert refusal(person.delete(f"{IDENTITIES}/{only}")) == (409, "conflict")
    assert linked(person) == {person.email: only}


def test_unlink_whenTheOtherOneIsAtAProviderThatIsOff_is409(world, person):
    (own,) = linked(person).values()
    other = world.identity(person.id)
    world.database.query(f"update oauth_accounts set issuer = 'https://off.example' where id = '{other}'")

    assert person.shown(f"{IDENTITIES}/{other}")["provider"] is None
    assert refusal(person.delete(f"{IDENTITIES}/{own}")) == (409, "conflict")
    assert person.delete(f"{IDENTITIES}/{other}").status_code == 204


def test_unlink_ofTheLastTwoAtOnce_leavesOne(world):
    for _ in range(10):
        person = world.person()
        world.identity(person.id)
        paths = [f"{IDENTITIES}/{identity}" for identity in linked(person).values()]
        statuses = [answer.status_code for answer in at_once(*[lambda p=path: person.delete(p) for path in paths])]
        assert sorted(statuses) == [204, 409]
        assert len(linked(person)) == 1


def test_identity_ofSomebodyElse_is404(world, person):
    other = world.person()
    (theirs,) = linked(other).values()
    world.identity(other.id)
    world.identity(person.id)
    for answer in (person.get(f"{IDENTITIES}/{theirs}"), person.delete(f"{IDENTITIES}/{theirs}")):
        assert refusal(answer) == (404, "not_found")
    assert theirs in linked(other).values()


# Administrators


def test_administrator_takesTheLastIdentity_andEndsAllSessions(world, person):
    (only,) = world.admin.all(f"/api/v1/users/{person.id}/identities")
    assert only == person.shown(f"{IDENTITIES}/{only['id']}")
    pair = world._sign_in(person.email)

    assert world.admin.delete(f"/api/v1/users/{person.id}/identities/{only['id']}").status_code == 204

    refreshed = world.server.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert refreshed.status_code == 401
    wait_until(lambda: person.get("/api/v1/users/me").status_code == 401, what="the access token being refused")
    assert world.admin.all(f"/api/v1/users/{person.id}/identities") == []


def test_administrator_withTheIdentityOfAnotherUser_is404(world, person):
    other = world.person()
    (theirs,) = linked(other).values()
    assert refusal(world.admin.delete(f"/api/v1/users/{person.id}/identities/{theirs}")) == (404, "not_found")
    assert linked(other)


def test_administrator_whoMayDoLess_is403(world):
    strong, weak = world.person("roles:read"), world.person("users:read", "users:write")
    (identity,) = weak.all(f"/api/v1/users/{strong.id}/identities")
    assert refusal(weak.delete(f"/api/v1/users/{strong.id}/identities/{identity['id']}")) == (403, "forbidden")
    assert len(linked(strong)) == 1


def test_administrator_keepsTheirOwnLastOne(world):
    administrator = world.person(roles=["admin"])
    (own,) = linked(administrator).values()
    path = f"/api/v1/users/{administrator.id}/identities/{own}"
    assert refusal(administrator.delete(path)) == (409, "conflict")
    assert administrator.shown("/api/v1/users/me")["id"] == administrator.id
