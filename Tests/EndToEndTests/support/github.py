import contextlib
import http.server
import json
import secrets
import threading
import time
import urllib.parse

from .app import challenge
from .ports import free_port


class GitHub:
    """A stand-in that answers as GitHub documents: its login page, its token endpoint, and its API.

    `misbehaviour` says by path what it does instead: a status with a body, or `slow`, `huge`, `redirect`, `html`.
    """

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.user = {"login": "ada", "id": 583231, "name": "Ada Lovelace", "email": None}
        self.emails = [{"email": "ada@example.com", "primary": True, "verified": True, "visibility": "private"}]
        self.misbehaviour = {}
        self.requests = []
        self.codes = {}
        self.tokens = set()
        github = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                github.handle(self, {})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                github.handle(self, dict(urllib.parse.parse_qsl(body)))

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def settings(self):
        return {
            "POSTERN_GITHUB_CLIENT_ID": "client",
            "POSTERN_GITHUB_CLIENT_SECRET": "a-secret-of-the-client",
            "POSTERN_GITHUB_AUTHORIZE_URL": f"{self.url}/login/oauth/authorize",
            "POSTERN_GITHUB_TOKEN_URL": f"{self.url}/login/oauth/access_token",
            "POSTERN_GITHUB_API_URL": self.url,
        }

    def consent(self, authorization_url):
        """Signs in at the page that `authorization_url` leads to; the callback's address."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(authorization_url).query))
        assert query["client_id"] == "client" and query["scope"] == "read:user user:email"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_hex(10)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urllib.parse.urlencode({'code': code, 'state': query['state']})}"

    def handle(self, request, form):
        path = urllib.parse.urlsplit(request.path).path
        self.requests.append(path)
        wrong = self.misbehaviour.get(path)
        with contextlib.suppress(OSError):
            if wrong is None:
                self.answer(request, *self.right_answer(path, request, form))
            elif wrong == "slow":
                self.drip(request)
            elif wrong == "huge":
                self.answer(request, 200, {"padding": "x" * 10_000_000})
            elif wrong == "html":
                self.answer(request, 200, "<html>Unicorn!</html>", "text/html")
            elif wrong == "redirect":
                self.answer(request, 302, {}, Location=f"{self.url}/elsewhere")
            else:
                self.answer(request, *wrong)

    def right_answer(self, path, request, form):
        if path == "/login/oauth/access_token":
            begun = self.codes.pop(form["code"], None)
            if form["client_secret"] != "a-secret-of-the-client":
                return 200, {"error": "incorrect_client_credentials"}
            if begun is None or challenge(form["code_verifier"]) != begun["code_challenge"]:
                return 200, {"error": "bad_verification_code"}
            token = f"gho_{secrets.token_hex(18)}"
            self.tokens.add(token)
            return 200, {"access_token": token, "scope": "read:user,user:email", "token_type": "bearer"}
        if request.headers["Authorization"].removeprefix("Bearer ") not in self.tokens:
            return 401, {"message": "Bad credentials"}
        if not request.headers["User-Agent"]:
            return 403, {"message": "Request forbidden by administrative rules."}
        return {"/user": (200, self.user), "/user/emails": (200, self.emails)}[path]

    @staticmethod
    def answer(request, status, body, content_type="application/json; charset=utf-8", **headers):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
        request.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    @staticmethod
    def drip(request):
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.end_headers()
        for _ in range(60):
            request.wfile.write(b" ")
            request.wfile.flush()
            time.sleep(0.5)
