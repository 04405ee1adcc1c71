import secrets

from .app import challenge
from .provider import Browser, parameter

REDIRECT_URL = "https://app.example.com/callback"
IDENTITIES = "/api/v1/users/me/identities"


def begin(caller, verifier="v" * 43, provider="corp", **changes):
    """Asks for the address of a link, as the caller's app does."""
    body = {"redirect_to": REDIRECT_URL, "code_challenge": challenge(verifier), "state": "the app's state"}
    return caller.post(f"/api/v1/auth/{provider}/link", json=body | changes)


def prove(server, url, subject, browser=None):
    """Opens the address of a link and signs in at the provider; where Postern then sends the browser."""
    browser = browser or Browser(server)
    answer = browser.open(url)
    assert answer.status_code == 302, answer.text
    answer = browser.open(browser.consent(answer.headers["Location"], subject))
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{REDIRECT_URL}?")
    return answer.headers["Location"]


def link_code(caller, subject):
    """The body with which `caller` links the identity of `subject`."""
    verifier = secrets.token_urlsafe(48)
    answer = begin(caller, verifier)
    assert answer.status_code == 200, answer.text
    url = answer.json()["url"]
    code = parameter(prove(caller.server, url, subject), "code")
    caller.secrets |= {code, parameter(url, "link")}
    return {"code": code, "code_verifier": verifier}
