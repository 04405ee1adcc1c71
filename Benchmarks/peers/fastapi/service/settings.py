"""Settings, from the environment."""

import dataclasses
import datetime
import json
import os


@dataclasses.dataclass(frozen=True)
class Settings:
    database_url: str
    pool_size: int
    issuer: str
    api_key_hash_key: bytes
    refresh_token_hash_key: bytes
    # PEM.
    signing_key: bytes
    # JSON Web Keys of others whose tokens are accepted, too.
    public_keys: list[dict]
    access_token_ttl: datetime.timedelta = datetime.timedelta(minutes=30)
    refresh_token_ttl: datetime.timedelta = datetime.timedelta(days=30)


def load() -> Settings:
    return Settings(
        database_url=os.environ["DATABASE_URL"],
        pool_size=int(os.environ["POOL_SIZE"]),
        issuer=os.environ["ISSUER"],
        api_key_hash_key=bytes.fromhex(os.environ["API_KEY_HASH_KEY"]),
        refresh_token_hash_key=bytes.fromhex(os.environ["REFRESH_TOKEN_HASH_KEY"]),
        signing_key=os.environ["SIGNING_KEY"].encode(),
        public_keys=json.loads(os.environ["PUBLIC_KEYS"])["keys"],
    )
