"""Every secret that is given out during a run, and whether a log holds one of them."""

import re
from urllib.parse import parse_qsl, urlsplit

import requests

# In answers and in what commands print.
MEMBERS = {"access_token", "refresh_token", "key", "api_key"}
# In the query of an address that a browser is sent to.
PARAMETERS = {"code", "token", "link", "state"}
SETTINGS = ("POSTERN_SECRET", "POSTERN_PREVIOUS_SECRET", "_CLIENT_SECRET")
# Shorter ones are not told from words.
SHORTEST = 20
WORD = re.compile(r"[A-Za-z0-9_.+/=~-]{20,}")

seen = set()


def found_in(log):
    """The secrets that `log` holds, cut so that the failure does not show them either."""
    words = set()
    for word in WORD.findall(log):
        words.add(word)
        # A value that stands after a name or within an address or a token.
        words.update(part for part in re.split(r"[=/.]", word) if len(part) >= SHORTEST)
    return sorted(f"{secret[:6]}…" for secret in words & seen)


def remember(*secrets):
    seen.update(secret for secret in secrets if isinstance(secret, str) and len(secret) >= SHORTEST)


def remember_settings(environment):
    remember(*(value for key, value in environment.items() if key.endswith(SETTINGS)))


def remember_output(text):
    """What a command printed."""
    remember(*re.findall(r"[a-z0-9]{2,12}_[0-9A-Za-z]{40,}", text), *re.findall(r"token=([\w-]{20,})", text))


def remember_answer(answer):
    """What an answer of any server gave out."""
    for header in answer.raw.headers.getlist("Set-Cookie"):
        remember(header.partition("=")[2].partition(";")[0])
    _remember_address(answer.headers.get("Location", ""))
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        try:
            _remember_members(answer.json())
        except ValueError:
            pass


def _remember_address(address):
    remember(*(value for name, value in parse_qsl(urlsplit(address).query) if name in PARAMETERS))


def _remember_members(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name in MEMBERS:
                remember(member)
            elif name == "url" and isinstance(member, str):
                _remember_address(member)
            else:
                _remember_members(member)
    elif isinstance(value, list):
        for item in value:
            _remember_members(item)


def watch():
    """Remembers what every request of this process brings, whoever sends it."""
    send = requests.Session.send

    def watched(session, request, **options):
        answer = send(session, request, **options)
        if not options.get("stream"):
            remember_answer(answer)
        return answer

    requests.Session.send = watched
