"""What is asked of the database: one statement a question, which takes less time than `selectinload` here."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from .models import APIKey, Permission, RefreshToken, Role, Session, User


class UserRepository:
    def __init__(self, database: AsyncSession):
        self.database = database

    async def profile(self, user_id: uuid.UUID) -> User | None:
        """The user with roles and permissions."""
        query = select(User).where(User.id == user_id)
        return await self.database.scalar(query.options(joinedload(User.roles).joinedload(Role.permissions)))

    async def page(self, before: uuid.UUID | None, limit: int) -> Sequence[User]:
        """Users with their roles, newest first."""
        query = select(User).order_by(User.id.desc()).limit(limit)
        if before:
            query = query.where(User.id < before)
        return (await self.database.scalars(query.options(joinedload(User.roles)))).unique().all()

    async def role(self, name: str) -> Role:
        query = select(Role).where(Role.name == name)
        return (await self.database.scalars(query.options(joinedload(Role.permissions)))).unique().one()

    async def all_permissions(self) -> Sequence[str]:
        return (await self.database.scalars(select(Permission.name))).all()

    async def add(self, user: User) -> None:
        self.database.add(user)
        await self.database.flush()


class APIKeyRepository:
    def __init__(self, database: AsyncSession):
        self.database = database

    async def find(self, secret_hash: bytes) -> APIKey | None:
        """The key that is not revoked, with the roles and permissions of key and owner."""
        query = select(APIKey).where(APIKey.secret_hash == secret_hash, APIKey.revoked_at.is_(None))
        return await self.database.scalar(
            query.options(
                joinedload(APIKey.owner).joinedload(User.roles).joinedload(Role.permissions),
                joinedload(APIKey.roles).joinedload(Role.permissions),
                joinedload(APIKey.permissions),
            )
        )


class SessionRepository:
    def __init__(self, database: AsyncSession):
        self.database = database

    async def lock(self, token_hash: bytes) -> RefreshToken | None:
        """The refresh token with session, user, roles and permissions; the token is locked."""
        query = select(RefreshToken).where(RefreshToken.token_hash == token_hash)
        profile = (
            joinedload(RefreshToken.session, innerjoin=True)
            .joinedload(Session.user, innerjoin=True)
            .joinedload(User.roles)
            .joinedload(Role.permissions)
        )
        return await self.database.scalar(query.options(profile).with_for_update(of=RefreshToken, key_share=True))
