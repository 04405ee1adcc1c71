"""The tables that Postern's migrations made.

`lazy="raise"`: no query is sent that nobody wrote.
"""

import datetime
import uuid

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Table, func
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {datetime.datetime: DateTime(timezone=True), bytes: LargeBinary}


role_permissions = Table(
    "role_permissions",
    Base.metadata,
    Column("role_id", ForeignKey("roles.id"), primary_key=True),
    Column("permission_id", ForeignKey("permissions.id"), primary_key=True),
)
user_roles = Table(
    "user_roles",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("role_id", ForeignKey("roles.id"), primary_key=True),
    Column("created_at", DateTime(timezone=True), default=func.now()),
)
api_key_roles = Table(
    "api_key_roles",
    Base.metadata,
    Column("api_key_id", ForeignKey("api_keys.id"), primary_key=True),
    Column("role_id", ForeignKey("roles.id"), primary_key=True),
)
api_key_permissions = Table(
    "api_key_permissions",
    Base.metadata,
    Column("api_key_id", ForeignKey("api_keys.id"), primary_key=True),
    Column("permission_id", ForeignKey("permissions.id"), primary_key=True),
)


class Permission(Base):
    __tablename__ = "permissions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Role(Base):
    __tablename__ = "roles"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    grants_all_permissions: Mapped[bool]
    permissions: Mapped[list[Permission]] = relationship(secondary=role_permissions, lazy="raise")


class User(Base):
    __tablename__ = "users"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    is_email_verified: Mapped[bool]
    display_name: Mapped[str | None]
    is_active: Mapped[bool]
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime]
    roles: Mapped[list[Role]] = relationship(secondary=user_roles, lazy="raise")


class APIKey(Base):
    __tablename__ = "api_keys"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    secret_hash: Mapped[bytes]
    expires_at: Mapped[datetime.datetime | None]
    revoked_at: Mapped[datetime.datetime | None]
    owner: Mapped[User] = relationship(lazy="raise")
    roles: Mapped[list[Role]] = relationship(secondary=api_key_roles, lazy="raise")
    permissions: Mapped[list[Permission]] = relationship(secondary=api_key_permissions, lazy="raise")


class Session(Base):
    __tablename__ = "sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    user_agent: Mapped[str | None]
    address: Mapped[str | None] = mapped_column(INET)
    last_used_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]
    ended_at: Mapped[datetime.datetime | None]
    user: Mapped[User] = relationship(lazy="raise")


class RefreshToken(Base):
    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sessions.id"))
    replaces: Mapped[bytes | None]
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]
    used_at: Mapped[datetime.datetime | None]
    replaced_by: Mapped[bytes | None]
    session: Mapped[Session] = relationship(lazy="raise")
