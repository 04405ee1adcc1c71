import json
import subprocess
import sys
import urllib.parse
from pathlib import Path

import requests

from .ports import free_port
from .wait import wait_until


class Provider:
    """A real OpenID Connect provider process (PyPI's oidc-provider-mock), in which anybody is who they say they are."""

    def __init__(self, people=()):
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        command = [str(Path(sys.executable).parent / "oidc-provider-mock"), "--port", str(self.port)]
        for person in people:
            command += ["--user-claims", json.dumps(person)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, what="the provider's discovery document")

    def _answers(self):
        assert self.process.poll() is None, "the provider ended"
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=2).ok
        except requests.RequestException:
            return False

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=10)

    @property
    def settings(self):
        return {
            "POSTERN_OIDC_CORP_ISSUER": self.issuer,
            "POSTERN_OIDC_CORP_CLIENT_ID": "postern",
            "POSTERN_OIDC_CORP_CLIENT_SECRET": "a-secret-of-the-client",
        }


class Browser:
    """A browser: it keeps cookies, and signs in at the provider's page when it is sent there."""

    def __init__(self, postern):
        self.postern = postern
        self.session = requests.Session()

    def begin(self, provider="corp"):
        """Follows the login link; the provider's address that the answer leads to."""
        answer = self.session.get(
            f"{self.postern.url}/api/v1/auth/{provider}/login", allow_redirects=False, timeout=10
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def consent(self, authorization_url, subject):
        """Signs in as `subject` at the provider; the callback's address."""
        answer = requests.post(authorization_url, data={"sub": subject}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def open(self, url):
        return self.session.get(url, allow_redirects=False, timeout=10)

    def sign_in(self, subject, provider="corp"):
        """The token pair of a whole sign-in."""
        answer = self.open(self.consent(self.begin(provider), subject))
        assert answer.status_code == 200, answer.text
        return answer.json()


def with_parameter(url, name, value):
    """The address with one query parameter replaced; without it when `value` is None."""
    parts = urllib.parse.urlsplit(url)
    query = [(key, old) for key, old in urllib.parse.parse_qsl(parts.query) if key != name]
    if value is not None:
        query.append((name, value))
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(query)))


def parameter(url, name):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))[name]
