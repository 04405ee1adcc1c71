import threading

import requests

SECRET_MEMBERS = ("key", "access_token", "refresh_token")


class Caller:
    """Somebody who calls the API: a credential that goes with every request.

    Each thread has a kept connection of its own. Every secret that an answer shows is noted in `secrets`.
    """

    def __init__(self, server, token=None, key=None, secrets=None, **facts):
        self.server = server
        self.headers = {}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            self.headers["X-API-Key"] = key
        self.secrets = secrets if secrets is not None else set()
        self.id = facts.get("id")
        self.email = facts.get("email")
        self.roles = frozenset(facts.get("roles", ()))
        self.permissions = frozenset(facts.get("permissions", ()))
        self._local = threading.local()

    def request(self, method, path, headers=None, **options):
        options.setdefault("timeout", 30)
        options.setdefault("allow_redirects", False)
        answer = self._session().request(
            method, self.server.url + path, headers=self.headers | dict(headers or {}), **options
        )
        self._note_secrets(answer)
        return answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def put(self, path, **options):
        return self.request("PUT", path, **options)

    def patch(self, path, **options):
        return self.request("PATCH", path, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def made(self, path, body, **options):
        """What a POST that must succeed has made."""
        answer = self.post(path, json=body, **options)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def shown(self, path, **options):
        """What a GET that must succeed shows."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path, **query):
        """The pages of a list, each a list of items."""
        while True:
            page = self.shown(path, params=query)
            yield page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def all(self, path, **query):
        """The items of a whole list."""
        return [item for page in self.pages(path, **query) for item in page]

    def _session(self):
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            # A proxy of the environment has no part in this, and looking for one costs more than the request.
            self._local.session.trust_env = False
        return self._local.session

    def _note_secrets(self, answer):
        if answer.headers.get("Content-Type") == "application/json" and answer.content:
            body = answer.json()
            if isinstance(body, dict):
                self.secrets.update(body[name] for name in SECRET_MEMBERS if name in body)


def refusal(answer):
    """Status and code of a problem."""
    return answer.status_code, answer.json()["code"]


def bad_fields(answer):
    """The fields that a 422 names, each with its code."""
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["code"] for error in answer.json()["errors"]}
