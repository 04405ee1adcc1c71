"""The endpoints. Gunicorn runs `service.app:app`."""

import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from . import settings as configuration
from .models import User
from .schemas import Example, ProfileOut, RefreshIn, TokenPair, UserIn, UserOut, UserPage
from .security import AccessTokens, Principal, UnauthenticatedError
from .services import APIKeyService, ConflictError, ForbiddenError, SessionService, UserService

settings = configuration.load()
tokens = AccessTokens(settings)
engine = create_async_engine(settings.database_url, pool_size=settings.pool_size, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
# Without BEGIN and ROLLBACK around what is a single statement.
reading_sessions = async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"))


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


# Everything here is `async`: FastAPI would run a plain function in a thread, which takes longer than what it does.
async def database_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


async def reading_session() -> AsyncIterator[AsyncSession]:
    async with reading_sessions() as session:
        yield session


ReadDatabase = Annotated[AsyncSession, Depends(reading_session)]
Database = Annotated[AsyncSession, Depends(database_session)]


async def token_principal(authorization: Annotated[str, Header()] = "") -> Principal:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthenticatedError
    return tokens.verify(token)


async def key_principal(database: ReadDatabase, x_api_key: Annotated[str, Header()] = "") -> Principal:
    return await APIKeyService(database, settings).authenticate(x_api_key)


TokenPrincipal = Annotated[Principal, Depends(token_principal)]
KeyPrincipal = Annotated[Principal, Depends(key_principal)]


def require(principal: Principal, permission: str) -> None:
    if permission not in principal.permissions:
        raise ForbiddenError


@app.exception_handler(UnauthenticatedError)
async def unauthenticated(_: Request, __: UnauthenticatedError) -> Response:
    return JSONResponse({"code": "unauthenticated"}, 401, {"WWW-Authenticate": "Bearer"})


@app.exception_handler(ForbiddenError)
async def forbidden(_: Request, __: ForbiddenError) -> Response:
    return JSONResponse({"code": "forbidden"}, 403)


@app.exception_handler(ConflictError)
async def conflict(_: Request, __: ConflictError) -> Response:
    return JSONResponse({"code": "conflict"}, 409)


@app.get("/livez")
async def livez() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/v1/examples/jwt-only")
async def jwt_only(principal: TokenPrincipal) -> Example:
    return Example(message="This takes an access token.", user_id=principal.user_id, credential=principal.credential)


@app.get("/api/v1/examples/api-key-only")
async def api_key_only(principal: KeyPrincipal) -> Example:
    return Example(message="This takes an API key.", user_id=principal.user_id, credential=principal.credential)


@app.get("/api/v1/users/me")
async def me(principal: TokenPrincipal, database: ReadDatabase) -> ProfileOut:
    return profile_out(*await UserService(database).profile(principal.user_id))


@app.get("/api/v1/users")
async def users(
    principal: TokenPrincipal,
    database: ReadDatabase,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: uuid.UUID | None = None,
) -> UserPage:
    require(principal, "users:read")
    page, next_cursor = await UserService(database).page(cursor, limit)
    return UserPage(items=[UserOut.model_validate(user) for user in page], next_cursor=next_cursor)


@app.post("/api/v1/users", status_code=201)
async def create_user(new: UserIn, principal: TokenPrincipal, database: Database, response: Response) -> ProfileOut:
    require(principal, "users:write")
    user, permissions = await UserService(database).create(new, principal)
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    return profile_out(user, permissions)


@app.post("/api/v1/auth/refresh")
async def refresh(
    body: RefreshIn, request: Request, database: Database, user_agent: Annotated[str | None, Header()] = None
) -> TokenPair:
    address = request.client.host if request.client else None
    return await SessionService(database, settings, tokens).refresh(body.refresh_token, user_agent, address)


def profile_out(user: User, permissions: list[str]) -> ProfileOut:
    return ProfileOut(
        id=user.id,
        email=user.email,
        is_email_verified=user.is_email_verified,
        display_name=user.display_name,
        is_active=user.is_active,
        roles=user.roles,
        permissions=permissions,
        created_at=user.created_at,
        updated_at=user.updated_at,
    )
