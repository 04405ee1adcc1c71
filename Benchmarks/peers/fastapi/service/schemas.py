"""What requests and answers look like."""

import datetime
import uuid
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Names = Annotated[list[str], BeforeValidator(lambda held: sorted(getattr(each, "name", each) for each in held))]


class Example(BaseModel):
    message: str
    user_id: uuid.UUID
    credential: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    is_email_verified: bool
    display_name: str | None
    is_active: bool
    roles: Names
    created_at: datetime.datetime
    updated_at: datetime.datetime


class ProfileOut(UserOut):
    permissions: list[str]


class UserPage(BaseModel):
    items: list[UserOut]
    next_cursor: uuid.UUID | None


class UserIn(BaseModel):
    email: Annotated[str, Field(max_length=254, pattern=r"^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$")]
    display_name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    is_email_verified: bool = False
    is_active: bool = True


class RefreshIn(BaseModel):
    refresh_token: Annotated[str, Field(min_length=43, max_length=43)]


class TokenPair(BaseModel):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
