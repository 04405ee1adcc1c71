"""The services of Benchmarks/peers, which do what Postern does, on its database."""

import json
import os
import subprocess
import urllib.parse

import credentials
from servers import ROOT, WORKERS, Server

FOLDER = ROOT / "Benchmarks/peers/fastapi"
BINARIES = ROOT / ".postern/peers/fastapi/bin"
# The best of several, which `--peer-pool 2 4 8 16 32` compares.
POOL_SIZE = 4


class FastAPI(Server):
    """FastAPI and SQLAlchemy under gunicorn. It accepts Postern's API keys, access tokens and refresh tokens."""

    def __init__(self, directory, database, secret, postern, pool_size=POOL_SIZE):
        super().__init__(WORKERS)
        self.log_path = directory / "fastapi.log"
        generate = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        self.environment = os.environ | {
            "DATABASE_URL": _sqlalchemy_url(database.url),
            "POOL_SIZE": str(pool_size),
            "ISSUER": postern.public_url,
            "API_KEY_HASH_KEY": credentials.derived_key(secret, "api-key-hashing").hex(),
            "REFRESH_TOKEN_HASH_KEY": credentials.derived_key(secret, "refresh-token-hashing").hex(),
            "SIGNING_KEY": _output(generate),
            "PUBLIC_KEYS": postern.request("GET", "/.well-known/jwks.json").body,
        }

    def __enter__(self):
        command = [BINARIES / "gunicorn", f"--chdir={FOLDER}", f"--bind=127.0.0.1:{self.port}"]
        command += [f"--config={FOLDER}/gunicorn.conf.py", f"--workers={WORKERS}", "service.app:app"]
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self.wait_until_it_answers("/livez")
        return self


def versions():
    code = "import json, importlib.metadata as m; print(json.dumps({n: m.version(n) for n in %r}))"
    names = ["fastapi", "sqlalchemy", "asyncpg", "gunicorn"]
    return json.loads(_output([BINARIES / "python", "-c", code % names]))


def _sqlalchemy_url(url):
    parts = urllib.parse.urlsplit(url)
    return f"postgresql+asyncpg://{parts.path}?{parts.query}"


def _output(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
