"""Several identities of one user: who joins whom, and who does not."""

import jwt
import pytest

from support.provider import Browser, Provider


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
