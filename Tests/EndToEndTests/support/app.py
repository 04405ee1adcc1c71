import base64
import hashlib
import html
import http.server
import secrets
import threading
import urllib.parse

import jwt
import requests

from .ports import free_port
from .provider import Browser


def challenge(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class App:
    """An application that signs its users in with Postern: a page with a link, and a page for who is signed in."""

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.redirect_url = f"{self.url}/callback"
        self.postern = None
        self.verifiers = {}
        self.arrived = []
        app = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = app.page(urllib.parse.urlsplit(self.path))
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()

    def page(self, address):
        if address.path == "/callback":
            return self.callback(dict(urllib.parse.parse_qsl(address.query)))
        return f'<a id="login" href="{html.escape(self.login_link())}">Sign in</a>'

    def login_link(self, provider="corp"):
        """Begins a sign-in, as the app's link does."""
        state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        self.verifiers[state] = verifier
        query = {
            "redirect_to": self.redirect_url,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            "state": state,
        }
        return f"{self.postern.url}/api/v1/auth/{provider}/login?{urllib.parse.urlencode(query)}"

    def callback(self, query):
        self.arrived.append(query)
        if "error" in query:
            return f'<p id="error">{html.escape(query["error"])}</p>'
        answer = self.swap(query["code"], self.verifiers.pop(query["state"]))
        assert answer.status_code == 200, answer.text
        claims = verified(self.postern, answer.json()["access_token"])
        return f'<p id="user">{html.escape(claims["sub"])}</p>'

    def swap(self, code, verifier, /, **changes):
        """Sends the code to the token endpoint; None leaves a parameter out."""
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier,
            "redirect_uri": self.redirect_url,
        } | changes
        return requests.post(
            f"{self.postern.url}/api/v1/auth/token",
            data={name: value for name, value in form.items() if value is not None},
            timeout=10,
        )


def verified(postern, token):
    """The claims of an access token, as PyJWT verifies it by the published keys."""
    key = jwt.PyJWKClient(f"{postern.url}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["ES256"], audience=postern.url, issuer=postern.url)


def arrive(server, url, subject="ada@example.com"):
    """Follows the login link `url` to the provider and back; where Postern then sends the browser."""
    session = requests.Session()
    browser = Browser(server)
    answer = session.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    answer = session.get(browser.consent(answer.headers["Location"], subject), allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    return answer.headers["Location"]
