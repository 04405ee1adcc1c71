"""What the service does."""

import datetime
import uuid
from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from .models import RefreshToken, Role, User
from .repositories import APIKeyRepository, SessionRepository, UserRepository
from .schemas import TokenPair, UserIn
from .security import AccessTokens, Principal, UnauthenticatedError, hashed, new_id, new_refresh_token
from .settings import Settings


class ForbiddenError(Exception):
    """The caller may not do this."""


class ConflictError(Exception):
    """Somebody else has this."""


def utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Permissions:
    """What roles give."""

    def __init__(self, users: UserRepository):
        self.users = users

    async def of(self, roles: Iterable[Role]) -> set[str]:
        if any(role.grants_all_permissions for role in roles):
            return set(await self.users.all_permissions())
        return {permission.name for role in roles for permission in role.permissions}


class APIKeyService:
    def __init__(self, database: AsyncSession, settings: Settings):
        self.keys = APIKeyRepository(database)
        self.permissions = Permissions(UserRepository(database))
        self.settings = settings

    async def authenticate(self, text: str) -> Principal:
        key = await self.keys.find(hashed(self.settings.api_key_hash_key, text))
        if not key or not key.owner.is_active or (key.expires_at and key.expires_at <= utc_now()):
            raise UnauthenticatedError
        given = await self.permissions.of(key.roles) | {permission.name for permission in key.permissions}
        held = await self.permissions.of(key.owner.roles)
        return Principal(key.owner_id, "api_key", frozenset(given & held))


class UserService:
    def __init__(self, database: AsyncSession):
        self.database = database
        self.users = UserRepository(database)
        self.permissions = Permissions(self.users)

    async def profile(self, user_id: uuid.UUID) -> tuple[User, list[str]]:
        user = await self.users.profile(user_id)
        if not user or not user.is_active:
            raise UnauthenticatedError
        return user, sorted(await self.permissions.of(user.roles))

    async def page(self, before: uuid.UUID | None, limit: int) -> tuple[list[User], uuid.UUID | None]:
        found = list(await self.users.page(before, limit + 1))
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None

    async def create(self, new: UserIn, initiator: Principal) -> tuple[User, list[str]]:
        # The token may be older than the last change of what the initiator holds.
        _, held = await self.profile(initiator.user_id)
        if "users:write" not in held:
            raise ForbiddenError
        role = await self.users.role("user")
        now = utc_now()
        user = User(id=new_id(), created_at=now, updated_at=now, roles=[role], **new.model_dump())
        try:
            await self.users.add(user)
            await self.database.commit()
        except IntegrityError as error:
            raise ConflictError from error
        return user, sorted(await self.permissions.of(user.roles))


class SessionService:
    def __init__(self, database: AsyncSession, settings: Settings, tokens: AccessTokens):
        self.database = database
        self.sessions = SessionRepository(database)
        self.permissions = Permissions(UserRepository(database))
        self.settings = settings
        self.tokens = tokens

    async def refresh(self, text: str, user_agent: str | None, address: str | None) -> TokenPair:
        """Swaps a refresh token for its successor. One that was used before ends its session."""
        now = utc_now()
        shown = await self.sessions.lock(self._hash(text))
        if not shown or shown.expires_at <= now:
            raise UnauthenticatedError
        session = shown.session
        if session.ended_at or session.expires_at <= now or not session.user.is_active:
            raise UnauthenticatedError
        if shown.used_at:
            session.ended_at = now
            await self.database.commit()
            raise UnauthenticatedError

        successor = new_refresh_token()
        lifetime = min(self.settings.refresh_token_ttl, session.expires_at - now)
        permissions = sorted(await self.permissions.of(session.user.roles))
        access_token = self.tokens.sign(session.user, permissions, session.id, now)
        shown.used_at, shown.replaced_by = now, self._hash(successor)
        session.last_used_at, session.user_agent, session.address = now, user_agent, address
        self.database.add(
            RefreshToken(
                token_hash=shown.replaced_by,
                session_id=session.id,
                replaces=shown.token_hash,
                created_at=now,
                expires_at=now + lifetime,
            )
        )
        await self.database.commit()
        return TokenPair(
            access_token=access_token,
            expires_in=int(self.settings.access_token_ttl.total_seconds()),
            refresh_token=successor,
            refresh_expires_in=int(lifetime.total_seconds()),
        )

    def _hash(self, text: str) -> bytes:
        return hashed(self.settings.refresh_token_hash_key, text)
