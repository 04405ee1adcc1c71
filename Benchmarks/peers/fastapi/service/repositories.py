"""What is asked of the database: one statement a question, which takes less time than `selectinload` here.

Each is built once, because building one takes as long as a tenth of a request.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from .models import APIKey, Permission, RefreshToken, Role, Session, User


class UserRepository:
    PROFILE = (
        select(User).where(User.id == bindparam("user_id")).options(joinedload(User.roles).joinedload(Role.permissions))
    )
    FIRST_PAGE = select(User).order_by(User.id.desc()).limit(bindparam("size")).options(joinedload(User.roles))
    PAGE = FIRST_PAGE.where(User.id < bindparam("before"))
    ROLE = select(Role).where(Role.name == bindparam("role_name")).options(joinedload(Role.permissions))

    def __init__(self, database: AsyncSession):
        self.database = database

    async def profile(self, user_id: uuid.UUID) -> User | None:
        """The user with roles and permissions."""
        return await self.database.scalar(self.PROFILE, {"user_id": user_id})

    async def page(self, before: uuid.UUID | None, limit: int) -> Sequence[User]:
        """Users with their roles, newest first."""
        query = self.PAGE if before else self.FIRST_PAGE
        values = {"size": limit} | ({"before": before} if before else {})
        return (await self.database.scalars(query, values)).unique().all()

    async def role(self, name: str) -> Role:
        return (await self.database.scalars(self.ROLE, {"role_name": name})).unique().one()

    async def all_permissions(self) -> Sequence[str]:
        return (await self.database.scalars(select(Permission.name))).all()

    async def add(self, user: User) -> None:
        self.database.add(user)
        await self.database.flush()


class APIKeyRepository:
    KEY = (
        select(APIKey)
        .where(APIKey.secret_hash == bindparam("hash"), APIKey.revoked_at.is_(None))
        .options(
            joinedload(APIKey.owner, innerjoin=True).joinedload(User.roles).joinedload(Role.permissions),
            joinedload(APIKey.roles).joinedload(Role.permissions),
            joinedload(APIKey.permissions),
        )
    )

    def __init__(self, database: AsyncSession):
        self.database = database

    async def find(self, secret_hash: bytes) -> APIKey | None:
        """The key that is not revoked, with the roles and permissions of key and owner."""
        return await self.database.scalar(self.KEY, {"hash": secret_hash})


class SessionRepository:
    TOKEN = (
        select(RefreshToken)
        .where(RefreshToken.token_hash == bindparam("hash"))
        .options(
            joinedload(RefreshToken.session, innerjoin=True)
            .joinedload(Session.user, innerjoin=True)
            .joinedload(User.roles)
            .joinedload(Role.permissions)
        )
        .with_for_update(of=RefreshToken, key_share=True)
    )

    def __init__(self, database: AsyncSession):
        self.database = database

    async def lock(self, token_hash: bytes) -> RefreshToken | None:
        """The refresh token with session, user, roles and permissions; the token is locked."""
        return await self.database.scalar(self.TOKEN, {"hash": token_hash})
